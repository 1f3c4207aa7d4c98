"""What goes with an object that is dropped, and what stands in the way.

Who rests on an object is looked up there and verified: the catalog need not forget those that do no longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.removing import Part, owner, remove
from mig_lsp.core.catalog.values import (
    Column,
    Constraint,
    EnumType,
    Index,
    Key,
    OtherType,
    Routines,
    Table,
    Type,
    View,
    relation_key,
    type_key,
)
from mig_lsp.core.catalog.values import Sequence as SequenceValue


class Refusal(NamedTuple):
    """Why nothing is dropped: *dependent* rests on *part*, or needs it even when CASCADE is said."""

    part: Part
    dependent: Part

    @property
    def by(self) -> Key:
        """The key of the dependent object, or of the one that it is a part of."""
        return owner(self.dependent)


def drop(moment: Moment, targets: Sequence[Part], *, cascade: bool) -> Refusal | None:
    """Drops *targets* together, and what PostgreSQL drops with them; the reason when it refuses to."""
    going: dict[Part, None] = {}
    _add(moment, targets, going)
    todo = [*going]
    while todo:
        part = todo.pop()
        for dependent in _dependents(moment, part):
            if _is_covered(dependent, going):
                continue
            if not cascade:
                return Refusal(part, dependent)
            before = len(going)
            _add(moment, (dependent,), going)
            todo.extend([*going][before:])
    for part in going:
        needed = _needed_by(moment, part)
        if needed is not None and not _is_covered(needed, going):
            return Refusal(part, needed)
    untyped = [key for part in going if part[0] == "type" for key in _untyped(moment, part)]
    for part in sorted(going, key=_last_overload_first):
        remove(moment, part)
    for key in untyped:
        _forget_untyped(moment, key)
    return None


def doubt_dropped(moment: Moment, targets: Iterable[Part]) -> None:
    """Leaves open what became of *targets*, whose drop the server refuses."""
    for part in targets:
        if len(part) == 4 and part[0] != "overload":
            table = moment.get(owner(part))
            if isinstance(table, Table):
                moment.put(table.key, replace(table, whole=False))
            continue
        for item in (part, *_automatic(moment, part)):
            moment.doubt(owner(item))


def doubt_resting(moment: Moment, key: Key) -> None:
    """Leaves open what became of a relation that may rest on what is dropped, and of the views on it."""
    todo = [key]
    seen: set[Key] = set()
    while todo:
        one = todo.pop()
        value = moment.get(one)
        if one in seen:
            continue
        seen.add(one)
        if isinstance(value, Table):
            moment.put(one, replace(value, whole=False))
        elif isinstance(value, View):
            todo.extend(moment.resting(one))
            moment.doubt(one, *value.indexes)


def _untyped(moment: Moment, part: Part) -> list[Key]:
    """The tables that may have columns of a type, because they were made from a query."""
    value = moment.get(part)
    keys = moment.resting(part) if isinstance(value, EnumType | OtherType) else ()
    tables = [table for table in map(moment.get, keys) if isinstance(table, Table)]
    return [table.key for table in tables if any(column.type is None for column in table.columns.values())]


def _forget_untyped(moment: Moment, key: Key) -> None:
    """Takes the columns whose type is not told from a table, and leaves open what became of them."""
    table = moment.get(key)
    if isinstance(table, Table):
        columns = {name: column for name, column in table.columns.items() if column.type is not None}
        moment.put(key, replace(table, columns=columns, whole=False))
        for dependent in moment.resting(table.key):
            if isinstance(moment.get(dependent), View):
                doubt_resting(moment, dependent)


# --- Who goes along without being asked for ---


def _add(moment: Moment, parts: Iterable[Part], going: dict[Part, None]) -> None:
    todo = [*parts]
    while todo:
        part = todo.pop()
        if part not in going:
            going[part] = None
            todo.extend(_automatic(moment, part))


def _automatic(moment: Moment, part: Part) -> Iterator[Part]:
    value = moment.get(owner(part))
    if part[0] == "relation" and isinstance(value, Table | View):
        yield from (key for key in sorted(value.indexes) if _is_index_of(moment, key, value.key))
    if isinstance(value, OtherType) and value.kind == "range":
        for key in moment.resting(value.key):
            several = moment.get(key)
            if isinstance(several, OtherType) and several.kind == "multirange" and is_of(several.base, value.key):
                yield key
    if part[0] == "relation" and isinstance(value, Table | View):
        yield from (key for key in moment.resting(value.key) if _owner(moment, key, value.key) is not None)
    if not isinstance(value, Table):
        return
    if part[0] == "relation":
        for column in value.columns.values():
            if column.serial is not None and _owner(moment, column.serial, value.key) is not None:
                yield column.serial
        for key in sorted(value.children):
            child = moment.get(key)
            if isinstance(child, Table) and child.partition and value.key in child.parents:
                yield key
    elif part[0] == "column":
        yield from _parts_of_column(moment, value, part[3])
    elif part[0] == "constraint":
        key = relation_key(part[1], part[3])
        index = moment.get(key)
        if isinstance(index, Index) and index.table == value.key and index.constraint == part[3]:
            yield key


def _parts_of_column(moment: Moment, table: Table, name: str) -> Iterator[Part]:
    column = table.columns.get(name)
    if column is not None and column.serial is not None and _owner(moment, column.serial, table.key) == name:
        yield column.serial
    yield from (key for key in moment.resting(table.key) if _owner(moment, key, table.key) == name)
    for constraint in table.constraints.values():
        if constraint.columns is not None and name in constraint.columns:
            yield ("constraint", *table.key[1:], constraint.name)
    for key in sorted(table.indexes):
        index = moment.get(key)
        if not isinstance(index, Index) or index.table != table.key or index.constraint:
            continue
        if name in (*index.columns, *index.including, *(index.uses or ())):
            yield key


def _owner(moment: Moment, sequence: Key, table: Key) -> str | None:
    """The column of *table* that owns a sequence; None where that is no sequence, or not owned by the table."""
    value = moment.get(sequence)
    return value.owner[1] if isinstance(value, SequenceValue) and value.owner and value.owner[0] == table else None


def _is_index_of(moment: Moment, key: Key, relation: Key) -> bool:
    value = moment.get(key)
    return isinstance(value, Index) and value.table == relation


# --- Who stands in the way, or goes because of CASCADE ---


def _dependents(moment: Moment, part: Part) -> Iterator[Part]:
    """The parts that rest on *part*, as far as the catalog is certain of it."""
    value = moment.get(owner(part))
    if isinstance(value, Table):
        yield from _on_table(moment, value, part)
    elif isinstance(value, View):
        yield from _reading(moment, value.key, None)
        yield from _typed(moment, value.key)
    elif isinstance(value, Index):
        table = moment.get(value.table)
        if isinstance(table, Table) and value.unique and not value.constraint:
            yield from _references(moment, table, value.columns, primary=False)
    elif isinstance(value, SequenceValue):
        for key in sorted({*moment.resting(value.key), *([value.owner[0]] if value.owner is not None else ())}):
            table = moment.get(key)
            for column in table.columns.values() if isinstance(table, Table) else ():
                if _takes_from(column, value):
                    yield ("default", *key[1:], column.name)
    elif isinstance(value, EnumType | OtherType) and part[0] == "type":
        yield from _typed(moment, value.key)
    elif isinstance(value, Routines):
        yield from _calling(moment, value, part)


def _on_table(moment: Moment, table: Table, part: Part) -> Iterator[Part]:
    if part[0] == "relation":
        yield from _reading(moment, table.key, None)
        yield from _typed(moment, table.key)
        for key in moment.resting(table.key):
            other = moment.get(key)
            for constraint in other.constraints.values() if isinstance(other, Table) else ():
                if constraint.kind == "foreign" and constraint.references == table.key:
                    yield ("constraint", *key[1:], constraint.name)
        for key in sorted(table.children):
            child = moment.get(key)
            if isinstance(child, Table) and not child.partition and table.key in child.parents:
                yield key
    elif part[0] == "column":
        name = part[3]
        yield from _reading(moment, table.key, name)
        for column in table.columns.values():
            if column.generated and column.uses is not None and name in column.uses:
                yield ("column", *table.key[1:], column.name)
        for trigger in table.triggers.values():
            if trigger.columns is not None and name in trigger.columns:
                yield ("trigger", *table.key[1:], trigger.name)
        for policy in table.policies.values():
            if policy.columns is not None and name in policy.columns:
                yield ("policy", *table.key[1:], policy.name)
    elif part[0] == "constraint":
        own = table.constraints.get(part[3])
        if own is not None and own.kind in ("primary", "unique") and own.columns:
            yield from _references(moment, table, own.columns, primary=own.kind == "primary")


def _reading(moment: Moment, key: Key, column: str | None) -> Iterator[Part]:
    """The views that read *key*: a column of it, or anything where *column* is None."""
    for dependent in moment.resting(key):
        view = moment.get(dependent)
        if isinstance(view, View) and key in view.reads:
            columns = view.reads[key]
            if column is None or (columns is not None and column in columns):
                yield dependent


def _typed(moment: Moment, key: Key) -> Iterator[Part]:
    """What is of the type *key*, or of the row type of the relation *key*."""
    for dependent in moment.resting(key):
        value = moment.get(dependent)
        if isinstance(value, Table):
            for column in value.columns.values():
                if is_of(column.type, key):
                    yield ("column", *dependent[1:], column.name)
        elif isinstance(value, View):
            if key in value.uses:
                yield dependent
        elif isinstance(value, OtherType):
            if value.kind == "composite" and key in value.uses:
                yield ("attribute", *dependent[1:], "")
            elif value.kind != "multirange" and (is_of(value.base, key) or key in value.uses):
                yield dependent
        elif isinstance(value, Routines):
            for number, routine in enumerate(value.overloads):
                if key in routine.types:
                    yield ("overload", *dependent[1:], str(number))


def _calling(moment: Moment, routines: Routines, part: Part) -> Iterator[Part]:
    number = int(part[3])
    if number >= len(routines.overloads):
        return
    key = owner(part)
    alone = len(routines.overloads) == 1
    for dependent in moment.resting(key):
        value = moment.get(dependent)
        if isinstance(value, Table | View):
            for trigger in value.triggers.values():
                if trigger.routine == key and not routines.overloads[number].arguments:
                    yield ("trigger", *dependent[1:], trigger.name)
        if isinstance(value, Table) and alone:
            yield from _expressions_with(moment, value, key)
        elif isinstance(value, View) and alone and key in value.uses:
            yield dependent


def _expressions_with(moment: Moment, table: Table, routine: Key) -> Iterator[Part]:
    """What calls a function in the policies, defaults, constraints and indexes of a table."""
    for policy in table.policies.values():
        if routine in policy.uses:
            yield ("policy", *table.key[1:], policy.name)
    for column in table.columns.values():
        if _calls(column.default, routine):
            yield ("column" if column.generated else "default", *table.key[1:], column.name)
    for constraint in table.constraints.values():
        if _calls(constraint.expression, routine):
            yield ("constraint", *table.key[1:], constraint.name)
    for key in sorted(table.indexes):
        index = moment.get(key)
        if isinstance(index, Index) and any(_calls(sql, routine) for sql in (*index.expressions, index.predicate)):
            yield key


def _calls(sql: str, routine: Key) -> bool:
    return bool(sql) and re.search(rf"\b{re.escape(routine[2])}\W*\(", sql) is not None


def _takes_from(column: Column, sequence: SequenceValue) -> bool:
    if "nextval" not in column.default.lower():
        return False
    return column.serial == sequence.key or re.search(rf"\b{re.escape(sequence.key[2])}\b", column.default) is not None


def _references(moment: Moment, table: Table, columns: Sequence[str], *, primary: bool) -> Iterator[Part]:
    """The foreign keys that rest on the unique key *columns*, where no other key could be meant."""
    if sum(set(key) == set(columns) for key in _unique_keys(moment, table)) != 1:
        return
    for key in (*moment.resting(table.key), table.key):
        other = moment.get(key)
        for constraint in other.constraints.values() if isinstance(other, Table) else ():
            if _rests_on_key(constraint, table.key, columns, primary=primary):
                yield ("constraint", *key[1:], constraint.name)


def _rests_on_key(constraint: Constraint, table: Key, columns: Sequence[str], *, primary: bool) -> bool:
    if constraint.kind != "foreign" or constraint.references != table:
        return False
    return set(constraint.referenced) == set(columns) if constraint.referenced else primary


def _unique_keys(moment: Moment, table: Table) -> Iterator[tuple[str, ...]]:
    for constraint in table.constraints.values():
        if constraint.kind in ("primary", "unique") and constraint.columns:
            yield constraint.columns
    for key in table.indexes:
        index = moment.get(key)
        if isinstance(index, Index) and index.unique and not index.constraint and not index.predicate:
            yield index.columns


def _needed_by(moment: Moment, part: Part) -> Part | None:
    """What cannot be without *part*: the constraint of an index, the column of an identity's sequence, a range."""
    if part[0] == "trigger":
        return _same_above(moment, part)
    value = moment.get(part) if len(part) == 3 else None
    if isinstance(value, OtherType) and value.kind == "multirange" and value.base is not None:
        return type_key(value.base.schema, value.base.name)
    if isinstance(value, Index) and value.constraint:
        return ("constraint", *value.table[1:], value.constraint)
    if isinstance(value, SequenceValue) and value.identity and value.owner is not None:
        return ("column", *value.owner[0][1:], value.owner[1])
    return None


def _same_above(moment: Moment, part: Part) -> Part | None:
    """The trigger of the partitioned table that one of a partition was made for."""
    table = moment.get(owner(part))
    for key in table.parents if isinstance(table, Table) and table.partition else ():
        parent = moment.get(key)
        trigger = parent.triggers.get(part[3]) if isinstance(parent, Table) else None
        if trigger is not None and trigger.row:
            return ("trigger", *key[1:], part[3])
    return None


def _is_covered(part: Part, going: dict[Part, None]) -> bool:
    if part in going:
        return True
    if len(part) == 4 and part[0] != "overload" and owner(part) in going:
        return True
    return part[0] == "default" and ("column", *part[1:]) in going


def is_of(of: Type | None, key: Key) -> bool:
    """Whether a column's type is that of *key*, an array of it included."""
    return of is not None and (of.schema, of.name) == key[1:]


def _last_overload_first(part: Part) -> int:
    return -int(part[3]) if part[0] == "overload" else 0
