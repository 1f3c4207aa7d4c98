"""What an expression or a query mentions: columns, relations, functions, types, inner queries, each with its place.

Expressions stay JSON, nested as deeply as their authors like, so nothing here recurses: a tree is decoded once and gone
through with a stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Raw

Json = Any
"""A decoded tree: the grammar's nodes as dicts of one key, their fields as dicts."""

Kind = Literal["column", "relation", "function", "type", "query"]


class Mention(NamedTuple):
    """One thing that is mentioned.

    *name* is its qualified name as written; the last part of a column is "*" for a star, a "query" has none. *location*
    is in bytes as in the tree (-1 unknown), *node* are the fields of the grammar's node.
    """

    kind: Kind
    name: tuple[str, ...]
    location: int
    node: dict[str, Json]


def load(raw: Raw | Json) -> Json:
    """The tree of *raw*; None where there is none, or where it is too deep to be read."""
    if not isinstance(raw, Raw):
        return raw
    if not raw:
        return None
    try:
        return _decode(raw)
    except RecursionError:
        return None


def is_too_deep(raw: Raw | Json) -> bool:
    """Whether there is something that `load` cannot read: nothing is known about it then."""
    return isinstance(raw, Raw) and bool(raw) and load(raw) is None


def walk(raw: Raw | Json) -> Iterator[Mention]:
    """All that *raw* mentions, in the order of the tree, inner queries and what they mention included."""
    stack = [load(raw)]
    while stack:
        tree = stack.pop()
        if isinstance(tree, dict):
            for key, value in tree.items():
                make = _MENTIONS.get(key)
                # The table that a statement changes is no node of its own.
                if make is not None and isinstance(value, dict) and (key != "relation" or "relname" in value):
                    yield make(value)
            stack.extend(reversed([*tree.values()]))
        elif isinstance(tree, list):
            stack.extend(reversed(tree))


def columns_of(raw: Raw | Json) -> tuple[str, ...] | None:
    """The names of the columns of its one table that an expression mentions, each once.

    A name may also be that of the table, for the whole row. None where the files do not tell: with an inner query or a
    star, or when the expression is too deep to be read.
    """
    if is_too_deep(raw):
        return None
    names: dict[str, None] = {}
    for mention in walk(raw):
        if mention.kind == "query":
            return None
        if mention.kind == "column":
            if mention.name[-1:] == ("*",):
                return None
            names[mention.name[-1]] = None
    return tuple(names)


def column_of(tree: Json) -> tuple[str, ...] | None:
    """The name as written when *tree* is nothing but a column, else None."""
    fields = tree.get("ColumnRef") if isinstance(tree, dict) else None
    return None if fields is None else strings(fields.get("fields", ()))


def constant(tree: Json) -> Constant | None:
    """The literal when *tree* is nothing but one, else None."""
    node = tree.get("A_Const") if isinstance(tree, dict) else None
    if node is None:
        return None
    location = node.get("location", 0)
    if node.get("isnull"):
        return Constant("null", "", location)
    for field, kind, part in _CONSTANTS:
        if field in node:
            value = node[field].get(part)
            if kind == "boolean":
                return Constant(kind, "true" if value else "false", location)
            return Constant(kind, "0" if value is None and field == "ival" else str(value or ""), location)
    return None


class Constant(NamedTuple):
    """A literal: its text as a string, "" for NULL; *location* in bytes."""

    kind: Literal["null", "string", "number", "boolean", "bits"]
    text: str
    location: int


def name_of_type(node: dict[str, Json]) -> tuple[str, ...]:
    """The parts of a type's name."""
    return strings(node.get("names", ()))


_decode = msgspec.json.Decoder().decode
_CONSTANTS: tuple[tuple[str, Literal["string", "number", "boolean", "bits"], str], ...] = (
    ("sval", "string", "sval"),
    ("ival", "number", "ival"),
    ("fval", "number", "fval"),
    ("boolval", "boolean", "boolval"),
    ("bsval", "bits", "bsval"),
)


def strings(items: Iterable[Json]) -> tuple[str, ...]:
    """A qualified name that the grammar gives as a list of strings; a star is "*"."""
    return tuple(["*" if "A_Star" in item else item.get("String", _NOTHING).get("sval", "") for item in items])


_NOTHING: dict[str, Json] = {}


def _column(node: dict[str, Json]) -> Mention:
    return Mention("column", strings(node.get("fields", ())), node.get("location", 0), node)


def relation_name(node: dict[str, Json]) -> tuple[str, ...]:
    """The parts of the name of a RangeVar that are written."""
    return tuple([node[part] for part in ("catalogname", "schemaname", "relname") if node.get(part)])


def _relation(node: dict[str, Json]) -> Mention:
    return Mention("relation", relation_name(node), node.get("location", 0), node)


def _function(node: dict[str, Json]) -> Mention:
    return Mention("function", strings(node.get("funcname", ())), node.get("location", 0), node)


def _type(node: dict[str, Json]) -> Mention:
    return Mention("type", name_of_type(node), node.get("location", 0), node)


def _query(node: dict[str, Json]) -> Mention:
    return Mention("query", (), node.get("location", 0), node)


_MENTIONS = {
    "ColumnRef": _column,
    "RangeVar": _relation,
    "relation": _relation,
    "FuncCall": _function,
    "TypeName": _type,
    "typeName": _type,
    "SubLink": _query,
}
