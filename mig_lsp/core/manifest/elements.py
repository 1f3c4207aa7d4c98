"""The elements of one array: which are file names, and what is wrong with the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mig_lsp.core.manifest.literal import decode
from mig_lsp.core.manifest.model import Array, Entry, Item, Problem
from mig_lsp.core.manifest.syntax import Source, is_plain_string, unwrapped
from mig_lsp.core.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?=[ \r\n]|$)", re.MULTILINE)
_LINE_BREAK = re.compile(r"[\r\n]")
_SAVED = re.compile(r"//[^\r\n]*|/\*.*?(?:\*/|\Z)|([\"'`])([^\"'`\\\r\n]{1,250}\.sql)\1(?:[ \t]*(,))?", re.DOTALL)
_LITERALS = frozenset(("number", "true", "false", "null", "undefined", "object", "array", "regex"))
_HOLE = "there is no file name before this comma, so the runner fails here; remove it"
_SHOWN = 40


class Elements(NamedTuple):
    """An array, what is wrong with its elements, and where its syntax is broken first, if anywhere."""

    array: Array
    problems: list[Problem]
    broken: Span | None


def read_elements(source: Source, name: str, nodes: list[Node], initial: bool = False) -> Elements:
    """The array whose tokens are *nodes*, from its `[` on.

    Where the syntax is broken, the strings that end in ".sql" are still entries.
    """
    items: list[Item] = []
    commas: list[int] = []
    problems: list[Problem] = []
    broken: list[Span] = []
    for node in nodes[1:]:
        kind = node.type
        if kind == ",":
            commas.append(source.offset(node.start_byte))
        elif kind in ("comment", "]") or node.is_missing:
            continue
        elif node.has_error and not is_plain_string(node):
            broken.append(source.span(node))
        else:
            item = Item(source.span(node), entry=_entry(source, node, initial))
            items.append(item)
            if item.entry is None:
                problems.append(Problem(item.span, _complaint(source, node)))
    if broken:
        # A stray quote turns the strings behind it inside out, so everything between two broken parts is doubtful.
        doubtful = Span(broken[0].start, broken[-1].end)
        items = [item for item in items if not doubtful.start <= item.span.start < doubtful.end]
        commas = [comma for comma in commas if not doubtful.start <= comma < doubtful.end]
        for item, comma in _saved(source.text, doubtful, initial):
            items.append(item)
            commas += [comma] if comma is not None else []
        items.sort(key=lambda item: item.span)
        commas.sort()
    span = Span(source.offset(nodes[0].start_byte), source.offset(nodes[-1].end_byte))
    closed = nodes[-1].type == "]" and not nodes[-1].is_missing
    if not closed and not broken:
        broken = [Span(span.start, span.start + 1)]
    items, holes = _with_commas(items, commas)
    problems += [Problem(Span(at, at + 1), _HOLE) for at in holes] if not broken else []
    return Elements(Array(name, span, tuple(items), closed), problems, broken[0] if broken else None)


def syntax_problem(source: Source, elements: Elements) -> Problem | None:
    """Where the syntax of the array is broken: at a merge conflict in it, or at the first token out of place."""
    if elements.broken is None:
        return None
    start, end = elements.broken
    name = elements.array.name
    marker = conflict(source.text, elements.array.span)
    if marker is not None:
        return Problem(
            marker, f"a merge conflict in '{name}' is not resolved, so the runner cannot load it; resolve it"
        )
    line = _LINE_BREAK.search(source.text, start, end)
    span = Span(start, line.start() if line else end)
    return Problem(span, f"the array '{name}' has a syntax error here, so the runner cannot load it; correct it")


def excerpt(source: Source, node: Node) -> str:
    """The first line of *node*, short enough for a message."""
    text = source.head(node, _SHOWN + 1)
    line = _LINE_BREAK.split(text, maxsplit=1)[0]
    return line if line == text and len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


def conflict(text: str, span: Span) -> Span | None:
    """The first marker of a merge conflict inside *span*."""
    match = _CONFLICT.search(text, span.start, span.end)
    return Span(match.start(), match.end()) if match else None


def _entry(source: Source, node: Node, initial: bool) -> Entry | None:
    """The file that the element *node* names, None when it is no string that is closed on its line."""
    if node.type != "string":
        node = unwrapped(node)
        if not is_plain_string(node):
            return None
    start, end = source.span(node)
    raw = source.text[start + 1 : end - 1]
    if end - start < len("''") or "\n" in raw or "\r" in raw or node.has_error:
        return None
    return Entry(decode(raw), Span(start + 1, end - 1), initial)


def _complaint(source: Source, node: Node) -> str:
    shown = excerpt(source, node)
    if node.type == "spread_element":
        return f"'{shown}' cannot be read without running the code, so its files are unknown here; list their names"
    if is_plain_string(unwrapped(node)):
        return f"the string {shown} is not closed on its line, so it names no file; add the closing quote"
    if node.type in _LITERALS:
        return f"'{shown}' is not a file name, so the runner fails on it; write a string"
    return f"'{shown}' is computed, so the file is unknown here; write its name as a plain string"


def _saved(text: str, broken: Span, initial: bool) -> Iterator[tuple[Item, int | None]]:
    """The files named in a part whose syntax is broken, each with the offset of the comma behind it."""
    for match in _SAVED.finditer(text, broken.start, broken.end):
        if match[1]:
            entry = Entry(decode(match[2]), Span(*match.span(2)), initial)
            yield Item(Span(match.start(1), match.end(2) + 1), entry=entry), match.start(3) if match[3] else None


def _with_commas(items: list[Item], commas: list[int]) -> tuple[list[Item], list[int]]:
    """The items, each with the first comma between it and the next, and the commas that are left over."""
    placed: list[Item] = []
    spare: list[int] = []
    upcoming = iter(items)
    item = next(upcoming, None)
    following = next(upcoming, None)
    for comma in commas:
        while item is not None and following is not None and following.span.start < comma:
            placed.append(item)
            item, following = following, next(upcoming, None)
        if item is None or comma < item.span.start or item.comma is not None:
            spare.append(comma)
        else:
            item = Item(item.span, comma, item.entry)
    rest = [each for each in (item, following, *upcoming) if each is not None]
    return placed + rest, spare
