"""DROP of every kind of object."""

from __future__ import annotations

from collections.abc import Callable

from mig_lsp.core.catalog.dropping import Refusal, doubt_dropped, doubt_resting, drop
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import found_within, is_absent, is_present, note_missing
from mig_lsp.core.catalog.removing import Part, owner
from mig_lsp.core.catalog.routines import ROUTINES, find_routine, meant
from mig_lsp.core.catalog.type_statements import find_type, is_domain, note_no_type, note_row_type
from mig_lsp.core.catalog.types import EXTENSIONS
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    EnumType,
    Gone,
    Index,
    Key,
    OtherType,
    Table,
    Value,
    View,
    extension_key,
    other_key,
    role_key,
    schema_key,
)
from mig_lsp.core.sql.commands import DropRoleStmt
from mig_lsp.core.sql.names import object_name
from mig_lsp.core.sql.nodes import DropOwnedStmt, DropStmt
from mig_lsp.core.sql.parts import Node


def drop_objects(tree: DropStmt, moment: Moment) -> None:
    """DROP of nearly everything."""
    kind = tree.remove_type
    if kind in RELATIONS:
        _drop_found(tree, moment, _relation)
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        _drop_found(tree, moment, _type)
    elif kind in ROUTINES:
        _drop_found(tree, moment, _routine)
    elif kind in _OF_TABLES:
        _drop_found(tree, moment, _of_table)
    elif kind == "OBJECT_SCHEMA":
        for name in tree.names:
            _schema(name[0], tree, moment)
    elif kind == "OBJECT_EXTENSION":
        for name in tree.names:
            _extension(name[0], tree, moment)
    elif kind in NAMED:
        for name in tree.names:
            _named(name, tree, moment)


def drop_roles(tree: DropRoleStmt, moment: Moment) -> None:
    """DROP ROLE, USER and GROUP: whether a role that no file made is there is not told."""
    for item in tree.roles:
        if item.role_spec is None or not item.role_spec.rolename:
            continue
        key = role_key(item.role_spec.rolename)
        value = moment.get(key)
        if isinstance(value, Gone) and not tree.missing_ok:
            moment.object("missing", "role", key[1:], "42704", item.role_spec.location, found=value)
        elif not isinstance(value, Gone):
            moment.put(key, Gone(moment.origin))


def drop_owned(tree: DropOwnedStmt, moment: Moment) -> None:
    """DROP OWNED BY: who owns what is not told."""
    moment.doubt_everything()


# --- Relations, types, routines and what tables have: what they mean, and all at once ---

RELATIONS = {
    "OBJECT_TABLE": ("table", "42P01"),
    "OBJECT_FOREIGN_TABLE": ("foreign table", "42704"),
    "OBJECT_VIEW": ("view", "42P01"),
    "OBJECT_MATVIEW": ("materialized view", "42P01"),
    "OBJECT_SEQUENCE": ("sequence", "42P01"),
    "OBJECT_INDEX": ("index", "42704"),
}
"""The grammar's kinds of relation, the server's word for each, and its SQLSTATE when one is missing from a DROP."""

_OF_TABLES = {"OBJECT_TRIGGER": "trigger", "OBJECT_POLICY": "policy", "OBJECT_RULE": "rule"}

Find = Callable[[Node, DropStmt, Moment], tuple[Key | None, Part | None]]
"""The key that certainly is empty after the drop, and the part to drop where the catalog has it."""


def is_kind(value: Value, kind: str) -> bool:
    """Whether a relation is of a kind of the grammar's."""
    if isinstance(value, Table):
        return kind == ("OBJECT_FOREIGN_TABLE" if value.kind == "f" else "OBJECT_TABLE")
    if isinstance(value, View):
        return kind == ("OBJECT_MATVIEW" if value.materialized else "OBJECT_VIEW")
    return kind == ("OBJECT_INDEX" if isinstance(value, Index) else "OBJECT_SEQUENCE")


