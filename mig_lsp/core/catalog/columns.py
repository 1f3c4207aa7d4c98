"""A column as CREATE TABLE and ADD COLUMN make it: its type, default, identity, and the constraints behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence as Several
from dataclasses import replace
from typing import Any, Literal

from msgspec.structs import replace as with_fields

from mig_lsp.core.catalog.choosing import choose_relation, note_not_null
from mig_lsp.core.catalog.defaults import check_default
from mig_lsp.core.catalog.draft import Draft, changes_by_itself, missing_columns, used_columns
from mig_lsp.core.catalog.expressions import constant, load
from mig_lsp.core.catalog.fragments import SYSTEM_COLUMNS
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import rest
from mig_lsp.core.catalog.resting import rest_on_called
from mig_lsp.core.catalog.types import PSEUDO, resolve, serial
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Column,
    EnumType,
    Gone,
    Key,
    OtherType,
    Sequence,
    Table,
    Type,
    View,
    relation_key,
    type_key,
)
from mig_lsp.core.sql import parts
from mig_lsp.core.sql.names import option, quoted
from mig_lsp.core.sql.parts import name_of

_INTEGERS = {"int2", "int4", "int8"}


def add_column(draft: Draft, node: parts.ColumnDef) -> list[parts.Constraint]:
    """Adds a column, and notes what is wrong with it; the constraints behind it that are yet to be added."""
    moment, name = draft.moment, node.colname
    of, made = None, None
    if node.type_name is not None:
        of = serial(node.type_name)
        if of is not None:
            made = _new_sequence(draft, name)
        else:
            of = resolve(node.type_name, moment)
        if of is not None and of.schema == "pg_catalog" and of.name in PSEUDO and not of.array:
            detail = f"column {name} has pseudo-type {of.name}"
            moment.object("invalid", "column", (name,), "42P16", node.location, of=draft.key, detail=detail)
    if name in SYSTEM_COLUMNS:
        moment.object("exists", "column", (name,), "42701", node.location, of=draft.key)
        return []
    column = Column(name, of, moment.origin, moment.origin)
    if made is not None:
        literal = quoted(*made[1:]).replace("'", "''")
        default = f"nextval('{literal}'::regclass)"
        column = replace(column, not_null=True, default=default, serial=made)
    draft.columns[name] = column
    link_type(moment, of, draft.key)
    return with_options(draft, name, node.constraints)


def with_options(draft: Draft, name: str, behind: Several[parts.Node]) -> list[parts.Constraint]:
    """Gives a column what stands behind it; the constraints among that which are yet to be added."""
    rest: list[parts.Constraint] = []
    nodes = [item.constraint for item in behind if item.constraint is not None]
    column = draft.columns[name]
    _object_to_contradiction(draft, column, nodes)
    for index, node in enumerate(nodes):
        match node.contype:
            case "CONSTR_NOTNULL":
                column = replace(column, not_null=True)
                if node.conname:
                    note_not_null(draft.moment, draft.key, node.conname)
            case "CONSTR_DEFAULT":
                stop = nodes[index + 1].location if index + 1 < len(nodes) else -1
                tree = load(node.raw_expr)
                is_none = is_null(tree) and not (column.type and column.type.typmods)
                default = "" if is_none else draft.words.behind(node.location, stop) or "?"
                check_default(draft, column, constant(tree))
                column = replace(column, default=default)
            case "CONSTR_IDENTITY":
                column = _with_identity(draft, column, node)
            case "CONSTR_GENERATED":
                column = _generated(draft, column, node)
            case "CONSTR_PRIMARY":
                column = replace(column, not_null=True)
                rest.append(node)
            case "CONSTR_UNIQUE" | "CONSTR_CHECK" | "CONSTR_FOREIGN" | "CONSTR_EXCLUSION":
                rest.append(node)
            case "CONSTR_ATTR_DEFERRABLE" | "CONSTR_ATTR_DEFERRED" if rest:
                rest[-1] = with_fields(rest[-1], deferrable=True)
            case _:
                pass
    draft.columns[name] = column
    rest_on_called(draft.moment, draft.key, column.default)
    return rest


def _object_to_contradiction(draft: Draft, column: Column, nodes: Several[parts.Constraint]) -> None:
    """Notes what stands behind a column and cannot be true at once."""
    kinds = Counter(_SAID[node.contype] for node in nodes if node.contype in _SAID)
    if column.serial is not None and not column.identity:
        kinds.update(("default", "not null"))
    values = [kind for kind in ("default", "identity", "generation expression") if kinds[kind]]
    detail = ""
    if kinds["null"] and (kinds["not null"] or kinds["identity"]):
        detail = "conflicting NULL and NOT NULL"
    elif len(values) > 1:
        detail = f"both {values[0]} and {values[1]}"
    elif values and kinds[values[0]] > 1:
        detail = f"more than one {values[0]}"
    if detail:
        draft.moment.object("invalid", "column", (column.name,), "42601", of=draft.key, detail=detail)


_SAID = {
    "CONSTR_DEFAULT": "default",
    "CONSTR_GENERATED": "generation expression",
    "CONSTR_IDENTITY": "identity",
    "CONSTR_NOTNULL": "not null",
    "CONSTR_NULL": "null",
}


def identity(draft: Draft, column: Column, options: Several[parts.Node]) -> Key:
    """The sequence of an identity, put into the catalog: with a name of its own, or one that PostgreSQL chooses."""
    named = option(options, "sequence_name")
    items = named.arg.list_.items if named is not None and named.arg is not None and named.arg.list_ is not None else ()
    if not items:
        return _new_sequence(draft, column.name, is_identity=True)
    key = draft.moment.new(relation_key, name_of(items))
    found = draft.moment.get(key)
    if found is not None and found is not UNKNOWN and not isinstance(found, Gone):
        draft.moment.object("exists", "sequence", name_of(items), "42P07", found=found)
        draft.moment.doubt(key)
    else:
        draft.moment.put(key, Sequence(key, draft.moment.origin, (draft.key, column.name), identity=True))
    return key


def link_type(moment: Moment, of: Type | None, key: Key) -> None:
    """Notes with a type of the set, or with the relation whose rows it is, that *key* has a column of it."""
    if of is None or of.schema == "pg_catalog":
        return
    for found in (type_key(of.schema, of.name), relation_key(of.schema, of.name)):
        value = moment.get(found)
        if isinstance(value, EnumType | OtherType | Table | View):
            rest(moment, found, key)
            return


def _new_sequence(draft: Draft, column: str, *, is_identity: bool = False) -> Key:
    name = choose_relation(draft.moment, draft.key[1], draft.key[2], column, "seq")
    key = relation_key(draft.key[1], name)
    draft.moment.put(key, Sequence(key, draft.moment.origin, (draft.key, column), is_identity))
    return key


def _with_identity(draft: Draft, column: Column, node: parts.Constraint) -> Column:
    if not can_be_identity(draft, column, node.location):
        return column
    kind: Literal["a", "d"] = "a" if node.generated_when == "a" else "d"
    made = identity(draft, column, node.options)
    return replace(column, identity=kind, not_null=True, serial=made)


def can_be_identity(draft: Draft, column: Column, place: int) -> bool:
    """Whether the column's type allows an identity; notes it when not."""
    of = column.type
    if of is None or (of.schema == "pg_catalog" and of.name in _INTEGERS and not of.array):
        return True
    if of.schema != "pg_catalog":
        return True  # a domain, perhaps
    detail = "identity column type must be smallint, integer, or bigint"
    draft.moment.object("invalid", "column", (column.name,), "22023", place, of=draft.key, detail=detail)
    return False


def _generated(draft: Draft, column: Column, node: parts.Constraint) -> Column:
    tree = load(node.raw_expr)
    return replace(column, generated=True, default=draft.words.inside(node.location) or "?", uses=_uses(draft, tree))


def check_generated(draft: Draft, columns: Iterable[parts.ColumnDef]) -> None:
    """Notes what is wrong with the expressions of generated columns, once all columns are there."""
    for column in columns:
        for each in column.constraints:
            node = each.constraint
            if node is not None and node.contype == "CONSTR_GENERATED":
                tree = load(node.raw_expr)
                if not missing_columns(draft, tree):
                    changes_by_itself(draft, (tree,), "generation expression")


def _uses(draft: Draft, tree: Any) -> tuple[str, ...] | None:
    return used_columns(draft, tree)


def is_null(tree: Any) -> bool:
    """Whether an expression is nothing but NULL, which is no default, unless it has to be cut to a length."""
    for _ in range(4):
        if not isinstance(tree, dict):
            return False
        if "A_Const" in tree:
            return bool(tree["A_Const"].get("isnull"))
        tree = tree.get("TypeCast", {}).get("arg")
    return False
