"""What a catalog holds: immutable values under keys, and the three ways of not being there.

A key names one object (`relation_key("public", "users")`). Under it stands a value of this module; None when nothing of
that name was ever there; `Gone` when it was, and was dropped or renamed; UNKNOWN when nobody can tell from the files (a
DO block, dynamic SQL, an extension). Nothing certain may be said of what is UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, NamedTuple

Key = tuple[str, ...]


class Origin(NamedTuple):
    """The statement that did something: the path of its file, and its place there.

    Places grow from statement to statement, and stay when others come and go.
    """

    path: str
    place: int


class Type(NamedTuple):
    """A type: schema ("pg_catalog" for the built-in ones) and name as pg_type has them ("int4"), the typmods as
    written ("10", "2"), and whether it is an array of these.
    """

    schema: str
    name: str
    typmods: tuple[str, ...] = ()
    array: bool = False


class Unknown(Enum):
    """The answer where the files do not tell."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Gone:
    """What once was there: dropped or renamed by *by*, and its new name when it was renamed or moved."""

    by: Origin
    new: Key | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column. *type* is None where the files do not tell; *default* is its SQL, "" when there is none.

    *identity* is "a" (always), "d" (by default) or ""; *generated* tells whether it is computed, and then *uses* are
    the columns that it is computed from (None where that is not told); *serial* is the sequence that SERIAL or an
    identity made for it, as long as its values come from there; *made* and *changed* are the statements that did so.
    *inherited* tells that a parent of the table has it, *own* that the table keeps it when no parent has it any more.
    """

    name: str
    type: Type | None
    made: Origin
    changed: Origin
    not_null: bool = False
    default: str = ""
    identity: Literal["", "a", "d"] = ""
    generated: bool = False
    uses: tuple[str, ...] | None = ()
    serial: Key | None = None
    inherited: bool = False
    own: bool = True


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a table, without those for NOT NULL.

    *columns* are its own columns (of a CHECK those it names; None where that is not told). *expression* is the SQL of a
    CHECK or EXCLUDE; *values* are the only literals that a CHECK lets a column have, by column. A foreign key has
    *references*, a relation's key, *referenced* columns (() for the primary key) and its actions as the grammar's
    letters: "a" no action, "r" restrict, "c" cascade, "n" set null, "d" set default. *inherited* and *own* are as for
    columns, *heritable* is False with NO INHERIT.
    """

    name: str
    kind: Literal["primary", "unique", "check", "foreign", "exclude"]
    made: Origin
    columns: tuple[str, ...] | None = ()
    expression: str = ""
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    references: Key | None = None
    referenced: tuple[str, ...] = ()
    on_delete: str = "a"
    on_update: str = "a"
    valid: bool = True
    deferrable: bool = False
    nulls_not_distinct: bool = False
    inherited: bool = False
    own: bool = True
    heritable: bool = True


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger: its *routine*, and the columns that it or its WHEN names (None where that is not told)."""

    name: str
    made: Origin
    routine: Key
    columns: tuple[str, ...] | None = ()
    before: bool = False
    row: bool = False
    events: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """A row security policy, the columns that it names (None where that is not told), and what functions it calls."""

    name: str
    made: Origin
    columns: tuple[str, ...] | None = ()
    uses: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Its parts are in the order in which they were made.

    *whole* is False where there may be more columns and constraints than these. *indexes* are the keys of its indexes,
    those of constraints included.
    *kind* is "r" for a table, "p" for a partitioned and "f" for a foreign one; *parents* are those it inherits from,
    *children* those that inherit from it; *partition* tells that it is a partition of its parent, and
    *partition_key* are the columns that its own rows are divided by ("" for an expression).
    """

    key: Key
    made: Origin
    changed: Origin
    columns: Mapping[str, Column] = field(default_factory=dict)
    constraints: Mapping[str, Constraint] = field(default_factory=dict)
    triggers: Mapping[str, Trigger] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    rules: Mapping[str, Origin] = field(default_factory=dict)
    dropped: Mapping[str, Gone] = field(default_factory=dict)
    """Columns that were dropped or renamed; `Gone.new` is ("column", new name)."""
    indexes: frozenset[Key] = frozenset()
    parents: tuple[Key, ...] = ()
    children: frozenset[Key] = frozenset()
    partition: bool = False
    partition_key: tuple[str, ...] = ()
    kind: Literal["r", "p", "f"] = "r"
    whole: bool = True
    row_security: bool = False
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index: its *columns* ("" for an expression), the SQL of expressions and predicate, and what its columns name
    in all (*uses*; None where that is not told). *names* are what its columns are called in it ("lower").
    *constraint* is the name of the constraint that it belongs to, or "". *casts* are those of its expressions that
    are nothing but a column cast to a type.
    """

    key: Key
    made: Origin
    table: Key
    columns: tuple[str, ...] = ()
    including: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    predicate: str = ""
    uses: tuple[str, ...] | None = ()
    names: tuple[str, ...] = ()
    unique: bool = False
    method: str = "btree"
    nulls_not_distinct: bool = False
    constraint: str = ""
    casts: tuple[tuple[str, Type], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """A view or materialized view: its columns in order (None where the files do not tell), and what it reads: the
    columns of each relation (None: any of them). *query* is its SQL, *uses* are the functions and types that it names.
    """

    key: Key
    made: Origin
    changed: Origin
    columns: tuple[str, ...] | None
    reads: Mapping[Key, frozenset[str] | None]
    query: str = ""
    materialized: bool = False
    indexes: frozenset[Key] = frozenset()
    triggers: Mapping[str, Trigger] = field(default_factory=dict)
    uses: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence and the column that owns it, as (key of its table, column)."""

    key: Key
    made: Origin
    owner: tuple[Key, str] | None = None
    identity: bool = False


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enum and its labels in order."""

    key: Key
    made: Origin
    changed: Origin
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherType:
    """A domain ("domain", with its *base*), composite ("composite", with its *columns*), range or base type.

    The *base* of a multirange is its range, which brings it. *uses* are the set's own types that a composite or range
    is made of; *constraints* are a domain's checks by name.
    """

    key: Key
    made: Origin
    changed: Origin
    kind: Literal["domain", "composite", "range", "multirange", "base"]
    base: Type | None = None
    columns: tuple[str, ...] = ()
    constraints: frozenset[str] = frozenset()
    uses: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Routine:
    """A function, procedure or aggregate: the types of its IN arguments, and the SQL of its body ("" when none).

    *names* are those of the IN arguments ("" for none), *returns* is "" where the files do not tell. *types* are the
    keys of the set's own types in all this.
    """

    arguments: tuple[Type | None, ...]
    made: Origin
    changed: Origin
    kind: Literal["function", "procedure", "aggregate"] = "function"
    returns: str = ""
    language: str = ""
    body: str = ""
    defaults: int = 0
    names: tuple[str, ...] = ()
    types: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Routines:
    """All routines of one name."""

    overloads: tuple[Routine, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Whatever else has a name: a schema, role, extension, statistics object, collation, publication.

    *about* is what else is worth knowing, as text: the schema of an extension.
    """

    made: Origin
    about: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A comment, or the privileges on an object, as text."""

    text: str
    changed: Origin


Relation = Table | View | Index | Sequence
AnyType = EnumType | OtherType
Value = Relation | AnyType | Routines | Named | Text | Gone | Unknown | None
"""What stands under a key; see the module."""


def schema_key(name: str) -> Key:
    """A schema's key."""
    return ("schema", name)


def relation_key(schema: str, name: str) -> Key:
    """The key of a table, view, index or sequence: they share one space of names in a schema."""
    return ("relation", schema, name)


def type_key(schema: str, name: str) -> Key:
    """The key of a type or domain."""
    return ("type", schema, name)


def routine_key(schema: str, name: str) -> Key:
    """The key of all routines of that name."""
    return ("routine", schema, name)


def role_key(name: str) -> Key:
    """A role's key; roles belong to the whole server."""
    return ("role", name)


def extension_key(name: str) -> Key:
    """An extension's key."""
    return ("extension", name)


def other_key(kind: str, *name: str) -> Key:
    """The key of a thing that only has a name; *kind* is the grammar's word ("OBJECT_COLLATION")."""
    return (kind, *name)


def rests_key(on: Key, dependent: Key) -> Key:
    """The key under which stands that an object rests on another one, or did once; both are of three parts."""
    return ("rests", *on, *dependent)


def comment_key(key: Key, *part: str) -> Key:
    """The key of the comment on an object, or on a *part* of it."""
    return ("comment", *key, *part)


def grants_key(key: Key) -> Key:
    """The key of the privileges on an object."""
    return ("grants", *key)
