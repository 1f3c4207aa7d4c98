"""Comments that silence findings.

`-- mig-lsp: ignore RULE[, RULE] -- reason` and `-- mig-lsp: ignore-file RULE -- reason`. The first kind silences the
line it stands on and, when it stands alone on its line, the next line too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from mig_lsp.core.change import Edit
from mig_lsp.core.text import Lines, Span

_COMMENT = re.compile(
    r"(?:--|//|\#)[ \t]*mig-lsp:[ \t]*(?P<scope>ignore-file|ignore)\b(?P<rules>[^\r\n]*?)"
    r"(?P<reason>[ \t]+--[ \t]*[^\r\n]*)?(?=[\r\n]|\Z)",
)
_RULE = re.compile(r"[^\s,]+")


class Suppression(NamedTuple):
    """One rule that one comment names.

    *span* is the rule's name in the comment, *comment* the whole comment; *lines* are the lines silenced (from 0), None
    for the whole file; *reason* is "" when none is given.
    """

    rule: str
    span: Span
    comment: Span
    lines: range | None
    reason: str


def read(lines: Lines) -> tuple[Suppression, ...]:
    """The suppressions of a text, in order."""
    if "mig-lsp:" not in lines.text:
        return ()
    return tuple(_read(lines))


def removal(lines: Lines, found: Collection[Suppression], unwanted: Suppression) -> Edit:
    """The edit that takes *unwanted*, one of *found*, out: the rule's name, or the comment when it names no other."""
    text, comment = lines.text, unwanted.comment
    named = [each.span for each in found if each.comment == comment]
    if len(named) > 1:
        place = named.index(unwanted.span)
        if place + 1 < len(named):
            return Edit(Span(unwanted.span.start, named[place + 1].start), "")
        return Edit(Span(named[place - 1].end, unwanted.span.end), "")
    line = lines.line_at(comment.start)
    start, end = lines.span(line)
    before = text[start : comment.start]
    if before.strip() or comment.end < end:
        return Edit(Span(comment.start - len(before) + len(before.rstrip()), comment.end), "")
    following = lines.starts[line + 1] if line + 1 < len(lines.starts) else end
    return Edit(Span(start, following), "")


def _read(lines: Lines) -> Iterator[Suppression]:
    for match in _COMMENT.finditer(lines.text):
        line = lines.line_at(match.start())
        alone = not lines.text[lines.span(line).start : match.start()].strip()
        silenced = None if match["scope"] == "ignore-file" else range(line, line + (2 if alone else 1))
        reason = (match["reason"] or "").strip().removeprefix("--").strip()
        for rule in _RULE.finditer(lines.text, *match.span("rules")):
            yield Suppression(rule.group(), Span(*rule.span()), Span(*match.span()), silenced, reason)
