"""Findings as JSON, for programs; the shape is a published contract."""

from __future__ import annotations

import json

from mig_lsp.core.text import Span
from mig_lsp.render.report import Item, Range, Report


def render(report: Report) -> str:
    """The whole report as one JSON document."""
    document = {
        "version": 1,
        "root": report.root,
        "findings": [_finding(report, item) for item in report.items],
        "summary": {
            "files": len(report.paths),
            **{severity.word: count for severity, count in report.counts.items()},
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _finding(report: Report, item: Item) -> dict[str, object]:
    finding = item.finding
    out: dict[str, object] = {
        "path": item.path,
        "rule": finding.rule,
        "category": report.category(finding.rule),
        "severity": item.severity.word,
        "message": finding.message,
        "range": _range(report.range(item.path, finding.span)),
        "related": [
            {"path": each.path, "message": each.message, "range": _at(report, each.path, each.span)}
            for each in finding.related
        ],
    }
    if finding.fix is not None:
        out["fix"] = {"title": finding.fix.title, "safe": finding.fix.safe}
    return out


def _at(report: Report, path: str, span: Span) -> dict[str, object]:
    return _range(report.range(path, span))


def _range(found: Range) -> dict[str, object]:
    return {"start": found.start._asdict(), "end": found.end._asdict()}
