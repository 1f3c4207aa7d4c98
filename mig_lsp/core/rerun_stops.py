"""Behind which statements of a file it makes a difference to stop, for a run of it that starts again."""

from __future__ import annotations

from collections.abc import Mapping

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.replay import Replayed
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Column,
    EnumType,
    Gone,
    Routines,
    Table,
    Value,
    View,
)

MOST_STOPS = 8
"""How many places in a file are looked at, its end aside: nobody takes away as much in one file."""


def stops(file: Replayed) -> list[int]:
    """The statements behind which it makes a difference to stop, the last of the file first."""
    turns = file.notebook.noted("turns", file.moments, _turns).numbers
    return [len(file.moments) - 1, *[number - 1 for number in turns if number][:MOST_STOPS]]


def _turns(moment: Moment | None) -> bool | None:
    """Whether the statement takes something away, or makes again what the file took away."""
    if moment is None:
        return None
    path = moment.origin.path
    return any(_takes(moment.reads.get(key), new, path) for key, new in moment.writes.items()) or None


def _takes(old: Value, new: Value, path: str) -> bool:
    if isinstance(old, Gone):
        return old.by.path == path and not isinstance(new, Gone) and new is not None
    if isinstance(new, Gone):
        return old is not None and old is not UNKNOWN
    match old, new:
        case Table(), Table():
            lost = any(
                before.keys() - after.keys()
                for before, after in (
                    (old.columns, new.columns),
                    (old.constraints, new.constraints),
                    (old.triggers, new.triggers),
                    (old.policies, new.policies),
                )
            )
            return lost or bool(old.dropped.keys() & new.columns.keys()) or _alters(old.columns, new.columns)
        case EnumType(), EnumType():
            return not set(old.labels) <= set(new.labels)
        case View(), View():
            return old.columns != new.columns
        case Routines(), Routines():
            return len(new.overloads) < len(old.overloads)
    return False


def _alters(old: Mapping[str, Column], new: Mapping[str, Column]) -> bool:
    """Whether a column is of another kind than before."""
    if old is new:
        return False
    pairs = ((column, new[name]) for name, column in old.items() if new.get(name) is not column and name in new)
    return any((a.type, a.identity, a.generated) != (b.type, b.identity, b.generated) for a, b in pairs)
