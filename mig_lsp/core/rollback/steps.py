"""What the derivation of rollback SQL is made of: its steps, and what it remembers of the statements so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.parts import Node, TypeName

Name = tuple[str, ...]


class Step(NamedTuple):
    """One statement that undoes, or one line that says why there is none; the other is "".

    *maybe* is the statement that would undo if what the note says is so.
    """

    sql: str = ""
    note: str = ""
    maybe: str = ""


@dataclass(slots=True)
class Made:
    """What earlier statements of the file made for certain: whatever befalls it needs no undoing of its own.

    *maybe* are the tables that may have been there before. Columns and constraints are under their table's name.
    """

    tables: set[Name] = field(default_factory=set)
    maybe: set[Name] = field(default_factory=set)
    columns: set[tuple[Name, str]] = field(default_factory=set)
    constraints: set[tuple[Name, str]] = field(default_factory=set)
    others: set[tuple[str, Name]] = field(default_factory=set)


def perhaps(what: str, undo: str) -> Step:
    """The note for *what* may have been there before; *undo* is the statement for the case that it was not."""
    return Step(note=f"{what} may have been there before: if this migration made it, {undo}", maybe=undo)


def lost(what: str) -> Step:
    """The note for something that is gone and whose definition is not in the statements."""
    return Step(note=f"{what} is gone, and how it was defined is not in this file")


def literal(text: str) -> str:
    """*text* as a string constant."""
    return "'" + text.replace("'", "''") + "'"


_SPELLED = {
    "bool": "boolean",
    "bpchar": "character",
    "float4": "real",
    "float8": "double precision",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "interval": "interval",
    "numeric": "numeric",
    "bit": "bit",
    "varbit": "bit varying",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "varchar": "character varying",
}


def argument_types(parameters: tuple[Node, ...]) -> str | None:
    """The types that tell a routine from others of its name, as DROP FUNCTION takes them; None if `%TYPE` hides one."""
    types = []
    for parameter in parameters:
        argument = parameter.function_parameter
        if argument is not None and argument.mode in _OUTPUT:
            continue
        kind = argument.arg_type if argument is not None else parameter.type_name
        if kind is None or kind.pct_type:
            return None
        types.append(_type(kind))
    return ", ".join(types)


_OUTPUT = {"FUNC_PARAM_OUT", "FUNC_PARAM_TABLE"}


def _type(kind: TypeName) -> str:
    name = kind.name
    spelled = _SPELLED.get(name[1]) if len(name) == 2 and name[0] == "pg_catalog" else None
    return (spelled or quoted(*name)) + "[]" * len(kind.array_bounds)
