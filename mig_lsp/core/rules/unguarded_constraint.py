"""ADD CONSTRAINT that is refused when the file runs again, because the constraint is there by then."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import finding, guard, kind_of, second_run
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for again in second_run(snapshot, file):
        objection = again.objection
        if objection.reason != "exists" or objection.what != "constraint" or kind_of(file, again) == "RenameStmt":
            continue
        why = f"constraint {quoted(*objection.name)} already exists, and ADD CONSTRAINT has no IF NOT EXISTS"
        yield finding("unguarded-constraint", file, again, why, guard(snapshot, file, again))
