"""Where a new object goes, what is missing at a place, and who is noted to rest on an object."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mig_lsp.core.catalog.expressions import Json, walk
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    EnumType,
    Gone,
    Key,
    Named,
    Origin,
    OtherType,
    Routines,
    Table,
    Type,
    Value,
    View,
    other_key,
    relation_key,
    rests_key,
    role_key,
    schema_key,
    type_key,
)
from mig_lsp.core.sql.parts import Node, RangeVar, RoleSpec


def new_place(moment: Moment, make: Callable[[str, str], Key], name: tuple[str, ...], at: int = -1) -> Key | None:
    """The key of a new object; None where its schema is missing, which is noted, or is one of PostgreSQL's own."""
    key = moment.new(make, name)
    if key[1].startswith("pg_") or key[1] == "information_schema":
        return None
    if len(name) > 1 and not schema_exists(moment, key[1], at):
        return None
    return key


def schema_exists(moment: Moment, name: str, at: int = -1) -> bool:
    """False where the schema *name* is missing, which is noted."""
    key = schema_key(name)
    if moment.has(key) is not False:
        return True
    moment.object("missing", "schema", (name,), "3F000", at, found=moment.get(key))
    return False


def note_missing(
    moment: Moment, what: str, name: tuple[str, ...], sqlstate: str, at: int = -1, found: Value = None
) -> None:
    """Notes that the object *name* is missing, or the schema that it should be in."""
    if _is_system(name[-2] if len(name) > 1 else name[-1]):
        return
    if len(name) > 1 and moment.has(schema_key(name[-2])) is False:
        schema_exists(moment, name[-2], at)
    else:
        moment.object("missing", what, name, sqlstate, at, found=found if isinstance(found, Gone) else None)


def is_temporary(relation: RangeVar) -> bool:
    """Whether a new relation is one of the session."""
    return relation.relpersistence == "t" or relation.schemaname == "pg_temp"


def is_absent(value: Value) -> bool:
    """Whether certainly nothing stands there."""
    return value is None or isinstance(value, Gone)


def is_present(value: Value) -> bool:
    """Whether certainly something stands there."""
    return value is not UNKNOWN and not is_absent(value)


def check_role(moment: Moment, role: RoleSpec | None) -> None:
    """Notes that a role was dropped; of one that no file made nothing is known."""
    if role is None or not role.rolename:
        return
    value = moment.get(role_key(role.rolename))
    if isinstance(value, Gone):
        moment.object("missing", "role", (role.rolename,), "42704", role.location, found=value)


def check_roles(moment: Moment, roles: Iterable[Node]) -> None:
    """`check_role` of each."""
    for role in roles:
        check_role(moment, role.role_spec)


def rest(moment: Moment, on: Key, dependent: Key) -> None:
    """Notes that *dependent* rests on the object *on*.

    Each pair has a key of its own: a new one changes nothing for all who only ask about the object itself.
    """
    if on != dependent and len(on) == len(dependent) == _PARTS:
        moment.put(rests_key(on, dependent), _RESTS)


def note_within(moment: Moment) -> None:
    """Notes for each schema, other than the usual ones, the last few objects that statements left in it."""
    for key, value in tuple(moment.writes.items()):
        if len(key) == _PARTS and key[0] in _WITHIN and key[1] not in moment.setting.search_path and is_present(value):
            noted = _noted_within(moment, key[1])
            if key not in noted:
                about = "\n\n".join("\n".join(one) for one in (*noted, key)[-_MOST_NOTED:])
                moment.put(_within_key(key[1]), Named(moment.origin, about))


def found_within(moment: Moment, schema: str) -> Key | None:
    """An object that certainly is in a schema; None where that is not told."""
    return next((key for key in _noted_within(moment, schema) if is_present(moment.get(key))), None)


def _noted_within(moment: Moment, schema: str) -> list[Key]:
    noted = moment.get(_within_key(schema))
    keys = [tuple(part.split("\n")) for part in noted.about.split("\n\n")] if isinstance(noted, Named) else []
    return [key for key in keys if len(key) == _PARTS]


_PARTS = 3  # of the key of an object in a schema
_MOST_NOTED = 8
_RESTS = Named(Origin("", -1))
_WITHIN = ("relation", "type", "routine")


def _within_key(schema: str) -> Key:
    return other_key("WITHIN", schema)


def keys_of_type(moment: Moment, of: Type | None) -> tuple[Key, ...]:
    """The key of the set's own type, or of the relation whose rows are of this type, as a tuple of one; else none."""
    if of is None or of.schema == "pg_catalog":
        return ()
    for key in (type_key(of.schema, of.name), relation_key(of.schema, of.name)):
        if is_present(moment.get(key)):
            return (key,)
    return ()


def uses_of(moment: Moment, tree: Json) -> frozenset[Key]:
    """The set's own functions and types that a query or expression names."""
    found: set[Key] = set()
    for mention in walk(tree):
        if mention.kind == "function":
            key, value = moment.routine(mention.name)
            if isinstance(value, Routines):
                found.add(key)
        elif mention.kind == "type":
            for find in (moment.type, moment.relation):
                key, value = find(mention.name)
                if isinstance(value, EnumType | OtherType | Table | View):
                    found.add(key)
                    break
    return frozenset(found)


def _is_system(name: str) -> bool:
    """Whether a schema is PostgreSQL's own, or an unqualified name may be that of one of its own objects."""
    return name.startswith("pg_") or name == "information_schema"
