"""The `lexer` splitter: statements as PostgreSQL separates them, and for psql its own commands and COPY data.

psql's commands count only where a statement would begin, which is where scripts have them.
"""

from __future__ import annotations

import re

from mig_lsp.core.sql.lexer import Kind, skip_trivia, statement_end, tokens
from mig_lsp.core.text import Span

_DATA_END = re.compile(r"^\\\.\r?(?:\n|\Z)", re.MULTILINE)
_COPY = re.compile(r"copy\b", re.IGNORECASE)


def cut(text: str, start: int) -> int:
    """Where the statement, psql command, or COPY with its data that begins at *start* ends."""
    head = skip_trivia(text, start)
    if text.startswith("\\", head):
        return _line_end(text, head)
    end = statement_end(text, start)
    if not reads_data(text, head, end):
        return end
    match = _DATA_END.search(text, _line_end(text, end))
    return match.end() if match else len(text)


def kept(text: str) -> tuple[Span, ...]:
    """The stretch of one piece that goes to the server as SQL: no leading comments, no psql command, no COPY data."""
    head = skip_trivia(text, 0)
    if head >= len(text) or text.startswith("\\", head):
        return ()
    end = statement_end(text, 0)
    return (Span(head, head + len(text[head:end].rstrip())),)


def data(text: str) -> str:
    """The COPY data of one piece, without the line that ends it; "" where there is none."""
    end = statement_end(text, 0)
    if not reads_data(text, skip_trivia(text, 0), end):
        return ""
    start = _line_end(text, end)
    match = _DATA_END.search(text, start)
    return text[start : match.start() if match else len(text)]


def reads_data(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a COPY ... FROM STDIN."""
    if not _COPY.match(text, start, end):
        return False
    before = ""
    for token in tokens(text, start, end):
        if token.kind is Kind.COMMENT:
            continue
        word = text[token.start : token.end].lower() if token.kind is Kind.WORD else ""
        if (before, word) == ("from", "stdin"):
            return True
        before = word
    return False


def _line_end(text: str, offset: int) -> int:
    """Behind the line end at or after *offset*."""
    end = text.find("\n", offset)
    return len(text) if end < 0 else end + 1
