"""Edits that silence a finding with a comment."""

from __future__ import annotations

from mig_lsp.core import suppression
from mig_lsp.core.change import Edit, Finding
from mig_lsp.core.snapshot import File
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.suppression import Suppression
from mig_lsp.core.text import Span, line_ending

REASON = "reason"
"""What stands where the author's reason belongs."""

_SIGNS = {".sql": "--", ".toml": "#"} | dict.fromkeys(
    (".ts", ".js", ".mts", ".cts", ".mjs", ".cjs", ".tsx", ".jsx"), "//"
)
_NEVER = frozenset(("unknown-suppression", "unused-suppression"))  # they are about such comments
_LONGEST = 100_000  # code points of a statement that is searched for strings around the place


def on_line(file: File, finding: Finding) -> Edit | None:
    """The edit that silences *finding* by a comment above its line; None where no comment can stand."""
    sign = _sign(file, finding)
    line = file.lines.line_at(finding.span.start)
    start, end = file.lines.span(line)
    if sign is None or _inside_token(file, start):
        return None
    above = _above(file, line)
    if above is not None:
        return Edit(Span(above.span.end, above.span.end), f", {finding.rule}")
    text = file.text[start:end]
    indent = text[: len(text) - len(text.lstrip(" \t"))]
    return Edit(
        Span(start, start), f"{indent}{sign} mig-lsp: ignore {finding.rule} -- {REASON}{line_ending(file.text)}"
    )


def in_file(file: File, finding: Finding) -> Edit | None:
    """The edit that silences the finding's rule in the whole file, by a comment behind the header."""
    sign = _sign(file, finding)
    if sign is None:
        return None
    comment = f"{sign} mig-lsp: ignore-file {finding.rule} -- {REASON}"
    eol = line_ending(file.text)
    top = file.header if sign == "--" else None
    if top is not None:
        line_end = file.lines.span(file.lines.line_at(top.span.end)).end
        if not file.text[top.span.end : line_end].strip():
            return Edit(Span(line_end, line_end), eol + comment)
    return Edit(Span(0, 0), comment + eol)


def _sign(file: File, finding: Finding) -> str | None:
    if finding.rule in _NEVER or file.problem is not None:
        return None
    return _SIGNS.get("." + file.name.rpartition(".")[2])


def _above(file: File, line: int) -> Suppression | None:
    """The last rule of a comment that already silences *line* from the line above."""
    found = None
    for each in suppression.read(file.lines):
        if each.lines is not None and each.lines == range(line - 1, line + 1):
            found = each
    return found


def _inside_token(file: File, offset: int) -> bool:
    """Whether *offset* of an SQL file stands inside a string or a block comment, where a comment would be text."""
    if not file.name.endswith(".sql"):
        return False
    for statement, start in file.statements.placed():
        if offset >= start + len(statement.text):
            continue
        if len(statement.text) > _LONGEST:
            return True
        return any(
            start + token.start < offset < start + token.end for token in statement.tokens() if token.kind in _LONG
        ) or _in_comment(statement.text[: statement.span.start], offset - start)
    return False


_LONG = {Kind.STRING, Kind.DOLLAR, Kind.QUOTED, Kind.COMMENT, Kind.BROKEN}


def _in_comment(before: str, offset: int) -> bool:
    """Whether *offset* stands inside a block comment of *before*, the comments in front of a statement."""
    from mig_lsp.core.sql.lexer import tokens

    return any(token.start < offset < token.end for token in tokens(before))
