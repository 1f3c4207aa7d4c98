"""Whether a JSON text is one that the runner can load."""

from __future__ import annotations

import json
import re
from typing import NoReturn

from mig_lsp.core.manifest.elements import conflict
from mig_lsp.core.manifest.model import Problem
from mig_lsp.core.text import Span

_BOM = "\ufeff"
_SPACE = re.compile(r"[ \t\r\n]*")
_AT = re.compile(r"( starting)? at$")
_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*+"|(-?Infinity|NaN)', re.DOTALL)
_END = "so the runner cannot load the file"


class _ConstantError(ValueError):
    """A number that Python accepts and JSON does not."""


def json_problem(text: str) -> Problem | None:
    """The first reason why `JSON.parse` refuses *text*, None when it does not. A BOM is allowed, as for `require`."""
    body = text.removeprefix(_BOM)
    shift = len(text) - len(body)
    try:
        # Numbers become floats because Python refuses to make an int of more than 4,300 digits.
        json.loads(body, parse_int=float, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        return _problem(text, _past_space(text, error.pos + shift), error.msg)
    except _ConstantError:
        match = next((each for each in _CONSTANT.finditer(text) if each[1]), None)
        span = Span(*match.span(1)) if match else Span(0, 0)
        return Problem(span, f"{text[span.start : span.end]} is not JSON, {_END}; write a number or null")
    except RecursionError:
        return Problem(Span(shift, shift), "the JSON is nested too deeply to be checked, and no runner expects it")
    return None


def _problem(text: str, at: int, reason: str) -> Problem:
    marker = conflict(text, Span(0, len(text)))
    if marker is not None:
        return Problem(marker, f"a merge conflict is not resolved, {_END}; resolve it")
    if text.startswith(("//", "/*"), at):
        return Problem(Span(at, at + 2), f"JSON has no comments, {_END}; remove it")
    comma = _comma(text, at)
    if comma is not None:
        return Problem(Span(comma, comma + 1), f"JSON allows no comma after the last element, {_END}; remove it")
    if text.startswith("'", at):
        return Problem(Span(at, at + 1), f"JSON has no single quotes, {_END}; use double quotes")
    if not text.strip(" \t\r\n" + _BOM):
        return Problem(Span(0, 0), f"the file is empty, {_END}; write a JSON object with migrationFiles")
    reason = _AT.sub("", reason[:1].lower() + reason[1:])
    span = Span(at, at + 1) if at < len(text) else Span(len(text), len(text))
    return Problem(span, f"the JSON has a syntax error here ({reason}), {_END}; correct it")


def _comma(text: str, at: int) -> int | None:
    """The comma before a closing bracket at *at*, or the one at *at* before a closing bracket.

    Python 3.13 reports the comma, older ones what follows it.
    """
    if text.startswith(",", at):
        return at if text.startswith(("]", "}"), _past_space(text, at + 1)) else None
    if not text.startswith(("]", "}"), at):
        return None
    before = len(text[:at].rstrip(" \t\r\n")) - 1
    return before if before >= 0 and text[before] == "," else None


def _past_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _refuse(constant: str) -> NoReturn:
    raise _ConstantError(constant)
