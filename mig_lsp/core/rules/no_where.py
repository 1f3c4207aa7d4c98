"""UPDATE or DELETE of every row of a table."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.impact import Impact, impacts, long_call
from mig_lsp.core.locks.facts import FACTS
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.commands import DeleteStmt, UpdateStmt
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "lock"
SEVERITY = Severity.WARNING

_ADDS = {fact.statement for fact in FACTS if fact.statement.startswith("ADD COLUMN")}


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    limit = long_call(snapshot.plan.runner)
    added = {(impact.effect.table, impact.effect.item): impact.number for impact in impacts(snapshot, file, _ADDS)}
    for impact in impacts(snapshot, file, ("UPDATE", "DELETE")):
        if impact.statement == "DELETE" and _is_whole_delete(impact):
            message = f"every row of {impact.table} is deleted: add a WHERE, or write TRUNCATE if that is meant"
            yield Finding("no-where", impact.shown, message)
        elif impact.statement == "UPDATE":
            # A column that the file itself adds has no value yet that could be lost.
            table = impact.effect.table
            columns = [
                name for name in _overwritten(impact) if added.get((table, name), impact.number) >= impact.number
            ]
            if not columns:
                continue
            names = " and ".join(quoted(column) for column in columns)
            message = (
                f"the value of {names} in every row of {impact.table} is overwritten, and whoever changes a row waits "
                f"until all are done{limit}: add a WHERE that finds the rows that need it"
            )
            yield Finding("no-where", impact.shown, message)


def _is_whole_delete(impact: Impact) -> bool:
    tree = impact.placed.statement.tree(DeleteStmt)
    return tree is not None and not tree.where_clause and not tree.using_clause


def _overwritten(impact: Impact) -> tuple[str, ...]:
    """The columns that an UPDATE of all rows sets."""
    tree = impact.placed.statement.tree(UpdateStmt)
    if tree is None or tree.where_clause or tree.from_clause:
        return ()
    return tuple(node.res_target.name for node in tree.target_list if node.res_target)
