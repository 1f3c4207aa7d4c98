"""Findings as GitHub's workflow commands, which become annotations of a pull request."""

from __future__ import annotations

from mig_lsp.core.change import Severity
from mig_lsp.render.report import Item, Report
from mig_lsp.render.terminal import visible

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice", Severity.HINT: "notice"}


def render(report: Report) -> str:
    """One command per finding."""
    return "".join(_command(report, item) for item in report.items)


def _command(report: Report, item: Item) -> str:
    start, end = report.range(item.path, item.finding.span)
    properties = {
        "file": item.path,
        "line": str(start.line),
        "col": str(start.column),
        "endLine": str(end.line),
        "endColumn": str(end.column),
        "title": item.finding.rule,
    }
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_LEVELS[item.severity]} {given}::{_data(item.finding.message)}\n"


def _data(text: str) -> str:
    return visible(text, "\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
