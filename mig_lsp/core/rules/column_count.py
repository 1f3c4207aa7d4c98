"""Rows with more or fewer values than they should have: the server refuses the statement."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.sql.widths import mismatch
from mig_lsp.core.text import Span

CATEGORY: Category = "syntax"
SEVERITY = Severity.ERROR


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    found = mismatch(statement)
    if found is None:
        return
    end = next((token.end for token in statement.tokens() if token.end > found.offset), statement.span.end)
    yield Finding(
        "column-count",
        Span(found.offset, end),
        f"{found.message}, so the server refuses the statement: count them from here",
    )
