"""The editor's changes of a text, applied as the protocol says, in any of the three encodings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

from mig_lsp.core.sql.pieces import Splice
from mig_lsp.core.text import Encoding, Lines, Place, Span

MAX_POSITION = 2**31 - 1


class SyncError(ValueError):
    """A change that says nothing that can be carried out; the message says why."""


class Changed(NamedTuple):
    """A text after changes; *splice* is the change when there was exactly one with a range, else None."""

    text: str
    splice: Splice | None


def changed(lines: Lines, changes: Sequence[object], encoding: Encoding) -> Changed:
    """The text of *lines* after *changes* (`contentChanges` as JSON), each one relative to the text before it.

    Positions outside the text are moved to its nearest end, and a range that ends before it begins is turned round.
    Raises SyncError, and then nothing is changed, when a change is malformed.
    """
    splice: Splice | None = None
    for change in changes:
        if not isinstance(change, Mapping) or not isinstance(change.get("text"), str):
            raise SyncError("a change without a text")
        text: str = change["text"]
        if change.get("range") is None:
            lines, splice = Lines(text), None
            continue
        span = span_of(lines, change["range"], encoding)
        splice = Splice(span.start, span.end - span.start, len(text))
        lines = Lines(lines.text[: span.start] + text + lines.text[span.end :])
    return Changed(lines.text, splice if len(changes) == 1 else None)


def span_of(lines: Lines, range_: object, encoding: Encoding) -> Span:
    """The stretch that a range as JSON names; raises SyncError when it is malformed."""
    if not isinstance(range_, Mapping):
        raise SyncError("a range that is no object")
    start = lines.offset(_place(range_.get("start")), encoding)
    end = lines.offset(_place(range_.get("end")), encoding)
    return Span(min(start, end), max(start, end))


def _place(position: Any) -> Place:
    if not isinstance(position, Mapping):
        raise SyncError("a position that is no object")
    line, character = position.get("line"), position.get("character")
    if not _whole(line) or not _whole(character):
        raise SyncError("a position without a line and a character")
    return Place(min(line, MAX_POSITION), min(character, MAX_POSITION))


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
