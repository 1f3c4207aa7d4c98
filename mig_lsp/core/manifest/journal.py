"""drizzle-kit's `meta/_journal.json`: an array of objects, each with the tag of one migration. Reading and editing."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mig_lsp.core.change import Edit, apply
from mig_lsp.core.manifest.elements import excerpt
from mig_lsp.core.manifest.json_syntax import json_problem
from mig_lsp.core.manifest.literal import decode
from mig_lsp.core.manifest.model import Array, Entry, Item, Manifest, Problem
from mig_lsp.core.manifest.syntax import Source, named_values, parse
from mig_lsp.core.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

ENTRIES = "entries"
_VERSION = re.compile(r'"version"\s*:\s*"([0-9]{1,9})"')
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")
_WORDS = re.compile(b'"entries"')


def read_journal(path: str, text: str) -> Manifest:
    """The journal that *text* is. The name of an entry is its tag with ".sql" behind it; the span is the tag's."""
    source = parse(text, "json")
    broken = json_problem(text)
    problems = [broken] if broken is not None else []
    found = [value for value in named_values(source, _WORDS) if value.name == ENTRIES and value.nodes]
    if not found:
        message = "the journal has no array 'entries', so no migration is known from it; run drizzle-kit generate"
        problems += [] if problems else [Problem(Span(0, 0), message)]
        return Manifest(path, text, "journal", None, (), tuple(problems))
    items, more = _items(source, found[0].nodes)
    nodes = found[0].nodes
    span = Span(source.offset(nodes[0].start_byte), source.offset(nodes[-1].end_byte))
    array = Array(ENTRIES, span, tuple(items), nodes[-1].type == "]" and not nodes[-1].is_missing)
    entries = tuple(item.entry for item in items if item.entry is not None)
    return Manifest(path, text, "journal", ENTRIES, entries, tuple(sorted(problems + more)), migrations_array=array)


def new_object(manifest: Manifest, array: Array, after: int, name: str) -> str:
    """The text of a new entry behind element *after*: that element with another idx, when and tag."""
    text = manifest.text
    tag = json.dumps(name.removesuffix(".sql"), ensure_ascii=False)
    indices = _indices(text, array)
    index = max(indices, default=-1) + 1
    if _is_contiguous(array, indices) and indices:
        index = indices[0] + after + 1
    when = max(_numbers(text, array, "when"), default=0) + 1
    model = array.items[max(after, 0)] if array.items else None
    if model is None or model.entry is None:
        version = _VERSION.search(text, 0, array.span.start)
        number = version[1] if version else "7"
        return f'{{ "idx": {index}, "version": "{number}", "when": {when}, "tag": {tag}, "breakpoints": true }}'
    values = {"idx": str(index), "when": str(when), "tag": tag}
    start, end = model.span
    edits = [Edit(span.shifted(-start), values[key]) for key, span in model.fields if key in values]
    return apply(text[start:end], edits)


def made_room(text: str, array: Array, after: int) -> list[Edit]:
    """Edits that count the elements behind *after* up by one, when there is to be a new one."""
    return _recount(text, array, [*range(after + 1), None, *range(after + 1, len(array.items))])


def closed_gap(text: str, array: Array, number: int) -> list[Edit]:
    """Edits that count the elements behind *number* down by one, when that is to be removed."""
    return _recount(text, array, [at for at in range(len(array.items)) if at != number])


def moved(text: str, array: Array, number: int, after: int) -> list[Edit]:
    """Edits that count the elements in the order that they have when *number* has gone to behind *after*."""
    order: list[int | None] = [at for at in range(len(array.items)) if at != number]
    order.insert(after + (after < number), number)
    return _recount(text, array, order)


def _recount(text: str, array: Array, order: Sequence[int | None]) -> list[Edit]:
    """Edits of every idx that is not its position in *order*; none when they were not positions before."""
    indices = _indices(text, array)
    if not _is_contiguous(array, indices):
        return []
    edits: list[Edit] = []
    for index, number in enumerate(order, indices[0] if indices else 0):
        if number is not None and indices[number] != index:
            edits.append(Edit(dict(array.items[number].fields)["idx"], str(index)))
    return edits


def _is_contiguous(array: Array, indices: list[int]) -> bool:
    return len(indices) == len(array.items) and indices == [indices[0] + at for at in range(len(indices))]


def _indices(text: str, array: Array) -> list[int]:
    return _numbers(text, array, "idx")


def _numbers(text: str, array: Array, field: str) -> list[int]:
    written = (text[span.start : span.end] for item in array.items for key, span in item.fields if key == field)
    return [int(each) for each in written if _WHOLE_NUMBER.fullmatch(each)]


def _items(source: Source, nodes: list[Node]) -> tuple[list[Item], list[Problem]]:
    items: list[Item] = []
    problems: list[Problem] = []
    for node in nodes:
        if node.type == "," and items and items[-1].comma is None:
            items[-1] = items[-1]._replace(comma=source.offset(node.start_byte))
        if node.type in ("[", "]", ",", "comment", "ERROR") or node.is_missing:
            continue
        fields = _fields(source, node)
        tag = fields.get("tag")
        span = source.span(node)
        if tag is None or not source.text.startswith('"', tag.start):
            shown = excerpt(source, node)
            message = f"'{shown}' has no tag, so it names no migration; add a tag or remove it"
            problems.append(Problem(span, message))
            items.append(Item(span, fields=tuple(fields.items())))
            continue
        inside = Span(tag.start + 1, tag.end - 1)
        entry = Entry(decode(source.text[inside.start : inside.end]) + ".sql", inside)
        items.append(Item(span, None, entry, tuple(fields.items())))
    return items, problems


def _fields(source: Source, node: Node) -> dict[str, Span]:
    fields: dict[str, Span] = {}
    for pair in node.named_children if node.type == "object" else ():
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key is not None and value is not None:
            fields[decode(source.slice(key)[1:-1])] = source.span(value)
    return fields
