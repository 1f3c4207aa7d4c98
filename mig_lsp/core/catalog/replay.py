"""The statements of a set carried out in run order, and again only where an edit reaches.

After an edit, the statements that changed are carried out; of all others only those that asked for something that is
different now, and so on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mig_lsp.core.catalog.layer import EVERYTHING, Changes, Layer
from mig_lsp.core.catalog.moment import Moment, Setting
from mig_lsp.core.catalog.statements import carry_out
from mig_lsp.core.catalog.values import UNKNOWN, Key, Origin, Value, relation_key
from mig_lsp.core.sql.statement import Statement


class Source(NamedTuple):
    """A file of the run: its path, and its statements, the same objects as long as their texts are the same."""

    path: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, eq=False)
class Replayed:
    """A file carried out: a moment for each of its statements (None for a blank one), and what it leaves in the end."""

    source: Source
    moments: tuple[Moment | None, ...]
    left: Changes
    layer: Layer


@dataclass(frozen=True, slots=True)
class World:
    """A whole set carried out, file by file in run order."""

    setting: Setting
    files: tuple[Replayed, ...]
    layer: Layer
    places: dict[str, int]

    def replayed(self, path: str) -> Replayed | None:
        """What became of the file at *path*, None when it does not run."""
        place = self.places.get(path)
        if place is None:
            return None
        found = self.files[place]
        found.layer.below = (self.layer, place)
        return found

    def at(self, place: int, key: Key) -> Value:
        """What stands under *key* before the file at *place*; `len(files)` is behind the last one."""
        return self.layer.look(key, place)


def replay(setting: Setting, sources: Sequence[Source]) -> World:
    """*sources* carried out in their order, from an empty database."""
    layer = Layer()
    layer.leave(-1, {relation_key("public", name): UNKNOWN for name in setting.given})
    files = []
    for place, source in enumerate(sources):
        found = _carry_out(setting, source, None, Layer((layer, place)), set())
        layer.leave(place, found.left)
        files.append(found)
    return World(setting, tuple(files), layer, {source.path: place for place, source in enumerate(sources)})


def replay_again(old: World, sources: Sequence[Source]) -> World:
    """`replay` of *sources*, which are those of *old* in the same order, some with other statements."""
    if all(source.statements is was.source.statements for source, was in zip(sources, old.files, strict=True)):
        return old
    layer = Layer(None, dict(old.layer.versions))
    files = list(old.files)
    changed: set[Key] = set()
    touched: set[Key] = set()
    for place, (source, was) in enumerate(zip(sources, old.files, strict=True)):
        if source.statements is was.source.statements and not (changed and _asks(was, changed)):
            _settle(changed, was.left)
            continue
        found = files[place] = _moved(_carry_out(old.setting, source, was, Layer((layer, place)), set(changed)))
        _hand_on(was, found, changed)
        if EVERYTHING in found.left:
            changed.clear()
        _compare(changed, was.left, found.left)
        layer.replace(place, was.left, found.left)
        touched |= changed | _rewritten(was, found)
    looked_ahead = {("later", *key) for key in touched}
    for place, was in enumerate(files if looked_ahead else ()):
        if _asks(was, looked_ahead):
            found = _moved(_carry_out(old.setting, was.source, was, Layer((layer, place)), set(looked_ahead)))
            _hand_on(was, found, set())
            files[place] = found
    return World(old.setting, tuple(files), layer, old.places)


def carry_out_again(file: Replayed, setting: Setting, last: int) -> tuple[Moment | None, ...]:
    """What becomes of the statements up to number *last* when the file stopped behind that one and starts again.

    Statements to which nothing is different are the very moments of the first run. One that is refused is taken for one
    that a guard lets pass (IF NOT EXISTS), so that those behind it are judged by themselves.
    """
    whole = last == len(file.moments) - 1
    left = file.left if whole else _net(file.moments[: last + 1])
    layer = Layer(file.layer.below)
    layer.leave(0, left)
    source = Source(file.source.path, file.source.statements[: last + 1])
    # Of the second run, too, an edit changes little: what it does not reach is as it was before the edit.
    old, changed = file.__dict__.pop(_FORMER, (file, set(left))) if whole else (file, set(left))
    second = _carry_out(setting, source, old, Layer((layer, 1)), changed, empty=_pass)
    for index, (first, moment) in enumerate(zip(file.moments, second.moments, strict=False)):
        if moment is not None and moment is not first:
            moment.layer = second.layer
            if moment.origin.statement != index:
                moment.origin = Origin(file.source.path, index)
    if whole:
        file.__dict__[_SECOND] = second
    # What is told of the second run is told again when something that only that one asks for changes.
    file.layer.asked |= second.layer.asked
    return second.moments


# A file keeps its second run, and, until it is asked for its own, that of the file before the edit with the keys that
# have another value since.
_SECOND, _FORMER = "_second", "_former"


def _hand_on(was: Replayed, found: Replayed, changed: set[Key]) -> None:
    old, since = was.__dict__.get(_FORMER) or (was.__dict__.get(_SECOND), set[Key]())
    if old is not None:
        left: set[Key] = set()
        _compare(left, was.left, found.left)
        # Whatever was different once since then stays so: nobody has looked at it yet.
        found.__dict__[_FORMER] = (old, since | changed | left)
        # What only the second run asked for reaches the file as well, so that it is handed on with that change.
        found.layer.asked |= old.layer.asked


def _moved(file: Replayed) -> Replayed:
    """The file, with its reused moments at their new places."""
    for index, moment in enumerate(file.moments):
        if moment is not None:
            moment.layer = file.layer
            if moment.origin.statement != index:
                moment.origin = Origin(file.source.path, index)
    return file


def _keep(moment: Moment) -> bool:
    """A refused statement leaves what it was meant to."""
    return False


def _pass(moment: Moment) -> bool:
    """A refused statement leaves nothing: whether this one does."""
    return bool(moment.objections and moment.writes)


def _carry_out(
    setting: Setting,
    source: Source,
    old: Replayed | None,
    layer: Layer,
    changed: set[Key],
    empty: Callable[[Moment], bool] = _keep,
) -> Replayed:
    """The file's statements carried out, those of *old* reused; *changed* are the keys that have another value now."""
    statements, was = source.statements, old.source.statements if old else ()
    first, kept = _common(was, statements)
    shift = len(statements) - len(was)
    moments: list[Moment | None] = []
    left: dict[Key, Value] = {}
    for index, statement in enumerate(statements):
        if index == len(statements) - kept and old is not None:
            _compare(changed, _net(old.moments[first : len(was) - kept]), _net(moments[first:]))
        known = None
        if old is not None and (index < first or index >= len(statements) - kept):
            known = old.moments[index if index < first else index - shift]
        moment: Moment | None
        if statement.blank:
            moment = None
        elif known is not None and not _is_outdated(known, index, changed) and not empty(known):
            moment = known
            layer.asked.update(moment.reads)
            _settle(changed, moment.writes)
        else:
            moment = Moment(statement, Origin(source.path, index), setting, layer)
            carry_out(moment)
            if empty(moment):
                moment.writes.clear()
            if known is not None:
                _compare(changed, known.writes, moment.writes)
        moments.append(moment)
        if moment is not None and moment.writes:
            if EVERYTHING in moment.writes:
                left.clear()
            left.update(moment.writes)
            layer.leave(index, moment.writes)
    return Replayed(source, tuple(moments), left, layer)


