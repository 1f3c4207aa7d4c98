"""The page for people who come from another linter: it names our rules, and only those that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from mig_lsp.core.rules import all_rules, by_name

PAGE = Path(__file__).parent.parent / "docs" / "peers.md"


class Row(NamedTuple):
    """One line of a table."""

    theirs: str
    ours: str
    why: str


def _rows() -> list[Row]:
    lines = [line.strip("|").split(" | ") for line in PAGE.read_text("utf-8").split("\n") if line.startswith("| ")]
    rows = [Row(*(cell.strip(" |") for cell in cells)) for cells in lines]
    return [row for row in rows if row.ours not in ("mig-lsp", "---")]


def test_every_rule_of_ours_exists() -> None:
    named = {name for row in _rows() for name in re.findall("`([^`]+)`", row.ours)}
    assert len(_rows()) > 100
    assert sorted(named - by_name().keys()) == []


def test_what_we_refuse_has_a_reason() -> None:
    assert [row.theirs for row in _rows() if row.ours == "none" and not row.why] == []


def test_every_row_says_ours_or_none() -> None:
    assert [row for row in _rows() if row.ours != "none" and not row.ours.startswith("`")] == []


def test_rules_that_are_off_are_marked() -> None:
    off = {rule.name for rule in all_rules() if rule.default_off}
    marks = {mark for row in _rows() for mark in re.findall(r"`([^`]+)`( \(off\))?", row.ours)}
    assert sorted({name for name, mark in marks if bool(mark) != (name in off)}) == []


def test_every_rule_about_locks_is_on_the_page() -> None:
    named = {name for row in _rows() for name in re.findall("`([^`]+)`", row.ours)}
    ours = {rule.name for rule in all_rules() if rule.category == "lock"}
    assert sorted(ours - named) == []
