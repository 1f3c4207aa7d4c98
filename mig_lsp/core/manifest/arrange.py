"""Edits that put an element into an array's text, or take one out, and leave everything else as it is.

An element stands alone on its line, in a line with others, or behind the comma that begins its line; a new one
is written the way its neighbour is. Comments stay, except the one behind an element that is removed with its line.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mig_lsp.core.change import Edit
from mig_lsp.core.manifest.model import Array, Item
from mig_lsp.core.text import Span, line_ending

FIRST = -1
"""Stands for "before every element" where the number of an element is asked for."""

_BLANKS = re.compile(r"[ \t\f\v\xa0\ufeff]*")
_REMARKS = re.compile(r"(?:[ \t\f\v\xa0]*(?://[^\r\n\u2028\u2029]*|/\*(?:[^*\r\n]|\*(?!/))*\*/))*")
_BREAK = re.compile(r"[ \t\f\v\xa0]*(\r\n|[\n\r\u2028\u2029]|\Z)")
_LINE_BREAK = re.compile(r"[\r\n\u2028\u2029]")
_INDENT = re.compile(r"[\r\n]([ \t]{1,8})[^\s*]")


class Element(NamedTuple):
    """The text of an element, and the remark on its line that comes along."""

    text: str
    remark: str = ""


def put(text: str, array: Array, after: int, new: Element, *, trailing_comma: bool) -> tuple[Edit, ...]:
    """Edits that put *new* behind the element *after* (`FIRST`: before all), written as its neighbours are.

    *trailing_comma* says whether a list over several lines that is still empty gets one.
    """
    if not array.items:
        return (_into_empty(text, array, new, trailing_comma=trailing_comma),)
    if after == FIRST:
        return (_before_first(text, array, new),)
    item = array.items[after]
    if _comma_leads(text, array, after):
        return (_on_next_line_behind_comma(text, array, after, new),)
    behind = item.span.end if item.comma is None else item.comma + 1
    if stands_alone(text, array, after) or not _line_goes_on(text, behind):
        return _on_next_line(text, array, after, new)
    more = after + 1 < len(array.items)
    gap = _gap(text, array, after)
    if item.comma is not None:
        return (_insert(item.comma + 1, f"{gap}{new.text},"),)
    return (_insert(item.span.end, f",{gap}{new.text}{',' if more else ''}"),)


def take_out(text: str, array: Array, number: int, *, keep_remark: bool = False) -> tuple[Edit, ...]:
    """Edits that remove element *number*: its line when it has one to itself, else only itself and a comma."""
    item = array.items[number]
    previous = array.items[number - 1] if number else None
    is_last = number + 1 == len(array.items)
    if not keep_remark and _leads_its_line(text, array, number):
        assert previous is not None
        assert previous.comma is not None
        return (_delete(_line_start(text, previous.comma), _line_end(text, item.span.end)),)
    spare = previous.comma if previous is not None and is_last and item.comma is None else None
    if not keep_remark and _has_its_line(text, item):
        behind = item.span.end if item.comma is None else item.comma + 1
        line = _delete(_line_start(text, item.span.start), _line_end(text, behind))
        return (line,) if spare is None else (_delete(spare, spare + 1), line)
    return tuple(_taken_from_line(text, item, spare, array.items[number + 1] if not is_last else None))


def remark(text: str, array: Array, number: int) -> str:
    """The comments on the line of element *number*, behind it, when it has the line to itself."""
    item = array.items[number]
    if _leads_its_line(text, array, number):
        return _remark(text, item.span.end)
    if _has_its_line(text, item):
        return _remark(text, item.span.end if item.comma is None else item.comma + 1)
    return ""


def takes_remark(text: str, array: Array, after: int) -> bool:
    """Whether an element that is put behind *after* gets a line on which a comment can follow it."""
    if after == FIRST or not array.items:
        return False
    item = array.items[after]
    behind = item.span.end if item.comma is None or _comma_leads(text, array, after) else item.comma + 1
    return not _line_goes_on(text, behind)


def stands_alone(text: str, array: Array, number: int) -> bool:
    """Whether element *number* is the first on its line, and no element follows it there."""
    item = array.items[number]
    if not _is_first_on_line(text, item.span.start):
        return False
    if number + 1 == len(array.items):
        return True
    return _LINE_BREAK.search(text, item.span.end, array.items[number + 1].span.start) is not None


def _before_first(text: str, array: Array, new: Element) -> Edit:
    first = array.items[0]
    if _is_first_on_line(text, first.span.start):
        separator = line_ending(text) + _margin(text, first.span.start)
    elif len(array.items) > 1 and _is_first_on_line(text, array.items[1].span.start):
        separator = line_ending(text) + _margin(text, array.items[1].span.start)
    else:
        separator = _gap(text, array, 0)
    return _insert(first.span.start, f"{new.text},{separator}")


def _on_next_line(text: str, array: Array, after: int, new: Element) -> tuple[Edit, ...]:
    item = array.items[after]
    more = after + 1 < len(array.items)
    comma = "," if item.comma is not None or more else ""
    line = f"{line_ending(text)}{_indent(text, array, after)}{new.text}{comma}{new.remark}"
    if item.comma is not None:
        return (_insert(item.comma + 1 + len(_remark(text, item.comma + 1)), line),)
    at = item.span.end + len(_remark(text, item.span.end))
    if at == item.span.end:
        return (_insert(at, f",{line}"),)
    return (_insert(item.span.end, ","), _insert(at, line))


def _on_next_line_behind_comma(text: str, array: Array, after: int, new: Element) -> Edit:
    item = array.items[after]
    comma = item.comma if item.comma is not None else array.items[after - 1].comma
    assert comma is not None
    at = item.span.end + len(_remark(text, item.span.end))
    space = _BLANKS.match(text, comma + 1)
    gap = space[0] if space else " "
    return _insert(at, f"{line_ending(text)}{_margin(text, comma)},{gap}{new.text}{new.remark}")


def _into_empty(text: str, array: Array, new: Element, *, trailing_comma: bool) -> Edit:
    start, end = array.span.start + 1, array.span.end - array.closed
    inner = text[start:end]
    filled = inner.rstrip()
    if filled.endswith(",") or not array.closed:
        return _insert(start, new.text + ("" if filled.startswith(",") else ","))
    if not _LINE_BREAK.search(inner):
        if filled:
            return _insert(start + len(filled), f" {new.text}")
        pad = inner[:1]
        return Edit(Span(start, end), f"{pad}{new.text}{pad}")
    at = start + len(filled)
    if filled and _is_first_on_line(text, start + len(inner) - len(inner.lstrip())):
        margin = _margin(text, start + len(inner) - len(inner.lstrip()))
    else:
        unit = _INDENT.search(text)
        margin = _margin(text, end) + (unit[1] if unit else "  ")
    return _insert(at, f"{line_ending(text)}{margin}{new.text}{',' if trailing_comma else ''}")


def _taken_from_line(text: str, item: Item, spare: int | None, following: Item | None) -> list[Edit]:
    """Removes *item* and its comma, or the *spare* one before it, from a line with other things on it."""
    start, end = item.span
    if item.comma is None:
        if spare is not None and not text[spare + 1 : start].strip():
            return [_delete(spare, end)]
        start = _blanks_before(text, start) if spare is not None else start
        end = end if spare is not None else _blanks_after(text, end)
        return ([_delete(spare, spare + 1)] if spare is not None else []) + [_delete(start, end)]
    if text[end : item.comma].strip():
        return [_delete(start, end), _delete(item.comma, item.comma + 1)]
    end = _blanks_after(text, item.comma + 1)
    if following is None or end != following.span.start:
        start, end = _blanks_before(text, start), item.comma + 1
    return [_delete(start, end)]


def _has_its_line(text: str, item: Item) -> bool:
    behind = item.span.end if item.comma is None else item.comma + 1
    return (
        _is_first_on_line(text, item.span.start)
        and not text[item.span.end : behind - (item.comma is not None)].strip()
        and not _LINE_BREAK.search(text, item.span.end, behind)
        and not _line_goes_on(text, behind)
    )


def _leads_its_line(text: str, array: Array, number: int) -> bool:
    """Whether the line holds nothing but the comma of the element before, and this element."""
    item = array.items[number]
    comma = array.items[number - 1].comma if number else None
    if comma is None or not _is_first_on_line(text, comma) or text[comma + 1 : item.span.start].strip(" \t"):
        return False
    return not _line_goes_on(text, item.span.end)


def _comma_leads(text: str, array: Array, number: int) -> bool:
    """Whether the comma between this element and the one beside it begins a line."""
    item = array.items[number]
    comma = item.comma if item.comma is not None else array.items[number - 1].comma if number else None
    return comma is not None and _is_first_on_line(text, comma) and not _line_goes_on(text, item.span.end)


def _line_goes_on(text: str, at: int) -> bool:
    """Whether anything but comments follows on the line behind *at*."""
    return _BREAK.match(text, at + len(_remark(text, at))) is None


def _remark(text: str, at: int) -> str:
    match = _REMARKS.match(text, at)
    return match[0] if match else ""


def _gap(text: str, array: Array, number: int) -> str:
    """What stands between two elements of this line: a space, as a rule."""
    for left, right in ((number, number + 1), (number - 1, number)):
        if left >= 0 and right < len(array.items):
            comma, start = array.items[left].comma, array.items[right].span.start
            if comma is not None and not text[comma + 1 : start].strip(" \t"):
                return text[comma + 1 : start]
    return " "


def _indent(text: str, array: Array, near: int) -> str:
    """The margin of an element that begins a line: the one at *near*, else one beside it, else that of the list."""
    for number in (near, near + 1, near - 1):
        if 0 <= number < len(array.items) and _is_first_on_line(text, array.items[number].span.start):
            return _margin(text, array.items[number].span.start)
    for item in array.items[max(near - 20, 0) : near]:
        if _is_first_on_line(text, item.span.start):
            return _margin(text, item.span.start)
    unit = _INDENT.search(text)
    return _margin(text, array.span.start) + (unit[1] if unit else "  ")


def _margin(text: str, at: int) -> str:
    """The blanks that the line of *at* begins with."""
    match = _BLANKS.match(text, _line_start(text, at), at)
    return match[0].replace("\ufeff", "") if match else ""


def _is_first_on_line(text: str, at: int) -> bool:
    return not text[_line_start(text, at) : at].strip(" \t\f\v\xa0\ufeff")


def _line_start(text: str, at: int) -> int:
    start = text.rfind("\n", 0, at) + 1
    return start + max(text[start:at].rfind(char) for char in "\r\u2028\u2029") + 1


def _line_end(text: str, at: int) -> int:
    """Behind the line end that follows *at* and the comments there."""
    at += len(_remark(text, at))
    match = _BREAK.match(text, at)
    return match.end() if match else at


def _blanks_before(text: str, at: int) -> int:
    if _is_first_on_line(text, at):
        return at
    return len(text[_line_start(text, at) : at].rstrip(" \t")) + _line_start(text, at)


def _blanks_after(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _insert(at: int, text: str) -> Edit:
    return Edit(Span(at, at), text)


def _delete(start: int, end: int) -> Edit:
    return Edit(Span(start, end), "")
