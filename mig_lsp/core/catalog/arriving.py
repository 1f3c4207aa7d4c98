"""The rows that an INSERT is sure to make: those that the table refuses whatever is in it already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mig_lsp.core.catalog.expressions import Constant, Json, constant
from mig_lsp.core.catalog.literals import refused
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.scope import Reading
from mig_lsp.core.catalog.types import display
from mig_lsp.core.catalog.values import Column, EnumType, Index, Key, Table, type_key
from mig_lsp.core.sql.names import quoted

_BEFORE_INSERT = 4
_INTEGERS = {"int2", "int4", "int8"}


class Values(NamedTuple):
    """The *columns* that are given values, and the *rows* of these as List nodes; no rows mean DEFAULT VALUES.

    *override* is what the statement says of identity columns.
    """

    columns: Sequence[str]
    rows: Sequence[Json]
    override: str = ""


def refused_rows(values: Values, table: Table, reading: Reading) -> None:
    """Notes NULL for columns that must have a value, and literals that no CHECK lets them have."""
    if not _plain(table):
        return
    _nulls(values, table, reading)
    _indexed(values, table, reading)
    checked = _checked(table, values.columns, reading.moment)
    for row in values.rows if checked else ():
        items = row.get("List", {}).get("items", ())
        for index, check in checked.items():
            if index < len(items):
                _allowed(table.columns[values.columns[index]], constant(items[index]), check, table.key, reading)


def _indexed(values: Values, table: Table, reading: Reading) -> None:
    """Notes literals for a column of text that an index casts to what they are no value of."""
    moment = reading.moment
    for key in sorted(table.indexes):
        index = moment.get(key)
        if not isinstance(index, Index) or index.predicate or not index.uses:
            continue
        for name, of in index.casts:
            column = table.columns.get(name)
            if name not in values.columns or name not in index.uses or column is None or not _is_text(column):
                continue
            place = values.columns.index(name)
            items = (row.get("List", {}).get("items", ()) for row in values.rows)
            for const in (constant(each[place]) for each in items if place < len(each)):
                found = refused(const, of, moment) if const is not None else None
                if const is None or found is None or not reading.first("value", name, const.text):
                    continue
                detail = f"index {quoted(key[-1])} casts {quoted(name)} to {display(of)}, and {const.text!r} is none"
                moment.object("invalid", "value", (name,), found.sqlstate, const.location, of=table.key, detail=detail)


def _is_text(column: Column) -> bool:
    return column.type is not None and not column.type.array and column.type[:2] in _TEXTS


_TEXTS = {("pg_catalog", "text"), ("pg_catalog", "varchar")}


def _plain(table: Table) -> bool:
    """Whether a row arrives in the table as it was written: nothing that is known or may be there changes it before."""
    if table.kind != "r" or not table.whole or table.rules:
        return False
    return not any(each.before and each.row and each.events & _BEFORE_INSERT for each in table.triggers.values())


def _checked(table: Table, columns: Sequence[str], moment: Moment) -> dict[int, tuple[str, frozenset[str]]]:
    """The constraints that let a column have certain literals only, by the column's place in the row."""
    if not _plain(table):
        return {}
    found: dict[int, tuple[str, frozenset[str]]] = {}
    for constraint in table.constraints.values():
        if constraint.kind != "check":
            continue
        for name, values in constraint.values.items():
            column = table.columns.get(name)
            if name in columns and column is not None and column.type is not None and _compares(column, moment):
                found[columns.index(name)] = (constraint.name, values)
    return found


def _compares(column: Column, moment: Moment) -> bool:
    """Whether two literals of the column's type are equal just when their texts are."""
    of = column.type
    if of is None or of.array:
        return False
    if of.schema == "pg_catalog":
        return of.name in {"text", "varchar", "int2", "int4", "int8"}
    return isinstance(moment.get(type_key(of.schema, of.name)), EnumType)


def _allowed(
    column: Column, const: Constant | None, check: tuple[str, frozenset[str]], key: Key | None, reading: Reading
) -> None:
    if const is None or const.kind not in {"string", "number"} or const.text in check[1]:
        return
    of = column.type
    number = of is not None and of.name in {"int2", "int4", "int8"}
    if number != (const.kind == "number") or (number and not const.text.isdecimal()):
        return
    if reading.first("value", column.name, const.text):
        detail = f"constraint {check[0]} allows only " + ", ".join(sorted(check[1]))
        reading.moment.object("invalid", "value", (const.text,), "23514", const.location, of=key, detail=detail)


def _nulls(values: Values, table: Table, reading: Reading) -> None:
    """Notes NULL, or nothing at all, for columns that must have a value."""
    moment = reading.moment
    places = {name: index for index, name in enumerate(values.columns)}
    rows = [row.get("List", {}).get("items", ()) for row in values.rows]
    width = min(map(len, rows), default=0)
    for column in table.columns.values():
        if not column.not_null or column.generated or not _is_own(column, moment):
            continue
        needed = not column.default and not column.identity and column.serial is None
        index = places.get(column.name, width)
        if index >= width:
            if needed and reading.first("null", column.name):
                word = moment.statement.word()
                moment.object("invalid", "null", (column.name,), "23502", word, of=table.key, detail="omitted")
            continue
        if column.identity and "USER" in values.override:
            continue
        location = next((at for row in rows if (at := _null(row[index], needed)) is not None), None)
        if location is not None and reading.first("null", column.name):
            moment.object("invalid", "null", (column.name,), "23502", moment.span(("",), location), of=table.key)


def _null(value: Json, needed: bool) -> int | None:
    """Where NULL stands, or DEFAULT for a column that is *needed* and has none; None for another value."""
    const = constant(value)
    if const is not None:
        return const.location if const.kind == "null" else None
    default = value.get("SetToDefault") if needed and isinstance(value, dict) else None
    return None if default is None else default.get("location", 0)


def _is_own(column: Column, moment: Moment) -> bool:
    """Whether the column's type has no default of its own, as domains may."""
    of = column.type
    if of is None:
        return False
    return of.schema == "pg_catalog" or isinstance(moment.get(type_key(of.schema, of.name)), EnumType)
