"""TOML with positions: every key and value knows where it stands, and one broken line costs only itself.

The structure is read here, statement by statement, because a grammar with automatic error recovery joins the
halves of two broken lines into a setting that nobody wrote; the scalars are read by `tomllib`. A text without
problems means exactly what `tomllib` says it means. No message repeats what the user wrote: it may be a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal, NamedTuple

from mig_lsp.core.text import Span

Scalar = str | int | float | bool | datetime | date | time

_LONGEST = 100_000  # code points; a file of another kind under this name must not stall the editor
_DEEPEST = 16
_MOST_PROBLEMS = 100

_COMMENT = r"#[^\x00-\x08\x0a-\x1f\x7f]*+"
_ONE_LINE = r""""(?!"")(?:[^"\\\n\r]++|\\[^\n\r])*+"|'(?!'')[^'\n\r]*+'"""
_NAME = rf"""(?:[A-Za-z0-9_-]++|{_ONE_LINE})"""
_KEY = re.compile(_NAME)
_STRING = re.compile(
    rf'''"""(?:[^"\\]++|\\[\s\S]|"{{1,2}}(?!"))*+"{{3,5}}|\'\'\'(?:[^']++|'{{1,2}}(?!'))*+'{{3,5}}|{_ONE_LINE}'''
)
_BARE_VALUE = re.compile(r"""[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[^\s,\]}#]*|[^\s,\[\]{}#"'=]+""")
_SPACE = re.compile(r"[ \t]*+")
_SPACE_OR_LINES = re.compile(rf"(?:[ \t]++|\r?\n|{_COMMENT}(?=\r?\n|\Z))*+")
_END = re.compile(rf"[ \t]*+(?:{_COMMENT})?(?:\r?\n|\Z)")
_LINE = re.compile(r"[^\n\r]*+")
_STATEMENT = re.compile(
    rf"^[ \t]*+(?:\[\[?[ \t]*+{_NAME}(?:[ \t]*+\.[ \t]*+{_NAME})*+[ \t]*+\]\]?[ \t]*+(?:#.*)?\r?$|{_NAME}[ \t]*+[=.])",
    re.MULTILINE,
)


class Value(NamedTuple):
    """A value and where it stands; *data* is None where the text is broken and a problem says so."""

    span: Span
    data: Scalar | list[Value] | Table | None


class Entry(NamedTuple):
    """One key of a table: where the last part of its name stands, and its value."""

    key: Span
    value: Value


@dataclass(slots=True)
class Table:
    """Keys by name, in file order; *origin* tells which later lines may still add to it."""

    origin: Literal["header", "implicit", "dotted", "inline", "element"]
    entries: dict[str, Entry] = field(default_factory=dict)


class Problem(NamedTuple):
    """A stretch of the text that is not TOML, and why."""

    span: Span
    message: str


class Document(NamedTuple):
    """All that could be read, and what could not, in file order."""

    root: Table
    problems: tuple[Problem, ...]


def parse(text: str) -> Document:
    """*text* as a tree of tables; a line that cannot be read is a problem, and all others still count."""
    root = Table("header")
    if len(text) > _LONGEST:
        return Document(root, (Problem(Span(0, 0), f"This file is not read: it is longer than {_LONGEST} characters"),))
    problems: list[Problem] = []
    table = root
    pos = 1 if text.startswith("\ufeff") else 0
    while len(problems) <= _MOST_PROBLEMS and (pos := _after(_SPACE_OR_LINES, text, pos)) < len(text):
        try:
            if text[pos] == "[":
                table, pos = _header(text, pos, root, problems)
            else:
                pos = _pair(text, pos, table, problems)
            pos = _line_end(text, pos, problems)
        except _BrokenError as broken:
            problems.append(Problem(broken.span, broken.message))
            if text[pos] == "[":
                table = Table("header")  # keys of a table without a readable name must not count for the one above
            pos = _resume(text, broken)
    problems.sort()
    if len(problems) > _MOST_PROBLEMS:
        message = "Too much of this file is broken: no more is said, and what stands below may not count"
        problems[_MOST_PROBLEMS:] = [Problem(problems[_MOST_PROBLEMS].span, message)]
    return Document(root, tuple(problems))


class _BrokenError(Exception):
    """The statement at hand cannot be read further; *inside* means that a bracket was open."""

    def __init__(self, span: Span, message: str, inside: bool = False) -> None:
        super().__init__(message)
        self.span, self.message, self.inside = span, message, inside


class _Name(NamedTuple):
    text: str
    span: Span


