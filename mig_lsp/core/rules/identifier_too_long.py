"""A name of more than 63 bytes, of which PostgreSQL cuts the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span

CATEGORY: Category = "schema"
SEVERITY = Severity.WARNING

_MOST = 63
_LONG = re.compile(r'[\w$]{64}|"[^"]{64}', re.ASCII)


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    if statement.text.isascii() and not _LONG.search(statement.text):
        return
    for token in statement.tokens():
        if token.kind not in (Kind.WORD, Kind.QUOTED):
            continue
        written = statement.text[token.start : token.end]
        name = written[1:-1].replace('""', '"') if token.kind is Kind.QUOTED else written
        cut = name.encode("utf-8", "replace")[:_MOST].decode("utf-8", "ignore")
        if len(cut) == len(name):
            continue
        message = (
            f"the name has {len(name.encode('utf-8', 'replace'))} bytes, and PostgreSQL cuts it to {cut} without an "
            "error: what looks for the whole name finds nothing; choose a name of at most 63 bytes"
        )
        span = Span(token.start, token.end)
        kept = '"' + cut.replace('"', '""') + '"' if token.kind is Kind.QUOTED else cut
        yield Finding("identifier-too-long", span, message, Fix("Write what PostgreSQL reads", (Edit(span, kept),)))
