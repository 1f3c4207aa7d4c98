"""What became of a thing that a statement names and that is not there: dropped, renamed, made later, or misspelt."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mig_lsp.core.catalog.layer import Layer
from mig_lsp.core.catalog.moment import Moment, Objection, shown
from mig_lsp.core.catalog.values import UNKNOWN, Column, EnumType, Gone, Key, Origin, Routines, Table, Value
from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.migration import base_name
from mig_lsp.core.sql.names import quoted

_MOST_NAMES = 20_000


class Whereabouts(NamedTuple):
    """What is known: *why* it is not there, and what to *do*, in words.

    *better* is the name that it has now, or that was meant, as SQL; "" when nobody knows. *certain* tells whether the
    set itself knows that it is not there.
    """

    why: str
    do: str
    better: str = ""
    certain: bool = True


def finding(rule: str, objection: Objection, thing: str, found: Whereabouts) -> Finding:
    """The finding about a missing *thing*."""
    unless = "" if found.certain else " unless something else makes it"
    message = f"{thing} {found.why}, so the server refuses the statement{unless}: {found.do}"
    fix = None
    if found.better:
        fix = Fix(f"Write {found.better}", (Edit(objection.span, found.better),), safe=False)
    severity = Severity.ERROR if found.certain else Severity.WARNING
    return Finding(rule, objection.span, message, fix, severity=severity)


def of_object(objection: Objection, key: Key | None, moment: Moment, kinds: tuple[type, ...] = ()) -> Whereabouts:
    """What became of the object under *key*; similar names are those of *kinds* of values."""
    gone = objection.found
    if isinstance(gone, Gone):
        return _gone(gone, moment)
    for value in versions(key, moment) if key is not None else ():
        if value is not None and value is not UNKNOWN and not isinstance(value, Gone):
            return _later(made(value), moment)
    if key is not None and kinds:
        near = _near(key[-1], dict(_names(key, moment, kinds)))
        if near is not None:
            moment.before(near)
            better = shown(near, moment.setting)
            return Whereabouts("is made by no migration", f"did you mean {better}?", better, certain=False)
    return Whereabouts("is made by no migration", "check the name", certain=False)


def of_part(objection: Objection, names: Iterable[str], moment: Moment, later: Origin | None = None) -> Whereabouts:
    """What became of a column or label; *names* are those that are there, *later* what makes it afterwards."""
    if isinstance(objection.found, Gone):
        return _gone(objection.found, moment)
    if later is not None:
        return _later(later, moment)
    near = _near(objection.name[-1], {name: (name,) for name in names})
    if near is None:
        return Whereabouts("does not exist", "check the name")
    return Whereabouts("does not exist", f"did you mean {near[-1]}?", near[-1])


def nearest(name: str, names: Iterable[str]) -> str:
    """The most similar of *names*, "" when none is."""
    found = _near(name, {each: (each,) for each in names})
    return found[-1] if found else ""


def made(value: Value) -> Origin | None:
    """The statement that made what stands there, None where that is not told."""
    if isinstance(value, Routines):
        return value.overloads[0].made if value.overloads else None
    return getattr(value, "made", None)


def versions(key: Key, moment: Moment) -> Iterator[Value]:
    """What statements behind this one leave under *key*, file by file."""
    moment.later(key)  # what is told of it is told again when one of them changes
    layer: Layer | None = moment.layer
    place = moment.origin.place
    while layer is not None:
        yield from (value for at, value in layer.versions.get(key, ()) if at > place)
        layer, place = layer.beyond if layer.beyond is not None else (None, 0)


def column_later(key: Key | None, name: str, moment: Moment) -> Origin | None:
    """The statement behind this one that first gives the table under *key* a column of that name."""
    for value in versions(key, moment) if key is not None else ():
        if isinstance(value, Table) and name in value.columns:
            column: Column = value.columns[name]
            return column.made
    return None


def label_later(key: Key | None, label: str, moment: Moment) -> Origin | None:
    """The statement behind this one that first gives the enum under *key* that label."""
    for value in versions(key, moment) if key is not None else ():
        if isinstance(value, EnumType) and label in value.labels:
            return value.changed
    return None


def file_of(origin: Origin, moment: Moment) -> str:
    """The name of a statement's file as a person would say it."""
    return "this file" if origin.path == moment.origin.path else base_name(origin.path)


def _gone(gone: Gone, moment: Moment) -> Whereabouts:
    where = file_of(gone.by, moment)
    if gone.new is None:
        return Whereabouts(f"was dropped by {where}", "remove what needs it")
    new = quoted(gone.new[-1]) if gone.new[0] == "column" else shown(gone.new, moment.setting)
    return Whereabouts(f"was renamed to {new} by {where}", f"write {new}", new)


def _later(origin: Origin | None, moment: Moment) -> Whereabouts:
    if origin is None:
        return Whereabouts("is made later", "move this behind it")
    if origin.path == moment.origin.path:
        return Whereabouts("is made further down in this file", "move this statement behind it")
    name = base_name(origin.path)
    return Whereabouts(f"is made by {name}, which runs later", f"move this to a migration behind {name}")


def _names(key: Key, moment: Moment, kinds: tuple[type, ...]) -> Iterator[tuple[str, Key]]:
    """The objects of the same kind of key that are there, by name."""
    moment.look_through(key[0])
    layer: Layer | None = moment.layer
    count = 0
    while layer is not None:
        for other in layer.versions:
            if other[0] != key[0] or len(other) != len(key):
                continue
            count += 1
            if count > _MOST_NAMES:
                return
            value = moment.layer.look(other, moment.origin.place)
            if value is not UNKNOWN and isinstance(value, kinds):
                yield other[-1], other
        layer = layer.below[0] if layer.below is not None else None


def _near(name: str, names: dict[str, Key]) -> Key | None:
    if len(name) > 200:
        return None
    lower = {each.lower(): each for each in names}
    if name.lower() in lower:
        return names[lower[name.lower()]]
    # Names of another length cannot be as close as that.
    near = difflib.get_close_matches(name, [each for each in names if abs(len(each) - len(name)) <= 3], 1, 0.75)
    return names[near[0]] if near else None
