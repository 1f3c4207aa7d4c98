"""Work that takes long, in a transaction that already keeps the users of a table waiting."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Related, Severity
from mig_lsp.core.impact import Impact, impacts
from mig_lsp.core.locks.facts import FACTS
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot

CATEGORY: Category = "lock"
SEVERITY = Severity.WARNING

_ROWS = {"UPDATE", "DELETE"}
_READ = {fact.statement for fact in FACTS if fact.mode.blocks_writes or fact.work != "none"} | _ROWS


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    if not snapshot.plan.runner.opens_transaction:
        return  # a lock is gone with its statement
    held: Impact | None = None
    reported = -1
    for impact in impacts(snapshot, file, _READ):
        fact = impact.effect.fact
        # A statement that blocks by itself is another rule's finding; here the lock of an earlier one is the harm.
        works = fact.work != "none" or impact.statement in _ROWS
        if held is not None and works and impact.number not in (held.number, reported):
            reported = impact.number
            yield _finding(held, impact, file.path)
        if held is None and fact.mode.blocks_writes:
            held = impact


def _finding(held: Impact, impact: Impact, path: str) -> Finding:
    who = "readers and writers" if held.effect.fact.mode.blocks_reads else "writers"
    message = (
        f"{who} of {held.table} wait for this too, because {held.statement} has locked it until the transaction ends: "
        "move it to a migration of its own"
    )
    related = Related(path, held.shown, f"takes the lock on {held.table}")
    return Finding("long-held-lock", impact.shown, message, related=(related,))
