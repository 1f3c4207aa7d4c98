"""A unique key of several columns that rows with NULL in one of them never meet, though ON CONFLICT counts on it."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.replay import Replayed
from mig_lsp.core.catalog.values import Index, Key, Table
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.migration import base_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.commands import InsertStmt
from mig_lsp.core.sql.names import names_of, quoted
from mig_lsp.core.text import Span

CATEGORY: Category = "schema"
SEVERITY = Severity.INFO

_MAKES = frozenset(("CreateStmt", "IndexStmt", "AlterTableStmt"))
Target = tuple[Key, frozenset[str]]
_Made = tuple[Key, str, tuple[str, ...], Span]


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    world = snapshot.world
    replayed = world.replayed(file.path)
    if replayed is None:
        return
    for number, keys in replayed.notebook.noted("nullable-unique", replayed.moments, _keys).pairs():
        for table, name, columns, span in keys:
            end = world.at(len(world.files), table)
            if not isinstance(end, Table):
                continue
            nullable = [each for each in columns if (column := end.columns.get(each)) and not column.not_null]
            if not nullable or _is_covered(snapshot, end, columns, nullable):
                continue
            user = next((each for each in world.files if (table, frozenset(columns)) in _targets(each)), None)
            if user is None:
                continue
            shown = ", ".join(map(quoted, nullable))
            instead = f"make {shown} NOT NULL" if world.setting.version < 15 else "make it NULLS NOT DISTINCT"
            message = (
                f"{quoted(name)} lets any number of rows with NULL in {shown} through, and ON CONFLICT in "
                f"{base_name(user.source.path)} counts on it: {instead}"
            )
            yield number, Finding("nullable-unique", span, message)


def _keys(moment: Moment | None) -> list[_Made] | None:
    if moment is None or moment.statement.kind not in _MAKES or moment.objections:
        return None
    return [*_made(moment)] or None


def _made(moment: Moment) -> Iterator[_Made]:
    """The unique keys of several columns that a statement makes: table, name, columns, and where it is written."""
    for new in moment.writes.values():
        if not isinstance(new, Index) or new.made != moment.origin or not new.unique or new.nulls_not_distinct:
            continue
        if len(new.columns) < 2 or "" in new.columns or new.predicate:
            continue
        table = moment.get(new.table)
        found = table.constraints.get(new.constraint) if isinstance(table, Table) and new.constraint else None
        if found is None or found.kind == "unique":
            written = (new.key[-1],) if new.key[-1] in moment.statement.code else (new.columns[0],)
            yield new.table, new.key[-1], new.columns, moment.span(written)


def _is_covered(snapshot: Snapshot, table: Table, columns: tuple[str, ...], nullable: list[str]) -> bool:
    """Whether another unique index is for the rows with NULL, or the key is gone by now."""
    world = snapshot.world
    there = False
    for key in table.indexes:
        index = world.at(len(world.files), key)
        if not isinstance(index, Index):
            return True
        if index.unique and index.columns == columns and not index.predicate:
            there = True
        elif index.unique and any(name in index.predicate or "" in index.columns for name in nullable):
            return True
    return not there


def _targets(file: Replayed) -> frozenset[Target]:
    """The tables and columns that ON CONFLICT names in a file; kept with the file."""
    known: frozenset[Target] | None = file.__dict__.get("_targets")
    if known is None:
        known = file.__dict__["_targets"] = frozenset(file.notebook.noted("targets", file.moments, _target).notes)
    return known


def _target(moment: Moment | None) -> Target | None:
    tree = moment.statement.tree(InsertStmt) if moment is not None else None
    clause = tree.on_conflict_clause if tree is not None else None
    if moment is None or tree is None or clause is None or clause.infer is None:
        return None
    return moment.relation(tree.relation.name)[0], frozenset(names_of(clause.infer.index_elems))
