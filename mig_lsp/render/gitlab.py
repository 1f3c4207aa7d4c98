"""Findings as GitLab's code quality report."""

from __future__ import annotations

import json

from mig_lsp.core.change import Severity
from mig_lsp.render.fingerprint import fingerprints
from mig_lsp.render.report import Item, Report

_LEVELS = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "minor", Severity.HINT: "info"}


def render(report: Report) -> str:
    """A JSON list of issues."""
    return json.dumps([_issue(report, item, name) for item, name in fingerprints(report)], indent=2) + "\n"


def _issue(report: Report, item: Item, fingerprint: str) -> dict[str, object]:
    start, end = report.range(item.path, item.finding.span)
    return {
        "type": "issue",
        "description": item.finding.message,
        "check_name": item.finding.rule,
        "categories": ["Bug Risk"],
        "fingerprint": fingerprint,
        "severity": _LEVELS[item.severity],
        "location": {
            "path": item.path,
            "lines": {"begin": start.line, "end": end.line},
            "positions": {
                "begin": {"line": start.line, "column": start.column},
                "end": {"line": end.line, "column": end.column},
            },
        },
    }
