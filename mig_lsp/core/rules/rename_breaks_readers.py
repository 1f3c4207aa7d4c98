"""A new name for something that the running application knows by the old one."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.impact import Impact, impacts, makes
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.nodes import RenameStmt

CATEGORY: Category = "lock"
SEVERITY = Severity.WARNING

_RELATIONS = {"OBJECT_TABLE": "table", "OBJECT_VIEW": "view", "OBJECT_MATVIEW": "materialized view"}
_COLUMN_WAY = "add a column of the new name, fill both until no version reads the old one, then drop that"
_WAY = "keep a view of the old name until no version uses it"
_STATEMENTS = {"RENAME", "RENAME SCHEMA", "SET SCHEMA", "ALTER TYPE RENAME VALUE"}


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for impact in impacts(snapshot, file, _STATEMENTS):
        told = _told(impact)
        if told is not None and not _is_made_again(impact, file):
            what, way = told
            harm = f"the version of the application that runs during the deploy still asks for {what} and gets errors"
            yield Finding("rename-breaks-readers", impact.shown, f"{harm}: {way}")


def _told(impact: Impact) -> tuple[str, str] | None:
    """What is gone under its old name, and what to do instead."""
    match impact.statement:
        case "RENAME SCHEMA":
            return f"schema {impact.table}", "leave the name, or move what is in it one by one"
        case "SET SCHEMA":
            return impact.table, "keep a view in the old schema until no version uses it"
        case "ALTER TYPE RENAME VALUE":
            return (
                f"label '{impact.effect.item}' of {impact.table}",
                "add a new label, write it in all new rows, and change the old ones",
            )
    tree = impact.placed.statement.tree(RenameStmt)
    if tree is None:
        return None
    if tree.rename_type == "OBJECT_COLUMN" and tree.relation_type in _RELATIONS:
        return f"{impact.table}.{quoted(tree.subname)}", _COLUMN_WAY
    kind = _RELATIONS.get(tree.rename_type)
    return (f"{kind} {impact.table}", _WAY) if kind else None


def _is_made_again(impact: Impact, file: File) -> bool:
    """Whether something else takes over the old name in the same file, as in a swap of two tables."""
    if impact.statement not in {"RENAME", "SET SCHEMA"}:
        return False
    tree = impact.placed.statement.tree(RenameStmt)
    if tree is not None and tree.subname:
        return False
    return any(makes(statement, impact.effect.table) for statement in file.statements.items[impact.number + 1 :])
