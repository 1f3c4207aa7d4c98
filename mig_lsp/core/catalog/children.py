"""What happens to the tables below a table that ALTER TABLE changes: partitions, and tables that inherit."""

from __future__ import annotations

from dataclasses import replace

from mig_lsp.core.catalog.copying import doubt_partition_indexes
from mig_lsp.core.catalog.dropping import drop
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import Column, Constraint, Index, Table


def pass_on(moment: Moment, before: Table, after: Table) -> None:
    """Changes all tables below *before* like it has become *after*; what is not told of them becomes open."""
    same = before.columns == after.columns and before.constraints == after.constraints
    if same and before.indexes == after.indexes:
        return
    new = [index for index in map(moment.get, sorted(after.indexes - before.indexes)) if isinstance(index, Index)]
    if new:
        doubt_partition_indexes(moment, after, new)
    gone = sorted(before.columns.keys() - after.columns.keys())
    todo, seen = [*before.children], {before.key}
    while todo:
        key = todo.pop()
        child = moment.get(key)
        if key in seen or not isinstance(child, Table):
            continue
        seen.add(key)
        inherited = [name for name in gone if name in child.columns and child.columns[name].inherited]
        if inherited:
            drop(moment, [("column", *key[1:], name) for name in inherited], cascade=True)
            left = moment.get(key)
            child = left if isinstance(left, Table) else child
        todo += child.children
        columns = _columns(child, before, after)
        constraints = _constraints(child, before, after)
        moment.put(
            key,
            replace(
                child,
                changed=moment.origin,
                columns=columns,
                constraints=constraints,
                whole=child.whole and after.whole and _is_told(child, before, after),
            ),
        )


def _columns(child: Table, before: Table, after: Table) -> dict[str, Column]:
    columns = dict(child.columns)
    for name, new in after.columns.items():
        old, own = before.columns.get(name), columns.get(name)
        if own is None and old is None:
            columns[name] = replace(new, inherited=True, serial=None)
        elif own is not None and old is not None and old != new:
            changed = own
            if old.type != new.type:
                changed = replace(changed, type=new.type)
            if old.not_null != new.not_null:
                changed = replace(changed, not_null=new.not_null or own.not_null)
            if old.default != new.default:
                changed = replace(changed, default=new.default)
            columns[name] = changed
        elif own is not None and old is None:
            columns[name] = replace(own, inherited=True)
    return columns


def _constraints(child: Table, before: Table, after: Table) -> dict[str, Constraint]:
    constraints = dict(child.constraints)
    for name, new in after.constraints.items():
        if new.kind == "check" and name not in before.constraints:
            constraints[name] = replace(new, inherited=True)
    for name in before.constraints.keys() - after.constraints.keys():
        own = constraints.get(name)
        if own is not None and own.inherited:
            del constraints[name]
    if child.partition and _keys(before) != _keys(after):
        constraints = {name: own for name, own in constraints.items() if own.kind == "check" or not own.inherited}
    return constraints


def _keys(table: Table) -> set[str]:
    return {name for name, one in table.constraints.items() if one.kind != "check"}


def _is_told(child: Table, before: Table, after: Table) -> bool:
    """Whether the child has no keys and indexes of its own that come and go with those of its parent."""
    if not child.partition:
        return before.columns.keys() <= after.columns.keys()
    return _keys(before) == _keys(after) and before.indexes == after.indexes
