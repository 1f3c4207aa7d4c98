"""The places of a file's statements: numbers that grow from statement to statement and stay when others come and go."""

from __future__ import annotations

from collections.abc import Sequence

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
