"""What happens to the tables below a table that ALTER TABLE changes: partitions, and tables that inherit."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from mig_lsp.core.catalog.choosing import TABLES_NAME_NOT_NULL
from mig_lsp.core.catalog.copying import doubt_partition_indexes
from mig_lsp.core.catalog.dropping import drop
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import rest
from mig_lsp.core.catalog.resting import rest_expressions
from mig_lsp.core.catalog.values import Column, Constraint, Index, Key, Table, Trigger

Part = TypeVar("Part", Column, Constraint)


def pass_on(moment: Moment, before: Table, after: Table, *, cascade: bool) -> None:
    """Changes all tables below *before* like it has become *after*; what is not told of them becomes open."""
    if not _differ(before, after) and before.indexes == after.indexes:
        return
    new = [index for index in map(moment.get, sorted(after.indexes - before.indexes)) if isinstance(index, Index)]
    if new:
        doubt_partition_indexes(moment, after, new)
    for key in _below(moment, before):
        child = moment.get(key)
        if not isinstance(child, Table):
            continue
        _object_to_names(moment, child, before, after)
        columns, going = _columns(moment, child, before, after)
        constraints = _constraints(moment, child, before, after)
        told = child.whole and after.whole and _is_told(moment, child, before, after)
        heir = replace(child, changed=moment.origin, columns=columns, constraints=constraints, whole=told)
        moment.put(key, heir)
        rest_expressions(moment, heir)
        refusal = drop(moment, [("column", *key[1:], name) for name in going], cascade=cascade) if going else None
        if refusal is not None:
            moment.object("dependent", "column", (going[0],), "2BP01", of=before.key, by=refusal.by)


def let_go(moment: Moment, before: Table, after: Table) -> None:
    """ALTER TABLE ONLY: what the tables right below keep when it is gone above; notes what has to reach them too."""
    if not _differ(before, after):
        return
    wrong = [(name, "a new column") for name in after.columns if name not in before.columns]
    wrong += [
        (name, "the type of an inherited column")
        for name, column in after.columns.items()
        if name in before.columns and before.columns[name].type != column.type
    ]
    wrong += [(each.name, "a new constraint") for each in _checks(after) if each.name not in before.constraints]
    gone = [name for name in before.columns if name not in after.columns]
    if before.kind == "p":
        wrong += [(name, "the drop of a column") for name in gone]
    if wrong:
        (name, what), *_ = wrong
        detail = f"{what} must reach the tables below too"
        moment.object("invalid", "column", (name,), "42P16", of=before.key, detail=detail)
        return
    lost = [each.name for each in _checks(before) if each.name not in after.constraints]
    for key in sorted(before.children):
        child = moment.get(key)
        if isinstance(child, Table):
            columns = {name: _kept(one, child, moment) if name in gone else one for name, one in child.columns.items()}
            constraints = {
                name: _kept(one, child, moment) if name in lost else one for name, one in child.constraints.items()
            }
            moment.put(key, replace(child, columns=columns, constraints=constraints))


def pass_on_trigger(moment: Moment, table: Table, trigger: Trigger) -> None:
    """Gives a trigger that fires for each row to all partitions of *table*."""
    for key in _below(moment, table):
        child = moment.get(key)
        if not isinstance(child, Table) or not child.partition:
            continue
        if trigger.name in child.triggers and trigger.name not in table.triggers:
            moment.object("exists", "trigger", (trigger.name,), "42710", of=key, found=child)
            return
        moment.put(key, replace(child, triggers={**child.triggers, trigger.name: trigger}))
        rest(moment, trigger.routine, key)


def is_below(moment: Moment, key: Key, top: Key) -> bool:
    """Whether the table *key* is *top*, or below it."""
    value = moment.get(top)
    return key == top or (isinstance(value, Table) and key in _below(moment, value))


def released(part: Part, remains: bool) -> Part:
    """An inherited column or constraint that a parent has no more; *remains* tells whether another one has it."""
    return replace(part, inherited=remains, own=part.own or not remains)


def _kept(part: Part, child: Table, moment: Moment) -> Part:
    return replace(released(part, _is_above(moment, child, part.name)), own=True)


def _below(moment: Moment, top: Table) -> list[Key]:
    """The keys of all tables below *top*, each behind all of its parents that are among them."""
    found: dict[Key, None] = {}
    seen = {top.key}
    stack: list[tuple[Key, bool]] = [(key, False) for key in sorted(top.children)]
    while stack:
        key, is_done = stack.pop()
        if is_done:
            found[key] = None
        elif key not in seen:
            seen.add(key)
            value = moment.get(key)
            stack.append((key, True))
            if isinstance(value, Table):
                stack += [(child, False) for child in sorted(value.children)]
    return [*reversed(found)]


def _differ(before: Table, after: Table) -> bool:
    return before.columns != after.columns or before.constraints != after.constraints


def _checks(table: Table) -> list[Constraint]:
    return [one for one in table.constraints.values() if one.kind == "check" and one.heritable]


def _is_above(moment: Moment, child: Table, name: str) -> bool:
    """Whether a parent has a column or check of that name."""
    for key in child.parents:
        parent = moment.get(key)
        if isinstance(parent, Table) and (name in parent.columns or name in parent.constraints):
            return True
    return False


def _object_to_names(moment: Moment, child: Table, before: Table, after: Table) -> None:
    """Notes a new check that cannot be merged with the constraint of that name below."""
    for new in _checks(after):
        own = child.constraints.get(new.name)
        if new.name not in before.constraints and own is not None and own.kind != "check":
            moment.object("exists", "constraint", (new.name,), "42710", of=child.key, found=child)


def _columns(moment: Moment, child: Table, before: Table, after: Table) -> tuple[dict[str, Column], list[str]]:
    """The columns of a child, and the names of those that are to be dropped."""
    columns = dict(child.columns)
    going = []
    for name, new in after.columns.items():
        old, own = before.columns.get(name), columns.get(name)
        if own is None and old is None:
            columns[name] = replace(new, inherited=True, own=False, serial=None)
        elif own is not None and old is not None and old != new:
            changed = own
            if old.type != new.type:
                changed = replace(changed, type=new.type)
            if old.not_null != new.not_null:
                changed = replace(changed, not_null=new.not_null)
            if old.default != new.default:
                changed = replace(changed, default=new.default)
            columns[name] = changed
        elif own is not None and old is None:
            columns[name] = replace(own, inherited=True)
    for name in before.columns:
        own = columns.get(name)
        if name in after.columns or own is None or not own.inherited:
            continue
        if own.own or _is_above(moment, child, name):
            columns[name] = released(own, _is_above(moment, child, name))
        else:
            going.append(name)
    return columns, going


def _constraints(moment: Moment, child: Table, before: Table, after: Table) -> dict[str, Constraint]:
    constraints = dict(child.constraints)
    for new in _checks(after):
        old, own = before.constraints.get(new.name), constraints.get(new.name)
        if own is None and old is None:
            constraints[new.name] = replace(new, inherited=True, own=False)
        elif own is not None and own.kind == "check" and (old is None or old.valid != new.valid):
            constraints[new.name] = replace(own, inherited=True, valid=own.valid or new.valid)
    for name in before.constraints.keys() - after.constraints.keys():
        own = constraints.get(name)
        if own is None or not own.inherited or own.kind != "check":
            continue
        if own.own or _is_above(moment, child, name):
            constraints[name] = released(own, _is_above(moment, child, name))
        else:
            del constraints[name]
    if child.partition and _keys(before) != _keys(after):
        constraints = {name: own for name, own in constraints.items() if own.kind == "check" or not own.inherited}
    return constraints


def _keys(table: Table) -> set[str]:
    return {name for name, one in table.constraints.items() if one.kind != "check"}


def _is_told(moment: Moment, child: Table, before: Table, after: Table) -> bool:
    """Whether nothing of the child comes or goes with what its parent has that the catalog does not keep of it."""
    if moment.setting.version >= TABLES_NAME_NOT_NULL:
        # A NOT NULL that the child was given itself stays there when that of its parent goes.
        for name, column in child.columns.items():
            was, now = before.columns.get(name), after.columns.get(name)
            if column.not_null and was is not None and now is not None and was.not_null and not now.not_null:
                return False
    return not child.partition or (_keys(before) == _keys(after) and before.indexes == after.indexes)
