from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import pytest

from mig_lsp.core.change import CreateFile, Edit, EditFile, Finding, Fix, Related, Severity
from mig_lsp.core.rules import by_name
from mig_lsp.core.text import Lines, Span
from mig_lsp.render import github, gitlab, json_report, junit, sarif, text_report
from mig_lsp.render.fingerprint import fingerprints
from mig_lsp.render.report import Item, Report, sort_key, without_hints
from mig_lsp.render.terminal import Style

RULE = "transaction-control"
TEXTS = {
    "db/010-a.sql": "-- é😀\r\n\tBEGIN;\r\nSELECT '中', 😀;\n",
    "db/é %,:\n.sql": "COMMIT;",
    "db/empty.sql": "",
    "db/clean.sql": "SELECT 1;",
}


def item(path: str, start: int, end: int, message: str = "no", **values: Any) -> Item:
    rest = {"severity": Severity.ERROR, **values}
    return Item(path, Finding(rest.pop("rule", RULE), Span(start, end), message, **rest))


def report(*items: Item, texts: Mapping[str, str] = TEXTS, **values: Any) -> Report:
    def lines(path: str) -> Lines:
        return Lines(texts.get(path, ""))

    return Report(".", tuple(sorted(items, key=sort_key)), tuple(sorted(texts)), lines, by_name(), **values)


def text(*items: Item, texts: Mapping[str, str] = TEXTS) -> str:
    return "".join(text_report.render(report(*items, texts=texts), Style()))


BEGIN = item("db/010-a.sql", 8, 13)
WIDE = item(
    "db/010-a.sql",
    26,
    27,
    "it ends here",
    severity=Severity.WARNING,
    fix=Fix("Take it out", (Edit(Span(26, 27), "x"),), safe=False),
    related=(Related("db/clean.sql", Span(0, 6), "as here"),),
)
STRANGE = item("db/é %,:\n.sql", 0, 6, "100%: a,\nb\x1b", severity=Severity.INFO)
EMPTY = item("db/empty.sql", 0, 0, severity=Severity.HINT)


def test_text() -> None:
    assert text(BEGIN, WIDE, STRANGE, EMPTY) == (
        "db/010-a.sql:2:2: error[transaction-control] no\n"
        "  |\n"
        "2 |     BEGIN;\n"
        "  |     ^^^^^\n"
        "  = help: mig-lsp explain transaction-control\n"
        "db/010-a.sql:3:11: warning[transaction-control] it ends here\n"
        "  |\n"
        "3 | SELECT '中', 😀;\n"
        "  |            ^\n"
        "  = db/clean.sql:1:1: as here\n"
        "  = fix: Take it out (unsafe: look at the result)\n"
        "  = help: mig-lsp explain transaction-control\n"
        "db/empty.sql:1:1: hint[transaction-control] no\n"
        "  = help: mig-lsp explain transaction-control\n"
        "db/é %,:\\n.sql:1:1: info[transaction-control] 100%: a,\\nb\\x1b\n"
        "  |\n"
        "1 | COMMIT;\n"
        "  | ^^^^^^\n"
        "  = help: mig-lsp explain transaction-control\n"
    )


@pytest.mark.parametrize(
    ("source", "start", "end", "line", "carets"),
    [
        ("SELECT 1;", 7, 8, "SELECT 1;", "       ^"),
        ("SELECT 1;", 9, 9, "SELECT 1;", "         ^"),
        ("SELECT 1;\nSELECT 2;", 0, 18, "SELECT 1;", "^^^^^^^^^"),
        ("a\n\nb", 2, 2, "", "^"),
        ("a\n", 2, 2, "", "^"),
        ("\tx\ty", 3, 4, "    x    y", "         ^"),
        ("中😀é y", 4, 5, "中😀é y", "      ^"),
        ("中😀é y", 0, 2, "中😀é y", "^^^^"),
        ("a\x1b[31mb", 6, 7, "a\\x1b[31mb", "         ^"),
        ("a\fb\u2028c", 4, 5, "a\\x0cb\\u2028c", "            ^"),
        ("x" * 5000, 2500, 2503, "…" + "x" * 110 + "…", " " * 61 + "^^^"),
        ("x" * 5000, 0, 5000, "x" * 110 + "…", "^" * 110),
        ("x" * 120, 119, 120, "…" + "x" * 61, " " * 61 + "^"),
    ],
)
def test_carets_stand_under_what_is_meant(source: str, start: int, end: int, line: str, carets: str) -> None:
    shown = list(text_report.excerpt(Lines(source), Span(start, end), Style(), Severity.ERROR))
    number = shown[1].partition(" |")[0]
    assert shown[1] == f"{number} | {line}"
    assert shown[2] == f"{' ' * len(number)} | {carets}"


