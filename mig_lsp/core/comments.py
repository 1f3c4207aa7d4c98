"""The lines of comments between statements, without their signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.text import Span

_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_SIGN = re.compile(r"[ \t\f\v\ufeff]*(?:--+>?|/\*+|\*+/|\*+)?[ \t\f\v]*")
_BLOCK_SIGN = re.compile(r"/\*|\*/")
_RULE = re.compile(r"[-=*#_~/+ \t]{4,}")


class CommentLine(NamedTuple):
    """One line of a stretch that holds nothing but white space and comments.

    *span* is the line without its line end; *start* is where its words begin, *words* what it says without comment
    signs. *blank* says that no comment stands on the line or runs through it; *rule* that it is a line drawn of signs
    ("-- =====").
    """

    span: Span
    start: int
    words: str
    blank: bool
    rule: bool


def comment_lines(text: str, start: int, end: int) -> Iterator[CommentLine]:
    """The lines of `text[start:end]`, which holds nothing but white space and comments."""
    depth = 0
    while start < end:
        match = _LINE.match(text, start, end)
        assert match is not None
        line = match[1]
        alone = line.strip(" \t\f\v\ufeff")
        blank = depth == 0 and not alone
        sign = _SIGN.match(line)
        assert sign is not None
        words = line[sign.end() :].rstrip()
        if depth or not alone.startswith("--"):
            for each in _BLOCK_SIGN.finditer(line):
                depth += 1 if each.group() == "/*" else -1
            words = words.removesuffix("*/").rstrip()
        rule = _RULE.fullmatch(alone) is not None
        yield CommentLine(Span(start, start + len(line)), start + sign.end(), "" if rule else words, blank, rule)
        if match.end() == start:
            return
        start = match.end()
