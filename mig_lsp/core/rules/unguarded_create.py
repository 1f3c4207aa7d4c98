"""A statement that makes something, and when the file runs again is refused or makes it a second time."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import Again, Guard, copied, guard, makes, told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    def say(again: Again) -> tuple[str, Guard]:
        objection = again.objection
        why = f"{objection.what} {quoted(*objection.name)} already exists"
        if objection.reason != "exists":
            why = objection.detail
        return why, guard(snapshot, file, again.statement)

    yield from told("unguarded-create", snapshot, file, say)
    yield from copied("unguarded-create", snapshot, file, "index")
    yield from makes("unguarded-create", snapshot, file)
