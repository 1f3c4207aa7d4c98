"""Writes a statement so that the runner's splitter sends exactly it."""

from __future__ import annotations

import re

from mig_lsp.core.runner import split
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.sql.lexer import Kind, tokens
from mig_lsp.core.text import Span

_BREAKPOINT = "--> statement-breakpoint"
_FIRST_WORD = re.compile(r"(\w+)[ \t]+")
_NEXT = "SELECT 1;"


def sendable(runner: Runner, code: str, eol: str) -> str | None:
    """*code* (without `;`) as text to put into a file: its own piece for the splitter, its tokens unchanged.

    None where no way of writing it is known: a line inside it ends with `;`, or begins with `--` inside a string.
    """
    bare = _without_comments(code)
    for text in dict.fromkeys((code, bare, _FIRST_WORD.sub(rf"\1{eol}", bare, count=1))):
        piece = text + ";" + eol + separator(runner, eol)
        if _is_sent(runner, piece, code):
            return piece
    return None


def separator(runner: Runner, eol: str) -> str:
    """What stands between two statements, where the splitter needs something."""
    return _BREAKPOINT + eol if runner.splitter == "statement-breakpoint" else ""


def _is_sent(runner: Runner, piece: str, code: str) -> bool:
    """Whether *piece* arrives as *code* and nothing else, whatever comes behind it."""
    sent = [chunk.sql for chunk in split.read(runner, piece + _NEXT).items if chunk.sql]
    if runner.splitter == "whole-file":
        return True
    return len(sent) == 2 and sent[1].strip() == _NEXT and _signs(sent[0]) == [*_signs(code), ";"]


def _signs(sql: str) -> list[str]:
    """The tokens without comments."""
    return [sql[token.start : token.end] for token in tokens(sql) if token.kind is not Kind.COMMENT]


def _without_comments(code: str) -> str:
    """*code* without its comments; a line that held nothing else goes, and a block comment leaves a blank."""
    out: list[str] = []
    done = 0
    for token in tokens(code):
        if token.kind is not Kind.COMMENT:
            continue
        span = _with_line(code, Span(token.start, token.end))
        blank = "" if span.end > token.end or code[span.start - 1 : span.start].isspace() else " "
        out += (code[done : span.start], blank)
        done = max(span.end, done)
    return re.sub(r"[ \t]+(?=\r?\n|\Z)", "", "".join((*out, code[done:]))) if done else code


def _with_line(code: str, comment: Span) -> Span:
    """The comment, or its whole lines with their end where nothing else stands on them."""
    start = code.rfind("\n", 0, comment.start) + 1
    end = code.find("\n", comment.end)
    if end < 0 or code[start : comment.start].strip() or code[comment.end : end].strip():
        return comment
    return Span(start, end + 1)
