"""BEGIN, COMMIT and their kin: the runner sends each statement by itself, so nothing becomes atomic."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.commands import TransactionStmt
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR

_OPENS = {"TRANS_STMT_BEGIN", "TRANS_STMT_START"}
_CLOSES = {"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK"}


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    tree = statement.tree(TransactionStmt)
    if tree is None or tree.kind not in _OPENS | _CLOSES:
        return
    runner = plan.runner
    word = statement.code.split(None, 1)[0].upper()
    if any(forbidden.rule == "transaction-control" for forbidden in runner.forbids):
        message = (
            f"{word} makes nothing atomic: the runner sends every statement as a call of its own that commits at once; "
            "remove it and make each statement safe to run again"
        )
    elif runner.opens_transaction:
        harm = "is inside the runner's own transaction" if tree.kind in _OPENS else "ends the runner's own transaction"
        message = f"{word} {harm}, so a later failure no longer undoes this file: remove it"
    else:
        return
    yield Finding("transaction-control", statement.span, message, Fix(f"Remove {word}", (Edit(_whole(statement), ""),)))


def _whole(statement: Statement) -> Span:
    """The statement with its `;`, and with its line end where it fills its lines: no empty line stays behind."""
    start, end = statement.span.start, len(statement.text)
    before = statement.text[:start]
    indent = len(before) - len(before.rstrip(" \t"))
    line = before[: len(before) - indent]
    if line.endswith("\r\n"):
        return Span(start - indent - 2, end)
    return Span(start - indent - 1, end) if line.endswith(("\n", "\r")) else Span(start, end)
