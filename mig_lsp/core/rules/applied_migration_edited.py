"""A merged migration that has run in an environment and is edited since."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.log import state
from mig_lsp.core.merged import restore
from mig_lsp.core.migration import is_rollback
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.visible import enumerated

CATEGORY: Category = "history"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    if not snapshot.is_edited(file) or snapshot.plan.is_immutable(file.name) or is_rollback(file.name):
        return
    known = [ledger for ledger in snapshot.ledgers if ledger.fetched_at is not None]
    ran = [ledger.environment for ledger in known if state(ledger, file.name) == "completed"]
    if not ran:
        return
    waiting = [ledger.environment for ledger in known if ledger.environment not in ran]
    apart = (
        f", while {enumerated(waiting)} will run the new text" if waiting and file.name in snapshot.plan.order else ""
    )
    yield Finding(
        "applied-migration-edited",
        file.lines.span(0),
        f"{file.name} has run in {enumerated(ran)}, so what is different here from {snapshot.branches.base} has no "
        f"effect there{apart}: undo the edit, and write a new migration",
        restore(snapshot, file),
    )
