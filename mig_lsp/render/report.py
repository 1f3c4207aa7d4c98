"""What a check found, as the one value that every format shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Rule
from mig_lsp.core.text import Lines, Span


class Item(NamedTuple):
    """One finding and the file that it is in."""

    path: str
    finding: Finding

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.finding.severity or Severity.WARNING


class Point(NamedTuple):
    """A position as programs say it: line and column count from 1, all but lines in code points; *offset* from 0."""

    line: int
    column: int
    offset: int


class Range(NamedTuple):
    """Where something is; *end* is exclusive."""

    start: Point
    end: Point


@dataclass(frozen=True, eq=False)
class Report:
    """The findings of a check. *root* is as the user wrote it, *files* how many files were checked.

    *lines* gives the lines of a file (of no text, where there is no such file) and *rules* the rules by name. *hidden*
    is how many findings are left out because nobody can act on them any more, *hints* how many because they are hints.
    """

    root: str
    items: tuple[Item, ...]
    paths: tuple[str, ...]
    lines: Callable[[str], Lines]
    rules: Mapping[str, Rule]
    hidden: int = 0
    hints: int = 0

    @cached_property
    def counts(self) -> Mapping[Severity, int]:
        """How many findings there are of each severity."""
        counted = Counter(item.severity for item in self.items)
        return {severity: counted[severity] for severity in Severity}

    def range(self, path: str, span: Span) -> Range:
        """Where *span* is in the file."""
        return Range(self._point(path, span.start), self._point(path, max(span)))

    def category(self, rule: str) -> str:
        """The category of a rule; "" for one that is not known."""
        return self.rules[rule].category if rule in self.rules else ""

    def _point(self, path: str, offset: int) -> Point:
        lines = self.lines(path)
        offset = min(offset, len(lines.text))
        line, column = lines.place(offset)
        return Point(line + 1, column + 1, offset)


def without_hints(report: Report) -> Report:
    """The report without hints, which are for people who edit the file, and for programs that choose themselves."""
    items = tuple(item for item in report.items if item.severity is not Severity.HINT)
    return replace(report, items=items, hints=len(report.items) - len(items))


def counted(count: int, word: str) -> str:
    """The number with its word: "1 error", "2 errors", "3 info"."""
    return f"{count} {word}" if count == 1 or word == Severity.INFO.word else f"{count} {word}s"


def sort_key(item: Item) -> tuple[str, int, int, str, str]:
    """Orders findings by path, then as they stand in the text."""
    finding = item.finding
    return (item.path, finding.span.start, finding.span.end, finding.rule, finding.message)
