"""The catalog without an object or a part of one.

A part is an object's key, or a part of a table or routine: ("column", schema, table, column), likewise "default",
"constraint", "trigger", "policy" and "rule", and "attribute" of a composite type; ("overload", schema, name, number) is
one routine of a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Gone,
    Index,
    Key,
    Routines,
    Table,
    View,
    comment_key,
    relation_key,
    routine_key,
    type_key,
)

Part = tuple[str, ...]


def owner(part: Part) -> Key:
    """The key of the object that *part* is, or is a part of."""
    if part[0] == "overload":
        return routine_key(part[1], part[2])
    if part[0] == "attribute":
        return type_key(part[1], part[2])
    return relation_key(part[1], part[2]) if len(part) == 4 else part


def remove(moment: Moment, part: Part) -> None:
    """Takes one part out of the catalog, and its traces at those that it belongs to."""
    key = owner(part)
    value = moment.get(key)
    gone = Gone(moment.origin)
    if part[0] == "overload":
        _remove_overload(moment, part)
        return
    if len(part) == 4:
        if isinstance(value, Table):
            moment.put(key, _without(value, part, moment, gone))
            if part[0] == "trigger" and value.kind == "p":
                _remove_from_partitions(moment, value, part[3])
        elif part[0] == "attribute":
            moment.doubt(key)  # which of its columns goes is not told
        elif isinstance(value, View) and part[0] == "trigger":
            moment.put(key, replace(value, triggers={n: t for n, t in value.triggers.items() if n != part[3]}))
        return
    if isinstance(value, Table):
        for parent in value.parents:
            above = moment.get(parent)
            if isinstance(above, Table):
                moment.put(parent, replace(above, children=above.children - {key}))
    elif isinstance(value, Index):
        relation = moment.get(value.table)
        if isinstance(relation, Table | View):
            moment.put(value.table, replace(relation, indexes=relation.indexes - {key}))
    _forget_comments(moment, key, value)
    moment.put(key, gone)


def _remove_overload(moment: Moment, part: Part) -> None:
    key = owner(part)
    value = moment.get(key)
    overloads = value.overloads if isinstance(value, Routines) else ()
    rest = (*overloads[: int(part[3])], *overloads[int(part[3]) + 1 :])
    moment.put(key, Routines(rest) if rest else Gone(moment.origin))


def _without(table: Table, part: Part, moment: Moment, gone: Gone) -> Table:
    kind, name = part[0], part[3]
    if kind == "constraint":
        return replace(table, constraints={n: c for n, c in table.constraints.items() if n != name})
    if kind == "trigger":
        return replace(table, triggers={n: t for n, t in table.triggers.items() if n != name})
    if kind == "policy":
        return replace(table, policies={n: p for n, p in table.policies.items() if n != name})
    if kind == "rule":
        return replace(table, rules={n: r for n, r in table.rules.items() if n != name})
    if kind == "default":
        column = replace(table.columns[name], default="", serial=None, changed=moment.origin)
        return replace(table, columns={**table.columns, name: column})
    columns = {n: c for n, c in table.columns.items() if n != name}
    return replace(table, columns=columns, dropped={**table.dropped, name: gone}, changed=moment.origin)


def _remove_from_partitions(moment: Moment, table: Table, trigger: str) -> None:
    todo = [*table.children]
    while todo:
        child = moment.get(todo.pop())
        if isinstance(child, Table) and child.partition and trigger in child.triggers:
            moment.put(child.key, replace(child, triggers={n: t for n, t in child.triggers.items() if n != trigger}))
            todo += child.children


def _forget_comments(moment: Moment, key: Key, value: object) -> None:
    names: Iterable[str] = value.columns if isinstance(value, Table) else ()
    for about in (comment_key(key), *(comment_key(key, name) for name in names)):
        if moment.get(about) is not None and moment.get(about) is not UNKNOWN:
            moment.put(about, None)
