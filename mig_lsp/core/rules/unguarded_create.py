"""A statement that makes something, and when the file runs again is refused or makes it a second time."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import copied, finding, guard, makes, told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for again in told("unguarded-create", snapshot, file):
        objection = again.objection
        why = f"{objection.what} {quoted(*objection.name)} already exists"
        if objection.reason != "exists":
            why = objection.detail
        yield finding("unguarded-create", file, again, why, guard(snapshot, file, again.statement))
    yield from copied("unguarded-create", snapshot, file, "index")
    yield from makes("unguarded-create", snapshot, file)
