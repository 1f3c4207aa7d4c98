"""Parameters that a migration has no values for: PostgreSQL's `$1`, and `:name` where the runner reads it as one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.sql.lexer import LETTER, Kind
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span

# In a PREPARE and in the body of a function, `$1` is that statement's own argument.
_OWN_ARGUMENTS = {"PrepareStmt", "CreateFunctionStmt"}
_NUMBERED = re.compile(r"\$\d")
_NAMED = re.compile(f":(?<!(?<!:)::){LETTER}")  # two colons are a cast
_COLON = re.compile(r"(?<!:):([A-Za-z_]\w*)")


class NamedParameter(NamedTuple):
    """A `:name`, colon included; not *certain* inside a dollar-quoted body, where it is unproven whether it counts."""

    span: Span
    certain: bool


def may_have_parameters(text: str) -> bool:
    """Whether there is a sign of a parameter anywhere in *text*; where there is none, there is no parameter."""
    return _NUMBERED.search(text) is not None or _NAMED.search(text) is not None


def bind_parameters(statement: Statement) -> Iterator[Span]:
    """Every `$n` of *statement* that needs a value from outside; offsets relative to `statement.text`."""
    if _NUMBERED.search(statement.text) is None or statement.kind in _OWN_ARGUMENTS:
        return
    for token in statement.tokens():
        if token.kind is Kind.PARAMETER:
            yield Span(token.start, token.end)


def named_parameters(statement: Statement) -> Iterator[NamedParameter]:
    """Every `:name` of *statement* outside quotes and comments; offsets relative to `statement.text`."""
    text = statement.text
    if _NAMED.search(text) is None:
        return
    colon = -1
    for token in statement.tokens():
        if token.kind is Kind.WORD and token.start == colon:
            yield NamedParameter(Span(colon - 1, token.end), certain=True)
        elif token.kind is Kind.DOLLAR:
            for match in _COLON.finditer(text, token.start, token.end):
                yield NamedParameter(Span(*match.span()), certain=False)
        colon = token.end if text[token.start : token.end] == ":" else -1
