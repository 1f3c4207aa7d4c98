"""A constraint that is refused, or added a second time, when the file runs again, because it is there by then."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import Again, Guard, copied, guard, own_names, told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    def say(again: Again) -> tuple[str, Guard]:
        objection = again.objection
        why = f"constraint {quoted(*objection.name)} already exists, and ADD CONSTRAINT has no IF NOT EXISTS"
        if objection.reason != "exists":
            why = objection.detail
        return why, guard(snapshot, file, again.statement, own_names(snapshot, file, again.statement))

    yield from told("unguarded-constraint", snapshot, file, say)
    yield from copied("unguarded-constraint", snapshot, file, "constraint")
