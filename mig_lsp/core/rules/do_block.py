"""A DO block with a dollar-quoted body: the runner cuts it at its first inner line that ends with `;`."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    if statement.kind != "DoStmt" or not any(forbidden.rule == "do-block" for forbidden in plan.runner.forbids):
        return
    body = next((token for token in statement.tokens() if token.kind is Kind.DOLLAR), None)
    if body is None:
        return
    tag = statement.text.index("$", body.start + 1) + 1
    yield Finding(
        "do-block",
        Span(statement.span.start, tag),
        "the runner cuts a DO block at its first inner line that ends with ';' and the server refuses the pieces: "
        "write plain statements with IF EXISTS or IF NOT EXISTS",
    )
