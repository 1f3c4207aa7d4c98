"""Findings as SARIF 2.1.0, for code scanning services and editors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

from mig_lsp import __version__
from mig_lsp.core.change import EditFile, Finding, Severity
from mig_lsp.core.pages import HOME, rule_url
from mig_lsp.core.rules import Rule
from mig_lsp.core.text import Span
from mig_lsp.render.fingerprint import fingerprints
from mig_lsp.render.report import Item, Range, Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.HINT: "note"}

_BRACKET = re.compile(r"[\[\]\\]")


def render(report: Report) -> str:
    """The report as one SARIF log with one run. Paths are relative to what the reader takes for the source root."""
    names = sorted({item.finding.rule for item in report.items})
    places = {name: index for index, name in enumerate(names)}
    run = {
        "tool": {
            "driver": {
                "name": "mig-lsp",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(name, report.rules.get(name)) for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(report, item, name, places) for item, name in fingerprints(report)],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(name: str, rule: Rule | None) -> dict[str, object]:
    out: dict[str, object] = {"id": name, "name": "".join(word.capitalize() for word in name.split("-"))}
    if rule is not None:
        page = rule.documentation
        out |= {
            "shortDescription": {"text": rule.summary},
            "help": {"text": page, "markdown": page},
            "helpUri": rule_url(name),
            "defaultConfiguration": {"level": _LEVELS[rule.severity], "enabled": not rule.default_off},
            "properties": {"category": rule.category, "tags": [rule.category]},
        }
    return out


def _result(report: Report, item: Item, fingerprint: str, places: dict[str, int]) -> dict[str, object]:
    finding = item.finding
    out: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": places[finding.rule],
        "level": _LEVELS[item.severity],
        "message": {"text": _plain(finding.message)},
        "locations": [{"physicalLocation": _location(report, item.path, finding.span)}],
        "partialFingerprints": {"migLsp/v1": fingerprint},
    }
    if finding.related:
        out["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _location(report, each.path, each.span),
                "message": {"text": _plain(each.message)},
            }
            for number, each in enumerate(finding.related, 1)
        ]
    changes = list(_changes(report, item.path, finding))
    if finding.fix is not None and changes:
        out["fixes"] = [{"description": {"text": finding.fix.title}, "artifactChanges": changes}]
    return out


def _changes(report: Report, path: str, finding: Finding) -> Iterator[dict[str, object]]:
    """The fix as replacements; nothing when it also makes or moves files, which SARIF cannot say."""
    fix = finding.fix
    if fix is None or not all(isinstance(other, EditFile) for other in fix.others):
        return
    own = [EditFile(path, fix.edits)] if fix.edits else []
    for file in (*own, *(other for other in fix.others if isinstance(other, EditFile))):
        yield {
            "artifactLocation": {"uri": _uri(file.path)},
            "replacements": [
                {
                    "deletedRegion": _region(report.range(file.path, edit.span)),
                    "insertedContent": {"text": edit.text},
                }
                for edit in file.edits
            ],
        }


def _location(report: Report, path: str, span: Span) -> dict[str, object]:
    return {"artifactLocation": {"uri": _uri(path)}, "region": _region(report.range(path, span))}


def _region(found: Range) -> dict[str, int]:
    start, end = found
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _plain(text: str) -> str:
    """A message without links: a reader of SARIF makes one of `[text](target)`, unless its brackets are escaped."""
    return _BRACKET.sub(r"\\\g<0>", text) if "](" in text else text


def _uri(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"))
