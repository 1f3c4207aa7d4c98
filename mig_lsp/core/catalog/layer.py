"""What stood under each key from which place on: of the files of a run, and of the statements of a file."""

from __future__ import annotations

from collections.abc import Mapping

from mig_lsp.core.catalog.values import UNKNOWN, Gone, Key, Named, Origin, Value, schema_key

EVERYTHING: Key = ("*",)
"""Under this key stands UNKNOWN from where on a statement may have changed anything: all from before is unknown."""

Changes = Mapping[Key, Value]


class Layer:
    """The values that each place leaves under its keys, in order of the places, above what was there before the first.

    *below* are the layer of the run and the file's place in it; None for the run itself, which begins with an empty
    database. What comes behind the file is *beyond*: the same, but for a second run, which lies above a part of the
    first one. *asked* are the keys that the statements of the file asked for, and maybe some more; when there are more
    than *most_asked*, they are counted anew.
    """

    __slots__ = ("asked", "below", "beyond", "most_asked", "resting", "versions")

    def __init__(self, below: tuple[Layer, int] | None = None, beyond: tuple[Layer, int] | None = None) -> None:
        self.asked: set[Key] = set()
        self.most_asked = 0
        self.below = below
        self.beyond = beyond or below
        self.versions: dict[Key, tuple[tuple[int, Value], ...]] = {}
        self.resting: dict[Key, set[Key]] = {}
        """Under the key of an object, all of `versions` that tell what rests on it."""

    def look(self, key: Key, place: int) -> Value:
        """What stands under *key* before *place*."""
        doubt = self._last(EVERYTHING, place)
        for at, value in reversed(self.versions.get(key, ())):
            if at < place:
                # What doubts everything leaves only what it makes sure of afterwards.
                return value if at >= doubt else UNKNOWN
        if doubt >= 0:
            return UNKNOWN
        return _START.get(key) if self.below is None else self.below[0].look(key, self.below[1])

    def rest_on(self, key: Key, place: int) -> set[Key]:
        """Whatever was noted before *place* to rest on the object under *key*; some of it may do so no longer."""
        found = {each[4:] for each in self.resting.get(key, ()) if self.versions[each][0][0] < place}
        return found if self.below is None else found | self.below[0].rest_on(key, self.below[1])

    def later(self, key: Key, place: int) -> Value:
        """What is first left under *key* behind *place* and is there, in the file or in those behind it; else None."""
        for at, value in self.versions.get(key, ()):
            if at > place and value is not None and not isinstance(value, Gone):
                return value
        return None if self.beyond is None else self.beyond[0].later(key, self.beyond[1])

    def leave(self, place: int, changes: Changes) -> None:
        """Notes what *place* leaves; nothing is there yet from it."""
        versions = self.versions
        for key, value in changes.items():
            known = versions.get(key)
            if known is None:
                versions[key] = ((place, value),)
                if key[0] == "rests":
                    self.resting.setdefault(key[1:4], set()).add(key)
            elif known[-1][0] < place:
                versions[key] = (*known, (place, value))
            else:
                versions[key] = tuple(sorted((*known, (place, value)), key=_place))

    def clear(self) -> None:
        """Takes back everything."""
        self.versions.clear()
        self.resting.clear()

    def withdraw(self, place: int, changes: Changes) -> None:
        """Takes back what *place* left."""
        self.replace(place, changes, {})

    def replace(self, place: int, old: Changes, new: Changes) -> None:
        """Notes that *place* leaves *new*, where it left *old* before."""
        for key in old.keys() | new.keys():
            if key in old and key in new and old[key] is new[key]:
                continue
            kept = [version for version in self.versions.get(key, ()) if version[0] != place]
            if key in new:
                kept.append((place, new[key]))
                kept.sort(key=_place)
            if kept:
                self.versions[key] = tuple(kept)
            else:
                self.versions.pop(key, None)
            if key[0] == "rests":
                group = self.resting.setdefault(key[1:4], set())
                (group.add if kept else group.discard)(key)

    def _last(self, key: Key, place: int) -> int:
        return next((at for at, _ in reversed(self.versions.get(key, ())) if at < place), -1)


# What every database has before the first statement.
_NOBODY = Origin("", -1)
_START: Changes = {schema_key(name): Named(_NOBODY) for name in ("public", "pg_catalog", "information_schema")}


def _place(version: tuple[int, Value]) -> int:
    return version[0]
