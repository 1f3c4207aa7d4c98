"""RENAME, SET SCHEMA and OWNER TO of every kind of object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mig_lsp.core.catalog.drops import NAMED, RELATIONS, is_kind, named_key
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.moving import move_relation, move_routine, move_type
from mig_lsp.core.catalog.places import check_role, is_absent, is_present, note_missing, schema_exists
from mig_lsp.core.catalog.rename_parts import (
    PARTS,
    rename_attribute,
    rename_column,
    rename_constraint,
    rename_constraint_of,
    rename_domain_constraint,
    rename_part,
)
from mig_lsp.core.catalog.routines import ROUTINES, find_routine, is_same, meant
from mig_lsp.core.catalog.type_statements import find_type, is_domain, note_no_type, note_row_type
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
    Value,
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

Place = Callable[[Key], Key | None]
"""Where an object goes; None where it cannot."""

_TYPES = frozenset({"OBJECT_TYPE", "OBJECT_DOMAIN"})
_SPECIES = frozenset({"OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"})


def rename(tree: RenameStmt, moment: Moment) -> None:
    """RENAME."""
    kind = tree.rename_type
    if kind in RELATIONS and tree.relation is not None:
        _rename_relation(tree, tree.relation, moment)
    elif kind == "OBJECT_COLUMN" and tree.relation is not None:
        rename_column(tree, tree.relation, moment)
    elif kind == "OBJECT_ATTRIBUTE" and tree.relation is not None:
        rename_attribute(tree, tree.relation, moment)
    elif kind == "OBJECT_TABCONSTRAINT" and tree.relation is not None:
        rename_constraint(tree, tree.relation, moment)
    elif kind in PARTS and tree.relation is not None:
        rename_part(tree, tree.relation, moment)
    elif kind in _TYPES and tree.object is not None:
        _move_type(moment, kind, object_name(tree.object), lambda key: type_key(key[1], tree.newname))
    elif kind == "OBJECT_DOMCONSTRAINT" and tree.object is not None:
        rename_domain_constraint(tree, tree.object, moment)
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
        sequence = None if key is None else moment.get(key)
        if isinstance(sequence, Sequence) and sequence.owner is not None:
            detail = "a column owns it: it moves with the table"
            moment.object("invalid", "sequence", tree.relation.name, "0A000", of=key, detail=detail)
        elif key is not None and schema_exists(moment, schema):
            _move(moment, key, relation_key(schema, key[2]))
    elif kind in _TYPES and tree.object is not None:
        _move_type(moment, kind, object_name(tree.object), _into(moment, type_key, schema))
    elif kind in ROUTINES and tree.object is not None:
        _move_routine(moment, kind, tree.object, _into(moment, routine_key, schema))
    elif kind == "OBJECT_EXTENSION" and tree.object is not None:
        name = object_name(tree.object)
        extension = moment.get(extension_key(name[0]))
        if isinstance(extension, Named) and schema_exists(moment, schema):
            moment.put(extension_key(name[0]), replace(extension, about=schema))
    elif kind in NAMED and tree.object is not None:
        old = named_key(kind, object_name(tree.object), moment)
        if schema_exists(moment, schema):
            _move_named(moment, kind, object_name(tree.object), old, (old[0], schema, old[-1]))


def _into(moment: Moment, make: Callable[[str, str], Key], schema: str) -> Place:
    """The same name in another schema; a missing one is noted as soon as it is asked for."""
    return lambda key: make(schema, key[2]) if schema_exists(moment, schema) else None


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
        elif isinstance(value, Table | View):
            note_row_type(moment, name, value, "42809")
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
            rename_constraint_of(moment, table, value.constraint, tree.newname)
            return
    _move(moment, key, relation_key(key[1], tree.newname))


def _in_the_way(moment: Moment, value: Value, old: Key, new: Key) -> tuple[str, str, Key] | None:
    """What stands where a relation or one of its indexes is to go: the server's word, SQLSTATE and its key."""
    if is_present(moment.get(new)):
        return "relation", "42P07", new
    if not isinstance(value, Table | View):
        return None
    of_rows = type_key(new[1], new[2])
    if is_present(moment.get(of_rows)):
        return "type", "42710", of_rows
    for index in sorted(value.indexes) if old[1] != new[1] else ():
        key = relation_key(new[1], index[2])
        if isinstance(moment.get(index), Index) and is_present(moment.get(key)):
            return "relation", "42P07", key
    return None


def _move(moment: Moment, old: Key, new: Key) -> None:
    value = moment.get(old)
    if new == old:
        if value is not UNKNOWN and moment.statement.kind == "RenameStmt":
            moment.object("exists", "relation", (new[2],), "42P07", found=value)
        return
    there = _in_the_way(moment, value, old, new)
    if there is not None:
        what, sqlstate, taken = there
        moment.object("exists", what, taken[2:], sqlstate, found=moment.get(taken))
        moment.doubt(old)
        return
    if value is UNKNOWN:
        moment.doubt(new)
        moment.put(old, Gone(moment.origin, new))
        return
    if isinstance(value, Table | View | Index | Sequence):
        move_relation(moment, value, new)


# --- Types and routines ---


def _move_type(moment: Moment, kind: str, name: tuple[str, ...], place: Place) -> None:
    key, value = find_type(moment, name)
    if is_absent(value):
        note_no_type(moment, name)
        return
    if kind == "OBJECT_DOMAIN" and is_present(value) and not is_domain(value):
        moment.object("wrong-kind", "domain", name, "42809", found=value)
        return
    new = place(key)
    if new is None:
        return
    if isinstance(value, Table | View):
        note_row_type(moment, name, value, "42809")
    elif value is UNKNOWN and moment.get(key) is UNKNOWN:
        moment.doubt(new)
        moment.put(key, Gone(moment.origin, new))
    if not isinstance(value, EnumType | OtherType) or (new == key and moment.statement.kind != "RenameStmt"):
        return
    for taken in (moment.get(new), moment.get(relation_key(new[1], new[2]))):
        if is_present(taken) and not isinstance(taken, Index | Sequence):
            moment.object("exists", "type", (new[2],), "42710", found=taken)
            moment.doubt(key)
            return
    move_type(moment, value, new)


def _move_routine(moment: Moment, kind: str, of: Node, place: Place) -> None:
    if of.object_with_args is None:
        return
    noted = len(moment.objections)
    key, number = find_routine(moment, of.object_with_args, meant(kind))
    new = place(key) if len(moment.objections) == noted else None
    if new is None:
        return
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
    moment.doubt_everything()  # everything in it has another name now
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
        if is_present(taken) and (new != old or moment.statement.kind == "RenameStmt"):
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
