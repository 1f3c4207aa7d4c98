"""A column that has to have a value, and none for the rows that are there."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.impact import impacts
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "lock"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for impact in impacts(snapshot, file, ("ADD COLUMN NOT NULL without a default",)):
        message = (
            f"this fails as soon as {impact.table} has a row, which would have no value for "
            f"{quoted(impact.effect.item)}: give it a DEFAULT, or add it without NOT NULL, fill it, and set "
            "NOT NULL then"
        )
        yield Finding("add-not-null-column", impact.shown, message)
