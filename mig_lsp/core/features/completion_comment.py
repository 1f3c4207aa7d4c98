"""Completion in comments and strings that name a rule or the file itself."""

from __future__ import annotations

import re

from mig_lsp.core.check import check_document
from mig_lsp.core.features.completion_item import Completion, ranked
from mig_lsp.core.features.standing import migration_undone
from mig_lsp.core.migration import is_rollback
from mig_lsp.core.rules import all_rules
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.text import Span


def in_comment(snapshot: Snapshot, file: File, offset: int) -> list[Completion] | None:
    """What a suppression comment, or the file's name in a delete from the log, can say; None at all other places."""
    line = file.lines.span(file.lines.line_at(offset))
    before = file.text[max(line.start, offset - _LONGEST) : offset]
    rule = _RULE.search(before)
    if rule is not None:
        return _rules(snapshot, file, Span(offset - len(rule["word"]), offset), set(rule["rules"].split(",")))
    scope = _SCOPE.search(before)
    if scope is not None:
        span = Span(offset - len(scope["word"]), offset)
        return [
            Completion(
                "ignore", "ignore ", span, "keyword", "silence a rule on this line and the next", sort=ranked(0)
            ),
            Completion("ignore-file", "ignore-file ", span, "keyword", "silence a rule in the file", sort=ranked(1)),
        ]
    return _own_name(snapshot, file, offset)


_SIGN = r"(?:--|//|#)[ \t]*mig-lsp:[ \t]*"
_RULE = re.compile(rf"{_SIGN}(?:ignore-file|ignore)[ \t]+(?P<rules>(?:[a-z-]+[ \t]*,[ \t]*)*)(?P<word>[a-z-]*)$", re.I)
_SCOPE = re.compile(rf"{_SIGN}(?P<word>[a-z-]*)$", re.I)
_LONGEST = 1000  # code points of a comment line in front of the cursor
_DELETE_BEFORE = 300  # code points between the name of the log and the cursor


def _rules(snapshot: Snapshot, file: File, span: Span, named: set[str]) -> list[Completion]:
    """Every rule, those that find something in the file first."""
    counts: dict[str, int] = {}
    for finding in check_document(snapshot, file.path):
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    known = {each.strip() for each in named}
    return [
        Completion(
            rule.name,
            rule.name,
            span,
            "rule",
            f"{rule.category}, {counts[rule.name]} here" if rule.name in counts else rule.category,
            rule.summary,
            ranked(0 if rule.name in counts else 1),
        )
        for rule in all_rules()
        if rule.name not in known
    ]


def _own_name(snapshot: Snapshot, file: File, offset: int) -> list[Completion] | None:
    """The name under which the log knows this file: `DELETE FROM migration_log WHERE description = '|`."""
    log = snapshot.plan.runner.log
    if log is None or log.key != "description" or file.path not in snapshot.files:
        return None
    before = file.text[max(0, offset - _DELETE_BEFORE) : offset]
    match = re.search(rf"\b{log.name}\b[^;']*\b{log.key}\s*(?:=|IN\s*\()\s*'(?P<word>[^'\r\n]*)$", before, re.I)
    if match is None:
        return None
    name = file.name
    if is_rollback(name):
        name = migration_undone(snapshot.plan, name) or name
    line = file.lines.span(file.lines.line_at(offset))
    rest = file.text[offset : line.end]
    word = re.match(r"[^'\s;]*", rest)
    assert word is not None
    span = Span(offset - len(match["word"]), offset + word.end())
    written = name.replace("'", "''")
    insert = written if rest[word.end() :].startswith("'") else f"{written}'"
    return [Completion(name, insert, span, "file", "this migration's name in the log")]
