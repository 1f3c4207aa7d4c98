"""Findings for people: where, what, the line itself with carets, what else to look at, and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.change import Severity
from mig_lsp.core.text import Lines, Span
from mig_lsp.render.report import Item, Report, counted
from mig_lsp.render.terminal import Colour, Style, shown, visible, width

_COLOURS: dict[Severity, Colour] = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
    Severity.HINT: "cyan",
}
_BEFORE = 60  # characters of a long line that are shown before the carets
_MOST = 110  # and all in all


def render(report: Report, style: Style) -> Iterator[str]:
    """The findings, one block of lines each."""
    for item in report.items:
        yield "\n".join(_block(report, item, style)) + "\n"


def summary(report: Report, style: Style) -> str:
    """The last line: how many findings of which severity, in how many files."""
    files = counted(len(report.paths), "file")
    found = [
        style.paint(counted(count, severity.word), _COLOURS[severity])
        for severity, count in report.counts.items()
        if count
    ]
    line = f"{', '.join(found)} in {files} checked" if found else f"{style.paint('no findings', 'green')} in {files}"
    more = [counted(report.hints, "hint")] if report.hints else []
    more += [f"{report.hidden} in merged or applied files"] if report.hidden else []
    if more:
        line += f"; not shown: {' and '.join(more)} (--all shows them)"
    return line + "\n"


def excerpt(lines: Lines, span: Span, style: Style, severity: Severity) -> Iterator[str]:
    """The first line of *span* with its number, and carets under it; nothing for an empty file."""
    shown = _excerpt(lines, span)
    if shown is None:
        return
    number = str(lines.line_at(min(span.start, len(lines.text))) + 1)
    margin, bar = " " * len(number), style.paint("|", "dim")
    yield f"{margin} {bar}"
    yield f"{style.paint(number, 'dim')} {bar} {shown.line}"
    yield f"{margin} {bar} {' ' * shown.indent}{style.paint('^' * shown.carets, _COLOURS[severity])}"


def _block(report: Report, item: Item, style: Style) -> Iterator[str]:
    finding = item.finding
    start = report.range(item.path, finding.span).start
    label = style.paint(f"{item.severity.word}[{finding.rule}]", _COLOURS[item.severity])
    place = style.paint(f"{visible(item.path)}:{start.line}:{start.column}", "bold")
    yield f"{place}: {label} {visible(finding.message)}"
    margin = " " * len(str(start.line))
    yield from excerpt(report.lines(item.path), finding.span, style, item.severity)
    for related in finding.related:
        at = report.range(related.path, related.span).start
        yield f"{margin} = {visible(related.path)}:{at.line}:{at.column}: {visible(related.message)}"
    if finding.fix is not None:
        unsafe = "" if finding.fix.safe else " (unsafe: look at the result)"
        yield f"{margin} = fix: {visible(finding.fix.title)}{unsafe}"
    yield style.paint(f"{margin} = help: mig-lsp explain {finding.rule}", "dim")


class _Excerpt(NamedTuple):
    """A line as it is shown, and under which of its columns the carets stand."""

    line: str
    indent: int
    carets: int


def _excerpt(lines: Lines, span: Span) -> _Excerpt | None:
    """The first line of *span*, cut to a readable length; None when there is nothing to show."""
    if not lines.text:
        return None
    line = lines.span(lines.line_at(min(span.start, len(lines.text))))
    start = min(span.start, line.end)
    end = min(max(span.end, start), line.end)
    first = line.start if start - line.start <= _BEFORE else start - _BEFORE
    last = min(line.end, first + _MOST)
    end = min(end, last)
    before = "".join(map(shown, lines.text[first:start]))
    under = "".join(map(shown, lines.text[start:end]))
    after = "".join(map(shown, lines.text[end:last]))
    left, right = "…" * (first > line.start), "…" * (last < line.end)
    return _Excerpt((left + before + under + after + right).rstrip(), width(left + before), max(width(under), 1))
