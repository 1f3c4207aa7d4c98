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
    Who counts in UTF-16 may end a range between the halves of a pair, or send the halves one after the other: then the
    text has halves too, until both stand side by side. In UTF-8 a character stays whole, in front of the place.
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
        if encoding == "utf-16" and not lines.text.isascii():
            span, text = _in_halves(lines, change["range"], span, text)
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


def _in_halves(lines: Lines, range_: Mapping[str, Any], span: Span, text: str) -> tuple[Span, str]:
    """The change as one of whole characters: what a range leaves of a pair is put back, halves that meet are joined."""
    start, end = sorted((_place(range_["start"]), _place(range_["end"])))
    before, after = _half_before(lines, start), _half_after(lines, end)
    first = span.start - bool(before)
    left, right = lines.text[max(first - 1, 0) : first], lines.text[span.end : span.end + 1]
    text = before + text + after
    met = left + text + right
    joined = met.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if joined == met:
        return Span(first, span.end), text
    return Span(first - len(left), span.end + len(right)), joined


def _half_before(lines: Lines, place: Place) -> str:
    """The half in front of *place*, "" when it stands between two characters."""
    pair = _pair_around(lines, place)
    return chr(0xD800 + (pair >> 10)) if pair is not None else ""


def _half_after(lines: Lines, place: Place) -> str:
    pair = _pair_around(lines, place)
    return chr(0xDC00 + (pair & 0x3FF)) if pair is not None else ""


def _pair_around(lines: Lines, place: Place) -> int | None:
    """The character, as its distance from U+10000, that *place* cuts in two."""
    offset = lines.offset(place, "utf-16")
    pair = ord(lines.text[offset - 1]) - 0x10000 if offset else -1
    if pair < 0 or lines.place(offset, "utf-16") != (place.line, place.column + 1):
        return None
    return pair


def _place(position: Any) -> Place:
    if not isinstance(position, Mapping):
        raise SyncError("a position that is no object")
    line, character = position.get("line"), position.get("character")
    if not _whole(line) or not _whole(character):
        raise SyncError("a position without a line and a character")
    return Place(min(line, MAX_POSITION), min(character, MAX_POSITION))


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
