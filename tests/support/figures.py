"""What the tests against a server counted: shown at the end of a run, and written to docs/proof.md when asked to.

A test gives its counts to `record`; they reach the terminal from the workers of xdist too. `pytest tests/oracle
--write-proof` writes the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support import again, trial

PAGE = Path(__file__).parents[2] / "docs" / "proof.md"

Figures = dict[str, dict[str, int]]

NOT_FORETOLD = "not foretold"

TITLES = {
    "the demo set": "Every statement of the demo's good files, in run order.",
    "traps": "Hand-written cases (`tests/oracle/catalog_traps.py`): what is there before, and one file each.",
    "generated sets": "Statements over a handful of names, made by chance from fixed seeds, valid and invalid mixed.",
    NOT_FORETOLD: "What was explained in all of these: the SQLSTATE, and why no catalog foretells it.",
    "run again": "The chunks of the traps' files, stopped behind each of them and started again from the first.",
}
"""The counts that the page has, in its order, and what was counted."""

_HEAD = """# The proof

The catalog is a small PostgreSQL made of values: it carries out the statements of a set from the files alone. The tests
give the same statements to a real server. They compare its answers with the catalog's, statement by statement, and what
the server then holds (tables, columns, types, constraints, indexes, views, functions, triggers, policies) with what the
catalog says, wherever it does not say "unknown". The rules about running a file again are compared with a server that
does so. A difference, a false error, or an error that nobody foretold without a reason below fails the tests.

The figures are those of the run that wrote this page (`pytest tests/oracle --write-proof`); every run of these tests
shows its own at the end.
"""

_PROPERTY = "figures"


def record(record_property: Callable[[str, object], None], title: str, counts: Mapping[str, int]) -> None:
    """Adds *counts* to those of *title*, one of TITLES."""
    record_property(_PROPERTY, (title, dict(counts)))


def page(figures: Figures) -> str:
    """The text of the page."""
    parts = [_HEAD]
    for title, what in TITLES.items():
        counts = figures.get(title, {})
        parts.append(f"\n## {title.capitalize()}\n\n{what}\n\n| verdict | meaning | count |\n| --- | --- | ---: |\n")
        rows = [key.split(" ", 1) for key in sorted(counts)] if title == NOT_FORETOLD else kinds(title).items()
        for verdict, meaning in rows:
            key = f"{verdict} {meaning}" if title == NOT_FORETOLD else verdict
            parts.append(f"| {verdict} | {meaning} | {counts.get(key, 0)} |\n")
    return "".join(parts)


def kinds(title: str) -> Mapping[str, str]:
    """The verdicts that are counted under *title*, and what they mean."""
    return again.KINDS if title == "run again" else {str(kind): meaning for kind, meaning in trial.KINDS.items()}


def read(text: str) -> Figures:
    """The figures of a page."""
    found: Figures = {}
    for section in re.split(r"^## ", text, flags=re.M)[1:]:
        title = next((title for title in TITLES if section.startswith(f"{title.capitalize()}\n")), "")
        rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| (\d+) \|$", section, re.M)
        found[title] = {
            f"{verdict} {meaning}" if title == NOT_FORETOLD else verdict: int(count) for verdict, meaning, count in rows
        }
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-proof", action="store_true", help="write what was counted to docs/proof.md")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    figures = _gathered(terminalreporter)
    for title, counts in figures.items():
        told = ", ".join(f"{verdict}: {count}" for verdict, count in sorted(counts.items()) if count)
        terminalreporter.write_line(f"{title}: {told}")
    if config.getoption("--write-proof"):
        missing = [title for title in TITLES if title not in figures]
        if missing or exitstatus:
            terminalreporter.write_line(f"{PAGE.name} is not written: every test of the oracle has to pass", red=True)
        else:
            PAGE.write_text(page(figures), encoding="utf-8", newline="\n")


def _gathered(terminalreporter: pytest.TerminalReporter) -> Figures:
    figures: Figures = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") != "call":
                continue
            for name, value in report.user_properties:
                if name == _PROPERTY:
                    title, counts = value
                    of_title = figures.setdefault(title, {})
                    for verdict, count in counts.items():
                        of_title[verdict] = of_title.get(verdict, 0) + count
    return figures
