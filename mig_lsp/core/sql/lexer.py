"""PostgreSQL's lexical rules: where a statement ends, and its tokens.

`standard_conforming_strings` is on, as it is by default since PostgreSQL 9.1. A line comment ends at "\\n" or "\\r".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

SPACE = " \t\n\r\f\v"
"""What PostgreSQL takes for white space: nothing else separates tokens, not even a no-break space."""

# What may stand in an identifier: letters, digits, `_`, `$` and all that is not ASCII. The sets name what they leave
# out, which compiles in a hundredth of the time of a range up to the last code point.
LETTER = r"[^\x00-@\[-^`{-\x7f]"
_LETTER_OR_DIGIT = r"[^\x00-/:-@\[-^`{-\x7f]"
_PART = r"[^\x00-#%-/:-@\[-^`{-\x7f]"
_IDENT = f"{LETTER}{_PART}*+"
_BEHIND_IDENT = f"(?<!{_PART})"
_BEHIND_E = f"(?<=[eE])(?<!{_PART}[eE])"
_ESCAPED = rf"{_BEHIND_E}'(?:[^'\\]++|\\.|'')*+'"
_STRING = r"'(?:[^']++|'')*+'"
_QUOTED = r'"(?:[^"]++|"")*+"'
NAME = f"(?:{_QUOTED}|{_PART}+)"
"""A regular expression for one part of a name, in quotes or not."""

# A dollar quote directly behind a number is none here; no good SQL has one.
_TAG = rf"\$(?:{LETTER}{_LETTER_OR_DIGIT}*+)?\$"
_LINE_COMMENT = r"--[^\r\n]*+"
# Comments nest, which no regular expression can follow: a nested one falls out and is read by `_comment_end`.
_FLAT_COMMENT = r"/\*(?:[^*/]++|\*(?!/)|/(?!\*))*+\*/"

# One match takes everything up to the end of a statement, so the loop over characters runs in C.
_RUN = re.compile(
    rf"""(?: [^'"$;/\-]++ | (?!{_BEHIND_E}'){_STRING} | {_ESCAPED}
       | {_QUOTED} | (?!{_BEHIND_IDENT}{_TAG})\$
       | {_LINE_COMMENT} | {_FLAT_COMMENT} | -(?!-) | /(?!\*) )*+""",
    re.X | re.S,
)
_DOLLAR = re.compile(_TAG)
_TRIVIA = re.compile(rf"(?:[ \t\n\r\f\v\ufeff]++|{_LINE_COMMENT}|{_FLAT_COMMENT})*+")
# A byte order mark in front of a statement is passed over; behind its first token it is a letter.
_GAP = re.compile(rf"(?:[ \t\n\r\f\v]++|{_LINE_COMMENT}|{_FLAT_COMMENT})*+")
# Everything up to a comment, `;` included.
_CODE = re.compile(
    rf"""(?: [^'"$/\-]++ | (?!{_BEHIND_E}'){_STRING} | {_ESCAPED}
       | {_QUOTED} | (?!{_BEHIND_IDENT}{_TAG})\$
       | -(?!-) | /(?!\*) )*+""",
    re.X | re.S,
)
_ATOMIC = re.compile(r"\batomic\b", re.I)
_ROUTINE = re.compile(r"create\s+(?:or\s+replace\s+)?(?:function|procedure)\b", re.I)
_RULE = re.compile(r"create\s+(?:or\s+replace\s+)?rule\b", re.I)


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted identifier"
    STRING = "string"
    DOLLAR = "dollar-quoted string"
    NUMBER = "number"
    PARAMETER = "parameter"
    COMMENT = "comment"
    SIGN = "operator or punctuation"
    BROKEN = "unterminated string, identifier or comment"


class Token(NamedTuple):
    """A token and where it stands; *end* is exclusive. Comments are tokens, white space is not."""

    kind: Kind
    start: int
    end: int


_TOKEN = re.compile(
    rf"""(?P<COMMENT>{_LINE_COMMENT}|{_FLAT_COMMENT})
       | (?P<STRING>[eE]'(?:[^'\\]++|\\.|'')*+'|(?:[bBxX]|[uU]&)?{_STRING})
       | (?P<DOLLAR>(?P<tag>{_TAG})(?s:.*?)(?P=tag))
       | (?P<QUOTED>(?:[uU]&)?{_QUOTED})
       | (?P<WORD>(?![eE]'){_IDENT})
       | (?P<NUMBER>(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+
                   |(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)(?:(?<=\w)\$+)?)
       | (?P<PARAMETER>\$\d+\$*)
       | (?P<BROKEN>[eE]?'|"|/\*|{_TAG})
       | (?P<SIGN>::|:=|\.\.|=>|[-+*/<>=~!@\#%^&|`?](?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])*+
                 |[^ \t\n\r\f\v])""",
    re.X | re.S,
)


def statement_end(text: str, start: int) -> int:
    """Where the statement that begins at *start* ends: behind its `;`, or at the end of the text.

    A `;` inside a string, a quoted identifier, a dollar-quoted body, a comment, the body of `BEGIN ATOMIC ... END` or
    the parentheses of `CREATE RULE` does not end it. Something unterminated reaches to the end of the text.
    """
    return _end(text, start)[0]


def is_terminated(text: str) -> bool:
    """Whether *text*, the whole of one statement, ends with the `;` that ends it."""
    end, terminated = _end(text, 0)
    return terminated and end == len(text)


def skip_trivia(text: str, start: int) -> int:
    """The offset of the first character at or behind *start* that is neither white space nor a comment."""
    return _skip(_TRIVIA, text, start)


def _skip(trivia: re.Pattern[str], text: str, start: int) -> int:
    while True:
        match = trivia.match(text, start)
        start = match.end() if match else start
        if not text.startswith("/*", start):
            return start
        end = _comment_end(text, start)
        if end is None:
            return start
        start = end


def code_end(text: str, start: int) -> int:
    """Where the last token at or behind *start* ends, comments not counted; *start* when there is none."""
    last, position, size = start, start, len(text)
    while position < size:
        match = _CODE.match(text, position)
        end = match.end() if match else position
        last = position + len(text[position:end].rstrip(SPACE)) if text[position:end].strip(SPACE) else last
        string = _dollar_end(text, end) if text.startswith("$", end) else None
        if string is not None:
            last = position = string
            continue
        position = _skip(_GAP, text, end)
        if position == end < size:
            return size  # something unterminated reaches to the end
    return last


def tokens(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The tokens of `text[start:end]`, in order; never raises. What is unterminated is one BROKEN token to the end."""
    end = len(text) if end is None else end
    position = start
    while match := _TOKEN.search(text, position, end):
        kind = Kind[match.lastgroup or "SIGN"]
        stop = match.end()
        if kind is Kind.BROKEN:
            nested = _comment_end(text, match.start()) if match.group().startswith("/*") else None
            kind, stop = (Kind.BROKEN, end) if nested is None or nested > end else (Kind.COMMENT, nested)
        yield Token(kind, match.start(), stop)
        position = stop


def _end(text: str, start: int) -> tuple[int, bool]:
    """Where the statement at *start* ends, and whether a `;` ends it."""
    position, size = start, len(text)
    head = skip_trivia(text, start)
    create = text[head : head + 1] in {"c", "C"}
    rule = create and _RULE.match(text, head) is not None
    routine = create and not rule and _ROUTINE.match(text, head) is not None
    seen, open_ = head, _Open(0, "")
    while True:
        position = _run_end(text, position)
        if position >= size:
            return size, False
        if rule:
            open_ = _parentheses(text, seen, position, open_)
        elif routine and (open_.depth or _ATOMIC.search(text, seen, position)):
            open_ = _blocks(text, seen, position, open_)
        position += 1
        if open_.depth <= 0:
            return position, True
        seen = position


def _run_end(text: str, position: int) -> int:
    """The offset of the next `;` that stands in the open, or the end of the text."""
    while True:
        match = _RUN.match(text, position)
        position = match.end() if match else position
        if position >= len(text) or text[position] == ";":
            return position
        if text[position] == "$":
            end = _dollar_end(text, position)
        elif text.startswith("/*", position):
            end = _comment_end(text, position)
        else:
            end = None  # an unterminated string or identifier
        if end is None:
            return len(text)
        position = end


def _dollar_end(text: str, start: int) -> int | None:
    """Where the dollar-quoted string at *start*, and those that follow it at once, end; None when one never does."""
    # Not part of `_RUN` and `_CODE`: a captured group in a possessive repeat is a SystemError in CPython 3.11.
    while opening := _DOLLAR.match(text, start):
        end = text.find(opening.group(), opening.end())
        if end < 0:
            return None
        start = end + len(opening.group())
    return start


_COMMENT_SIGN = re.compile(r"/\*|\*/")


def _comment_end(text: str, start: int) -> int | None:
    """Where the block comment at *start* ends, nested ones counted; None when it never does."""
    depth = 0
    for sign in _COMMENT_SIGN.finditer(text, start):
        depth += 1 if sign.group() == "/*" else -1
        if depth == 0:
            return sign.end()
    return None


class _Open(NamedTuple):
    """How many parentheses or BEGIN ATOMIC blocks are open, and the word before."""

    depth: int
    before: str


def _parentheses(text: str, start: int, end: int, open_: _Open) -> _Open:
    depth = open_.depth
    for token in tokens(text, start, end):
        if token.kind is Kind.SIGN and token.end == token.start + 1:
            depth += {"(": 1, ")": -1}.get(text[token.start], 0)
    return _Open(depth, "")


def _blocks(text: str, start: int, end: int, open_: _Open) -> _Open:
    """The blocks open at *end* where *open_* are open at *start*; CASE ... END inside them is counted too."""
    depth, before = open_
    for token in tokens(text, start, end):
        if token.kind is not Kind.WORD:
            before = before if token.kind is Kind.COMMENT else ""
            continue
        word = text[token.start : token.end].lower()
        if (word == "atomic" and before == "begin") or (word == "case" and depth):
            depth += 1
        elif word == "end" and depth:
            depth -= 1
        before = word
    return _Open(depth, before)
