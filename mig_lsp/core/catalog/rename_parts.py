"""RENAME of what is a part of something: columns, constraints, triggers, policies, rules, attributes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from mig_lsp.core.catalog import moving
from mig_lsp.core.catalog.choosing import (
    DOMAINS_NAME_NOT_NULL,
    TABLES_NAME_NOT_NULL,
    may_be_not_null,
    note_constraint,
    note_not_null,
)
from mig_lsp.core.catalog.fragments import SYSTEM_COLUMNS
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import is_absent, is_present, note_missing
from mig_lsp.core.catalog.type_statements import find_type, note_no_type
from mig_lsp.core.catalog.values import Index, Key, OtherType, Table, Value, View, relation_key
from mig_lsp.core.sql.names import object_name
from mig_lsp.core.sql.nodes import RenameStmt
from mig_lsp.core.sql.parts import Node, RangeVar

_PARTS = {"OBJECT_TRIGGER": "trigger", "OBJECT_POLICY": "policy", "OBJECT_RULE": "rule"}
PARTS = frozenset(_PARTS)
"""The grammar's kinds of what is attached to a table."""


def rename_column(tree: RenameStmt, relation: RangeVar, moment: Moment) -> None:
    """RENAME COLUMN."""
    value = _part_owner(tree, relation, moment)
    if value is None:
        return
    columns = value.columns
    if columns is None:
        return
    if tree.subname not in columns:
        if isinstance(value, View) or value.whole:
            gone = value.dropped.get(tree.subname) if isinstance(value, Table) else None
            moment.object("missing", "column", (tree.subname,), "42703", of=value.key, found=gone)
    elif isinstance(value, Table) and value.columns[tree.subname].inherited:
        detail = "the column is inherited: rename it in the parent"
        moment.object("invalid", "column", (tree.subname,), "42P16", of=value.key, detail=detail)
    elif isinstance(value, Table) and value.children and not relation.inh:
        detail = "children have the column too: rename it without ONLY"
        moment.object("invalid", "column", (tree.subname,), "42P16", of=value.key, detail=detail)
    else:
        taken = _has_column(moment, value, tree.subname, tree.newname)
        if taken is None:
            moving.rename_column(moment, value, tree.subname, tree.newname)
        else:
            moment.object("exists", "column", (tree.newname,), "42701", of=taken)


def _has_column(moment: Moment, value: Table | View, old: str, new: str) -> Key | None:
    """The relation that certainly has a column *new* already: this one, or one that inherits *old* from it."""
    if new in SYSTEM_COLUMNS and (isinstance(value, Table) or value.materialized):
        return value.key
    todo, seen = [value.key], {value.key}
    while todo:
        key = todo.pop()
        one = moment.get(key)
        if isinstance(one, View):
            return key if new in (one.columns or ()) else None
        if isinstance(one, Table) and old in one.columns:
            if new in one.columns and (one.whole or key == value.key):
                return key
            todo.extend(child for child in one.children if child not in seen)
            seen |= one.children
    return None


def rename_attribute(tree: RenameStmt, relation: RangeVar, moment: Moment) -> None:
    """RENAME ATTRIBUTE."""
    key, value = find_type(moment, relation.name)
    if isinstance(value, Table | View):
        rename_column(tree, relation, moment)  # the row type of a relation has its columns
    if not isinstance(value, OtherType) or value.kind != "composite":
        return
    if tree.subname not in value.columns:
        moment.object("missing", "attribute", (tree.subname,), "42703", of=key)
    elif tree.newname in value.columns:
        moment.object("exists", "attribute", (tree.newname,), "42701", of=key)
    else:
        columns = tuple(tree.newname if name == tree.subname else name for name in value.columns)
        moment.put(key, replace(value, columns=columns, changed=moment.origin))


def rename_constraint(tree: RenameStmt, relation: RangeVar, moment: Moment) -> None:
    """RENAME CONSTRAINT of a table."""
    value = _part_owner(tree, relation, moment)
    if value is None:
        return
    if isinstance(value, View) or tree.subname not in value.constraints:
        if moment.setting.version >= TABLES_NAME_NOT_NULL and may_be_not_null(moment, value.key[1], tree.subname):
            note_not_null(moment, value.key, tree.newname)
        elif isinstance(value, View) or value.whole:
            moment.object("missing", "constraint", (tree.subname,), "42704", of=value.key)
    elif value.constraints[tree.subname].inherited:
        detail = "the constraint is inherited: rename it in the parent"
        moment.object("invalid", "constraint", (tree.subname,), "42P16", of=value.key, detail=detail)
    else:
        rename_constraint_of(moment, value, tree.subname, tree.newname)


