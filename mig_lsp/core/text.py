"""Text positions: offsets into `str` inside, lines and columns only at the edge.

Every offset in this project counts Unicode code points from the start of a `str`. A line ends at
"\\n", "\\r\\n" or "\\r" and nowhere else, as the Language Server Protocol says; `str.splitlines` also
breaks at form feeds and U+2028, so nothing here uses it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, count
from operator import add
from typing import Literal, NamedTuple

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\n|\r")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_CONTINUATION = bytes(range(0x80, 0xC0))


class Span(NamedTuple):
    """A stretch of text: offsets in code points, `end` exclusive."""

    start: int
    end: int

    def shifted(self, by: int) -> Span:
        """The same stretch in a text that has *by* more code points before it."""
        return Span(self.start + by, self.end + by)

    def touches(self, other: Span) -> bool:
        """Whether the two stretches overlap or meet; an empty one touches where it stands."""
        return self.start <= other.end and other.start <= self.end


class Place(NamedTuple):
    """A position as an editor says it: a line, and a column in units of an encoding; both count from 0."""

    line: int
    column: int


def units(text: str, encoding: Encoding) -> int:
    """The length of *text* in code units of *encoding*; a lone surrogate counts as one UTF-16 unit, three bytes."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text) + len(_ASTRAL.findall(text))
    return len(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, eq=False)
class Lines:
    """Converts between offsets and places of one text. Lines are counted from 0."""

    text: str

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line begins; there is always a first line."""
        if "\r" in self.text:
            return [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        # The usual case, asked at every keystroke: all steps run in C.
        lengths = map(len, self.text.split("\n"))
        starts = [0, *map(add, accumulate(lengths), count(1))]
        return starts[:-1]

    def line_at(self, offset: int) -> int:
        """The line that holds *offset*; the offset behind a line end belongs to the next line."""
        return bisect_right(self.starts, offset) - 1

    def span(self, line: int) -> Span:
        """The stretch of *line* without its line end."""
        start = self.starts[line]
        if line + 1 == len(self.starts):
            return Span(start, len(self.text))
        end = self.starts[line + 1] - 1
        if self.text[end] == "\n" and end > start and self.text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def place(self, offset: int, encoding: Encoding = "utf-32") -> Place:
        """Where *offset* stands; an offset outside the text is moved to its nearest end."""
        offset = min(max(offset, 0), len(self.text))
        line = self.line_at(offset)
        return Place(line, units(self.text[self.starts[line] : offset], encoding))

    def offset(self, place: Place, encoding: Encoding = "utf-32") -> int:
        """The offset at *place*; a place past the end of its line or of the text is moved back to that end.

        A column inside a character (the second half of a surrogate pair, say) is moved behind the character.
        """
        if place.line < 0:
            return 0
        if place.line >= len(self.starts):
            return len(self.text)
        start, end = self.span(place.line)
        column = max(place.column, 0)
        line = self.text[start : min(end, start + column)]  # no character is narrower than one unit
        return start + _begun(line, column, encoding)


def _begun(text: str, column: int, encoding: Encoding) -> int:
    """How many characters of *text*, which is no longer than *column*, begin in its first *column* units."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass")[:column].translate(None, _CONTINUATION))
    pairs = [match.start() + before for before, match in enumerate(_ASTRAL.finditer(text))]
    before = bisect_left(pairs, column)
    cut_in_two = before > 0 and pairs[before - 1] == column - 1
    return min(column - before + cut_in_two, len(text))


def line_ending(text: str) -> str:
    """The line end that *text* uses: that of its first line, or "\\n" when there is none."""
    match = _LINE_END.search(text)
    return match.group() if match else "\n"
