"""What is different behind statements that were carried out again: which keys have another value than before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mig_lsp.core.catalog.layer import EVERYTHING, Changes, Layer
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import Gone, Key, Value

ROWS: Key = ("rows",)
"""Stands for what statements do that leave nothing in a catalog: rules look at them from other files."""

Moments = Sequence[Moment | None]


def is_outdated(moment: Moment, changed: set[Key]) -> bool:
    """Whether a statement asked for something that is different now."""
    return bool(changed) and (EVERYTHING in changed or not moment.reads.keys().isdisjoint(changed))


def narrowed(old: Changes, new: Changes, touched: set[Key]) -> tuple[Changes, Changes]:
    """What may be different between two states: the values under the keys of *touched*, or all of them."""
    if EVERYTHING in old or EVERYTHING in new or len(touched) > len(new):
        return old, new
    return {key: old[key] for key in touched if key in old}, {key: new[key] for key in touched if key in new}


def net(moments: Moments) -> Changes:
    """What statements leave in the end, one after the other."""
    left: dict[Key, Value] = {}
    for moment in moments:
        if moment is not None:
            if EVERYTHING in moment.writes:
                left.clear()
            left.update(moment.writes)
    return left


def settle(changed: set[Key], left: Changes) -> None:
    """What is left as it always was is no change for those behind it."""
    if changed and left:
        if EVERYTHING in left:
            changed.clear()
        elif not left.keys().isdisjoint(changed):
            changed.difference_update(left)


def compare(changed: set[Key], old: Changes, new: Changes) -> None:
    """Notes which keys have another value behind something that left *old* and leaves *new*."""
    for key in old.keys() | new.keys():
        if key in old and key in new and (old[key] is new[key] or old[key] == new[key]):
            changed.discard(key)
        else:
            changed.add(key)
            if key[0] == "rests":
                changed.add(("resting", *key[1:4]))
            elif _presence(old.get(key)) != _presence(new.get(key)):
                changed.add(("names", key[0]))


def _presence(value: Value) -> object:
    """Whether something is there, and of what kind."""
    return None if isinstance(value, Gone) else type(value)


def all_keys(writes: Iterable[Iterable[Key]]) -> set[Key]:
    """All keys under which something is left, and those by which others ask for all keys of a kind."""
    return {each for changes in writes for key in changes for each in _with_groups(key)}


def _with_groups(key: Key) -> tuple[Key, ...]:
    return (key, ("resting", *key[1:4]) if key[0] == "rests" else ("names", key[0]))


def different(old: Changes, new: Changes) -> set[Key]:
    """The keys under which *old* and *new* are not the same."""
    found: set[Key] = set()
    compare(found, old, new)
    return found


def left_again(layer: Layer, before: Changes, touched: set[Key]) -> Changes:
    """What the file leaves in the end, where it left *before*; only under keys of *touched* is it different."""
    if not touched - {ROWS}:
        return before
    if EVERYTHING in layer.versions or EVERYTHING in touched:
        doubt = layer.versions.get(EVERYTHING)
        since = doubt[-1][0] if doubt else -1
        return {key: versions[-1][1] for key, versions in layer.versions.items() if versions[-1][0] >= since}
    left = dict(before)
    for key in touched:
        versions = layer.versions.get(key)
        if versions:
            left[key] = versions[-1][1]
        else:
            left.pop(key, None)
    return left
