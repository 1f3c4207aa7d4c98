"""CONCURRENTLY where the runner refuses the word, or where a transaction is open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.statement import Placed
from mig_lsp.core.text import Span

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR

_WORD = re.compile(r"\bCONCURRENTLY\b", re.I | re.A)
# REFRESH MATERIALIZED VIEW CONCURRENTLY is the one form that a transaction block allows.
_NEVER_IN_A_BLOCK = {"IndexStmt", "DropStmt", "ReindexStmt", "AlterTableStmt"}


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    runner = snapshot.plan.runner
    if "concurrently" not in file.text.lower() or not (runner.refuses or runner.opens_transaction):
        return
    if runner.refuses:
        for chunk, start in file.chunks(runner).placed():
            for refusal in runner.refuses:
                for match in refusal.pattern.finditer(chunk.sql):
                    span = chunk.source_span(Span(*match.span())).shifted(start)
                    yield _refused(file, span)
        return
    for placed in file.statements.placed():
        yield from _in_transaction(runner, placed)


def _refused(file: File, span: Span) -> Finding:
    placed = next(
        (p for p in file.statements.placed() if p.start <= span.start < p.start + len(p.statement.text)), None
    )
    keyword = placed is not None and _is_keyword(placed, span)
    message = "the runner refuses the whole file, before any statement runs, because of the word CONCURRENTLY: "
    if keyword:
        message += "remove it and accept that writes wait, or do this step with psql in a maintenance window"
    else:
        message += "even in a comment or string it counts, so say it in other words"
    return Finding("concurrently", span, message, _fix(file, span) if keyword else None)


def _in_transaction(runner: Runner, placed: Placed) -> Iterator[Finding]:
    if placed.statement.kind not in _NEVER_IN_A_BLOCK:
        return
    for match in _WORD.finditer(placed.statement.code):
        span = Span(*match.span()).shifted(placed.span.start)
        if _is_keyword(placed, span):
            yield Finding(
                "concurrently",
                span,
                f"CONCURRENTLY cannot run inside the transaction that the runner opens for the {runner.transaction}, "
                "so the server refuses it: remove it, or run this file without that transaction",
            )


def _is_keyword(placed: Placed, span: Span) -> bool:
    """Whether the word at *span* is part of the statement, not of a string, an identifier or a comment in it."""
    at = span.start - placed.start
    return any(token.start == at and token.kind is Kind.WORD for token in placed.statement.tokens())


def _fix(file: File, span: Span) -> Fix:
    # Without the word writes wait until the index is built: that is for a person to decide, so the fix is unsafe.
    end = span.end
    while file.text[end : end + 1] in {" ", "\t"}:
        end += 1
    return Fix("Remove CONCURRENTLY", (Edit(Span(span.start, end), ""),), safe=False)
