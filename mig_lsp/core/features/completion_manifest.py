"""Completion in the manifest's list of migrations: the files that are not in it."""

from __future__ import annotations

import re

from mig_lsp.core.author.new import free_number
from mig_lsp.core.features.completion_item import Completion, ranked
from mig_lsp.core.features.standing import unregistered
from mig_lsp.core.manifest.model import Array, Manifest
from mig_lsp.core.migration import digits, parse_name
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.text import Lines, Span


def in_manifest(plan: Plan, path: str, offset: int) -> list[Completion]:
    """The unregistered files, those that follow the entry before the cursor first, then the next number.

    Inside quotes the names alone, at an empty place of the list with the quotes that the list uses; elsewhere nothing.
    """
    manifest = plan.manifest
    if manifest is None or manifest.path != path:
        return []
    array = next((each for each in (manifest.migrations_array, manifest.initial_array) if _holds(each, offset)), None)
    if array is None:
        return []
    place = _in_quotes(manifest, offset) or _empty_place(manifest, array, offset)
    if place is None:
        return []
    span, quote = place
    number = _number_before(manifest, offset)
    names = [name for name in unregistered(plan) if _shown(manifest, name)]
    found = []
    for at, name in enumerate(names):
        parsed = parse_name(name)
        later = parsed is not None and parsed.number >= number
        sort = ranked(0 if later else 1, at)
        written = _written(manifest, name)
        found.append(Completion(written, f"{quote}{written}{quote}", span, "file", "not registered", sort=sort))
    if array is manifest.migrations_array:
        # The string stays open at an empty place: the name goes on behind the number.
        following = f"{digits(free_number(plan), plan.config.migrations.number_width)}-"
        found.append(Completion(following, quote + following, span, "value", "the next number", sort=ranked(2, 0)))
    return found


_OPEN_STRING = re.compile(r"""(?:[^"'`]++|"[^"]*+"|'[^']*+'|`[^`]*+`)*+(["'`])([^"'`]*)""")
_STRING_REST = re.compile(r"[\w.@+-]*")
_TAG = re.compile(r'"tag"\s*:\s*"[^"]*$')
_COMMENT = re.compile(r"//|/\*")


def _holds(array: Array | None, offset: int) -> bool:
    if array is None:
        return False
    return array.span.start < offset and (offset < array.span.end or not array.closed)


def _in_quotes(manifest: Manifest, offset: int) -> tuple[Span, str] | None:
    """The stretch between the quotes around the cursor, closed or not; names never run over a line end."""
    lines = Lines(manifest.text)
    start, end = lines.span(lines.line_at(offset))
    match = _OPEN_STRING.fullmatch(manifest.text, start, offset)
    if match is None or _COMMENT.search(manifest.text[start : match.start(1)]):
        return None
    if manifest.format == "journal" and _TAG.search(manifest.text, start, offset) is None:
        return None
    rest = manifest.text[offset:end]
    closing = rest.find(match[1])
    word = _STRING_REST.match(rest)
    assert word is not None
    behind = closing if closing >= 0 and "," not in rest[:closing] else word.end()
    return Span(match.start(2), offset + behind), ""


def _empty_place(manifest: Manifest, array: Array, offset: int) -> tuple[Span, str] | None:
    """The cursor where an element may begin: behind `[` or a comma, before a comma, an element or `]`."""
    if manifest.format == "journal":
        return None
    text = manifest.text
    elements = [item.span for item in array.items]
    if any(span.start <= offset <= span.end for span in elements):
        return None
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    if _COMMENT.search(line):
        return None
    word = re.compile(r"[\w.-]*\Z").search(line)
    assert word is not None
    before = line[: word.start()].rstrip()
    if before and before[-1] not in "[,":
        return None
    if manifest.format == "json":
        quote = '"'
    else:
        quote = text[elements[0].start] if elements and text[elements[0].start] in "\"'`" else "'"
    return Span(offset - len(word[0]), offset), quote


def _number_before(manifest: Manifest, offset: int) -> int:
    """The number of the last entry in front of the cursor, 0 when there is none."""
    for entry in reversed(manifest.entries):
        parsed = parse_name(entry.name)
        if entry.span.end < offset and parsed is not None:
            return parsed.number
    return 0


def _shown(manifest: Manifest, name: str) -> bool:
    return manifest.format == "journal" or set("\"'`\\").isdisjoint(name)


def _written(manifest: Manifest, name: str) -> str:
    return name.removesuffix(".sql") if manifest.format == "journal" else name
