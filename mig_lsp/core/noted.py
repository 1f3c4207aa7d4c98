"""Which few of many items there is something to note about, found again only for the items that an edit replaced."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
V = TypeVar("V")


class Noted(NamedTuple, Generic[T, V]):
    """The *numbers* of those of *items* that have a note, in order, and their notes.

    *about* is whatever else the notes depend on.
    """

    items: Sequence[T]
    about: object
    numbers: list[int]
    notes: list[V]

    def pairs(self) -> Iterator[tuple[int, V]]:
        """The number of each item that has a note, and the note."""
        return zip(self.numbers, self.notes, strict=True)


class Notebook:
    """What was noted about the items of a file, handed from each version of it to the next."""

    __slots__ = ("_ends", "_pages", "kept")

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        """Whatever else is made of a file anew after each edit, and can be made of what it was: by module."""
        self._pages: dict[str, Noted[object, object]] = {}
        self._ends: tuple[object, object, tuple[int, int]] = (None, None, (0, 0))

    def noted(self, page: str, items: Sequence[T], note: Callable[[T], V | None], about: object = None) -> Noted[T, V]:
        """The notes that *note* makes of *items*; it may depend on the item and on *about*, and on nothing else.

        A page is for one kind of note. Items are the same when they are the same objects.
        """
        known: Noted[T, V] | None = self._pages.get(page)  # type: ignore[assignment]  # one page, one kind of note
        if known is None or (known.about is not about and known.about != about):
            made = [(number, each) for number, item in enumerate(items) if (each := note(item)) is not None]
            known = Noted(items, about, [number for number, _ in made], [each for _, each in made])
        elif known.items is items:
            return known
        else:
            known = self._again(known, items, note, about)
        self._pages[page] = known  # type: ignore[assignment]
        return known

    def _again(
        self, known: Noted[T, V], items: Sequence[T], note: Callable[[T], V | None], about: object
    ) -> Noted[T, V]:
        first, kept = self._same_ends(known.items, items)
        shift = len(items) - len(known.items)
        low = bisect_left(known.numbers, first)
        high = bisect_left(known.numbers, len(known.items) - kept)
        behind = range(first, len(items) - kept)
        made = [(number, each) for number in behind if (each := note(items[number])) is not None]
        rest = known.numbers[high:]
        numbers = [*known.numbers[:low], *[number for number, _ in made]]
        numbers += [number + shift for number in rest] if shift else rest
        return Noted(items, about, numbers, [*known.notes[:low], *[each for _, each in made], *known.notes[high:]])

    def _same_ends(self, old: Sequence[T], new: Sequence[T]) -> tuple[int, int]:
        # Most pages are about the same items, one after the other.
        if self._ends[0] is not old or self._ends[1] is not new:
            self._ends = (old, new, same_ends(old, new))
        return self._ends[2]


def same_ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """How many items at the beginning, and then at the end, are the same; they have to be compared by identity."""
    most = min(len(old), len(new))
    first = _longest(most, lambda low, high: old[low:high] == new[low:high])
    size, other = len(old), len(new)
    kept = _longest(most - first, lambda low, high: old[size - high : size - low] == new[other - high : other - low])
    return first, kept


def _longest(most: int, same: Callable[[int, int], bool]) -> int:
    """The longest stretch from 0 that is the same, by halving: comparing slices runs in C."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low