def _drop_found(tree: DropStmt, moment: Moment, find: Find) -> None:
    noted = len(moment.objections)
    cascade = tree.behavior == "DROP_CASCADE"
    parts: list[Part] = []
    unknown: list[Key] = []
    for item in tree.objects:
        key, part = find(item, tree, moment)
        if part is not None:
            parts.append(part)
        elif key is not None:
            unknown.append(key)
    if len(moment.objections) > noted:
        doubt_dropped(moment, parts)  # one that cannot be dropped keeps all of them
        moment.doubt(*unknown)
        return
    refusal = drop(moment, parts, cascade=cascade)
    if refusal is not None:
        _refuse(moment, tree, refusal)
        doubt_dropped(moment, parts)
    for key in unknown:
        for dependent in moment.resting(key) if cascade else ():
            doubt_resting(moment, dependent)
        moment.put(key, Gone(moment.origin))


def _refuse(moment: Moment, tree: DropStmt, refusal: Refusal) -> None:
    what = _WORDS.get(tree.remove_type, "object")
    target = refusal.part
    name = next((name for name in tree.names if name[-1] == target[-1]), tree.names[0])
    by = refusal.dependent
    detail = f"{by[0]} {by[3]}" if len(by) == 4 and by[0] != "overload" else ""
    moment.object(
        "dependent",
        what,
        name,
        "2BP01",
        found=moment.get(owner(target)),
        by=refusal.by,
        of=owner(target),
        detail=detail,
    )


def _relation(item: Node, tree: DropStmt, moment: Moment) -> tuple[Key | None, Part | None]:
    name = object_name(item)
    what, sqlstate = RELATIONS[tree.remove_type]
    key, value = moment.relation(name)
    if value is UNKNOWN:
        return key, None
    if is_absent(value):
        if not tree.missing_ok:
            note_missing(moment, what, name, sqlstate, found=value)
        return None, None
    if not is_kind(value, tree.remove_type):
        moment.object("wrong-kind", what, name, "42809", found=value)
        return None, None
    return key, key


def _type(item: Node, tree: DropStmt, moment: Moment) -> tuple[Key | None, Part | None]:
    name = object_name(item)
    key, value = find_type(moment, name)
    if value is UNKNOWN:
        return (None if key[1] == "pg_catalog" or moment.get(key) is not UNKNOWN else key), None
    if isinstance(value, Table | View):
        if tree.remove_type == "OBJECT_DOMAIN":
            moment.object("wrong-kind", "domain", name, "42809", found=value)
        else:
            note_row_type(moment, name, value, "2BP01")
        return None, None
    if not isinstance(value, EnumType | OtherType):
        if not tree.missing_ok:
            note_no_type(moment, name)
        return None, None
    if tree.remove_type == "OBJECT_DOMAIN" and not is_domain(value):
        moment.object("wrong-kind", "domain", name, "42809", found=value)
        return None, None
    return key, key


def _routine(item: Node, tree: DropStmt, moment: Moment) -> tuple[Key | None, Part | None]:
    of = item.object_with_args
    if of is None:
        return None, None
    noted = len(moment.objections)
    key, number = find_routine(moment, of, meant(tree.remove_type), lax=tree.missing_ok)
    if number is not None:
        return key, ("overload", *key[1:], str(number))
    if len(moment.objections) == noted and not is_absent(moment.get(key)) and not tree.missing_ok:
        moment.doubt(key)
    elif tree.missing_ok and moment.get(key) is UNKNOWN and of.args_unspecified:
        return key, None
    return None, None