def _common(old: Sequence[Statement], new: Sequence[Statement]) -> tuple[int, int]:
    """How many statements at the beginning, and then at the end, are the same objects."""
    most = min(len(old), len(new))
    first = next((index for index in range(most) if old[index] is not new[index]), most)
    rest = most - first
    kept = next((index for index in range(rest) if old[-1 - index] is not new[-1 - index]), rest)
    return first, kept


def _is_outdated(moment: Moment, index: int, changed: set[Key]) -> bool:
    if moment.origin.statement != index and moment.writes:
        return True  # what it leaves tells where it comes from
    return bool(changed) and (EVERYTHING in changed or not changed.isdisjoint(moment.reads))


def _asks(file: Replayed, changed: set[Key]) -> bool:
    return EVERYTHING in changed or not changed.isdisjoint(file.layer.asked)


def _rewritten(old: Replayed, new: Replayed) -> set[Key]:
    """What statements leave that were not carried out before, or are no longer."""
    different = {*map(id, old.moments)} ^ {*map(id, new.moments)}
    moments = (moment for moment in (*old.moments, *new.moments) if moment is not None and id(moment) in different)
    return {key for moment in moments for key in moment.writes}


def _net(moments: Sequence[Moment | None]) -> Changes:
    left: dict[Key, Value] = {}
    for moment in moments:
        if moment is not None:
            if EVERYTHING in moment.writes:
                left.clear()
            left.update(moment.writes)
    return left


def _settle(changed: set[Key], left: Changes) -> None:
    """What is left as it always was is no change for those behind it."""
    if changed and left:
        changed.difference_update(left)
        if EVERYTHING in left:
            changed.clear()


def _compare(changed: set[Key], old: Changes, new: Changes) -> None:
    for key in old.keys() | new.keys():
        if key in old and key in new and (old[key] is new[key] or old[key] == new[key]):
            changed.discard(key)
        else:
            changed.add(key)
