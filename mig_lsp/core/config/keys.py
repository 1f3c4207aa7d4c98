"""Tables of settings, declared once: a dataclass whose annotated fields say what each key means and accepts.

`Annotated[str | None, Key(...)]` declares a key; its name is the field's with `-` for `_`, and it must be given when
the field has no default. Reading, messages and JSON Schema follow from that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_type_hints

from mig_lsp.core.config.toml import Table, Value
from mig_lsp.core.text import Span

Say = Callable[[Span, str], None]


@dataclass(frozen=True, slots=True)
class Text:
    """Accepts text that matches *pattern* and that *read* does not turn into None; a list of such texts when *many*."""

    expected: str
    pattern: str
    read: Callable[[str], str | None] = str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """Accepts a whole number between two others, both included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Accepts one of a few words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """What one key means and accepts. The value of a *private* key is never repeated in a message."""

    doc: str
    example: str | int | tuple[str, ...]
    accepts: Text | Number | Choice
    private: bool = False


def keys_of(kind: type) -> Mapping[str, Key]:
    """The keys that *kind* declares, by name, in order."""
    hints = get_type_hints(kind, include_extras=True)
    return {_key_name(field.name): hints[field.name].__metadata__[0] for field in fields(kind)}


def required_keys(kind: type) -> tuple[str, ...]:
    """The names of the keys without a default."""
    return tuple(_key_name(field.name) for field in fields(kind) if field.default is MISSING)


def defaults(kind: type) -> Mapping[str, object]:
    """The default of each key that has one."""
    return {_key_name(field.name): field.default for field in fields(kind) if field.default is not MISSING}


def read_keys(kind: type, table: Table, name: str, say: Say) -> dict[str, Any]:
    """The values that *table*, called *name*, gives to the fields of *kind*; what cannot be read is said and left out.

    They are of the types of the fields, which a type checker cannot follow.
    """
    keys = keys_of(kind)
    read: dict[str, Any] = {}
    for key, entry in table.entries.items():
        if entry.value.data is None:  # broken, and said where it broke
            continue
        if key not in keys:
            say(entry.key, unknown(f"{name}.{key}", key, keys, f"the keys of [{name}] are"))
            continue
        value = _accepted(keys[key], f"{name}.{key}", entry.value, say)
        if value is not None:
            read[key.replace("-", "_")] = value
    return read


def unknown(name: str, key: str, known: Collection[str], otherwise: str) -> str:
    """The message for *key*, called *name* in full, which is none of *known*."""
    return f"{shown(name)} is unknown, so it has no effect: {_nearest(key, known) or _listed(otherwise, known)}"


def wrong(name: str, value: Value, expected: str, instead: str, private: bool = False) -> str:
    """The message for the value of the key *name*, which is not as *expected*; *instead* leads to a good one."""
    return f"{shown(name)} is {_found(value, private)}, so it has no effect: write {expected}{instead}"


def shown(name: str) -> str:
    """A name as a message may show it: short, on one line, without characters that cannot be seen."""
    short = name if len(name) <= 60 else name[:60] + "…"
    return short if short.isprintable() else repr(short)[1:-1]


def _accepted(key: Key, name: str, value: Value, say: Say) -> object:
    """What *value* means for *key*; None when it means nothing, which is then said."""
    accepts, data = key.accepts, value.data
    instead = _example(name, key)
    found: object = None
    if isinstance(accepts, Number):
        expected = f"a whole number from {accepts.least} to {accepts.most}"
        if isinstance(data, int | float) and not isinstance(data, bool) and accepts.least <= data <= accepts.most:
            found = int(data) if data == int(data) else None
    elif isinstance(accepts, Choice):
        expected = "one of " + ", ".join(json.dumps(word) for word in accepts.words)
        found = data if data in accepts.words else None
        nearest = _nearest(data, accepts.words) if isinstance(data, str) and not found else ""
        instead = f"; {nearest}" if nearest else ""
    elif accepts.many:
        expected = accepts.expected
        if isinstance(data, list):
            return _accepted_items(key, accepts, name, data, say)
    else:
        expected = accepts.expected
        found = _text(accepts, data)
    if found is None:
        say(value.span, wrong(name, value, expected, instead, key.private))
    return found


def _accepted_items(key: Key, accepts: Text, name: str, items: list[Value], say: Say) -> tuple[str, ...] | None:
    found = []
    for item in items:
        text = _text(accepts, item.data)
        if text is not None:
            found.append(text)
        elif item.data is not None:
            say(item.span, wrong(f"One of {name}", item, accepts.expected, _example(name, key), key.private))
    # A list of nothing but mistakes leaves the default in force: an empty one could switch a protection off.
    return tuple(found) if found or not items else None


def _text(accepts: Text, data: object) -> str | None:
    if not isinstance(data, str) or not re.fullmatch(accepts.pattern, data):
        return None
    return accepts.read(data)


def _example(name: str, key: Key) -> str:
    example = list(key.example) if isinstance(key.example, tuple) else key.example
    return f", for example {name.rpartition('.')[2]} = {json.dumps(example)}"


def _found(value: Value, private: bool) -> str:
    """What stands there, in words or as it is; only a word for its type when it is *private*."""
    data = value.data
    if isinstance(data, Table):
        return "a table"
    if isinstance(data, list):
        return "a list"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        return "of the wrong form" if private else repr(data if len(data) <= 60 else data[:60] + "…")
    if isinstance(data, int | float):
        return "a number" if private or abs(data) > 1e15 else str(data)
    return "a date"


def _nearest(key: str, known: Collection[str]) -> str:
    if len(key) > 60:
        return ""
    from difflib import get_close_matches

    nearest = get_close_matches(key.lower().replace("_", "-"), known, 1)
    return f"did you mean {nearest[0]}?" if nearest else ""


def _listed(otherwise: str, known: Collection[str]) -> str:
    if len(known) > 20:
        return otherwise
    return f"{otherwise} {', '.join(known)}"


def _key_name(field: str) -> str:
    return field.replace("_", "-")
