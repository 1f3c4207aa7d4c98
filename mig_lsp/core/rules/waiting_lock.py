"""A statement that is over at once when it has its lock, and behind which everybody queues until it has it."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.impact import impacts
from mig_lsp.core.locks.facts import FACTS
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.commands import VariableSetStmt
from mig_lsp.core.sql.statement import Statement

CATEGORY: Category = "lock"
SEVERITY = Severity.INFO
DEFAULT_OFF = True

_BRIEF = {fact.statement for fact in FACTS if fact.mode.blocks_writes and fact.work == "none"}


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    runner = snapshot.plan.runner
    limited = _first_limit(file.statements.items) if runner.keeps_session else None
    if runner.keeps_session:
        way = "write SET lock_timeout = '5s' at the top of the file"
    else:
        way = "set it once for the runner's role: ALTER ROLE ... SET lock_timeout = '5s'"
    seen = -1
    for impact in impacts(snapshot, file, _BRIEF):
        if impact.number == seen or (limited is not None and limited < impact.number):
            continue
        seen = impact.number
        message = (
            f"this waits for the longest transaction on {impact.tables}, and all who come later wait behind it; "
            f"a lock_timeout ends that: {way}"
        )
        yield Finding("waiting-lock", impact.shown, message)


def _first_limit(statements: tuple[Statement, ...]) -> int | None:
    """The number of the statement that sets lock_timeout."""
    for number, statement in enumerate(statements):
        tree = statement.tree(VariableSetStmt)
        if tree is not None and tree.name == "lock_timeout" and tree.kind == "VAR_SET_VALUE":
            return number
    return None
