"""The runner drops every line that starts with `--`, also where it is no comment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.lambda_lines import TRIMMED
from mig_lsp.core.runner.rewrite import escape_string
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.lexer import Kind, Token, tokens
from mig_lsp.core.text import Span

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR

# Their bodies are programs, in which such a line is a comment and nobody misses it.
_PROGRAMS = {"CreateFunctionStmt", "DoStmt"}
_HARMLESS = re.compile(r"(?:[ \t\n\f\v]++|\r\n|--[^\r\n]*+)*+")


def check_chunk(chunk: Chunk, plan: Plan) -> Iterator[Finding]:
    if not chunk.dropped:
        return
    # Most lines that are dropped stand before the statement, among nothing but others of their kind.
    before = _HARMLESS.match(chunk.text)
    harmless = before.end() if before else 0
    lines = [line for line in chunk.dropped if line.end > harmless]
    if not lines:
        return
    start = min(harmless, lines[0].start)
    # PostgreSQL takes a no-break space for a letter; where it begins a line that is dropped, nobody sees it.
    found = [token for token in tokens(chunk.text, start) if chunk.text[token.start : token.end].strip(TRIMMED)]
    index = 0
    for line in lines:
        while index < len(found) and found[index].end <= line.start:
            index += 1
        if index == len(found):
            return
        yield from _judge(chunk, line, found[index])


def _judge(chunk: Chunk, line: Span, token: Token) -> Iterator[Finding]:
    text = chunk.text[line.start : line.end]
    sign = line.start + text.index("--")
    span = Span(sign, min(line.end, sign + len(text.strip())))
    if token.start >= line.start:
        if token.kind is Kind.COMMENT and token.end >= line.end - 1:
            return
        # Only "\n" ends a line for the runner; PostgreSQL ends the comment at the first "\r".
        yield Finding(
            "dropped-comment-line",
            Span(span.start, span.start + 2),
            "the runner drops this line and everything up to the next line feed, because only \\n ends a line there: "
            "save the file with LF or CRLF line ends",
        )
        return
    if token.kind is Kind.COMMENT:
        if "*/" in text or "/*" in text:
            yield Finding(
                "dropped-comment-line",
                span,
                "the runner drops this line with its comment sign, so the block comment ends elsewhere or never: "
                "put the comment sign on a line that does not begin with --",
            )
        return
    if token.kind in {Kind.STRING, Kind.DOLLAR, Kind.QUOTED} and not _is_program(chunk, token):
        yield Finding(
            "dropped-comment-line",
            span,
            "the runner drops this line of the text because it begins with --, so the server gets the text without it: "
            "write the text on one line, as E'...\\n--...'",
            _fix(chunk, token),
        )


def _is_program(chunk: Chunk, token: Token) -> bool:
    for placed in chunk.written:
        if placed.start <= token.start < placed.start + len(placed.statement.text):
            return placed.statement.kind in _PROGRAMS
    return False


def _fix(chunk: Chunk, token: Token) -> Fix | None:
    text = chunk.text[token.start : token.end]
    if token.kind is not Kind.STRING or text[0] not in "'eE":
        return None
    return Fix("Write the string on one line", (Edit(Span(token.start, token.end), escape_string(text)),))
