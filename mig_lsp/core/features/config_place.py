"""Where in `mig-lsp.toml` a place is: in which table, and at a key, at a value or at a table's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from mig_lsp.core.config.keys import Key, keys_of
from mig_lsp.core.config.model import LOG_SOURCES, Drizzle, LogSourceKind, Migrations, RuleConfig, RunnerConfig
from mig_lsp.core.config.toml import Table, Value, parse
from mig_lsp.core.text import Lines, Span

TABLES: Mapping[str, type] = {"migrations": Migrations, "runner": RunnerConfig, "drizzle": Drizzle}


class ConfigPlace(NamedTuple):
    """What stands at the cursor. *table* is the path of the table it is in, *key* the key before the cursor's value.

    *span* is the word that the cursor is in, quotes included; *before* the part of it in front of the cursor.
    """

    table: tuple[str, ...]
    where: Literal["table", "key", "value"]
    key: str
    span: Span
    before: str


class FoundKey(NamedTuple):
    """A key in the file: its full name, what it means, and where it stands."""

    name: str
    key: Key
    span: Span


def config_place(lines: Lines, offset: int) -> ConfigPlace | None:
    """Where *offset* of a configuration file is; None in a comment and where nothing can be written."""
    start, end = lines.span(lines.line_at(offset))
    offset = min(offset, end)
    if end - start > _LONGEST:
        return None
    before, after = lines.text[start:offset], lines.text[offset:end]
    match = _LINE_BEFORE.fullmatch(before)
    if match is None:
        return None
    where: Literal["table", "key", "value"]
    if match["header"] is not None:
        where, word = "table", match["header"]
        rest = _TABLE_REST.match(after)
    elif match["key"] is not None:
        where, word = "value", match["value"]
        rest = (_QUOTED_REST if word[:1] in ("'", '"') else _WORD_REST).match(after)
    else:
        where, word = "key", match["word"]
        rest = _WORD_REST.match(after)
    assert rest is not None
    span = Span(offset - len(word), offset + rest.end())
    return ConfigPlace(_table_above(lines.text, start), where, match["key"] or "", span, word)


def keys_in(table: tuple[str, ...], root: Table) -> Mapping[str, Key]:
    """The keys that the table at the path *table* may have, in order; *root* is the whole file."""
    match table:
        case (name,) if name in TABLES:
            return keys_of(TABLES[name])
        case ("rules", _):
            return keys_of(RuleConfig)
        case ("log", environment):
            kind = LOG_SOURCES.get(str(_data(root, "log", environment, "source")))
            return {**keys_of(LogSourceKind), **(keys_of(kind) if kind is not None else {})}
    return {}


def table_at(root: Table, table: tuple[str, ...]) -> Table | None:
    """The table at a path of names, None when there is none."""
    data = _data(root, *table)
    return data if isinstance(data, Table) else None


def key_at(text: str, offset: int) -> FoundKey | None:
    """The known key whose name or value touches *offset*."""
    root = parse(text).root
    for path, table in _tables(root):
        keys = keys_in(path, root)
        for name, entry in table.entries.items():
            span = Span(entry.key.start, max(entry.key.end, entry.value.span.end))
            if name in keys and span.start <= offset <= span.end:
                return FoundKey(".".join((*path, name)), keys[name], entry.key)
    return None


_LONGEST = 1000  # code points of a line
_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\r\n]*"|'[^'\r\n]*')"""
_HEADER = re.compile(rf"^[ \t]*\[[ \t]*({_NAME}(?:[ \t]*\.[ \t]*{_NAME})*)[ \t]*\]", re.M)
_PART = re.compile(_NAME)
_LINE_BEFORE = re.compile(
    rf"""[ \t]*(?:\[(?P<header>[A-Za-z0-9_.-]*)
       |(?P<key>{_NAME}(?:\.{_NAME})*)[ \t]*=[ \t]*(?:\[(?:[^\#\]]*,)?[ \t]*)?
        (?P<value>"[^"\#]*|'[^'\#]*|[A-Za-z0-9_-]*)
       |(?P<word>[A-Za-z0-9_.-]*))""",
    re.X,
)
_TABLE_REST = re.compile(r"[A-Za-z0-9_.-]*\]?")
_WORD_REST = re.compile(r"[A-Za-z0-9_-]*")
_QUOTED_REST = re.compile(r"""(?:[^"'\r\n#]*["'])?""")


def _table_above(text: str, start: int) -> tuple[str, ...]:
    above = _HEADER.findall(text, 0, start)
    return tuple(part.strip("\"'") for part in _PART.findall(above[-1])) if above else ()


def _data(root: Table, *names: str) -> object:
    data: object = root
    for name in names:
        entry = data.entries.get(name) if isinstance(data, Table) else None
        if entry is None:
            return None
        value: Value = entry.value
        data = value.data
    return data


def _tables(root: Table) -> list[tuple[tuple[str, ...], Table]]:
    """The tables that may hold keys: those at the top, and those one level deeper."""
    found: list[tuple[tuple[str, ...], Table]] = []
    for name, entry in root.entries.items():
        if isinstance(entry.value.data, Table):
            found.append(((name,), entry.value.data))
            found += [
                ((name, inner), each.value.data)
                for inner, each in entry.value.data.entries.items()
                if isinstance(each.value.data, Table)
            ]
    return found
