"""Rules that are off until the configuration gives them a severity."""

from __future__ import annotations

import pytest

from mig_lsp.core.change import Severity
from mig_lsp.core.check import check_document
from mig_lsp.core.rules import by_name
from tests.support.workspace import snapshot

PATH = "migrations/010-x.sql"
TEXT = "CREATE TABLE t (a json);\n"


def severities(config: str, text: str = TEXT) -> list[tuple[str, Severity | None]]:
    world = snapshot({PATH: text, "mig-lsp.toml": config})
    rules = ("prefer-jsonb", "unused-suppression")
    return [(each.rule, each.severity) for each in check_document(world, PATH) if each.rule in rules]


@pytest.mark.parametrize("word", ["error", "warning", "info", "hint"])
def test_a_severity_turns_it_on(word: str) -> None:
    assert [("prefer-jsonb", Severity[word.upper()])] == severities(f'[rules]\nprefer-jsonb.severity = "{word}"\n')


@pytest.mark.parametrize("config", ["", '[rules]\nprefer-jsonb.severity = "off"\n', "[rules]\n"])
def test_it_is_off_otherwise(config: str) -> None:
    assert [] == severities(config)


def test_it_says_so() -> None:
    rule = by_name()["prefer-jsonb"]
    assert (None, "off", Severity.INFO) == (rule.default, rule.default_word, rule.severity)
