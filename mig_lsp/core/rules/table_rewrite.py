"""A statement that writes a whole table anew while nobody can read or write it."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.values import Table
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.impact import Impact, before, impacts, long_call
from mig_lsp.core.locks.columns import keeps_rows, needs_new_rows
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.nodes import AlterTableStmt
from mig_lsp.core.sql.parts import AlterTableCmd, ColumnDef, TypeName, node

CATEGORY: Category = "lock"
SEVERITY = Severity.WARNING

_BATCHES = "fill it in batches"
_QUIET = "run it when nobody uses the table"
_WAYS = {
    "ADD COLUMN with a volatile default": "add the column without the default, then SET DEFAULT, and " + _BATCHES,
    "ADD COLUMN of a serial type": "add an integer column, SET DEFAULT nextval(...) of a new sequence, and " + _BATCHES,
    "ADD COLUMN as IDENTITY": f"add an integer column, {_BATCHES}, and then ADD GENERATED AS IDENTITY",
    "ADD COLUMN GENERATED STORED": f"add a plain column that a trigger fills, and {_BATCHES}",
    "ALTER COLUMN TYPE": f"add a column of the new type, {_BATCHES}, and let the application change over",
    "SET EXPRESSION": _QUIET,
    "SET LOGGED": _QUIET,
    "SET UNLOGGED": _QUIET,
    "SET TABLESPACE": _QUIET,
    "SET ACCESS METHOD": _QUIET,
    "CLUSTER": "use pg_repack by hand, which lets the others work, or " + _QUIET,
    "VACUUM FULL": "plain VACUUM makes the room usable again; to shrink the file, use pg_repack by hand",
}


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    limit = long_call(snapshot.plan.runner)
    for impact in impacts(snapshot, file, _WAYS):
        way = _WAYS[impact.statement]
        certain = _changes_rows(impact, snapshot, file) if impact.statement == "ALTER COLUMN TYPE" else True
        if certain:
            harm = f"all of {impact.table} is written anew while its readers and writers wait{limit}"
            yield Finding("table-rewrite", impact.shown, f"{harm}: {way}")
        elif certain is None:
            harm = f"all of {impact.table} may be written anew while its readers and writers wait"
            way = "that is so unless the old type stores its values in the same way, or as fewer characters"
            yield Finding("table-rewrite", impact.shown, f"{harm}: {way}", severity=Severity.INFO)


def _changes_rows(impact: Impact, snapshot: Snapshot, file: File) -> bool | None:
    """Whether the new type needs new rows; None where the old one is not known."""
    column = _column(impact)
    if column is None or column.type_name is None:
        return None
    if column.raw_default and not _is_column(column, impact.effect.item):
        return True
    name, typmods = _read(column.type_name)
    if not name:
        return None
    old = _old_type(impact, snapshot, file)
    if old is None:
        return True if needs_new_rows(name) else None
    return not keeps_rows(*old, name, typmods)


def _column(impact: Impact) -> ColumnDef | None:
    action = _action(impact)
    return action.def_.column_def if action and action.def_ else None


def _action(impact: Impact) -> AlterTableCmd | None:
    tree = impact.placed.statement.tree(AlterTableStmt)
    if tree is None or impact.effect.action is None:
        return None
    return tree.cmds[impact.effect.action].alter_table_cmd


def _is_column(column: ColumnDef, name: str) -> bool:
    """Whether USING is the column itself, which may be cast to the new type."""
    value = node(column.raw_default)
    if value.type_cast is not None:
        value = node(value.type_cast.arg)
    fields = value.column_ref.fields if value.column_ref else ()
    return len(fields) == 1 and fields[0].string is not None and fields[0].string.sval == name


def _read(written: TypeName) -> tuple[str, tuple[str, ...]]:
    """A built-in type's name in pg_type and its typmods; "" for any other type and for arrays."""
    name = written.name
    if written.array_bounds or written.setof or (len(name) > 1 and name[0] != "pg_catalog"):
        return "", ()
    constants = [node.a_const for node in written.typmods]
    if any(each is None or each.ival is None for each in constants):
        return "", ()
    return name[-1], tuple(str(each.ival.ival) for each in constants if each and each.ival)


def _old_type(impact: Impact, snapshot: Snapshot, file: File) -> tuple[str, tuple[str, ...]] | None:
    table = before(snapshot, file, impact)
    column = table.columns.get(impact.effect.item) if isinstance(table, Table) else None
    if column is None or column.type is None or column.type.schema != "pg_catalog" or column.type.array:
        return None
    return column.type.name, column.type.typmods
