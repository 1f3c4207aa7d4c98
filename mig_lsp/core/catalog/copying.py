"""What a new table takes over from others: LIKE, INHERITS, PARTITION OF."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mig_lsp.core.catalog.choosing import choose_constraint, choose_relation, joined, note_constraint, numbered
from mig_lsp.core.catalog.columns import identity, link_type
from mig_lsp.core.catalog.draft import Draft, named_relation, object_to_missing
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import rest
from mig_lsp.core.catalog.resting import rest_on_called
from mig_lsp.core.catalog.values import UNKNOWN, Column, Gone, Index, Table, View, relation_key
from mig_lsp.core.sql import parts

_CONSTRAINTS, _DEFAULTS, _GENERATED, _IDENTITY, _INDEXES = 4, 8, 16, 32, 64


def copy_columns(draft: Draft, like: parts.TableLikeClause) -> None:
    """LIKE: the columns of another relation, and what INCLUDING says besides."""
    moment = draft.moment
    name = like.relation.name
    key, source = named_relation(moment, like.relation)
    if source is None or isinstance(source, Gone):
        object_to_missing(moment, like.relation, "table", source)
        draft.whole = False
        return
    if isinstance(source, View) and source.columns is not None:
        for column in source.columns:
            _copy(draft, Column(column, None, moment.origin, moment.origin), like)
        return
    if not isinstance(source, Table):
        if source is not UNKNOWN and not isinstance(source, View):
            moment.object("wrong-kind", "table", name, "42809", like.relation.location, found=source)
        draft.whole = False
        return
    draft.whole = draft.whole and source.whole
    for each in source.columns.values():
        _copy(draft, each, like)
    if like.options & _CONSTRAINTS:
        for constraint in source.constraints.values():
            if constraint.kind == "check" and constraint.name not in draft.constraints:
                draft.constraints[constraint.name] = replace(
                    constraint, made=moment.origin, inherited=False, own=True, valid=True
                )
                rest_on_called(moment, draft.key, constraint.expression)
                note_constraint(moment, draft.key, constraint.name)
    if like.options & _INDEXES:
        draft.copied.append(key)


def inherit(draft: Draft, relation: parts.RangeVar, *, is_partition: bool) -> None:
    """INHERITS and PARTITION OF: the columns and checks of a parent."""
    moment = draft.moment
    key, parent = named_relation(moment, relation)
    if parent is None or isinstance(parent, Gone):
        object_to_missing(moment, relation, "table", parent)
    elif parent is not UNKNOWN and not isinstance(parent, Table):
        moment.object("wrong-kind", "table", relation.name, "42809", relation.location, found=parent)
    if not isinstance(parent, Table):
        draft.whole = False
        return
    if is_partition and parent.kind != "p":
        detail = f"table {relation.relname} is not partitioned"
        moment.object("invalid", "table", relation.name, "42P17", relation.location, found=parent, detail=detail)
        draft.whole = False
        return
    if not is_partition and parent.kind == "p":
        detail = f"cannot inherit from partitioned table {relation.relname}"
        moment.object("wrong-kind", "table", relation.name, "42809", relation.location, found=parent, detail=detail)
        draft.whole = False
        return
    if not is_partition and (parent.partition or key in draft.table.parents):
        again = key in draft.table.parents
        sqlstate = "42P07" if again else "42809"
        detail = f"cannot inherit from {relation.relname}" + (" twice" if again else ", which is a partition")
        moment.object("invalid", "table", relation.name, sqlstate, relation.location, found=parent, detail=detail)
        draft.whole = False
        return
    draft.whole = draft.whole and parent.whole
    draft.table = replace(draft.table, parents=(*draft.table.parents, key), partition=is_partition)
    for column in parent.columns.values():
        known = draft.columns.get(column.name)
        new = known or replace(column, serial=None, identity=column.identity if is_partition else "")
        not_null = new.not_null or column.not_null
        draft.columns[column.name] = replace(new, made=moment.origin, inherited=True, own=False, not_null=not_null)
        link_type(moment, column.type, draft.key)
        rest_on_called(moment, draft.key, new.default)
    for constraint in parent.constraints.values():
        if constraint.kind == "check" and constraint.heritable:
            draft.constraints[constraint.name] = replace(constraint, made=moment.origin, inherited=True, own=False)
            note_constraint(moment, draft.key, constraint.name)
            rest_on_called(moment, draft.key, constraint.expression)
    if is_partition:
        copy_triggers(draft, parent)
    moment.put(key, replace(parent, children=parent.children | {draft.key}))


def copy_triggers(draft: Draft, parent: Table) -> None:
    """What a partition takes over: the triggers of its parent that fire for each row."""
    triggers = {name: replace(one, made=draft.moment.origin) for name, one in parent.triggers.items() if one.row}
    draft.table = replace(draft.table, triggers={**draft.table.triggers, **triggers})
    for trigger in triggers.values():
        rest(draft.moment, trigger.routine, draft.key)


def copy_indexes(draft: Draft, source: Table | View, *, inherited: bool) -> None:
    """The indexes and keys of another table under names that PostgreSQL chooses; of a parent its foreign keys too."""
    moment, schema, table = draft.moment, draft.key[1], draft.key[2]
    found = [value for value in map(moment.get, sorted(source.indexes)) if isinstance(value, Index)]
    for index in sorted(found, key=_age):
        label = _label(source, index)
        middle = "" if label == "pkey" else joined(numbered((*index.names, *index.including)))
        others = draft.constraints if index.constraint else None
        name = choose_relation(moment, schema, table, middle, label, others)
        key = relation_key(schema, name)
        constraint = name if index.constraint else ""
        if inherited:
            moment.doubt(key)  # it comes and goes with that of the parent
        else:
            moment.put(key, replace(index, key=key, made=moment.origin, table=draft.key, constraint=constraint))
            rest_on_called(moment, draft.key, *index.expressions, index.predicate)
        draft.indexes.add(key)
        if constraint and isinstance(source, Table) and index.constraint in source.constraints:
            old = source.constraints[index.constraint]
            draft.constraints[name] = replace(old, name=name, made=moment.origin, inherited=inherited)
            note_constraint(moment, draft.key, name)
    for old in source.constraints.values() if inherited and isinstance(source, Table) else ():
        if old.kind != "foreign":
            continue
        name = old.name
        if name in draft.constraints:
            name = choose_constraint(moment, schema, table, joined(old.columns or ()), "fkey", draft.constraints)
        draft.constraints[name] = replace(old, name=name, made=moment.origin, inherited=True)
        target = moment.get(old.references) if old.references else None
        if isinstance(target, Table):
            rest(moment, target.key, draft.key)


def doubt_partition_indexes(moment: Moment, table: Table, indexes: Iterable[Index]) -> None:
    """Leaves open what the partitions of *table* have under the names that PostgreSQL chooses for such indexes."""
    todo, seen = [*table.children], {table.key}
    while todo:
        child = moment.get(todo.pop())
        if not isinstance(child, Table) or child.key in seen or not child.partition:
            continue
        seen.add(child.key)
        todo += child.children
        for index in indexes:
            label = _label(table, index)
            middle = "" if label == "pkey" else joined(numbered((*index.names, *index.including)))
            name = choose_relation(moment, child.key[1], child.key[2], middle, label)
            moment.doubt(relation_key(child.key[1], name))
        moment.put(child.key, replace(child, whole=False))


def _copy(draft: Draft, column: Column, like: parts.TableLikeClause) -> None:
    moment = draft.moment
    if column.name in draft.columns:
        moment.object("exists", "column", (column.name,), "42701", like.relation.location, of=draft.key)
        return
    new = Column(column.name, column.type, moment.origin, moment.origin, not_null=column.not_null)
    if column.generated and like.options & _GENERATED:
        new = replace(new, generated=True, default=column.default, uses=column.uses)
    elif not column.generated and like.options & _DEFAULTS:
        new = replace(new, default=column.default)
    if column.identity and like.options & _IDENTITY:
        new = replace(new, identity=column.identity, serial=identity(draft, new, ()))
    draft.columns[column.name] = new
    rest_on_called(moment, draft.key, new.default)
    link_type(moment, column.type, draft.key)


def _label(relation: Table | View, index: Index) -> str:
    """The end of the name that PostgreSQL chooses for a copy of the index."""
    constraint = relation.constraints.get(index.constraint) if isinstance(relation, Table) else None
    return _LABELS.get(constraint.kind, "key") if constraint is not None else "key" if index.constraint else "idx"


_LABELS = {"primary": "pkey", "exclude": "excl"}


def _age(index: Index) -> tuple[bool, bool, tuple[str, ...]]:
    return (not index.constraint.endswith("pkey"), not index.constraint, index.key)
