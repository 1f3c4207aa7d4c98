"""The `lambda-lines` splitter: a Lambda handler's line-based JavaScript, exactly.

Lines end at "\\n" only, and "trimmed" is JavaScript's idea of it. A line whose trimmed text starts with `--` is dropped
wherever it stands. A line that ends with `;` ends the chunk. A line that starts with CREATE TYPE, CREATE [OR REPLACE]
FUNCTION or DROP TYPE turns block mode on, in which only a line that ends with `);` or `' LANGUAGE plpgsql;` ends it.
"""

from __future__ import annotations

import re

from mig_lsp.core.text import Span

# ECMAScript's WhiteSpace and LineTerminator without "\n"; Python's `str.strip` differs.
_IN_LINE = "\t\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_BLANK = rf"[{_IN_LINE}]*+"
_LINE_START = rf"\n{_BLANK}"
_LINE_END = rf"{_BLANK}(?:\n|\Z)"


def _upper(words: str) -> str:
    """A pattern for the texts that JavaScript's toUpperCase turns into *words*: two more letters become ASCII ones."""
    others = {"I": "ı", "S": "ſ"}
    return "".join(
        f"[{char}{char.lower()}{others.get(char, '')}]" if char.isalpha() else re.escape(char) for char in words
    )


_STARTERS = ("CREATE TYPE", "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", "DROP TYPE")
_STARTER = "(?:" + "|".join(map(_upper, _STARTERS)) + ")"
_LANGUAGE = _upper("' LANGUAGE PLPGSQL")

_FIRST_STARTER = re.compile(_BLANK + _STARTER)
_NEXT_STARTER = re.compile(_LINE_START + _STARTER)
_END = re.compile(f";{_LINE_END}")
_BLOCK_END = re.compile(rf"(?:\)|{_LANGUAGE});{_LINE_END}")
_COMMENT = re.compile(f"{_BLANK}--")
_DROPPED = re.compile(rf"^(?P<line>{_BLANK}--[^\n]*+)\n?", re.MULTILINE)

TRIMMED = _IN_LINE.replace("\u2000-\u200a", "".join(map(chr, range(0x2000, 0x200B)))) + "\n"
"""Every character that JavaScript's trim removes."""


def cut(text: str, start: int) -> int:
    """Where the chunk that begins at *start*, the start of a line, ends: behind a line end or at the text's end."""
    end = _next_end(_END, text, start)
    starter = _FIRST_STARTER.match(text, start, end) or _NEXT_STARTER.search(text, start, end)
    return end if starter is None else _next_end(_BLOCK_END, text, starter.end())


def comments(text: str) -> tuple[Span, ...]:
    """The lines that are dropped, without their line ends; *text* begins at the start of a line."""
    return tuple(Span(*match.span("line")) for match in _DROPPED.finditer(text))


def sent(text: str) -> str:
    """What is sent of one chunk's *text*: without dropped lines, trimmed at both ends."""
    return _DROPPED.sub("", text).strip(TRIMMED) if "--" in text else text.strip(TRIMMED)


def kept(text: str) -> tuple[Span, ...]:
    """The stretches of *text* that `sent` joins."""
    spans, start = [], 0
    for comment in comments(text):
        spans.append(Span(start, comment.start))
        start = comment.end + 1
    spans.append(Span(start, len(text)))
    return _trimmed(text, [span for span in spans if span.start < span.end])


def _next_end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Behind the first line at or after *start* that *pattern* ends and that is not dropped."""
    while match := pattern.search(text, start):
        if not _COMMENT.match(text, text.rfind("\n", 0, match.start()) + 1):
            return match.end()
        start = match.end()
    return len(text)


def _trimmed(text: str, spans: list[Span]) -> tuple[Span, ...]:
    while spans and not text[spans[0].start : spans[0].end].strip(TRIMMED):
        del spans[0]
    while spans and not text[spans[-1].start : spans[-1].end].strip(TRIMMED):
        del spans[-1]
    if not spans:
        return ()
    start, end = spans[0]
    spans[0] = Span(end - len(text[start:end].lstrip(TRIMMED)), end)
    start, end = spans[-1]
    spans[-1] = Span(start, start + len(text[start:end].rstrip(TRIMMED)))
    return tuple(spans)
