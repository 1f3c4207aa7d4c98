"""A rename with statements behind it: when one of those fails, the old name is gone and the file cannot run again."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import LAST, Guard, finding, guard, told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for again in told("unguarded-rename", snapshot, file):
        objection = again.objection
        thing = f"{objection.what} {quoted(*objection.name)}"
        if objection.reason == "exists":
            # IF EXISTS does not help: the old name is there too.
            why, safe = f"{thing} already exists", Guard(LAST, None)
        else:
            why, safe = f"{thing} has its new name by then", guard(snapshot, file, again.statement)
        yield finding("unguarded-rename", file, again, why, safe)
