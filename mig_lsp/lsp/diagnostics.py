"""Findings as the protocol's diagnostics, ready to send.

A file of 5,000 lines may have 1,000 findings and is reported at every keystroke, so the JSON is put together from
parts: what does not move with the text is encoded once per kind of finding.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from mig_lsp.core.change import Finding, Placed, Related
from mig_lsp.core.pages import rule_url
from mig_lsp.core.snapshot import File
from mig_lsp.core.text import Encoding, Lines, Span, units
from mig_lsp.core.visible import visible
from mig_lsp.lsp.client import Client
from mig_lsp.lsp.encode import encoded

SOURCE = "mig-lsp"
_UNNECESSARY = 1
_TAGS = {
    "unused-suppression": _UNNECESSARY,
    "unknown-suppression": _UNNECESSARY,
    "duplicate-entry": _UNNECESSARY,
    "useless-on-conflict": _UNNECESSARY,
    "dropped-comment-line": _UNNECESSARY,
}
_MOST_PARTS = 50_000
_DIAGNOSTIC = (
    b'{"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},%b'  # and the rest of the object
)

Locate = Callable[[Related], "tuple[str, Lines]"]
"""Gives the URI and the text of the file that a related place is in."""


@dataclass(frozen=True, eq=False)
class Report:
    """The diagnostics of one document, as a JSON array; equal ones have the same *id*."""

    id: str
    items: msgspec.Raw
    version: int | None
    placed: Sequence[Placed]

    @property
    def empty(self) -> bool:
        """Whether nothing was found."""
        return not self.placed

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in the order of the text."""
        return tuple([each.shown for each in self.placed])


class _Encoded(NamedTuple):
    """A finding as it was sent last, with the line that its statement begins on, and what stands there before it."""

    finding: Finding
    line: int
    before: str
    json: bytes


class Encoder:
    """Encodes findings for one client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._parts: dict[tuple[object, ...], bytes] = {}
        self._encoded: dict[str, dict[int, _Encoded]] = {}

    def report(self, uri: str, file: File, placed: Sequence[Placed], locate: Locate) -> Report:
        """The report of *file*, which the client knows as *uri*; every position lies in its text."""
        items = self._items(uri if file.version is not None else None, file.lines, placed, locate)
        return Report(hashlib.blake2b(items, digest_size=12).hexdigest(), msgspec.Raw(items), file.version, placed)

    def forget(self, uri: str) -> None:
        """Drops what is kept for the next report of a document."""
        self._encoded.pop(uri, None)

    def _items(self, uri: str | None, lines: Lines, placed: Sequence[Placed], locate: Locate) -> bytes:
        """The JSON of all findings; of an open document, what stands where it stood is taken as it was."""
        starts, text = lines.starts, lines.text
        known = self._encoded.get(uri, {}) if uri is not None else {}
        encoded: dict[int, _Encoded] = {}
        out = []
        for start, finding in placed:
            if start == 0 or (finding.related and self._client.related):
                out.append(self._item(lines, start, finding, locate))
                continue
            line = bisect_right(starts, start) - 1
            each = known.get(id(finding))
            if (
                each is None
                or each.finding is not finding
                or each.line != line
                or each.before != text[starts[line] : start]
            ):
                json = self._item(lines, start, finding, locate)
                each = _Encoded(finding, line, text[starts[line] : start], json)
            encoded[id(finding)] = each
            out.append(each.json)
        if uri is not None:
            self._encoded[uri] = encoded
        return b"[%b]" % b",".join(out)

    def _item(self, lines: Lines, start: int, finding: Finding, locate: Locate) -> bytes:
        starts, text, size, encoding = lines.starts, lines.text, len(lines.text), self._client.encoding
        # A position outside the text would be refused by some editors.
        first = min(max(start + finding.span.start, 0), size)
        end = min(max(start + finding.span.end, first), size)
        line = bisect_right(starts, first) - 1
        last = bisect_right(starts, end, line) - 1
        column = units(text[starts[line] : first], encoding)
        last_column = units(text[starts[last] : end], encoding)
        fix = finding.fix
        key = (finding.message, finding.rule, int(finding.severity or 1), None if fix is None else fix.title)
        part = self._parts.get(key) or self._part(finding, key)
        if finding.related and self._client.related:
            part = self._related(finding.related, locate) + part
        return _DIAGNOSTIC % (line, column, last, last_column, part)

    def _part(self, finding: Finding, key: tuple[object, ...]) -> bytes:
        """All of the diagnostic that does not depend on where it stands, with the closing brace; kept under *key*."""
        if len(self._parts) >= _MOST_PARTS:
            self._parts.clear()
        part = self._parts[key] = self._encode(finding)
        return part

    def _encode(self, finding: Finding) -> bytes:
        value: dict[str, Any] = {
            "severity": int(finding.severity or 1),
            "code": finding.rule,
            "source": SOURCE,
            "message": visible(finding.message),
            "codeDescription": {"href": rule_url(finding.rule)},
        }
        tag = _TAGS.get(finding.rule)
        if tag in self._client.tags:
            value["tags"] = [tag]
        if self._client.data and finding.fix is not None:
            value["data"] = {"fix": finding.fix.title}
        return encoded(value)[1:]

    def _related(self, related: Sequence[Related], locate: Locate) -> bytes:
        values = []
        for each in related:
            uri, lines = locate(each)
            values.append(
                {
                    "location": {"uri": uri, "range": range_of(lines, each.span, self._client.encoding)},
                    "message": visible(each.message),
                }
            )
        return b'"relatedInformation":%b,' % encoded(values)


def range_of(lines: Lines, span: Span, encoding: Encoding) -> dict[str, Any]:
    """A span as the protocol's range."""
    return {"start": position_of(lines, span.start, encoding), "end": position_of(lines, span.end, encoding)}


def position_of(lines: Lines, offset: int, encoding: Encoding) -> dict[str, int]:
    """An offset as the protocol's position."""
    line, column = lines.place(offset, encoding)
    return {"line": line, "character": column}
