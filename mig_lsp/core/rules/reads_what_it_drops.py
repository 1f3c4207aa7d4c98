"""A statement that needs what a later statement of the same file drops or renames."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import Guard, finding, second_run
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for again in second_run(snapshot, file):
        objection, cause = again.objection, again.cause
        if objection.reason != "missing" or cause is None or cause == again.statement:
            continue
        where = f"a later statement has taken {objection.what} {quoted(*objection.name)} away by then"
        yield finding("reads-what-it-drops", file, again, where, Guard("do that in a later migration", None))
