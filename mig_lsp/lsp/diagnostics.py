"""Findings as the protocol's diagnostics, ready to send.

A file of 5,000 lines may have 1,000 findings and is reported at every keystroke, so the JSON is put together from
parts: what does not move with the text is encoded once per kind of finding.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from mig_lsp.core.change import Finding, Related
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


class Report(NamedTuple):
    """The diagnostics of one document, as a JSON array; equal ones have the same *id*."""

    id: str
    items: msgspec.Raw
    version: int | None
    findings: tuple[Finding, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


class Encoder:
    """Encodes findings for one client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._parts: dict[tuple[object, ...], bytes] = {}

    def report(self, file: File, findings: tuple[Finding, ...], locate: Locate) -> Report:
        """The report of *file*; every position lies in its text."""
        items = self._items(file.lines, findings, locate)
        return Report(hashlib.blake2b(items, digest_size=12).hexdigest(), msgspec.Raw(items), file.version, findings)

    def _items(self, lines: Lines, findings: Iterable[Finding], locate: Locate) -> bytes:
        starts, text, size = lines.starts, lines.text, len(lines.text)
        encoding = self._client.encoding
        simple = encoding == "utf-32" or text.isascii()
        known = self._parts.get
        out = []
        for finding in findings:
            start, end = finding.span
            if not 0 <= start <= end <= size:  # a position outside the text would be refused by some editors
                start = min(max(start, 0), size)
                end = min(max(end, start), size)
            line = bisect_right(starts, start) - 1
            last = bisect_right(starts, end, line) - 1
            if simple:
                column, last_column = start - starts[line], end - starts[last]
            else:
                column = units(text[starts[line] : start], encoding)
                last_column = units(text[starts[last] : end], encoding)
            fix = finding.fix
            key = (finding.message, finding.rule, int(finding.severity or 1), None if fix is None else fix.title)
            part = known(key) or self._part(finding, key)
            if finding.related and self._client.related:
                part = self._related(finding.related, locate) + part
            out.append(_DIAGNOSTIC % (line, column, last, last_column, part))
        return b"[%b]" % b",".join(out)

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
