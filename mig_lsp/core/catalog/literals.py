"""Which literals a type does not take, as far as the text alone tells: the server refuses them while it reads them.

Every answer is one-sided: what is refused here the server refuses; of what is not, nothing is said.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from mig_lsp.core.catalog.expressions import Constant
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.types import display
from mig_lsp.core.catalog.values import EnumType, Key, Type, type_key


class Refused(NamedTuple):
    """Why a literal does not pass: the SQLSTATE, why in words, and for a label that an enum lacks the type's key."""

    sqlstate: str
    detail: str
    enum: Key | None = None


def refused(literal: Constant, of: Type | None, moment: Moment) -> Refused | None:
    """What the server says against a literal string as a value of the type; None where nothing is certain."""
    if of is None or literal.kind != "string":
        return None
    text = literal.text
    if of.array:
        if text.lstrip(_SPACE)[:1] in {"{", "["}:
            return None
        return Refused("22P02", f"an array is written '{{...}}' and this is no {display(of)}")
    if of.schema != "pg_catalog":
        key = type_key(of.schema, of.name)
        enum = moment.get(key)
        if isinstance(enum, EnumType) and text not in enum.labels:
            return Refused("22P02", "", key)
        return None
    sqlstate = _unreadable(of.name, text)
    return Refused(sqlstate, f"this is no {display(of)}") if sqlstate else None


def not_assigned(literal: Constant, of: Type | None, moment: Moment) -> Refused | None:
    """What the server says when a column of the type is to be given the literal; None where nothing is certain."""
    if of is None or literal.kind in {"null", "bits"}:
        return None
    if literal.kind == "string":
        return refused(literal, of, moment) or _too_long(literal.text, of)
    if not of.array:
        if of.schema == "pg_catalog":
            if of.name not in _NO_CONSTANT[literal.kind]:
                return None
        elif not isinstance(moment.get(type_key(of.schema, of.name)), EnumType):
            return None
    return Refused("42804", f"a {display(of)} is not made of a {_WORDS[literal.kind]}")


def _too_long(text: str, of: Type) -> Refused | None:
    if of.schema != "pg_catalog" or of.name not in {"varchar", "bpchar"} or of.array or len(of.typmods) != 1:
        return None
    limit = of.typmods[0]
    # Spaces beyond the length are cut off without a word.
    if not limit.isdecimal() or len(limit) > 9 or len(text.rstrip(" ")) <= int(limit):
        return None
    return Refused("22001", f"it has {len(text)} characters and {display(of)} takes {limit}")


def _unreadable(name: str, text: str) -> str:
    """The SQLSTATE for a text that is certainly no value of the built-in type, or ""."""
    bare = text.strip(_SPACE)
    if name in _INTEGERS:
        return _no_integer(bare, _INTEGERS[name])
    if name == "bool":
        word = bare.lower()
        known = word in {"on", "off", "of", "1", "0"} or (word and any(full.startswith(word) for full in _BOOLEANS))
        return "" if known else "22P02"
    if name in {"numeric", "float4", "float8"}:
        return "" if _DIGIT.search(bare) or bare.lower().lstrip("+-") in _NO_NUMBERS else "22P02"
    if name == "uuid":
        hexadecimal = text.translate(_NO_SIGNS)
        return "" if len(hexadecimal) == 32 and not _NO_HEXADECIMAL.search(hexadecimal) else "22P02"
    if name in _TIMES:
        return "" if _DIGIT.search(bare) or any(word in bare.lower() for word in _MOMENTS) else "22007"
    if name in {"json", "jsonb"}:
        return "" if _may_be_json(text) else "22P02"
    return ""


def _no_integer(text: str, bits: int) -> str:
    if not _INTEGER.fullmatch(text):
        # Newer servers take 0x1F, 0o17, 0b1 and 1_000.
        return "" if _OTHER_INTEGER.fullmatch(text) else "22P02"
    if len(text) < 5:
        return ""
    number = int(text) if len(text) < 40 else 1 << 64
    return "" if -(1 << (bits - 1)) <= number < 1 << (bits - 1) else "22003"


def _may_be_json(text: str) -> bool:
    if "\\u" in text:  # what is allowed there depends on more than the grammar
        return True
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


_SPACE = " \t\n\r\v\f"
_INTEGERS = {"int2": 16, "int4": 32, "int8": 64}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_OTHER_INTEGER = re.compile(r"[+-]?[0-9][0-9a-fxob_]*", re.I)
_BOOLEANS = ("true", "false", "yes", "no")
_DIGIT = re.compile(r"[0-9]")
_NO_NUMBERS = {"nan", "inf", "infinity"}
_NO_SIGNS = {ord(sign): None for sign in "-{}"}
_NO_HEXADECIMAL = re.compile(r"[^0-9a-fA-F]")
_TIMES = {"date", "timestamp", "timestamptz"}
_MOMENTS = ("now", "today", "tomorrow", "yesterday", "epoch", "infinity")
_PLAIN = frozenset({"bool", "uuid", "date", "timestamp", "timestamptz", "json", "jsonb", "bytea", "interval"})
_NUMBERS = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8"})
_NO_CONSTANT = {
    "number": _PLAIN,
    "boolean": (_PLAIN - {"bool"}) | _NUMBERS,
}
_WORDS = {"number": "number", "boolean": "truth value"}
