"""Findings as a JUnit report: a test case per finding, and one that passes per clean file."""

from __future__ import annotations

from collections import defaultdict
from xml.sax.saxutils import escape, quoteattr

from mig_lsp.core.change import Severity
from mig_lsp.render.report import Item, Report
from mig_lsp.render.terminal import visible


def render(report: Report) -> str:
    """The report as XML. What XML cannot hold is written out."""
    by_path: defaultdict[str, list[Item]] = defaultdict(list)
    for item in report.items:
        by_path[item.path].append(item)
    suites = [_suite(report, path, by_path[path]) for path in sorted({*report.paths, *by_path})]
    tests = sum(max(len(items), 1) for items in by_path.values())
    head = f'<testsuites name="mig-lsp" tests="{tests}" failures="{len(report.items)}" errors="0">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{"".join(suites)}</testsuites>\n'


def _suite(report: Report, path: str, items: list[Item]) -> str:
    name = _attribute(path)
    cases = "".join(_case(report, item) for item in items) or f'    <testcase classname={name} name="check"/>\n'
    counts = f'tests="{max(len(items), 1)}" failures="{len(items)}" errors="0"'
    return f"  <testsuite name={name} {counts}>\n{cases}  </testsuite>\n"


def _case(report: Report, item: Item) -> str:
    start = report.range(item.path, item.finding.span).start
    message = _attribute(item.finding.message)
    place = f"{item.path}:{start.line}:{start.column}: {item.severity.word}[{item.finding.rule}] {item.finding.message}"
    kind = "error" if item.severity is Severity.ERROR else "warning"
    return (
        f'    <testcase classname={_attribute(item.path)} name={_attribute(item.finding.rule)} line="{start.line}">\n'
        f'      <failure type="{kind}" message={message}>{escape(_text(place))}</failure>\n'
        f"    </testcase>\n"
    )


def _attribute(text: str) -> str:
    return quoteattr(_text(text))


def _text(text: str) -> str:
    return visible(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
