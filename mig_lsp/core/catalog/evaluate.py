"""The names, types and literals in an expression, held against the sources that it may speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mig_lsp.core.catalog.expressions import Constant, Json, column_of, constant, strings
from mig_lsp.core.catalog.literals import Refused, refused
from mig_lsp.core.catalog.moment import unquoted
from mig_lsp.core.catalog.scope import Level, Reading, Source, column, relation, source_named
from mig_lsp.core.catalog.types import resolve
from mig_lsp.core.catalog.values import Column, Key
from mig_lsp.core.sql.lexer import NAME
from mig_lsp.core.sql.parts import TypeName

_COMPARING = {"=", "<>", "<", ">", "<=", ">="}
_COMPARISONS = {
    "AEXPR_OP",
    "AEXPR_IN",
    "AEXPR_DISTINCT",
    "AEXPR_NOT_DISTINCT",
    "AEXPR_BETWEEN",
    "AEXPR_NOT_BETWEEN",
    "AEXPR_NULLIF",
}
_OF_SEQUENCES = {"nextval", "currval", "setval"}
_CLASS_NAME = re.compile(rf"\s*(?:({NAME})\s*\.\s*)?({NAME})\s*")


def expressions(tree: Json, level: Level, reading: Reading) -> list[Json]:
    """Notes what is wrong in *tree*, one expression or several; comes back with the queries inside, which it leaves."""
    inner: list[Json] = []
    stack = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, list):
            stack.extend(reversed(top))
            continue
        if not isinstance(top, dict):
            continue
        below: list[Json] = []
        for key, value in top.items():
            if key == "ColumnRef":
                _column(value, level, reading)
            elif key == "SelectStmt":
                inner.append(top)
            elif key == "A_Const" or not isinstance(value, dict | list) or _is_repeated(key, value):
                continue
            else:
                look = _LOOKS.get(key)
                if look is not None:
                    look(value, level, reading)
                below.append(value)
        stack.extend(reversed(below))
    return inner


def all_columns(source: Source, reading: Reading) -> None:
    """A star reads all columns of the source."""
    reading.note(source.key)
    if not source.complete:
        reading.doubt(source.key)
    for name in source.columns:
        reading.note(source.key, source.real.get(name, name))


def literal(const: Constant, refusal: Refused | None, reading: Reading, of: Key | None = None, name: str = "") -> None:
    """Notes that the server refuses a literal; *name* is the column of the relation *of* that it is meant for."""
    if refusal is None:
        return
    if refusal.enum is not None:
        if reading.first("label", *refusal.enum, const.text):
            reading.moment.object("missing", "label", (const.text,), "22P02", const.location, of=refusal.enum)
    elif reading.first("value", name, const.text):
        said = (const.text,)
        detail = refusal.detail
        reading.moment.object("invalid", "value", said, refusal.sqlstate, const.location, of=of, detail=detail)


def _is_repeated(kind: str, node: Json) -> bool:
    """Whether it is one more place where the query stands that gives several columns their values."""
    return kind == "MultiAssignRef" and node.get("colno", 0) > 1


def _column(node: Json, level: Level, reading: Reading) -> None:
    name, location = strings(node.get("fields", ())), node.get("location", 0)
    if name[-1:] != ("*",):
        column(name, location, level, reading)
    elif len(name) > 1:
        source = source_named(name[:-1], location, level, reading)
        if source is not None:
            all_columns(source, reading)


def _cast(node: Json, _: Level, reading: Reading) -> None:
    written = node.get("typeName")
    if written is None:
        return
    of = resolve(msgspec.convert(written, TypeName), reading.moment)
    const = constant(node.get("arg"))
    if of is None or const is None or const.kind != "string":
        return
    if (of.schema, of.name, of.array) == ("pg_catalog", "regclass", False):
        _class(const, reading)
    else:
        literal(const, refused(const, of, reading.moment), reading)


def _comparison(node: Json, level: Level, reading: Reading) -> None:
    operator = strings(node.get("name", ()))
    kind = node.get("kind")
    if kind not in _COMPARISONS or (kind == "AEXPR_OP" and (len(operator) != 1 or operator[0] not in _COMPARING)):
        return
    left, right = node.get("lexpr"), node.get("rexpr")
    for one, other in ((left, right), (right, left)):
        name = column_of(one)
        if name is None or name[-1] == "*":
            continue
        literals = [const for const in _literals(other) if const.kind == "string"]
        place = one["ColumnRef"].get("location", 0) if one else 0
        found = column(name, place, level, reading) if literals else None
        if isinstance(found, Column):
            for const in literals:
                literal(const, refused(const, found.type, reading.moment), reading, name=name[-1])


def _literals(tree: Json) -> Iterator[Constant]:
    items = tree["List"].get("items", ()) if isinstance(tree, dict) and "List" in tree else (tree,)
    for item in items:
        const = constant(item)
        if const is not None:
            yield const


def _call(node: Json, _: Level, reading: Reading) -> None:
    name = strings(node.get("funcname", ()))
    if name[-1:] and name[-1] in _OF_SEQUENCES and name[:-1] in {(), ("pg_catalog",)}:
        const = constant(next(iter(node.get("args", ())), None))
        if const is not None and const.kind == "string":
            _class(const, reading)


_LOOKS = {"TypeCast": _cast, "A_Expr": _comparison, "FuncCall": _call}


def _class(const: Constant, reading: Reading) -> None:
    """A relation whose name is a literal."""
    match = _CLASS_NAME.fullmatch(const.text)
    if match is None:
        return
    parts = tuple(unquoted(part) for part in match.groups() if part)
    relation(parts, const.location, reading, "literal")
