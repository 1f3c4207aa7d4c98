"""A text as consecutive pieces, cut again only around an edit.

A *cut* is a function `(text, start) -> end`: given an offset where a piece begins, it says where that piece ends.
It must depend on nothing before *start*, so the pieces of a text are the same wherever the cutting resumes. Both
PostgreSQL's lexer and a runner's line splitter have that shape.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import NamedTuple

Cut = Callable[[str, int], int]


class Splice(NamedTuple):
    """An edit as numbers: at *start*, *removed* code points became *added* ones."""

    start: int
    removed: int
    added: int


class Recut(NamedTuple):
    """The ends after an edit, and which pieces are new: those at `first : len(ends) - kept_behind`."""

    ends: list[int]
    first: int
    kept_behind: int


def cut_all(text: str, cut: Cut) -> list[int]:
    """The end of every piece; the last one is the end of the text. An empty text has no pieces."""
    ends, end, size = [], 0, len(text)
    while end < size:
        end = max(cut(text, end), end + 1)
        ends.append(end)
    return ends


def cut_again(ends: Sequence[int], text: str, splice: Splice, cut: Cut) -> Recut:
    """`cut_all(text, cut)` where *ends* were the ends before *splice*; the cost follows the edit, not the text."""
    first = bisect_left(ends, splice.start)  # a piece that only touches the edit may grow over it
    shift = splice.added - splice.removed
    fresh: list[int] = []
    end = ends[first - 1] if first else 0
    while end < len(text):
        end = max(cut(text, end), end + 1)
        fresh.append(end)
        if end < splice.start + splice.added:
            continue
        behind = bisect_left(ends, end - shift)
        # The piece that ends at the text's end was cut by that end, not by itself: it proves nothing.
        if behind < len(ends) - 1 and ends[behind] == end - shift and ends[behind] >= splice.start + splice.removed:
            rest = [old + shift for old in ends[behind + 1 :]]
            return Recut([*ends[:first], *fresh, *rest], first, len(rest))
    return Recut([*ends[:first], *fresh], first, 0)


def splice_between(old: str, new: str) -> Splice:
    """The smallest single edit that turns *old* into *new*."""
    limit = min(len(old), len(new))
    start = _common(old, new, limit)
    tail = _common_end(old, new, limit - start)
    return Splice(start, len(old) - start - tail, len(new) - start - tail)


def _common(old: str, new: str, limit: int) -> int:
    """The length of the common beginning, by halving: comparing slices runs in C."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(old: str, new: str, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low
