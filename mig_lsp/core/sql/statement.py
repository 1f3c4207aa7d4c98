"""Statements of a file as PostgreSQL's lexer separates them: values that know their text and nothing of the file.

A statement is parsed once: an edit elsewhere in the file leaves the very same object in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from mig_lsp.core.sql.lexer import SPACE, Kind, Token, code_end, is_terminated, skip_trivia, statement_end, tokens
from mig_lsp.core.sql.parse import Fault, Parsed, decode, parse
from mig_lsp.core.sql.pieces import Splice, cut_again, cut_all
from mig_lsp.core.text import Span

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement with the white space and comments before it; offsets are relative to *text*.

    The last piece of a file may be blank (nothing but white space and comments): it has no tree and no fault.
    """

    text: str

    @cached_property
    def span(self) -> Span:
        """From the first token to behind the last one, without the `;`; empty at the end of a blank piece."""
        start = skip_trivia(self.text, 0)
        if self.terminated:
            end = len(self.text) - 1
            return Span(start, max(start, len(self.text[:end].rstrip(SPACE))))
        # Only the last piece of a file has no `;`: comments behind its last token are not part of it.
        return Span(start, code_end(self.text, start))

    @cached_property
    def terminated(self) -> bool:
        """Whether the statement ends with its `;`; one inside an unterminated string or a comment is none."""
        return is_terminated(self.text)

    @property
    def code(self) -> str:
        """The statement alone: without what stands before it and without the `;`."""
        return self.text[self.span.start : self.span.end]

    @property
    def blank(self) -> bool:
        """Whether there is no statement here at all: nothing, or a lone `;`."""
        return self.span.start >= self.span.end

    @cached_property
    def parsed(self) -> Parsed:
        """What PostgreSQL's parser says of `code`."""
        return parse(self.code) if not self.blank else Parsed("")

    @cached_property
    def kind(self) -> str:
        """The grammar's name of the statement ("CreateStmt"), or "" when it is blank, wrong or too deep."""
        trees = self.parsed.trees
        return trees[0].kind if trees else ""

    @property
    def fault(self) -> Fault | None:
        """The syntax error, its offset relative to `text`."""
        fault = self.parsed.fault
        return None if fault is None else Fault(fault.message, fault.offset + self.span.start)

    def tree(self, kind: type[T]) -> T | None:
        """The tree as *kind*, a Struct named like the grammar's node, reads it; None for another kind of statement."""
        if self.kind != kind.__name__:
            return None
        try:
            return self._decoded(kind)
        except RecursionError:  # as deep as the trees that `parse` leaves unread, but further down the caller's stack
            return None

    def at(self, byte: int) -> int:
        """The offset in `text` of a location in the tree (UTF-8 bytes from the start of `code`)."""
        return self.span.start + self.parsed.offset(byte)

    def tokens(self) -> Iterator[Token]:
        """The statement's tokens, comments between them included; offsets relative to `text`."""
        return tokens(self.text, *self.span)

    def word(self, index: int = 0) -> Span:
        """The span of the statement's token number *index* (comments not counted), or of the whole statement."""
        for token in self.tokens():
            if token.kind is Kind.COMMENT:
                continue
            if index == 0:
                return Span(token.start, token.end)
            index -= 1
        return self.span

    def _decoded(self, kind: type[T]) -> T:
        known: dict[type[object], object] = self.__dict__.setdefault("_trees", {})
        found = known.get(kind)
        if found is None:
            found = known[kind] = decode(self.parsed.trees[0].body, kind)
        assert isinstance(found, kind)
        return found


class Placed(NamedTuple):
    """A statement and the offset in its file where its text begins."""

    statement: Statement
    start: int

    @property
    def span(self) -> Span:
        """The statement's own stretch (without leading comments and `;`) in the file."""
        return self.statement.span.shifted(self.start)


class Statements(NamedTuple):
    """A file's statements in order; `ends` are the pieces' ends in the file's text."""

    items: tuple[Statement, ...]
    ends: Sequence[int]

    def placed(self) -> Iterator[Placed]:
        """Each statement with its place; blank ones included."""
        start = 0
        for statement, end in zip(self.items, self.ends, strict=True):
            yield Placed(statement, start)
            start = end


def read(text: str) -> Statements:
    """The statements of *text*."""
    ends = cut_all(text, statement_end)
    return Statements(_items(text, ends, 0, len(ends)), ends)


def read_again(old: Statements, text: str, splice: Splice) -> Statements:
    """`read(text)` where *old* were the statements before *splice*: untouched statements are the same objects."""
    ends, first, kept = cut_again(old.ends, text, splice, statement_end)
    fresh = _items(text, ends, first, len(ends) - kept)
    return Statements((*old.items[:first], *fresh, *old.items[len(old.items) - kept :]), ends)


def _items(text: str, ends: Sequence[int], first: int, last: int) -> tuple[Statement, ...]:
    items = tuple(Statement(text[ends[i - 1] if i else 0 : ends[i]]) for i in range(first, last))
    for item in items[: len(ends) - 1 - first]:
        item.__dict__["terminated"] = True  # all but a file's last piece end because of their `;`
    return items
