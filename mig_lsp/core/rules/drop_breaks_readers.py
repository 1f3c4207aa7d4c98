"""Something is dropped that the running application may still read."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.values import Gone, Table
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.impact import Impact, before, impacts, makes
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.nodes import DropStmt

CATEGORY: Category = "lock"
SEVERITY = Severity.INFO

_DROPS = {
    "DROP TABLE": "table ",
    "DROP VIEW": "view ",
    "DROP MATERIALIZED VIEW": "materialized view ",
    "DROP SCHEMA": "schema ",
    "DROP COLUMN": "",
}
_LOST = {"DROP TABLE": "its rows are", "DROP COLUMN": "its values are", "DROP SCHEMA": "all that is in it is"}


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for impact in impacts(snapshot, file, _DROPS):
        kind = _DROPS[impact.statement]
        if not _is_made_again(impact, file) and not _was_never_there(impact, snapshot, file):
            name = f"{impact.table}.{quoted(impact.effect.item)}" if impact.effect.item else impact.table
            lost = f", and {_LOST[impact.statement]} gone for good" if impact.statement in _LOST else ""
            message = (
                f"a version of the application that still reads {kind}{name} during the deploy gets errors{lost}: "
                "drop it one deploy after the code that reads it is gone"
            )
            yield Finding("drop-breaks-readers", impact.shown, message)


def _is_made_again(impact: Impact, file: File) -> bool:
    """Whether the file makes it anew, which is how a view is changed, or a column of that name is added again."""
    later = file.statements.items[impact.number + 1 :]
    return impact.statement != "DROP COLUMN" and any(makes(statement, impact.effect.table) for statement in later)


def _was_never_there(impact: Impact, snapshot: Snapshot, file: File) -> bool:
    """Whether the set has nothing of that name to drop: IF EXISTS is written for such a case too."""
    if impact.statement == "DROP SCHEMA":
        return False
    there = before(snapshot, file, impact)
    if impact.statement == "DROP COLUMN":
        return isinstance(there, Table) and there.whole and impact.effect.item not in there.columns
    tree = impact.placed.statement.tree(DropStmt)
    return isinstance(there, Gone) or (there is None and tree is not None and tree.missing_ok)