def test_a_line_of_ten_megabytes_is_shown_at_once() -> None:
    source = "x" * 10_000_000
    assert len("".join(text_report.excerpt(Lines(source), Span(5_000_000, 9_000_000), Style(), Severity.ERROR))) < 400


@pytest.mark.parametrize(
    ("items", "values", "expected"),
    [
        ((), {}, "no findings in 4 files\n"),
        ((BEGIN,), {}, "1 error in 4 files checked\n"),
        ((BEGIN, WIDE, STRANGE, EMPTY, WIDE), {}, "1 error, 2 warnings, 1 info, 1 hint in 4 files checked\n"),
        ((), {"hidden": 3}, "no findings in 4 files; not shown: 3 in merged or applied files (--all shows them)\n"),
        (
            (BEGIN,),
            {"hidden": 3, "hints": 1},
            "1 error in 4 files checked; not shown: 1 hint and 3 in merged or applied files (--all shows them)\n",
        ),
    ],
)
def test_summary(items: tuple[Item, ...], values: dict[str, Any], expected: str) -> None:
    assert text_report.summary(report(*items, **values), Style()) == expected


def test_without_hints() -> None:
    left = without_hints(report(BEGIN, EMPTY))
    assert (left.items, left.hints) == ((BEGIN,), 1)


def test_json() -> None:
    document = json.loads(json_report.render(report(BEGIN, WIDE, EMPTY)))
    begin = {"start": {"line": 2, "column": 2, "offset": 8}, "end": {"line": 2, "column": 7, "offset": 13}}
    assert document["version"] == 1
    assert document["root"] == "."
    assert document["summary"] == {"files": 4, "error": 1, "warning": 1, "info": 0, "hint": 1}
    assert document["findings"][0] == {
        "path": "db/010-a.sql",
        "rule": RULE,
        "category": "runner",
        "severity": "error",
        "message": "no",
        "range": begin,
        "related": [],
    }
    assert document["findings"][1]["related"] == [
        {
            "path": "db/clean.sql",
            "message": "as here",
            "range": {"start": {"line": 1, "column": 1, "offset": 0}, "end": {"line": 1, "column": 7, "offset": 6}},
        }
    ]
    assert document["findings"][1]["fix"] == {"title": "Take it out", "safe": False}


def test_json_of_strange_characters_is_json() -> None:
    document = json.loads(json_report.render(report(item("a\udcff.sql", 0, 0, "\ud800\x00\u2028"))))
    assert document["findings"][0]["path"] == "a\udcff.sql"


def test_github_escapes_what_would_end_a_command() -> None:
    assert github.render(report(BEGIN, STRANGE)) == (
        "::error file=db/010-a.sql,line=2,col=2,endLine=2,endColumn=7,title=transaction-control::no\n"
        "::notice file=db/é %25%2C%3A%0A.sql,line=1,col=1,endLine=1,endColumn=7,title=transaction-control"
        "::100%25: a,%0Ab\\x1b\n"
    )


def test_gitlab() -> None:
    (issue,) = json.loads(gitlab.render(report(BEGIN)))
    fingerprint = issue.pop("fingerprint")
    assert len(fingerprint) == 32
    assert issue == {
        "type": "issue",
        "description": "no",
        "check_name": RULE,
        "categories": ["Bug Risk"],
        "severity": "critical",
        "location": {
            "path": "db/010-a.sql",
            "lines": {"begin": 2, "end": 2},
            "positions": {"begin": {"line": 2, "column": 2}, "end": {"line": 2, "column": 7}},
        },
    }


def names(path: str, source: str, *starts: int) -> list[str]:
    items = [item(path, start, start + 1) for start in starts]
    return [name for _, name in fingerprints(report(*items, texts={path: source}))]


