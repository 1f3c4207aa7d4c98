"""A statement that does not parse, as hints look at it: its tokens, the one PostgreSQL stumbles over, trial repairs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from mig_lsp.core.change import Edit, apply
from mig_lsp.core.sql.lexer import Kind, Token, tokens
from mig_lsp.core.sql.parse import Fault, parse
from mig_lsp.core.text import Span


class Hint(NamedTuple):
    """What the mistake is, in the rest of a sentence, and the edits that mend it.

    *place* is where it is shown, where that is not at the token that PostgreSQL complains about. A *safe* mending can
    mean nothing else.
    """

    text: str
    title: str = ""
    edits: tuple[Edit, ...] = ()
    safe: bool = False
    place: Span | None = None


@dataclass(frozen=True, eq=False)
class Faulty:
    """The *code* of one statement and its fault; all offsets are in the code."""

    code: str
    fault: Fault

    @cached_property
    def tokens(self) -> Sequence[Token]:
        """The tokens without comments."""
        return [token for token in tokens(self.code) if token.kind is not Kind.COMMENT]

    @cached_property
    def index(self) -> int:
        """Which token PostgreSQL complains about; the number of tokens at the end of the input."""
        for index, token in enumerate(self.tokens):
            if token.end > self.fault.offset:
                return index
        return len(self.tokens)

    @property
    def place(self) -> Span:
        """The token that PostgreSQL complains about, the last one at the end of the input."""
        if not self.tokens:
            return Span(0, 0)
        return self.span(min(self.index, len(self.tokens) - 1))

    def text(self, index: int) -> str:
        """The token *index* as written; "" outside the statement."""
        if not 0 <= index < len(self.tokens):
            return ""
        token = self.tokens[index]
        return self.code[token.start : token.end]

    def word(self, index: int) -> str:
        """The token *index* in upper case."""
        return self.text(index).upper()

    def words(self, start: int, *expected: str) -> bool:
        """Whether the tokens from *start* on are the *expected* words."""
        return all(self.word(start + index) == word for index, word in enumerate(expected))

    def kind(self, index: int) -> Kind | None:
        """The kind of token *index*; None outside the statement."""
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else None

    def span(self, first: int, last: int | None = None) -> Span:
        """From token *first* to token *last*, or that one token."""
        return Span(self.tokens[first].start, self.tokens[first if last is None else last].end)

    def starts_line(self, index: int) -> bool:
        """Whether token *index* is the first of its line."""
        start = self.tokens[index].start
        return not self.code[max(self.code.rfind("\n", 0, start), self.code.rfind("\r", 0, start)) + 1 : start].strip()

    def insert(self, index: int, words: str) -> Edit:
        """*words* and a space before token *index*, or behind the last token."""
        if index < len(self.tokens):
            start = self.tokens[index].start
            return Edit(Span(start, start), words + " ")
        end = self.tokens[-1].end
        return Edit(Span(end, end), " " + words)

    def behind(self, index: int, sign: str) -> Edit:
        """*sign* directly behind token *index*."""
        end = self.tokens[index].end
        return Edit(Span(end, end), sign)

    def delete(self, first: int, last: int | None = None) -> Edit:
        """Takes the tokens away, with the white space behind them, or before them at the end."""
        last = first if last is None else last
        if last + 1 < len(self.tokens):
            return Edit(Span(self.tokens[first].start, self.tokens[last + 1].start), "")
        return Edit(Span(self.tokens[first - 1].end if first else 0, self.tokens[last].end), "")

    def replace(self, index: int, text: str) -> Edit:
        """*text* instead of token *index*."""
        return Edit(self.span(index), text)

    def fault_after(self, *edits: Edit) -> Fault | None:
        """What PostgreSQL complains about after the edits; None where it is content."""
        parsed = parse(apply(self.code, edits))
        return Fault("too deep to be judged", 0) if parsed.unknown else parsed.fault

    def mended(self, *edits: Edit) -> bool:
        """Whether the edits make good SQL of it."""
        return self.fault_after(*edits) is None

    def mended_by_each(self, repair: Callable[[Faulty], tuple[Edit, ...]], limit: int = 40) -> tuple[Edit, ...]:
        """The edits of *repair*, made at one fault after the other; () where the statement never becomes good."""
        edits: list[Edit] = []
        for _ in range(limit):
            fault = self.fault_after(*edits)
            if fault is None:
                return tuple(edits)
            offset = _offset_before(edits, fault.offset)
            more = repair(Faulty(self.code, Fault(fault.message, offset)).sharing(self))
            if not more or any(edit in edits for edit in more):
                return ()
            edits += more
        return ()

    def is_quoted(self, offset: int) -> bool:
        """Whether *offset* is in a string or quoted name, where every character is the user's own."""
        index = bisect_right(self._quoted, offset, key=lambda token: token.start) - 1
        return index >= 0 and offset < self._quoted[index].end

    @cached_property
    def _quoted(self) -> Sequence[Token]:
        return [token for token in self.tokens if token.kind in {Kind.STRING, Kind.DOLLAR, Kind.QUOTED}]

    def sharing(self, other: Faulty) -> Faulty:
        """The same, with the tokens of *other*, which has the same code."""
        self.__dict__["tokens"] = other.tokens
        return self

    def depths(self) -> Iterator[int]:
        """How many parentheses are open behind each token."""
        depth = 0
        for index in range(len(self.tokens)):
            depth += {"(": 1, ")": -1}.get(self.text(index), 0)
            yield depth


def _offset_before(edits: Sequence[Edit], offset: int) -> int:
    """Where *offset*, in the text after *edits*, was before them."""
    for edit in sorted(edits, key=lambda edit: edit.span):
        if edit.span.start >= offset:
            break
        growth = len(edit.text) - (edit.span.end - edit.span.start)
        offset = max(offset - growth, edit.span.end)
    return offset
