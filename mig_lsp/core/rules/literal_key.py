"""A number written out where a row of another table is meant, whose number a sequence gave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mig_lsp.core.catalog.expressions import load
from mig_lsp.core.catalog.moment import Moment, shown
from mig_lsp.core.catalog.replay import Replayed
from mig_lsp.core.catalog.values import Constraint, Key, Table
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.inserts import Cell, cell, insert
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.commands import UpdateStmt
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.twice import noted

CATEGORY: Category = "schema"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    if file.name in snapshot.plan.initial:
        return  # on an empty database they know which numbers their rows get
    for step, written in noted("literal-key", snapshot, file, _written, "InsertStmt", "UpdateStmt"):
        for each in written:
            if not _is_inserted(snapshot, file, each):
                yield step.number, each.finding


class _Written(NamedTuple):
    """Numbers that a statement writes where rows of a table are meant: its key, and the column that has them."""

    table: Key
    column: str
    numbers: frozenset[str]
    finding: Finding


def _written(moment: Moment) -> tuple[_Written, ...] | None:
    out = []
    for column, cells, table in _given(moment):
        found = [each for each in cells if _is_id(each)]
        target = _generated_key(table, column, moment) if found else None
        if target is not None and target[0].made.path != moment.origin.path:
            numbers = frozenset(each.text for each in found)
            out.append(_Written(target[0].key, target[1], numbers, _finding(moment, column, found[0], *target)))
    return tuple(out) or None


def _given(moment: Moment) -> Iterator[tuple[str, tuple[Cell, ...], Table]]:
    """The columns that a statement writes, with what it writes there."""
    update = moment.statement.tree(UpdateStmt)
    if update is None:
        found = insert(moment)
        for column in found.columns if found is not None else ():
            if found is not None:
                yield column, found.cells(column), found.table
        return
    table = moment.relation(update.relation.name)[1]
    for item in update.target_list:
        if isinstance(table, Table) and item.res_target is not None:
            yield item.res_target.name, (cell(load(item.res_target.val)),), table


def _is_id(found: Cell) -> bool:
    return found.number and found.location >= 0 and found.text.isdecimal() and bool(found.text.strip("0"))


def _generated_key(table: Table, column: str, moment: Moment) -> tuple[Table, str] | None:
    """The table and column that *column* refers to, where a sequence gives its numbers."""
    for constraint in table.constraints.values():
        if constraint.kind != "foreign" or constraint.columns != (column,) or constraint.references is None:
            continue
        target = moment.get(constraint.references)
        name = _referenced(constraint, target) if isinstance(target, Table) else None
        found = target.columns.get(name) if isinstance(target, Table) and name else None
        if isinstance(target, Table) and found is not None and (found.serial is not None or found.identity):
            return target, found.name
    return None


def _referenced(constraint: Constraint, target: Table) -> str | None:
    if len(constraint.referenced) == 1:
        return constraint.referenced[0]
    keys = (each.columns for each in target.constraints.values() if each.kind == "primary")
    return next((columns[0] for columns in keys if columns is not None and len(columns) == 1), None)


def _is_inserted(snapshot: Snapshot, file: File, written: _Written) -> bool:
    """Whether the set itself inserts rows under these numbers, here or before."""
    place = snapshot.world.places[file.path]
    known: set[str] = set()
    for each in snapshot.world.files[: place + 1]:
        known |= _ids(each).get((written.table, written.column), frozenset())
        if written.numbers <= known:
            return True
    return False


def _ids(file: Replayed) -> dict[tuple[Key, str], frozenset[str]]:
    """The numbers that a file itself gives to rows, by table and column; kept with the file."""
    known: dict[tuple[Key, str], frozenset[str]] | None = file.__dict__.get("_ids")
    if known is None:
        known = file.__dict__["_ids"] = {}
        sets: dict[tuple[Key, str], set[str]] = {}
        for _, found in file.notebook.noted("ids", file.moments, _own_ids).pairs():
            for key, name, numbers in found:
                sets.setdefault((key, name), set()).update(numbers)
        known.update((key, frozenset(numbers)) for key, numbers in sets.items())
    return known


def _own_ids(moment: Moment | None) -> tuple[tuple[Key, str, frozenset[str]], ...] | None:
    found = insert(moment) if moment is not None else None
    out = []
    for name in found.columns if found is not None else ():
        column = found.table.columns.get(name) if found is not None else None
        if found is not None and column is not None and (column.serial is not None or column.identity):
            out.append((found.key, name, _texts(found.cells(name))))
    return tuple(out) or None


def _texts(cells: Iterable[Cell]) -> frozenset[str]:
    return frozenset(each.text for each in cells if each.kind == "constant")


def _finding(moment: Moment, column: str, found: Cell, target: Table, key: str) -> Finding:
    table = shown(target.key, moment.setting)
    message = (
        f"{quoted(column)} is {found.text} here, a number that the sequence of {table} gave to some row: in another "
        f"environment that is another row, or none; look its {quoted(key)} up by what tells the row apart"
    )
    return Finding("literal-key", moment.span((), found.location), message)
