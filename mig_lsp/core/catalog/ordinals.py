"""The places of a file's statements: numbers that grow from statement to statement and stay when others come and go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mig_lsp.core.sql.statement import Statement

_APART = 1 << 48  # between two statements that were there from the beginning
_CLOSE = 1 << 24  # from a statement to one that came later and stands behind it


def places(count: int) -> Sequence[int]:
    """The places of *count* statements that are seen for the first time."""
    return range(_APART, (count + 1) * _APART, _APART)


def places_again(old: Sequence[int], first: int, kept: int, count: int) -> Sequence[int] | None:
    """The places of *count* statements, of which the *first* ones and the last *kept* ones have their *old* places.

    None where there is no room between them any more.
    """
    if count == len(old):
        return old
    behind = len(old) - kept
    fresh = count - first - kept
    middle = [*old[first : min(behind, first + fresh)]]
    missing = fresh - len(middle)
    low = middle[-1] if middle else old[first - 1] if first else 0
    step = _APART if not kept else min(_CLOSE, (old[behind] - low) // (missing + 1))
    if step == 0:
        return None
    middle += [low + step * number for number in range(1, missing + 1)]
    return [*old[:first], *middle, *old[behind:]]


def same_ends(old: Sequence[Statement], new: Sequence[Statement]) -> tuple[int, int]:
    """How many statements at the beginning, and then at the end, are the same objects."""
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
