"""Which types certainly cannot be compared or turned into each other, as pg_cast and pg_amop have it."""

from __future__ import annotations

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.types import base_type
from mig_lsp.core.catalog.values import EnumType, Type, type_key


def cannot_compare(one: Type | None, other: Type | None, moment: Moment) -> bool:
    """Whether a foreign key from a column of *one* to a column of *other* certainly is impossible."""
    one, other = base_type(one, moment), base_type(other, moment)
    if one is None or other is None or one.array or other.array:
        return False
    if (other.name in _INTEGERS and one.name in _FRACTIONS) or (other.name == "numeric" and one.name in _FLOATS):
        return one.schema == other.schema == "pg_catalog"
    first, second = _family(one, moment), _family(other, moment)
    return bool(first and second) and first != second


def cannot_assign(old: Type | None, new: Type | None, moment: Moment) -> bool:
    """Whether a value of *old* certainly is not turned into one of *new* without being told how (USING)."""
    old, new = base_type(old, moment), base_type(new, moment)
    if old is None or new is None:
        return False
    if new.array and not old.array:
        return _is_known(old) or _is_enum(old, moment)
    if old.array and not new.array:
        return _is_known(new) and new.name not in _STRINGS
    if old[:2] == new[:2]:
        return False
    if _is_enum(new, moment):
        return _is_known(old) or _is_enum(old, moment)
    if not _is_known(new) or new.name in _STRINGS:
        return False
    if _is_enum(old, moment):
        return True
    return _is_known(old) and new.name not in _ASSIGNED.get(old.name, ())


_STRINGS = frozenset({"text", "varchar", "bpchar", "name", "char"})
# The casts of pg_catalog that happen by themselves in an assignment, without those to strings: these always do.
_CASTS = {
    "bit": "varbit",
    "bpchar": "char name",
    "bool": "",
    "bytea": "",
    "char": "",
    "cidr": "inet",
    "date": "timestamp timestamptz",
    "float4": "float8 int2 int4 int8 numeric",
    "float8": "float4 int2 int4 int8 numeric",
    "inet": "cidr",
    "int2": "float4 float8 int4 int8 numeric oid",
    "int4": "float4 float8 int2 int8 money numeric oid",
    "int8": "float4 float8 int2 int4 money numeric oid",
    "interval": "time",
    "json": "jsonb",
    "jsonb": "json",
    "money": "numeric",
    "name": "",
    "numeric": "float4 float8 int2 int4 int8 money",
    "text": "char name",
    "time": "interval timetz",
    "timestamp": "date time timestamptz",
    "timestamptz": "date time timestamp timetz",
    "timetz": "time",
    "uuid": "",
    "varbit": "bit",
    "varchar": "char name",
    "xml": "",
}
_ASSIGNED = {old: frozenset(new.split()) for old, new in _CASTS.items()}
_INTEGERS, _FRACTIONS, _FLOATS = {"int2", "int4", "int8"}, {"numeric", "float4", "float8"}, {"float4", "float8"}
_FAMILIES = {
    name: family
    for family, names in {
        "number": "int2 int4 int8 numeric float4 float8",
        "string": "text varchar bpchar name char",
        "uuid": "uuid",
        "bool": "bool",
        "time": "date timestamp timestamptz",
        "bytes": "bytea",
        "network": "inet cidr",
    }.items()
    for name in names.split()
}


def _is_known(of: Type) -> bool:
    return of.schema == "pg_catalog" and of.name in _CASTS


def _is_enum(of: Type, moment: Moment) -> bool:
    return of.schema != "pg_catalog" and isinstance(moment.get(type_key(of.schema, of.name)), EnumType)


def _family(of: Type, moment: Moment) -> str:
    if of.schema == "pg_catalog":
        return _FAMILIES.get(of.name, "")
    return f"{of.schema}.{of.name}" if _is_enum(of, moment) else ""