def _header(text: str, start: int, root: Table, problems: list[Problem]) -> tuple[Table, int]:
    """The table that the header at *start* opens, and the offset behind the header."""
    brackets = 2 if text.startswith("[[", start) else 1
    names, pos = _names(text, _after(_SPACE, text, start + brackets))
    if text.startswith("]" * brackets, pos):
        pos += brackets
    else:
        rest = _rest_of_line(text, pos)
        problems.append(
            Problem(Span(start, max(pos, rest.end)), f"This table name is not closed: end it with {']' * brackets}")
        )
        pos = rest.end
    return _opened(root, names, brackets == 2, Span(start, pos), problems), pos


def _opened(root: Table, names: list[_Name], element: bool, header: Span, problems: list[Problem]) -> Table:
    """The table that *names* stand for; one that stands nowhere when the name is already taken."""
    table = root
    for name in names[:-1]:
        inner = _inner(table, name)
        if inner is None:
            problems.append(_taken(name))
            return Table("header")
        table = inner
    last = names[-1]
    known = table.entries.get(last.text)
    if element:
        new = Table("element")
        if known is None:
            table.entries[last.text] = Entry(last.span, Value(header, [Value(header, new)]))
        elif (elements := _elements(known)) is not None:
            elements.append(Value(header, new))
        else:
            problems.append(_taken(last))
        return new
    if known is None:
        new = Table("header")
        table.entries[last.text] = Entry(last.span, Value(header, new))
        return new
    data = known.value.data
    if not isinstance(data, Table) or data.origin == "inline":
        problems.append(_taken(last))
        return Table("header")
    if data.origin != "implicit":
        problems.append(_taken(last))
        return data
    data.origin = "header"
    table.entries[last.text] = Entry(last.span, Value(header, data))
    return data


def _inner(table: Table, name: _Name) -> Table | None:
    """The table called *name* on the way of a header, made when there is none; None when the name is taken."""
    known = table.entries.get(name.text)
    if known is None:
        new = Table("implicit")
        table.entries[name.text] = Entry(name.span, Value(name.span, new))
        return new
    data = known.value.data
    if isinstance(data, Table):
        return None if data.origin == "inline" else data
    elements = _elements(known)
    last = elements[-1].data if elements else None
    return last if isinstance(last, Table) else None


def _elements(entry: Entry) -> list[Value] | None:
    """The list behind `[[name]]`; None for all else, also for an array written with brackets."""
    data = entry.value.data
    if not isinstance(data, list) or not data:
        return None
    return data if isinstance(data[0].data, Table) and data[0].data.origin == "element" else None


def _pair(text: str, start: int, table: Table, problems: list[Problem], depth: int = 0) -> int:
    """Reads `key = value` at *start* into *table*; the offset behind the value."""
    names, pos = _names(text, start)
    whole = Span(start, names[-1].span.end)
    if not text.startswith("=", pos):
        raise _BrokenError(whole, "This key has no value: write key = value on one line", depth > 0)
    try:
        value, pos = _value(text, _after(_SPACE, text, pos + 1), problems, depth)
    except _BrokenError as broken:
        _put(table, names, Value(broken.span, None), problems)
        if broken.span.start == broken.span.end:
            raise _BrokenError(Span(start, pos + 1), broken.message, broken.inside) from None
        raise
    _put(table, names, value, problems)
    return pos


def _put(table: Table, names: list[_Name], value: Value, problems: list[Problem]) -> None:
    """Sets the key *names*, unless it is already set; the first one counts."""
    for name in names[:-1]:
        known = table.entries.get(name.text)
        if known is None:
            inner = Table("dotted")
            table.entries[name.text] = Entry(name.span, Value(name.span, inner))
            table = inner
            continue
        data = known.value.data
        if not isinstance(data, Table) or data.origin not in ("dotted", "implicit"):
            problems.append(_taken(name))
            return
        data.origin = "dotted"
        table = data
    last = names[-1]
    if last.text in table.entries:
        problems.append(_taken(last))
    else:
        table.entries[last.text] = Entry(last.span, value)


def _names(text: str, pos: int) -> tuple[list[_Name], int]:
    """The dotted name at *pos*, and the offset of what follows it."""
    names: list[_Name] = []
    start = pos
    while True:
        match = _KEY.match(text, pos)
        if match is None:
            message = "This line is not TOML: write key = value or [table], and quotes around a name like 'é' or 'a b'"
            raise _BrokenError(_rest_of_line(text, start), message)
        name = match.group()
        read = _scalar(name) if name[0] in "\"'" else name
        if not isinstance(read, str):
            raise _BrokenError(Span(*match.span()), "This name holds a character or an escape that TOML does not allow")
        names.append(_Name(read, Span(*match.span())))
        if len(names) > _DEEPEST:
            raise _BrokenError(Span(start, match.end()), f"This name has more than {_DEEPEST} parts: it is not read")
        pos = _after(_SPACE, text, match.end())
        if not text.startswith(".", pos):
            return names, pos
        pos = _after(_SPACE, text, pos + 1)


