"""RENAME, SET SCHEMA and OWNER TO of every kind of object."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from mig_lsp.core.catalog.drops import NAMED, RELATIONS, is_kind, named_key
from mig_lsp.core.catalog.fragments import SYSTEM_COLUMNS
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.moving import move_relation, move_routine, move_type, rename_column, rename_constraint
from mig_lsp.core.catalog.places import check_role, is_absent, is_present, note_missing, schema_exists
from mig_lsp.core.catalog.routines import ROUTINES, find_routine, is_same, meant
from mig_lsp.core.catalog.type_statements import find_type, note_no_type
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    EnumType,
    Gone,
    Index,
    Key,
    Named,
    OtherType,
    Routines,
    Sequence,
    Table,
    View,
    extension_key,
    relation_key,
    role_key,
    routine_key,
    schema_key,
    type_key,
)
from mig_lsp.core.sql.names import object_name
from mig_lsp.core.sql.nodes import AlterObjectSchemaStmt, AlterOwnerStmt, RenameStmt
from mig_lsp.core.sql.parts import Node, RangeVar

_TYPES = frozenset({"OBJECT_TYPE", "OBJECT_DOMAIN"})
_PARTS = {"OBJECT_TRIGGER": "trigger", "OBJECT_POLICY": "policy", "OBJECT_RULE": "rule"}
_SPECIES = frozenset({"OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"})


def rename(tree: RenameStmt, moment: Moment) -> None:
    """RENAME."""
    kind = tree.rename_type
    if kind in RELATIONS and tree.relation is not None:
        _rename_relation(tree, tree.relation, moment)
    elif kind == "OBJECT_COLUMN" and tree.relation is not None:
        _rename_column(tree, tree.relation, moment)
    elif kind == "OBJECT_ATTRIBUTE" and tree.relation is not None:
        _rename_attribute(tree, tree.relation, moment)
    elif kind == "OBJECT_TABCONSTRAINT" and tree.relation is not None:
        _rename_constraint(tree, tree.relation, moment)
    elif kind in _PARTS and tree.relation is not None:
        _rename_part(tree, tree.relation, moment)
    elif kind in _TYPES and tree.object is not None:
        _move_type(moment, kind, object_name(tree.object), lambda key: type_key(key[1], tree.newname))
    elif kind == "OBJECT_DOMCONSTRAINT" and tree.object is not None:
        _rename_domain_constraint(tree, tree.object, moment)
    elif kind in ROUTINES and tree.object is not None:
        _move_routine(moment, kind, tree.object, lambda key: routine_key(key[1], tree.newname))
    elif kind == "OBJECT_SCHEMA":
        _rename_schema(tree, moment)
    elif kind == "OBJECT_ROLE":
        _rename_role(tree, moment)
    elif kind in NAMED and tree.object is not None:
        old = named_key(kind, object_name(tree.object), moment)
        _move_named(moment, kind, object_name(tree.object), old, (*old[:-1], tree.newname))


def set_schema(tree: AlterObjectSchemaStmt, moment: Moment) -> None:
    """SET SCHEMA."""
    kind, schema = tree.object_type, tree.newschema
    if kind in RELATIONS and tree.relation is not None:
        key = _wanted(tree.relation, kind, moment, lax=tree.missing_ok)
        if key is not None and schema_exists(moment, schema):
            _move(moment, key, relation_key(schema, key[2]))
    elif kind in _TYPES and tree.object is not None and schema_exists(moment, schema):
        _move_type(moment, kind, object_name(tree.object), lambda key: type_key(schema, key[2]))
    elif kind in ROUTINES and tree.object is not None and schema_exists(moment, schema):
        _move_routine(moment, kind, tree.object, lambda key: routine_key(schema, key[2]))
    elif kind == "OBJECT_EXTENSION" and tree.object is not None:
        name = object_name(tree.object)
        extension = moment.get(extension_key(name[0]))
        if isinstance(extension, Named) and schema_exists(moment, schema):
            moment.put(extension_key(name[0]), replace(extension, about=schema))
    elif kind in NAMED and tree.object is not None:
        old = named_key(kind, object_name(tree.object), moment)
        if schema_exists(moment, schema):
            _move_named(moment, kind, object_name(tree.object), old, (old[0], schema, old[-1]))


def set_owner(tree: AlterOwnerStmt, moment: Moment) -> None:
    """OWNER TO, where it is not an action of ALTER TABLE."""
    check_role(moment, tree.newowner)
    if tree.object is None:
        return
    name = object_name(tree.object)
    if tree.object_type in _TYPES:
        _, value = find_type(moment, name)
        if is_absent(value):
            note_no_type(moment, name)
    elif tree.object_type in ROUTINES and tree.object.object_with_args is not None:
        find_routine(moment, tree.object.object_with_args, meant(tree.object_type))
    elif tree.object_type == "OBJECT_SCHEMA":
        schema_exists(moment, name[0])


# --- Relations ---


def _wanted(relation: RangeVar, kind: str, moment: Moment, *, lax: bool) -> Key | None:
    """The key of the relation that a statement is about, where it is known and of a kind that the statement takes."""
    key, value = moment.relation(relation.name)
    if value is UNKNOWN:
        return key
    if is_absent(value):
        if not lax:
            note_missing(moment, "relation", relation.name, "42P01", relation.location, value)
        return None
    # ALTER TABLE takes anything; ALTER INDEX takes tables too, and so on, but that is nothing to rely on.
    if kind in _SPECIES or is_kind(value, kind):
        return key
    moment.object("wrong-kind", RELATIONS[kind][0], relation.name, "42809", relation.location, found=value)
    return None


def _rename_relation(tree: RenameStmt, relation: RangeVar, moment: Moment) -> None:
    key, value = moment.relation(relation.name)
    kind = tree.rename_type
    if kind == "OBJECT_INDEX" and isinstance(value, Table | View | Sequence):
        kind = "OBJECT_TABLE"  # the server lets it pass
    wanted = _wanted(relation, kind, moment, lax=tree.missing_ok)
    if wanted is None:
        return
    if isinstance(value, Index) and value.constraint:
        table = moment.get(value.table)
        if isinstance(table, Table) and value.constraint in table.constraints:
            _rename_constraint_of(moment, table, value.constraint, tree.newname)
            return
    _move(moment, key, relation_key(key[1], tree.newname))


def _move(moment: Moment, old: Key, new: Key) -> None:
    value = moment.get(old)
    if new == old:
        if value is not UNKNOWN and moment.statement.kind == "RenameStmt":
            moment.object("exists", "relation", (new[2],), "42P07", found=value)
        return
    taken = moment.get(new)
    sqlstate, what = "42P07", "relation"
    if not is_present(taken) and isinstance(value, Table | View):
        taken = moment.get(type_key(new[1], new[2]))
        sqlstate, what = "42710", "type"
    if is_present(taken):
        moment.object("exists", what, (new[2],), sqlstate, found=taken)
        moment.doubt(old)
        return
    if value is UNKNOWN:
        moment.doubt(new)
        moment.put(old, Gone(moment.origin, new))
        return
    if isinstance(value, Table | View | Index | Sequence):
        move_relation(moment, value, new)


# --- Columns, constraints and what else tables have ---


def _part_owner(tree: RenameStmt, relation: RangeVar, moment: Moment) -> Table | View | None:
    _, value = moment.relation(relation.name)
    if is_absent(value):
        if not tree.missing_ok:
            note_missing(moment, "relation", relation.name, "42P01", relation.location, value)
        return None
    if isinstance(value, Table | View):
        return value
    return None


def _rename_column(tree: RenameStmt, relation: RangeVar, moment: Moment) -> None:
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
    elif tree.newname in columns or (isinstance(value, Table) and tree.newname in SYSTEM_COLUMNS):
        moment.object("exists", "column", (tree.newname,), "42701", of=value.key)
    elif isinstance(value, Table) and value.columns[tree.subname].inherited:
        detail = "the column is inherited: rename it in the parent"
        moment.object("invalid", "column", (tree.subname,), "42P16", of=value.key, detail=detail)
    else:
        rename_column(moment, value, tree.subname, tree.newname)


def _rename_attribute(tree: RenameStmt, relation: RangeVar, moment: Moment) -> None:
    key, value = moment.type(relation.name)
    if not isinstance(value, OtherType) or value.kind != "composite":
        return
    if tree.subname not in value.columns:
        moment.object("missing", "attribute", (tree.subname,), "42703", of=key)
    elif tree.newname in value.columns:
        moment.object("exists", "attribute", (tree.newname,), "42701", of=key)
    else:
        columns = tuple(tree.newname if name == tree.subname else name for name in value.columns)
        moment.put(key, replace(value, columns=columns, changed=moment.origin))


def _rename_constraint(tree: RenameStmt, relation: RangeVar, moment: Moment) -> None:
    value = _part_owner(tree, relation, moment)
    if not isinstance(value, Table):
        return
    if tree.subname not in value.constraints:
        # Those of NOT NULL have names too in later versions, which are not kept.
        if value.whole and moment.setting.version < 18:
            moment.object("missing", "constraint", (tree.subname,), "42704", of=value.key)
    elif value.constraints[tree.subname].inherited:
        detail = "the constraint is inherited: rename it in the parent"
        moment.object("invalid", "constraint", (tree.subname,), "42P16", of=value.key, detail=detail)
    else:
        _rename_constraint_of(moment, value, tree.subname, tree.newname)


def _rename_constraint_of(moment: Moment, table: Table, old: str, new: str) -> None:
    index = moment.get(relation_key(table.key[1], old))
    has_index = isinstance(index, Index) and index.constraint == old and index.table == table.key
    taken = moment.get(relation_key(table.key[1], new))
    if has_index and is_present(taken):
        moment.object("exists", "relation", (new,), "42P07", found=taken)
    elif new in table.constraints:
        moment.object("exists", "constraint", (new,), "42710", of=table.key)
    else:
        rename_constraint(moment, table, old, new)


def _rename_part(tree: RenameStmt, relation: RangeVar, moment: Moment) -> None:
    value = _part_owner(tree, relation, moment)
    what = _PARTS[tree.rename_type]
    old, new = tree.subname, tree.newname
    if isinstance(value, View) and what != "trigger":
        return
    if value is None:
        return
    has = value.triggers if isinstance(value, View) else _parts(value)[what]
    if old not in has:
        if isinstance(value, View) or value.whole:
            moment.object("missing", what, (old,), "42704", of=value.key)
    elif new in has:
        moment.object("exists", what, (new,), "42710", of=value.key)
    elif what == "trigger":
        triggers = {new if n == old else n: replace(t, name=new) if n == old else t for n, t in value.triggers.items()}
        moment.put(value.key, replace(value, triggers=triggers))
    elif isinstance(value, Table) and what == "policy":
        policies = {new if n == old else n: replace(p, name=new) if n == old else p for n, p in value.policies.items()}
        moment.put(value.key, replace(value, policies=policies))
    elif isinstance(value, Table):
        moment.put(value.key, replace(value, rules={new if n == old else n: r for n, r in value.rules.items()}))


def _parts(table: Table) -> dict[str, Collection[str]]:
    return {"trigger": table.triggers, "policy": table.policies, "rule": table.rules}


# --- Types and routines ---


def _move_type(moment: Moment, kind: str, name: tuple[str, ...], place: Callable[[Key], Key]) -> None:
    key, value = find_type(moment, name)
    if value is UNKNOWN:
        if moment.get(key) is UNKNOWN:
            moment.doubt(place(key))
            moment.put(key, Gone(moment.origin, place(key)))
        return
    if not isinstance(value, EnumType | OtherType):
        note_no_type(moment, name)
        return
    if kind == "OBJECT_DOMAIN" and not (isinstance(value, OtherType) and value.kind == "domain"):
        moment.object("wrong-kind", "domain", name, "42809", found=value)
        return
    new = place(key)
    if new == key and moment.statement.kind != "RenameStmt":
        return
    for taken in (moment.get(new), moment.get(relation_key(new[1], new[2]))):
        if is_present(taken) and not isinstance(taken, Index | Sequence):
            moment.object("exists", "type", (new[2],), "42710", found=taken)
            moment.doubt(key)
            return
    move_type(moment, value, new)


def _rename_domain_constraint(tree: RenameStmt, of: Node, moment: Moment) -> None:
    name = object_name(of)
    key, value = find_type(moment, name)
    if is_absent(value):
        note_no_type(moment, name)
    elif isinstance(value, OtherType) and value.kind == "domain" and tree.subname in value.constraints:
        if tree.newname in value.constraints:
            moment.object("exists", "constraint", (tree.newname,), "42710", of=key)
        else:
            names = value.constraints - {tree.subname} | {tree.newname}
            moment.put(key, replace(value, constraints=names, changed=moment.origin))


def _move_routine(moment: Moment, kind: str, of: Node, place: Callable[[Key], Key]) -> None:
    if of.object_with_args is None:
        return
    key, number = find_routine(moment, of.object_with_args, meant(kind))
    new = place(key)
    value = moment.get(key)
    if number is None or not isinstance(value, Routines):
        if not is_absent(value):
            moment.doubt(key, new)
        return
    if new == key and moment.statement.kind != "RenameStmt":
        return
    there = moment.get(new)
    routine = value.overloads[number]
    if there is UNKNOWN:
        moment.doubt(key)
        return
    others = there.overloads if isinstance(there, Routines) else ()
    same = [is_same(one.arguments, routine.arguments) for one in others]
    if True in same:
        moment.object("exists", "function", (new[2],), "42723", found=there)
        moment.doubt(key)
        return
    if None in same:
        moment.doubt(key, new)
        return
    move_routine(moment, key, number, new)


# --- Schemas, roles, and what has nothing but a name ---


def _rename_schema(tree: RenameStmt, moment: Moment) -> None:
    old, new = schema_key(tree.subname), schema_key(tree.newname)
    if not schema_exists(moment, tree.subname):
        return
    taken = moment.get(new)
    if is_present(taken):
        moment.object("exists", "schema", (tree.newname,), "42P06", found=taken)
        return
    moment.doubt()  # everything in it has another name now
    moment.put(old, Gone(moment.origin, new))
    moment.put(new, Named(moment.origin))


def _rename_role(tree: RenameStmt, moment: Moment) -> None:
    old, new = role_key(tree.subname), role_key(tree.newname)
    value = moment.get(old)
    if isinstance(value, Gone):
        moment.object("missing", "role", (tree.subname,), "42704", found=value)
        return
    taken = moment.get(new)
    if is_present(taken):
        moment.object("exists", "role", (tree.newname,), "42710", found=taken)
        return
    moment.put(old, Gone(moment.origin, new))
    moment.put(new, Named(moment.origin))


def _move_named(moment: Moment, kind: str, name: tuple[str, ...], old: Key, new: Key) -> None:
    value = moment.get(old)
    if isinstance(value, Gone):
        note_missing(moment, NAMED[kind], name, "42704", found=value)
    elif isinstance(value, Named):
        taken = moment.get(new)
        if is_present(taken) and new != old:
            moment.object("exists", NAMED[kind], (new[-1],), "42710", found=taken)
            return
        moment.put(old, Gone(moment.origin, new))
        moment.put(new, value)
    else:
        moment.doubt(old, new)


APPLY = (
    (RenameStmt, rename),
    (AlterObjectSchemaStmt, set_schema),
    (AlterOwnerStmt, set_owner),
)