def rename_constraint_of(moment: Moment, table: Table, old: str, new: str) -> None:
    """Gives a constraint that *table* has another name, and its index with it."""
    index = moment.get(relation_key(table.key[1], old))
    has_index = isinstance(index, Index) and index.constraint == old and index.table == table.key
    taken = moment.get(relation_key(table.key[1], new))
    if has_index and is_present(taken):
        moment.object("exists", "relation", (new,), "42P07", found=taken)
    elif new in table.constraints:
        moment.object("exists", "constraint", (new,), "42710", of=table.key)
    else:
        moving.rename_constraint(moment, table, old, new)


def rename_part(tree: RenameStmt, relation: RangeVar, moment: Moment) -> None:
    """RENAME of a trigger, policy or rule."""
    _, value = moment.relation(relation.name)
    what = _PARTS[tree.rename_type]
    old, new = tree.subname, tree.newname
    if is_absent(value):
        note_missing(moment, "relation", relation.name, "42P01", relation.location, value)
        return
    if is_present(value) and not _can_have(value, what):
        moment.object("wrong-kind", "table", relation.name, "42809", relation.location, found=value)
        return
    if not isinstance(value, Table | View) or (isinstance(value, View) and what != "trigger"):
        return
    has = value.triggers if isinstance(value, View) else _parts(value)[what]
    if old not in has:
        if isinstance(value, View) or value.whole:
            moment.object("missing", what, (old,), "42704", of=value.key)
    elif new in has and not (what == "trigger" and new == old):  # the server lets a trigger be called as it is
        moment.object("exists", what, (new,), "42710", of=value.key)
    elif what == "trigger":
        triggers = {new if n == old else n: replace(t, name=new) if n == old else t for n, t in value.triggers.items()}
        moment.put(value.key, replace(value, triggers=triggers))
    elif isinstance(value, Table) and what == "policy":
        policies = {new if n == old else n: replace(p, name=new) if n == old else p for n, p in value.policies.items()}
        moment.put(value.key, replace(value, policies=policies))
    elif isinstance(value, Table):
        moment.put(value.key, replace(value, rules={new if n == old else n: r for n, r in value.rules.items()}))


def _can_have(value: Value, what: str) -> bool:
    """Whether a relation can have triggers, policies or rules at all."""
    if isinstance(value, View):
        return what == "rule" or (what == "trigger" and not value.materialized)
    return isinstance(value, Table)


def _parts(table: Table) -> dict[str, Collection[str]]:
    return {"trigger": table.triggers, "policy": table.policies, "rule": table.rules}


def rename_domain_constraint(tree: RenameStmt, of: Node, moment: Moment) -> None:
    """RENAME CONSTRAINT of a domain."""
    name = object_name(of)
    key, value = find_type(moment, name)
    if is_absent(value):
        note_no_type(moment, name)
    elif not isinstance(value, OtherType) or value.kind != "domain":
        if is_present(value):
            moment.object("wrong-kind", "domain", name, "42809", found=value)
    elif tree.subname not in value.constraints:
        if moment.setting.version >= DOMAINS_NAME_NOT_NULL and may_be_not_null(moment, key[1], tree.subname):
            note_not_null(moment, key, tree.newname)
        else:
            moment.object("missing", "constraint", (tree.subname,), "42704", of=key)
    elif tree.newname in value.constraints:
        moment.object("exists", "constraint", (tree.newname,), "42710", of=key)
    else:
        names = value.constraints - {tree.subname} | {tree.newname}
        note_constraint(moment, key, tree.newname)
        moment.put(key, replace(value, constraints=names, changed=moment.origin))


def _part_owner(tree: RenameStmt, relation: RangeVar, moment: Moment) -> Table | View | None:
    _, value = moment.relation(relation.name)
    if is_absent(value):
        if not tree.missing_ok:
            note_missing(moment, "relation", relation.name, "42P01", relation.location, value)
        return None
    if isinstance(value, Table | View):
        return value
    return None
