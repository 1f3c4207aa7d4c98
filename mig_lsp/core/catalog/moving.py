"""The catalog with an object under another name: whoever names it follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mig_lsp.core.catalog.choosing import note_constraint
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import keys_of_type, rest
from mig_lsp.core.catalog.resting import rest_expressions
from mig_lsp.core.catalog.values import (
    Constraint,
    EnumType,
    Gone,
    Index,
    Key,
    OtherType,
    Routines,
    Sequence,
    Table,
    Type,
    Value,
    View,
    comment_key,
    relation_key,
)


def move_relation(moment: Moment, value: Table | View | Index | Sequence, new: Key) -> None:
    """Renames a relation, or moves it to another schema along with its indexes and the sequences that it owns."""
    old = value.key
    moment.put(old, Gone(moment.origin, new))
    _move_comments(moment, old, new, value.columns if isinstance(value, Table) else ())
    if isinstance(value, Table):
        _move_table(moment, value, new)
    elif isinstance(value, View):
        moment.put(new, replace(value, key=new, changed=moment.origin))
        for on in (*value.reads, *value.uses):
            rest(moment, on, new)
        _move_dependents(moment, old, new)
        _move_indexes(moment, value.indexes, old, new)
    elif isinstance(value, Index):
        moment.put(new, replace(value, key=new))
        relation = moment.get(value.table)
        if isinstance(relation, Table | View):
            moment.put(value.table, replace(relation, indexes=relation.indexes - {old} | {new}))
    else:
        moment.put(new, replace(value, key=new))
        if value.owner is not None:
            rest(moment, value.owner[0], new)
            _change_serial(moment, value.owner, old, new)


def move_type(moment: Moment, value: EnumType | OtherType, new: Key) -> None:
    """Renames a type, or moves it to another schema."""
    old = value.key
    moment.put(old, Gone(moment.origin, new))
    moment.put(new, replace(value, key=new, changed=moment.origin))
    _move_comments(moment, old, new, ())
    _retype(moment, old, new)
    if isinstance(value, OtherType):
        for name in sorted(value.constraints):
            note_constraint(moment, new, name)
        for on in value.uses:
            rest(moment, on, new)


def move_routine(moment: Moment, old: Key, number: int, new: Key) -> None:
    """Renames one of the routines of a name, or moves it to another schema."""
    value, there = moment.get(old), moment.get(new)
    if not isinstance(value, Routines):
        return
    routine = replace(value.overloads[number], changed=moment.origin)
    others = (*value.overloads[:number], *value.overloads[number + 1 :])
    moment.put(old, Routines(others) if others else Gone(moment.origin, new))
    moment.put(new, Routines((*(there.overloads if isinstance(there, Routines) else ()), routine)))
    for key in moment.resting(old):
        rest(moment, new, key)
        user = moment.get(key)
        if isinstance(user, Table | View):
            if not routine.arguments:
                triggers = {
                    name: replace(one, routine=new) if one.routine == old else one
                    for name, one in user.triggers.items()
                }
                user = replace(user, triggers=triggers)
            if isinstance(user, Table) and not others:
                policies = {
                    name: replace(one, uses=_swapped(one.uses, old, new)) for name, one in user.policies.items()
                }
                user = replace(user, policies=policies)
            elif isinstance(user, View) and not others:
                user = replace(user, uses=_swapped(user.uses, old, new))
            moment.put(key, user)
    for on in routine.types:
        rest(moment, on, new)


def rename_column(moment: Moment, value: Table | View, old: str, new: str) -> None:
    """Renames a column: keys, indexes, triggers, policies, views and heirs follow."""
    todo: list[Key] = [value.key]
    while todo:
        key = todo.pop()
        relation = moment.get(key)
        if isinstance(relation, Table) and old in relation.columns:
            _rename_in_table(moment, relation, old, new)
            todo.extend(relation.children)
        elif isinstance(relation, View) and relation.columns is not None:
            moment.put(key, replace(relation, columns=_renamed(relation.columns, old, new), changed=moment.origin))
            _rename_in_indexes(moment, relation.indexes, key, old, new)
            _rename_in_readers(moment, key, old, new)


def rename_constraint(moment: Moment, table: Table, old: str, new: str) -> None:
    """Renames a constraint and the index that belongs to it; heirs follow."""
    todo: list[Key] = [table.key]
    while todo:
        key = todo.pop()
        value = moment.get(key)
        if not isinstance(value, Table) or old not in value.constraints:
            continue
        constraints = {
            new if name == old else name: replace(one, name=new) if name == old else one
            for name, one in value.constraints.items()
        }
        if value.constraints[old].kind == "check":
            todo.extend(value.children)
        moment.put(key, replace(value, constraints=constraints, changed=moment.origin))
        note_constraint(moment, key, new)
        index = moment.get(relation_key(key[1], old))
        if isinstance(index, Index) and index.table == key and index.constraint == old:
            renamed = relation_key(key[1], new)
            move_relation(moment, replace(index, constraint=new), renamed)


# --- Relations ---


def _move_table(moment: Moment, value: Table, new: Key) -> None:
    old = value.key
    constraints = {
        name: replace(one, references=new) if one.references == old else one for name, one in value.constraints.items()
    }
    columns = {name: replace(column, type=_typed(column.type, old, new)) for name, column in value.columns.items()}
    moment.put(new, replace(value, key=new, changed=moment.origin, constraints=constraints, columns=columns))
    _move_indexes(moment, value.indexes, old, new)
    for column in value.columns.values():
        sequence = moment.get(column.serial) if column.serial is not None else None
        if isinstance(sequence, Sequence) and sequence.owner == (old, column.name):
            moment.put(sequence.key, replace(sequence, owner=(new, column.name)))
            if old[1] != new[1]:
                move_relation(
                    moment, replace(sequence, owner=(new, column.name)), relation_key(new[1], sequence.key[2])
                )
        for on in keys_of_type(moment, column.type):
            rest(moment, on, new)
    for constraint in value.constraints.values():
        note_constraint(moment, new, constraint.name)
        if constraint.references is not None:
            rest(moment, constraint.references, new)
    rest_expressions(moment, replace(value, key=new))
    for trigger in value.triggers.values():
        rest(moment, trigger.routine, new)
    for policy in value.policies.values():
        for on in policy.uses:
            rest(moment, on, new)
    for key in value.parents:
        parent = moment.get(key)
        if isinstance(parent, Table):
            moment.put(key, replace(parent, children=_swapped(parent.children, old, new)))
    for key in value.children:
        child = moment.get(key)
        if isinstance(child, Table):
            moment.put(key, replace(child, parents=tuple(new if one == old else one for one in child.parents)))
    _move_dependents(moment, old, new)


def _move_dependents(moment: Moment, old: Key, new: Key) -> None:
    for key in moment.resting(old):
        value = moment.get(key)
        if isinstance(value, View) and old in value.reads:
            reads = {new if on == old else on: columns for on, columns in value.reads.items()}
            _change(moment, key, replace(value, reads=reads))
        elif isinstance(value, Sequence) and value.owner is not None and value.owner[0] == old:
            owned = replace(value, owner=(new, value.owner[1]))
            _change(moment, key, owned)
            if old[1] != new[1]:
                move_relation(moment, owned, relation_key(new[1], key[2]))
        elif isinstance(value, Table):
            constraints = {
                name: replace(one, references=new) if one.references == old else one
                for name, one in value.constraints.items()
            }
            _change(moment, key, replace(value, constraints=constraints))
    _retype(moment, old, new)


def _retype(moment: Moment, old: Key, new: Key) -> None:
    """Those who have the type *old*, or rows of the relation *old*, have *new*."""
    for key in moment.resting(old):
        rest(moment, new, key)
        value = moment.get(key)
        if isinstance(value, Table):
            columns = {name: replace(one, type=_typed(one.type, old, new)) for name, one in value.columns.items()}
            _change(moment, key, replace(value, columns=columns))
        elif isinstance(value, View):
            _change(moment, key, replace(value, uses=_swapped(value.uses, old, new)))
        elif isinstance(value, OtherType):
            base = _typed(value.base, old, new)
            _change(moment, key, replace(value, base=base, uses=_swapped(value.uses, old, new)))
        elif isinstance(value, Routines):
            overloads = tuple(
                replace(
                    one,
                    arguments=tuple(_typed(of, old, new) for of in one.arguments),
                    types=_swapped(one.types, old, new),
                    returns="" if old in one.types else one.returns,
                )
                for one in value.overloads
            )
            _change(moment, key, Routines(overloads))


def _change(moment: Moment, key: Key, value: Value) -> None:
    """Leaves *value* where it is another one: what stays the same is no news for anybody."""
    if moment.get(key) != value:
        moment.put(key, value)


def _move_indexes(moment: Moment, indexes: Iterable[Key], old: Key, new: Key) -> None:
    for key in sorted(indexes):
        index = moment.get(key)
        if not isinstance(index, Index) or index.table != old:
            continue
        moved = replace(index, table=new)
        moment.put(key, moved)
        if old[1] != new[1]:
            move_relation(moment, moved, relation_key(new[1], key[2]))


def _change_serial(moment: Moment, owner: tuple[Key, str], old: Key, new: Key) -> None:
    table = moment.get(owner[0])
    if isinstance(table, Table) and owner[1] in table.columns and table.columns[owner[1]].serial == old:
        column = replace(table.columns[owner[1]], serial=new)
        moment.put(owner[0], replace(table, columns={**table.columns, column.name: column}))


def _move_comments(moment: Moment, old: Key, new: Key, columns: Iterable[str]) -> None:
    for part in ((), *((name,) for name in columns)):
        comment = moment.get(comment_key(old, *part))
        if comment is not None:
            moment.put(comment_key(old, *part), None)
            moment.put(comment_key(new, *part), comment)


# --- Columns ---


def _rename_in_table(moment: Moment, table: Table, old: str, new: str) -> None:
    columns = {}
    for name, column in table.columns.items():
        uses = None if column.uses is None else _renamed(column.uses, old, new)
        if name == old:
            column = replace(column, name=new, changed=moment.origin)
        columns[column.name] = replace(column, uses=uses)
    constraints = {name: _with_column(one, table.key, old, new) for name, one in table.constraints.items()}
    triggers = {
        name: one if one.columns is None else replace(one, columns=_renamed(one.columns, old, new))
        for name, one in table.triggers.items()
    }
    policies = {
        name: one if one.columns is None else replace(one, columns=_renamed(one.columns, old, new))
        for name, one in table.policies.items()
    }
    moment.put(
        table.key,
        replace(
            table,
            columns=columns,
            constraints=constraints,
            triggers=triggers,
            policies=policies,
            partition_key=_renamed(table.partition_key, old, new),
            dropped={**table.dropped, old: Gone(moment.origin, ("column", new))},
            changed=moment.origin,
        ),
    )
    column = columns[new]
    sequence = moment.get(column.serial) if column.serial is not None else None
    if isinstance(sequence, Sequence) and sequence.owner == (table.key, old):
        moment.put(sequence.key, replace(sequence, owner=(table.key, new)))
    comment = moment.get(comment_key(table.key, old))
    if comment is not None:
        moment.put(comment_key(table.key, old), None)
        moment.put(comment_key(table.key, new), comment)
    _rename_in_indexes(moment, table.indexes, table.key, old, new)
    _rename_in_readers(moment, table.key, old, new)


def _with_column(constraint: Constraint, table: Key, old: str, new: str) -> Constraint:
    columns = None if constraint.columns is None else _renamed(constraint.columns, old, new)
    values: Mapping[str, frozenset[str]] = {new if n == old else n: v for n, v in constraint.values.items()}
    referenced = constraint.referenced
    if constraint.references == table:
        referenced = _renamed(referenced, old, new)
    return replace(constraint, columns=columns, values=values, referenced=referenced)


def _rename_in_indexes(moment: Moment, indexes: Iterable[Key], relation: Key, old: str, new: str) -> None:
    for key in sorted(indexes):
        index = moment.get(key)
        if isinstance(index, Index) and index.table == relation:
            moment.put(
                key,
                replace(
                    index,
                    columns=_renamed(index.columns, old, new),
                    including=_renamed(index.including, old, new),
                    uses=None if index.uses is None else _renamed(index.uses, old, new),
                ),
            )


def _rename_in_readers(moment: Moment, relation: Key, old: str, new: str) -> None:
    for key in moment.resting(relation):
        value = moment.get(key)
        if isinstance(value, View):
            columns = value.reads.get(relation)
            if columns is not None and old in columns:
                _change(moment, key, replace(value, reads={**value.reads, relation: columns - {old} | {new}}))
        elif isinstance(value, Sequence) and value.owner == (relation, old):
            _change(moment, key, replace(value, owner=(relation, new)))
        elif isinstance(value, Table) and key != relation:
            constraints = {
                name: replace(one, referenced=_renamed(one.referenced, old, new)) if one.references == relation else one
                for name, one in value.constraints.items()
            }
            _change(moment, key, replace(value, constraints=constraints))


def _renamed(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if name == old else name for name in names)


def _swapped(keys: frozenset[Key], old: Key, new: Key) -> frozenset[Key]:
    return keys - {old} | {new} if old in keys else keys


def _typed(of: Type | None, old: Key, new: Key) -> Type | None:
    return of if of is None or (of.schema, of.name) != old[1:] else of._replace(schema=new[1], name=new[2])
