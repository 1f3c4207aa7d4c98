"""TRUNCATE ... CASCADE empties tables that the statement does not name."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.impact import impacts
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.commands import TruncateStmt

CATEGORY: Category = "lock"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    seen = -1
    for impact in impacts(snapshot, file, ("TRUNCATE",)):
        if impact.number == seen:
            continue
        tree = impact.placed.statement.tree(TruncateStmt)
        if tree is not None and tree.behavior == "DROP_CASCADE":
            seen = impact.number
            message = (
                f"every table with a foreign key to {impact.table}, and every table with one to those, loses all of "
                "its rows too: leave CASCADE out and name the tables that are to be empty"
            )
            yield Finding("truncate-cascade", impact.shown, message)
