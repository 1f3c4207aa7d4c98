"""A constraint that is refused, or added a second time, when the file runs again, because it is there by then."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import copied, finding, guard, own_names, told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for again in told("unguarded-constraint", snapshot, file):
        objection = again.objection
        why = f"constraint {quoted(*objection.name)} already exists, and ADD CONSTRAINT has no IF NOT EXISTS"
        if objection.reason != "exists":
            why = objection.detail
        safe = guard(snapshot, file, again.statement, own_names(snapshot, file, again.statement))
        yield finding("unguarded-constraint", file, again, why, safe)
    yield from copied("unguarded-constraint", snapshot, file, "constraint")