def _of_table(item: Node, tree: DropStmt, moment: Moment) -> tuple[Key | None, Part | None]:
    """A trigger, policy or rule: its table's name comes first."""
    *table, name = object_name(item)
    what = _OF_TABLES[tree.remove_type]
    key, value = moment.relation(tuple(table))
    if is_absent(value):
        if not tree.missing_ok:
            note_missing(moment, "relation", tuple(table), "42P01", found=value)
        return None, None
    if isinstance(value, Table):
        has = {"trigger": value.triggers, "policy": value.policies, "rule": value.rules}[what]
        if name in has:
            return key, (what, *key[1:], name)
        if value.whole and not tree.missing_ok:
            moment.object("missing", what, (name,), "42704", of=key)
    elif isinstance(value, Index):
        moment.object("wrong-kind", "table", tuple(table), "42809", found=value)
    elif isinstance(value, View) and what == "trigger" and name in value.triggers:
        return key, (what, *key[1:], name)
    elif is_present(value) and not (isinstance(value, View) and what == "rule") and not tree.missing_ok:
        moment.object("missing", what, (name,), "42704", of=key)
    return None, None


# --- Schemas, extensions, and what has nothing but a name ---

NAMED = {
    "OBJECT_COLLATION": "collation",
    "OBJECT_STATISTIC_EXT": "statistics object",
    "OBJECT_EVENT_TRIGGER": "event trigger",
    "OBJECT_PUBLICATION": "publication",
}
"""The grammar's kinds of object of which the catalog has the names, and the server's words for them."""

_IN_SCHEMAS = frozenset({"OBJECT_COLLATION", "OBJECT_STATISTIC_EXT"})
_WORDS = {
    **{kind: what for kind, (what, _) in RELATIONS.items()},
    **_OF_TABLES,
    **NAMED,
    "OBJECT_TYPE": "type",
    "OBJECT_DOMAIN": "domain",
    "OBJECT_FUNCTION": "function",
    "OBJECT_PROCEDURE": "procedure",
    "OBJECT_AGGREGATE": "aggregate",
    "OBJECT_ROUTINE": "routine",
}


def named_key(kind: str, name: tuple[str, ...], moment: Moment) -> Key:
    """The key of an object that only has a name; where it may be in any schema of the search path, in the first."""
    if kind not in _IN_SCHEMAS:
        return other_key(kind, name[-1])
    return moment.new(lambda schema, own: other_key(kind, schema, own), name)


def _schema(name: str, tree: DropStmt, moment: Moment) -> None:
    key = schema_key(name)
    value = moment.get(key)
    if is_absent(value):
        if not tree.missing_ok:
            moment.object("missing", "schema", (name,), "3F000", found=value)
    elif tree.behavior == "DROP_CASCADE":
        moment.doubt_everything()  # what was in it, and what rested on that
        moment.put(key, Gone(moment.origin))
    else:
        inside = found_within(moment, name)
        if inside is not None:
            moment.object("dependent", "schema", (name,), "2BP01", found=value, by=inside, of=key)
        moment.doubt(key)  # the server refuses when anything is in it


def _extension(name: str, tree: DropStmt, moment: Moment) -> None:
    key = extension_key(name)
    value = moment.get(key)
    if is_absent(value):
        if not tree.missing_ok and name != "plpgsql":
            moment.object("missing", "extension", (name,), "42704", found=value)
    elif tree.behavior == "DROP_CASCADE":
        moment.doubt_everything()  # columns of its types, indexes and defaults with its functions
        moment.put(key, Gone(moment.origin))
    elif EXTENSIONS.get(name):
        moment.doubt(key)  # the server refuses when a column has one of its types
    else:
        moment.put(key, Gone(moment.origin))


def _named(name: tuple[str, ...], tree: DropStmt, moment: Moment) -> None:
    kind = tree.remove_type
    key = named_key(kind, name, moment)
    value = moment.get(key)
    if is_absent(value):
        if not tree.missing_ok and kind != "OBJECT_COLLATION":
            note_missing(moment, NAMED[kind], name, "42704", found=value)
    else:
        moment.put(key, Gone(moment.origin))


APPLY = (
    (DropStmt, drop_objects),
    (DropRoleStmt, drop_roles),
    (DropOwnedStmt, drop_owned),
)