def _value(text: str, pos: int, problems: list[Problem], depth: int) -> tuple[Value, int]:
    """The value at *pos*, and the offset behind it."""
    if depth > _DEEPEST:
        raise _BrokenError(_rest_of_line(text, pos), f"Values nested deeper than {_DEEPEST} are not read", inside=True)
    first = text[pos : pos + 1]
    if first == "[":
        return _array(text, pos, problems, depth)
    if first == "{":
        return _inline_table(text, pos, problems, depth)
    quoted = first in ("'", '"')
    match = (_STRING if quoted else _BARE_VALUE).match(text, pos)
    if match is None:
        if quoted:
            message = "This text is not closed: end it with the quote it begins with, on the same line"
            raise _BrokenError(_rest_of_line(text, pos), message, depth > 0)
        raise _BrokenError(Span(pos, pos), "A value is missing here", depth > 0)
    span = Span(*match.span())
    data = _scalar(match.group())
    if data is None and quoted:
        message = (
            "This text holds a character or an escape that TOML does not allow: write \\\\ for \\, or use single quotes"
        )
        problems.append(Problem(span, message))
    elif data is None:
        message = "This is not a value: text needs double quotes, true and false are in lower case"
        if depth == 0:
            raise _BrokenError(_rest_of_line(text, pos), message)
        problems.append(Problem(span, message))
    return Value(span, data), span.end


def _array(text: str, start: int, problems: list[Problem], depth: int) -> tuple[Value, int]:
    items: list[Value] = []
    end = start + 1
    while True:
        pos = _after(_SPACE_OR_LINES, text, end)
        if text.startswith("]", pos):
            return Value(Span(start, pos + 1), items), pos + 1
        if pos == len(text):
            raise _BrokenError(Span(start, end), "This array is not closed: end it with ]", inside=True)
        item, end = _value(text, pos, problems, depth + 1)
        items.append(item)
        pos = _after(_SPACE_OR_LINES, text, end)
        if text.startswith(",", pos):
            end = pos + 1
        elif not text.startswith("]", pos):
            message = "This array is not closed, or a comma is missing: write [value, value]"
            raise _BrokenError(Span(start, end), message, inside=True)


def _inline_table(text: str, start: int, problems: list[Problem], depth: int) -> tuple[Value, int]:
    table = Table("inline")
    pos = _after(_SPACE, text, start + 1)
    if text.startswith("}", pos):
        return Value(Span(start, pos + 1), table), pos + 1
    while True:
        if _KEY.match(text, pos) is None:
            message = "A key is missing in this table: write { key = value, key = value } on one line"
            raise _BrokenError(Span(start, pos), message, inside=True)
        end = _pair(text, pos, table, problems, depth + 1)
        pos = _after(_SPACE, text, end)
        if text.startswith("}", pos):
            return Value(Span(start, pos + 1), table), pos + 1
        if not text.startswith(",", pos):
            message = "This table is not closed, or a comma is missing: write { key = value, key = value } on one line"
            raise _BrokenError(Span(start, end), message, inside=True)
        pos = _after(_SPACE, text, pos + 1)


def _scalar(snippet: str) -> Scalar | None:
    """What one string, number, boolean or date means; None when TOML does not allow it."""
    import tomllib

    try:
        value: Scalar = tomllib.loads(f"v = {snippet}")["v"]
    except ValueError:  # also a number with more digits than Python converts
        return None
    return value


def _line_end(text: str, pos: int, problems: list[Problem]) -> int:
    """The start of the next line; what still stands on this one is a problem."""
    match = _END.match(text, pos)
    if match is not None:
        return match.end()
    start, end = _rest_of_line(text, _after(_SPACE, text, pos))
    rest = Span(start, max(end, start + 1))  # a carriage return alone is no line end in TOML, and ends ours
    problems.append(Problem(rest, "This is not read: a key and its value, or a table name, stand alone on their line"))
    return rest.end


def _resume(text: str, broken: _BrokenError) -> int:
    """Where to read on: the next line, or, when a bracket was open, the next line that begins a statement."""
    pos = _after(_LINE, text, broken.span.end)
    if broken.inside:
        match = _STATEMENT.search(text, pos)
        return match.start() if match else len(text)
    return pos + 1 if text.startswith("\r", pos) else pos  # alone it ends no line in TOML, and would stop us here


def _taken(name: _Name) -> Problem:
    return Problem(name.span, "This name is already used above: the first one counts, remove one of the two")


def _rest_of_line(text: str, pos: int) -> Span:
    """From *pos* to the end of its line, without blanks at the end."""
    return Span(pos, pos + len(text[pos : _after(_LINE, text, pos)].rstrip()))


def _after(pattern: re.Pattern[str], text: str, pos: int) -> int:
    """The offset behind *pattern* at *pos*; *pos* when it does not match."""
    match = pattern.match(text, pos)
    return match.end() if match else pos
