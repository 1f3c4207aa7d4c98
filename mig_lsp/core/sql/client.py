"""What only psql understands in a text: its backslash commands, and the data behind COPY ... FROM STDIN."""

from __future__ import annotations

import re
from typing import NamedTuple

from mig_lsp.core.sql.lexer import skip_trivia
from mig_lsp.core.text import Span

_DATA_END = re.compile(r"^\\\.[ \t]*(?:\r\n|\r|\n|\Z)", re.M)
_COMMAND = re.compile(r"\\[^\r\n]*")


class Client(NamedTuple):
    """psql's *commands* at the beginning of a statement's text, and the offset where its SQL begins behind them."""

    commands: tuple[Span, ...]
    sql: int


def client_part(text: str) -> Client:
    """The part of a statement's *text* that is psql's alone: lines of COPY data up to `\\.`, then commands."""
    if "\\" not in text:
        return Client((), 0)
    position = max((match.end() for match in _DATA_END.finditer(text)), default=0)
    commands = []
    while command := _COMMAND.match(text, skip_trivia(text, position)):
        commands.append(Span(command.start(), command.start() + len(command.group().rstrip())))
        position = command.end()
    return Client(tuple(commands), position)
