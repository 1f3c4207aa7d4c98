"""A rename with statements behind it: when one of those fails, the old name is gone and the file cannot run again."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import LAST, Again, Guard, guard, told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    def say(again: Again) -> tuple[str, Guard]:
        objection = again.objection
        thing = f"{objection.what} {quoted(*objection.name)}"
        if objection.reason == "exists":
            # IF EXISTS does not help: the old name is there too.
            return f"{thing} already exists", Guard(LAST, None)
        return f"{thing} has its new name by then", guard(snapshot, file, again.statement)

    return told("unguarded-rename", snapshot, file, say)
