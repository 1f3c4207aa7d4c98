"""A table that is read whole, and locked, to prove that its rows belong to the partition that it becomes."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.impact import impacts, long_call
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "lock"
SEVERITY = Severity.INFO


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    limit = long_call(snapshot.plan.runner)
    for impact in impacts(snapshot, file, ("ATTACH PARTITION",)):
        parent = " and ".join(quoted(*name) for name in impact.effect.others)
        message = (
            f"every row of {impact.table}, and of the default partition of {parent} if it has one, is read while "
            f"readers and writers of both wait{limit}: add a valid CHECK that says the same as the bounds first"
        )
        yield Finding("attach-partition-scan", impact.shown, message)
