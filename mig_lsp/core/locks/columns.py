"""What adding a column, or changing its type, does to the rows that are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from mig_lsp.core.sql.parts import ColumnDef

Name = tuple[str, ...]

_OWN = """
    array_sample array_shuffle clock_timestamp currval gen_random_uuid lastval nextval random random_normal setval
    timeofday uuidv4 uuidv7
"""
_OF_EXTENSIONS = "gen_random_bytes gen_salt uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4"

VOLATILE = frozenset((*_OWN.split(), *_OF_EXTENSIONS.split()))
"""Functions that give another value for each row: PostgreSQL's own, then those of pgcrypto and uuid-ossp. About any
other function that is not PostgreSQL's own the text says nothing."""

_SERIAL = {"smallserial", "serial", "bigserial", "serial2", "serial4", "serial8"}


def added_column(column: ColumnDef, table: Name) -> Iterator[tuple[str, list[Name]]]:
    """The rows of the table of facts that hold for ADD COLUMN, each with the tables that it refers to."""
    kinds = {node.constraint.contype: node.constraint for node in column.constraints if node.constraint}
    default, generated = kinds.get("CONSTR_DEFAULT"), kinds.get("CONSTR_GENERATED")
    filled = is_serial(column) or not kinds.keys().isdisjoint(_FILLS)
    if is_serial(column):
        yield "ADD COLUMN of a serial type", []
    elif "CONSTR_IDENTITY" in kinds:
        yield "ADD COLUMN as IDENTITY", []
    elif generated is not None:
        yield f"ADD COLUMN GENERATED {'VIRTUAL' if generated.generated_kind == 'v' else 'STORED'}", []
    elif default is not None and not VOLATILE.isdisjoint(_functions(default.raw_expr)):
        yield "ADD COLUMN with a volatile default", []
    else:
        yield "ADD COLUMN", []
    if not filled and ("CONSTR_NOTNULL" in kinds or "CONSTR_PRIMARY" in kinds):
        yield "ADD COLUMN NOT NULL without a default", []
    if "CONSTR_CHECK" in kinds:
        yield "ADD COLUMN with CHECK", []
    if "CONSTR_UNIQUE" in kinds or "CONSTR_PRIMARY" in kinds:
        yield "ADD COLUMN with UNIQUE", []
    foreign = kinds.get("CONSTR_FOREIGN")
    if foreign is not None and foreign.pktable is not None:
        others = [foreign.pktable.name] if foreign.pktable.name != table else []
        yield f"ADD COLUMN with REFERENCES{' and a default' if filled else ''}", others


_FILLS = ("CONSTR_DEFAULT", "CONSTR_GENERATED", "CONSTR_IDENTITY")


def is_serial(column: ColumnDef) -> bool:
    """Whether the type is one of the serial ones, which are no types but a default with a sequence."""
    name = column.type_name.name if column.type_name else ()
    return len(name) == 1 and name[0] in _SERIAL


def keeps_rows(old: str, old_typmods: Name, new: str, new_typmods: Name, *, utc: bool = False) -> bool:
    """Whether a column's type can change from *old* to *new* without a new copy of the table.

    Types are built-in ones by their names in pg_type ("varchar", "int4"), typmods as written. *utc* says that the
    server's time zone is known to be UTC, which makes the two timestamps the same. A USING with more than the column
    is not considered.
    """
    if (old, old_typmods) == (new, new_typmods):
        return True
    match old, new:
        case "varchar", "varchar":
            return not new_typmods or (bool(old_typmods) and int(old_typmods[0]) <= int(new_typmods[0]))
        case "varchar", "text":
            return True
        case "text", "varchar":
            return not new_typmods
        case "varbit", "varbit":
            return not new_typmods or (bool(old_typmods) and int(old_typmods[0]) <= int(new_typmods[0]))
        case "numeric", "numeric":
            return not new_typmods or (bool(old_typmods) and _fits(old_typmods, new_typmods))
        case ("timestamp", "timestamp") | ("timestamptz", "timestamptz") | ("time", "time") | ("timetz", "timetz"):
            return _precision(old_typmods) <= _precision(new_typmods)
        case ("timestamp", "timestamptz") | ("timestamptz", "timestamp"):
            return utc and _precision(new_typmods) == 6
        case ("cidr", "inet") | ("xml", "text") | ("xml", "varchar") | ("bit", "varbit"):
            return not new_typmods
        case (("int4" | "oid" | "regclass"), ("int4" | "oid" | "regclass")):
            return True
        case _:
            return False


def needs_new_rows(new: str) -> bool:
    """Whether a column of any other type that applications use gets new rows when it becomes *new*.

    Of a type that is not PostgreSQL's own the name tells nothing: it may be a domain.
    """
    return new in _COPIED


_COPIED = frozenset(
    ("bool", "int2", "int4", "int8", "float4", "float8", "bpchar", "bytea", "date", "interval", "json", "jsonb", "uuid")
)


def _fits(old: Name, new: Name) -> bool:
    """Whether a numeric keeps its scale and loses no digits."""
    scale = int(old[1]) if len(old) > 1 else 0
    return scale == (int(new[1]) if len(new) > 1 else 0) and int(old[0]) <= int(new[0])


def _precision(typmods: Name) -> int:
    return int(typmods[0]) if typmods else 6


def _functions(expression: msgspec.Raw) -> Iterator[str]:
    """The names of all functions that are called anywhere in *expression*, without their schemas."""
    try:
        todo: list[Any] = [msgspec.json.decode(expression)]
    except RecursionError:
        return
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            todo += item
        elif isinstance(item, dict):
            call = item.get("FuncCall")
            if isinstance(call, dict) and call.get("funcname"):
                yield call["funcname"][-1].get("String", {}).get("sval", "")
            todo += item.values()
