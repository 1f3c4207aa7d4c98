"""A file as the chunks that a runner sends: values that know their piece of the file and nothing else of it.

An edit elsewhere in the file leaves the very same chunk in place, so whatever is derived from it is derived once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from mig_lsp.core.runner import lambda_lines, psql
from mig_lsp.core.runner.profile import Runner, Splitter
from mig_lsp.core.sql import statement
from mig_lsp.core.sql.lexer import skip_trivia
from mig_lsp.core.sql.pieces import Cut, Splice, cut_again, cut_all
from mig_lsp.core.sql.statement import Statements
from mig_lsp.core.text import Span


@dataclass(frozen=True, eq=False)
class Chunk:
    """One piece of a file and what the runner sends of it; offsets are relative to *text* or to `sql`, as stated."""

    text: str
    splitter: Splitter

    @cached_property
    def kept(self) -> tuple[Span, ...]:
        """The stretches of `text` that are sent, in order: `sql` is these, joined. None when nothing is sent."""
        return _KEEP[self.splitter](self.text)

    @cached_property
    def sql(self) -> str:
        """Exactly what is sent; "" when the piece is not sent at all."""
        if self.splitter == "lambda-lines":
            return lambda_lines.sent(self.text)
        return "".join([self.text[start:end] for start, end in self.kept])

    @property
    def span(self) -> Span:
        """The stretch of `text` from the first to behind the last character sent; empty when nothing is sent."""
        if not self.kept:
            return Span(len(self.text), len(self.text))
        return Span(self.kept[0].start, self.kept[-1].end)

    @cached_property
    def dropped(self) -> tuple[Span, ...]:
        """The comment lines of `text` that the runner drops, without their line ends, wherever they stand."""
        return lambda_lines.comments(self.text) if self.splitter == "lambda-lines" else ()

    @cached_property
    def statements(self) -> Statements:
        """The statements of `sql`, as PostgreSQL's lexer separates them; a blank last one included."""
        return statement.read(self.sql)

    @property
    def written(self) -> list[statement.Placed]:
        """The statements of `text`, blank ones left out, and where their texts begin in it."""
        return [placed for placed in statement.read(self.text).placed() if not placed.statement.blank]

    @property
    def count(self) -> int:
        """How many statements one call carries; blank ones do not count."""
        if ";" not in self.sql[:-1]:  # there is one at the most
            return int(skip_trivia(self.sql, 0) < len(self.sql.removesuffix(";")))
        return sum(not item.blank for item in self.statements.items)

    def source(self, offset: int) -> int:
        """Where in `text` the character at *offset* of `sql` stands; the end of `sql` is behind its last character."""
        if not self.kept:
            return len(self.text)
        index = max(bisect_right(self._kept_starts, offset) - 1, 0)
        if index == len(self.kept):
            return self.kept[-1].end
        return self.kept[index].start + offset - self._kept_starts[index]

    def source_span(self, span: Span) -> Span:
        """The stretch of `text` from the first to behind the last character of *span* in `sql`."""
        start = self.source(span.start)
        return Span(start, self.source(span.end - 1) + 1) if span.end > span.start else Span(start, start)

    @cached_property
    def _kept_starts(self) -> list[int]:
        """The offset in `sql` at which each kept stretch begins, and its length at the end."""
        starts = [0]
        for start, end in self.kept:
            starts.append(starts[-1] + end - start)
        return starts


class Placed(NamedTuple):
    """A chunk and the offset in its file where its text begins."""

    chunk: Chunk
    start: int

    @property
    def span(self) -> Span:
        """The stretch of the file from the first to behind the last character sent."""
        return self.chunk.span.shifted(self.start)


class Chunks(NamedTuple):
    """A file's pieces in order, those that are not sent included; `ends` are their ends in the file's text."""

    items: tuple[Chunk, ...]
    ends: Sequence[int]

    def placed(self) -> Iterator[Placed]:
        """Each piece with its place; those that are not sent included."""
        start = 0
        for chunk, end in zip(self.items, self.ends, strict=True):
            yield Placed(chunk, start)
            start = end

    def at(self, offset: int) -> Placed | None:
        """The piece that holds *offset* of the file; behind the last character it is the last piece."""
        if not self.items:
            return None
        index = min(bisect_right(self.ends, offset), len(self.items) - 1)
        return Placed(self.items[index], self.ends[index - 1] if index else 0)


def read(runner: Runner, text: str) -> Chunks:
    """What *runner* would send of a file with *text*."""
    ends = cut_all(text, _CUT[runner.splitter])
    return Chunks(_items(runner, text, ends, 0, len(ends)), ends)


def read_again(runner: Runner, old: Chunks, text: str, splice: Splice) -> Chunks:
    """`read(runner, text)` where *old* were the chunks before *splice*: untouched chunks are the same objects."""
    ends, first, kept = cut_again(old.ends, text, splice, _CUT[runner.splitter])
    fresh = _items(runner, text, ends, first, len(ends) - kept)
    return Chunks((*old.items[:first], *fresh, *old.items[len(old.items) - kept :]), ends)


def _items(runner: Runner, text: str, ends: Sequence[int], first: int, last: int) -> tuple[Chunk, ...]:
    splitter = runner.splitter
    return tuple(Chunk(text[ends[i - 1] if i else 0 : ends[i]], splitter) for i in range(first, last))


_BREAKPOINT = "--> statement-breakpoint"


def _cut_at_breakpoint(text: str, start: int) -> int:
    marker = text.find(_BREAKPOINT, start)
    return len(text) if marker < 0 else marker + len(_BREAKPOINT)


def _before_breakpoint(text: str) -> tuple[Span, ...]:
    return _unless_blank(text, len(text) - len(_BREAKPOINT) if text.endswith(_BREAKPOINT) else len(text))


def _cut_nowhere(text: str, start: int) -> int:
    return len(text)


def _everything(text: str) -> tuple[Span, ...]:
    return _unless_blank(text, len(text))


def _unless_blank(text: str, end: int) -> tuple[Span, ...]:
    return () if not text[:end].strip() else (Span(0, end),)


_CUT: Mapping[Splitter, Cut] = {
    "lambda-lines": lambda_lines.cut,
    "statement-breakpoint": _cut_at_breakpoint,
    "lexer": psql.cut,
    "whole-file": _cut_nowhere,
}
_KEEP: Mapping[Splitter, Callable[[str], tuple[Span, ...]]] = {
    "lambda-lines": lambda_lines.kept,
    "statement-breakpoint": _before_breakpoint,
    "lexer": psql.kept,
    "whole-file": _everything,
}