def test_fingerprints_survive_moved_lines_and_tell_equal_findings_apart() -> None:
    (before,) = names("a.sql", "BEGIN;\n", 0)
    assert names("a.sql", "-- new\n\n  BEGIN;\n", 10) == [before]
    first, second = names("a.sql", "BEGIN;\nBEGIN;\n", 0, 7)
    assert first == before
    assert second != before
    assert names("b.sql", "BEGIN;\n", 0) != [before]
    assert names("a.sql", "BEGIN; -- x\n", 0) != [before]


def test_sarif() -> None:
    log = json.loads(sarif.render(report(BEGIN, WIDE, STRANGE)))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == (RULE, "TransactionControl")
    assert rule["helpUri"].startswith("https://")
    assert rule["help"]["markdown"].startswith(f"# {RULE}")
    assert "## Tests" not in rule["help"]["markdown"]
    assert rule["shortDescription"]["text"]
    begin, wide, strange = run["results"]
    assert begin["level"], begin["ruleIndex"] == ("error", 0)
    assert begin["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "db/010-a.sql"},
                "region": {"startLine": 2, "startColumn": 2, "endLine": 2, "endColumn": 7},
            }
        }
    ]
    assert wide["level"] == "warning"
    assert wide["relatedLocations"][0]["message"] == {"text": "as here"}
    assert wide["fixes"] == [
        {
            "description": {"text": "Take it out"},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "db/010-a.sql"},
                    "replacements": [
                        {
                            "deletedRegion": {"startLine": 3, "startColumn": 11, "endLine": 3, "endColumn": 12},
                            "insertedContent": {"text": "x"},
                        }
                    ],
                }
            ],
        }
    ]
    assert strange["level"] == "note"
    uri = strange["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "db/%C3%A9%20%25%2C%3A%0A.sql"


@pytest.mark.parametrize(
    ("others", "paths"),
    [
        ((), ["db/010-a.sql"]),
        ((EditFile("db/clean.sql", (Edit(Span(0, 1), ""),)),), ["db/010-a.sql", "db/clean.sql"]),
        ((CreateFile("db/new.sql", ""),), []),
    ],
)
def test_sarif_has_the_fixes_it_can_say(others: tuple[EditFile | CreateFile, ...], paths: list[str]) -> None:
    fix = Fix("Fix", (Edit(Span(0, 0), "x"),), others=others)
    (run,) = json.loads(sarif.render(report(item("db/010-a.sql", 0, 1, fix=fix))))["runs"]
    fixes = run["results"][0].get("fixes", [])
    assert [each["artifactLocation"]["uri"] for fix in fixes for each in fix["artifactChanges"]] == paths


def test_junit_is_xml_whatever_is_in_it() -> None:
    hostile = item("db/clean.sql", 0, 1, '<a> & "b" \']]> \x00\x1b\ud800\ufffe')
    suites = ElementTree.fromstring(junit.render(report(BEGIN, STRANGE, hostile)))
    assert suites.attrib == {"name": "mig-lsp", "tests": "4", "failures": "3", "errors": "0"}
    cases = {suite.attrib["name"]: [len(case) for case in suite] for suite in suites}
    assert cases == {"db/010-a.sql": [1], "db/clean.sql": [1], "db/empty.sql": [0], "db/é %,:\\n.sql": [1]}
    failure = suites[0][0][0]
    assert failure.attrib == {"type": "error", "message": "no"}
    assert failure.text == "db/010-a.sql:2:2: error[transaction-control] no"


def test_every_format_shows_the_same_positions() -> None:
    found = report(BEGIN, WIDE)
    places = [(2, 2), (3, 11)]
    assert [
        (line, column)
        for line, column, _ in (found.range(*each)[0] for each in ((i.path, i.finding.span) for i in found.items))
    ] == places
    assert [
        (i["range"]["start"]["line"], i["range"]["start"]["column"])
        for i in json.loads(json_report.render(found))["findings"]
    ] == places
    begins = [issue["location"]["positions"]["begin"] for issue in json.loads(gitlab.render(found))]
    assert [(begin["line"], begin["column"]) for begin in begins] == places
    regions = [
        result["locations"][0]["physicalLocation"]["region"]
        for result in json.loads(sarif.render(found))["runs"][0]["results"]
    ]
    assert [(region["startLine"], region["startColumn"]) for region in regions] == places
    for line, column in places:
        assert f"db/010-a.sql:{line}:{column}: " in text(BEGIN, WIDE)
        assert f",line={line},col={column}," in github.render(found)
        assert f"db/010-a.sql:{line}:{column}: " in junit.render(found)
