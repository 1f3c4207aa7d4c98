"""A statement that PostgreSQL refuses where it stands: inside a transaction, or outside one."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.transactional import block_after, needs_block, refused_in_block
from mig_lsp.core.snapshot import File, Snapshot

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    runner = snapshot.plan.runner
    if not runner.keeps_session:
        return  # no transaction outlives a call: session-state and transaction-control say what follows from that
    inside = runner.opens_transaction
    for placed in file.statements.placed():
        statement = placed.statement
        refused, need = refused_in_block(statement), needs_block(statement)
        if inside and refused is not None and "CONCURRENTLY" not in refused:
            whose = (
                f"that the runner opens for the {runner.transaction}" if runner.opens_transaction else "opened above"
            )
            message = f"{refused} cannot run inside the transaction {whose}, so the server refuses it: run it by itself"
            yield Finding("transaction-scope", placed.span, message)
        elif not inside and need is not None:
            message = (
                f"{need.command} needs a transaction and none is open, so the server refuses it: write BEGIN before it"
            )
            yield Finding("transaction-scope", placed.span, message)
        inside = block_after(statement, inside)
