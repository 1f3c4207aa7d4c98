"""PostgreSQL's own grammar over one text: the kind of each statement, its raw tree, or the error.

The trees stay JSON until a rule asks for a part of one: decoding only what is read is many times cheaper than
building objects for everything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeVar

import msgspec
from pglast.parser import ParseError, parse_sql_json

# What libpg_query says when a text is too deep for it; the server's own limits are wider, so nothing is certain then.
_TOO_DEEP = "stack depth limit exceeded"
_OPERATORS = re.compile(r"[-+*/<>=~!@#%^&|`?]{64,}")
_NUL = 'invalid byte sequence for encoding "UTF8": 0x00'

T = TypeVar("T")


class Fault(NamedTuple):
    """Why a text does not parse: PostgreSQL's message, and the offset it points at (code points)."""

    message: str
    offset: int


class Tree(NamedTuple):
    """One parsed statement: the grammar's name for it ("CreateStmt") and its JSON; spans are offsets in the text."""

    kind: str
    body: msgspec.Raw
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Parsed:
    """What PostgreSQL's parser makes of *text*.

    *fault* is None for good SQL; *unknown* is True when the text is too deep to be judged here (and then nothing may be
    reported about it). Empty statements have no tree.
    """

    text: str
    trees: tuple[Tree, ...] = ()
    fault: Fault | None = None
    unknown: bool = False

    def offset(self, byte: int) -> int:
        """The offset in code points of a UTF-8 byte offset, which is how the trees count."""
        if self._ascii:
            return byte
        return len(self._bytes[:byte].decode("utf-8", "ignore"))

    @cached_property
    def _ascii(self) -> bool:
        return self.text.isascii()

    @cached_property
    def _bytes(self) -> bytes:
        return self.text.encode("utf-8", "replace")


class _Statement(msgspec.Struct):
    stmt: dict[str, msgspec.Raw] = {}
    stmt_location: int = 0
    stmt_len: int = 0


class _Answer(msgspec.Struct):
    stmts: list[_Statement] = []


_decode = msgspec.json.Decoder(_Answer).decode


@lru_cache(maxsize=256)  # a statement is parsed as the file's and as its chunk's
def parse(text: str) -> Parsed:
    """What PostgreSQL's parser says of *text*; never raises."""
    nul = text.find("\0")
    if nul >= 0:
        return Parsed(text, fault=Fault(_NUL, nul))
    if _is_endless(text):
        return Parsed(text, unknown=True)
    try:
        answer = _decode(parse_sql_json(_without_surrogates(text)))
    except ParseError as error:
        return _failed(text, error)
    except RecursionError:  # good SQL, but its tree is too deep to be read
        return Parsed(text, unknown=True)
    result = Parsed(text)
    trees = tuple(_tree(result, statement) for statement in answer.stmts if statement.stmt)
    return Parsed(text, trees)


def decode(body: msgspec.Raw, kind: type[T]) -> T:
    """The part of a tree that *kind* names; fields that *kind* lacks are skipped. Raises msgspec.ValidationError."""
    return msgspec.json.decode(body, type=kind)


def _is_endless(text: str) -> bool:
    """Whether the lexer, which reads a run of operator characters again for each of them, would take very long."""
    if len(text) < 5_000:
        return False
    return sum((match.end() - match.start()) ** 2 for match in _OPERATORS.finditer(text)) > 25_000_000


def _tree(result: Parsed, statement: _Statement) -> Tree:
    kind, body = next(iter(statement.stmt.items()))
    start = result.offset(statement.stmt_location)
    length = statement.stmt_len
    end = result.offset(statement.stmt_location + length) if length else len(result.text)
    return Tree(kind, body, start, end)


def _failed(text: str, error: ParseError) -> Parsed:
    message = str(error.args[0]) if error.args else str(error)
    if message.startswith(_TOO_DEEP):
        return Parsed(text, unknown=True)
    location = error.args[1] if len(error.args) > 1 else None
    return Parsed(text, fault=Fault(message, len(text) if location is None else min(int(location), len(text))))


def _without_surrogates(text: str) -> str:
    """*text* with lone surrogates, which no UTF-8 can carry, as "?": every offset stays what it was."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
