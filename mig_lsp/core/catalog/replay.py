"""The statements of a set carried out in run order, and again only where an edit reaches.

After an edit, the statements that changed are carried out; of all others only those that asked for something that is
different now, and so on from there. What is known is changed in place, so that the cost follows the edit: a world is
good until the next one is made from it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mig_lsp.core.catalog.different import (
    ROWS,
    Moments,
    all_keys,
    compare,
    different,
    is_outdated,
    left_again,
    narrowed,
    net,
    settle,
)
from mig_lsp.core.catalog.layer import EVERYTHING, Changes, Layer
from mig_lsp.core.catalog.moment import Moment, Setting
from mig_lsp.core.catalog.ordinals import places, places_again
from mig_lsp.core.catalog.statements import carry_out
from mig_lsp.core.catalog.values import UNKNOWN, Key, Origin, Value, relation_key
from mig_lsp.core.noted import Notebook, same_ends
from mig_lsp.core.sql.statement import Statement

_MOST_ASKED = 100  # how many keys a file may have asked for in vain before they are counted anew
_MOST_SINCE = 1000  # of a second run that nobody looked at for so many changes, nothing is kept


class Source(NamedTuple):
    """A file of the run: its path, and its statements, the same objects as long as their texts are the same."""

    path: str
    statements: tuple[Statement, ...]


@dataclass(eq=False, slots=True)
class Seconds:
    """The second runs of a file that is being edited, by the place of the statement behind which the first one
    stopped, and the keys that have another value *since* they were carried out.
    """

    runs: dict[int, Replayed] = field(default_factory=dict)
    since: set[Key] = field(default_factory=set)


@dataclass(frozen=True, eq=False)
class Replayed:
    """A file carried out: a moment for each of its statements (None for a blank one), and what it leaves in the end.

    *places* are the places of the statements, as their origins have them. *seconds* is None until the file, or
    something that it asks for, was edited; *notebook* is what was noted about its moments.
    """

    source: Source
    moments: tuple[Moment | None, ...]
    left: Changes
    layer: Layer
    places: Sequence[int]
    seconds: Seconds | None = None
    notebook: Notebook = field(default_factory=Notebook)

    def number(self, origin: Origin) -> int:
        """Which statement of the file *origin* is, counted from 0."""
        return bisect_left(self.places, origin.place)


@dataclass(frozen=True, slots=True)
class World:
    """A set carried out, file by file in run order; or as many of its files as were carried out so far.

    *revision* is another number whenever something has changed that is told of other files than the edited one.
    """

    setting: Setting
    files: tuple[Replayed, ...]
    layer: Layer
    places: dict[str, int]
    revision: int = 0

    def replayed(self, path: str) -> Replayed | None:
        """What became of the file at *path*, None when it does not run."""
        place = self.places.get(path)
        return None if place is None else self.files[place]

    def at(self, place: int, key: Key) -> Value:
        """What stands under *key* before the file at *place*; `len(files)` is behind the last one."""
        return self.layer.look(key, place)


def empty(setting: Setting) -> World:
    """The world before the first file: an empty database."""
    layer = Layer()
    layer.leave(-1, {relation_key("public", name): UNKNOWN for name in setting.given})
    return World(setting, (), layer, {})


def replay_more(old: World, sources: Iterable[Source], like: World | None = None) -> World:
    """The world of *old* with *sources* carried out behind its files; nothing of *old* may be asked any more.

    Their statements have the places of *like*.
    """
    files = list(old.files)
    for source in sources:
        place = len(files)
        at = like.files[place].places if like is not None else places(len(source.statements))
        found = _carry_out(old.setting, source, at, Layer((old.layer, place)))
        old.layer.leave(place, found.left)
        old.places[source.path] = place
        files.append(found)
    return replace(old, files=tuple(files), revision=old.revision + 1)


def replay(setting: Setting, sources: Iterable[Source], like: World | None = None) -> World:
    """*sources* carried out in their order, from an empty database; their statements have the places of *like*."""
    return replay_more(empty(setting), sources, like)


def replay_less(old: World, count: int) -> tuple[World, set[Key]]:
    """The world of the first *count* files of *old*, and under which keys the others had left something.

    Nothing of *old* may be asked any more.
    """
    touched: set[Key] = set()
    for place in range(count, len(old.files)):
        was = old.files[place]
        touched.update(was.left)
        old.layer.withdraw(place, was.left)
        del old.places[was.source.path]
    return replace(old, files=old.files[:count], revision=old.revision + 1), touched


def replay_again(old: World, sources: Iterable[Source]) -> World:
    """The world of *old* with other statements in the files of *sources*; nothing of *old* may be asked any more."""
    edits = {old.places[source.path]: source for source in sources}
    edits = {place: each for place, each in edits.items() if each.statements is not old.files[place].source.statements}
    if not edits:
        return old
    files = list(old.files)
    changed: set[Key] = set()
    touched: set[Key] = set()
    for place in range(min(edits), len(files)):
        was = files[place]
        if place not in edits and not (changed and _asks(was, changed)):
            settle(changed, was.left)
            if not changed and place > max(edits):
                break
            continue
        here: set[Key] = set()
        found = files[place] = _edited(old.setting, edits.get(place, was.source), was, changed, here)
        touched |= here
        settle(changed, found.left)
        if found.left is not was.left:
            before, after = narrowed(was.left, found.left, here)
            compare(changed, before, after)
            touched |= different(before, after)
            old.layer.replace(place, before, after)
    revision = old.revision + bool(touched)
    return look_ahead(replace(old, files=tuple(files), revision=revision), touched)


def look_ahead(old: World, touched: set[Key]) -> World:
    """The world of *old* with those statements carried out again that asked what is later left under keys of *touched*.

    Nothing of *old* may be asked any more.
    """
    looked_ahead = {("later", *key) for key in touched if key != ROWS}
    if not looked_ahead:
        return old
    files = list(old.files)
    for place, was in enumerate(files):
        if _asks(was, looked_ahead):
            files[place] = _edited(old.setting, was.source, was, looked_ahead, set())
    return replace(old, files=tuple(files))


def carry_out_again(file: Replayed, setting: Setting, stops: Sequence[int]) -> list[Moments]:
    """For each statement number of *stops*: what becomes of the statements up to there when the file stopped behind
    that one and starts again.

    Statements to which nothing is different are the very moments of the first run. One that is refused is taken for one
    that a guard lets pass (IF NOT EXISTS), so that those behind it are judged by themselves.
    """
    known = {} if file.seconds is None else file.seconds.runs
    since = set() if file.seconds is None else file.seconds.since
    runs: dict[int, Replayed] = {}
    for last in stops:
        stop, at = file.places[last], file.places[: last + 1]
        source = Source(file.source.path, file.source.statements[: last + 1])
        if stop in known:
            runs[stop] = _carry_out_edited(setting, source, at, known[stop], set(since), set(), _pass)
        else:
            layer = Layer((file.layer, stop + 1), file.layer.below)
            changed = all_keys([moment.writes for moment in file.moments[: last + 1] if moment is not None])
            runs[stop] = _carry_out(setting, source, at, layer, file.moments, changed, _pass)
        # What is told of the second run is told again when something that only that one asks for changes.
        file.layer.asked |= runs[stop].layer.asked
    if file.seconds is not None:
        file.seconds.runs = runs
        since.clear()
    return [run.moments for run in runs.values()]


def _keep(moment: Moment) -> bool:
    """A refused statement leaves what it was meant to."""
    return False


def _pass(moment: Moment) -> bool:
    """A refused statement leaves nothing: whether this one does."""
    return bool(moment.objections and moment.writes)


def _carry_out(
    setting: Setting,
    source: Source,
    at: Sequence[int],
    layer: Layer,
    known: Moments = (),
    changed: set[Key] | None = None,
    empty: Callable[[Moment], bool] = _keep,
) -> Replayed:
    """The file's statements carried out at these places, one after the other.

    Those of *known* are reused where they asked for none of *changed*, the keys that have another value now.
    """
    changed = set() if changed is None else changed
    moments: list[Moment | None] = []
    left: dict[Key, Value] = {}
    for index, (statement, place) in enumerate(zip(source.statements, at, strict=True)):
        if statement.blank:
            moments.append(None)
            continue
        moment = known[index] if known else None
        if moment is not None and not is_outdated(moment, changed) and not empty(moment):
            layer.asked.update(moment.reads)
            settle(changed, moment.writes)
        else:
            before = moment
            moment = _moment(statement, Origin(source.path, place), setting, layer, empty)
            if before is not None:
                compare(changed, before.writes, moment.writes)
        moments.append(moment)
        if moment.writes:
            if EVERYTHING in moment.writes:
                left.clear()
            left.update(moment.writes)
            layer.leave(place, moment.writes)
    return Replayed(source, tuple(moments), left, layer, at)


def _edited(setting: Setting, source: Source, was: Replayed, changed: set[Key], touched: set[Key]) -> Replayed:
    """The file after an edit of it, or of what it asks for, with the second runs that are known of it."""
    first, kept = same_ends(was.source.statements, source.statements)
    at = places_again(was.places, first, kept, len(source.statements))
    here: set[Key] = set()
    if at is None:
        here.update(all_keys([was.layer.versions]))
        was.layer.clear()
        at = places(len(source.statements))
        found = replace(_carry_out(setting, source, at, was.layer), seconds=Seconds())
        here.update(all_keys([was.layer.versions]))
    else:
        found = _carry_out_edited(setting, source, at, was, set(changed), here, _keep)
        assert found.seconds is not None
        found.seconds.since.update(changed, here)
        found.seconds.since.discard(ROWS)
        if len(found.seconds.since) > _MOST_SINCE:
            found.seconds.runs.clear()
            found.seconds.since.clear()
    touched |= here
    _forget_asked(found)
    return found


def _carry_out_edited(
    setting: Setting,
    source: Source,
    at: Sequence[int],
    was: Replayed,
    changed: set[Key],
    touched: set[Key],
    empty: Callable[[Moment], bool],
) -> Replayed:
    """The file with other statements than it was carried out with; its layer is changed in place.

    *changed* are the keys that have another value before the file; *touched* becomes all those under which one of its
    statements leaves something else than before.
    """
    layer, now, old = was.layer, source.statements, was.source.statements
    first, kept = same_ends(old, now)
    moments = list(was.moments)
    again = _Again(setting, source.path, layer, moments, at, changed, touched, empty)
    again.reach(range(first))
    gone, behind = was.moments[first : len(old) - kept], len(now) - kept
    for place, moment in zip(was.places[first : len(old) - kept], gone, strict=True):
        if moment is not None:
            layer.withdraw(place, moment.writes)
    moments[first : len(old) - kept] = again.fresh(now[first:behind], first)
    again.compare(gone, moments[first:behind])
    again.reach(range(behind, len(moments)))
    left = left_again(layer, was.left, touched)
    return Replayed(source, tuple(moments), left, layer, at, was.seconds or Seconds(), was.notebook)


@dataclass(frozen=True, eq=False, slots=True)
class _Again:
    """The work of carrying a file out again: the *moments* so far, and what is different up to where it stands."""

    setting: Setting
    path: str
    layer: Layer
    moments: list[Moment | None]
    places: Sequence[int]
    changed: set[Key]
    touched: set[Key]
    empty: Callable[[Moment], bool]

    def fresh(self, statements: Sequence[Statement], first: int) -> list[Moment | None]:
        """New statements carried out, from number *first* on."""
        found: list[Moment | None] = []
        for number, statement in enumerate(statements, first):
            found.append(None if statement.blank else self._carried_out(statement, self.places[number]))
            if (moment := found[-1]) is not None:
                self.layer.leave(self.places[number], moment.writes)
        return found

    def compare(self, gone: Moments, fresh: Moments) -> None:
        """Notes what is different behind statements that took the place of others."""
        old, new = net(gone), net(fresh)
        if EVERYTHING in old and EVERYTHING in new:
            self.changed.clear()
        compare(self.changed, old, new)
        pairs = len(gone) == len(fresh) == 1
        writes = [moment.writes for moment in (*gone, *fresh) if moment is not None]
        self.touched.update(different(old, new) if pairs else all_keys(writes))
        if not all(writes):
            self.touched.add(ROWS)

    def reach(self, numbers: range) -> None:
        """Carries out again, of the statements with these numbers, those that asked for something that is different."""
        changed, moments = self.changed, self.moments
        for number in numbers:
            if not changed:
                return
            moment = moments[number]
            if moment is None:
                continue
            # Nearly all go through here, so nothing is called that need not be.
            if EVERYTHING not in changed and moment.reads.keys().isdisjoint(changed):
                if not moment.writes.keys().isdisjoint(changed) or EVERYTHING in moment.writes:
                    settle(changed, moment.writes)
                continue
            place = self.places[number]
            new = moments[number] = self._carried_out(moment.statement, place)
            self.layer.replace(place, moment.writes, new.writes)
            self.touched.update(different(moment.writes, new.writes))
            compare(changed, moment.writes, new.writes)

    def _carried_out(self, statement: Statement, place: int) -> Moment:
        return _moment(statement, Origin(self.path, place), self.setting, self.layer, self.empty)


def _moment(
    statement: Statement, origin: Origin, setting: Setting, layer: Layer, empty: Callable[[Moment], bool]
) -> Moment:
    moment = Moment(statement, origin, setting, layer)
    carry_out(moment)
    if empty(moment):
        moment.writes.clear()
    return moment


def _forget_asked(file: Replayed) -> None:
    """Keeps what nobody asks for any more from piling up while a file is edited."""
    asked = file.layer.asked
    if len(asked) <= file.layer.most_asked:
        return
    asked.clear()
    runs = file.seconds.runs.values() if file.seconds is not None else ()
    for run in (file, *runs):
        run.layer.asked = asked if run is file else set()
        for moment in run.moments:
            if moment is not None:
                run.layer.asked.update(moment.reads)
        asked |= run.layer.asked
    file.layer.most_asked = 2 * len(asked) + _MOST_ASKED


def _asks(file: Replayed, changed: set[Key]) -> bool:
    return EVERYTHING in changed or not file.layer.asked.isdisjoint(changed)
