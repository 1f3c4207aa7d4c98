"""What people mean when PostgreSQL refuses a statement: the mistake behind a syntax error, and a repair that parses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from mig_lsp.core.change import Edit
from mig_lsp.core.sql.hints import clauses, signs, words
from mig_lsp.core.sql.hints.faulty import Faulty, Hint
from mig_lsp.core.sql.parse import Fault
from mig_lsp.core.text import Span

# Longer statements get PostgreSQL's own words only: trial repairs parse them again and again.
_LONGEST = 20_000
_SHOWN = 60  # characters of the user's text in PostgreSQL's message
_LONGEST_HINT = 250

_HINTS: tuple[Callable[[Faulty], Hint | None], ...] = (
    signs.conflict_marker,
    signs.quote_in_string,
    signs.unterminated,
    signs.expanded_dollars,
    signs.invisible,
    signs.typographic,
    signs.backtick,
    signs.double_quoted_string,
    signs.placeholder,
    words.plpgsql,
    clauses.if_exists,
    clauses.or_replace,
    clauses.on_conflict,
    clauses.alter_column,
    clauses.stray_comma,
    clauses.column_list,
    clauses.missing_semicolon,
    words.missing,
    words.misspelt,
    clauses.missing_comma,
    clauses.parentheses,
    words.reserved,
)


class Explained(NamedTuple):
    """A syntax error in words, in one line, and the edits that mend it; offsets in the code."""

    span: Span
    message: str
    title: str = ""
    edits: tuple[Edit, ...] = ()
    safe: bool = False


def explain(code: str, fault: Fault) -> Explained:
    """What to tell about *fault*, PostgreSQL's complaint about the statement *code*."""
    if code[fault.offset : fault.offset + 1] == "\0":
        edits = tuple(Edit(Span(match.start(), match.end()), "") for match in re.finditer("\0+", code))
        text = "a NUL character, which no PostgreSQL text can hold: the server refuses the statement; delete it"
        return Explained(Span(fault.offset, fault.offset + 1), text, "Delete the NUL characters", edits)
    if len(code) > _LONGEST:
        return Explained(_place(code, fault.offset), _said(fault.message))
    faulty = Faulty(code, fault)
    for hint in _HINTS:
        if found := hint(faulty):
            message = f"{_said(fault.message)}: {_one_line(found.text, _LONGEST_HINT)}"
            return Explained(found.place or faulty.place, message, found.title, found.edits, found.safe)
    return Explained(faulty.place, _said(fault.message))


def _said(message: str) -> str:
    """PostgreSQL's message in one line; as it stands it repeats the user's text, sometimes to the end of the file."""
    head, near, rest = message.partition(' at or near "')
    if not near:
        return message
    if head.startswith("unterminated"):
        return head
    return head + near + _one_line(rest.removesuffix('"'), _SHOWN) + '"'


def _one_line(text: str, longest: int) -> str:
    """*text* with escapes for what has no shape, cut where it is too long."""
    shown = text if len(text) <= longest else text[:longest] + "..."
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in shown)


def _place(code: str, offset: int) -> Span:
    """A short stretch at *offset*, or at the last character."""
    offset = min(offset, max(len(code) - 1, 0))
    match = re.compile(r"\w{1,60}").match(code, offset)
    return Span(offset, match.end() if match else min(offset + 1, len(code)))
