from __future__ import annotations

import pytest

from mig_lsp.core.rules import all_rules
from mig_lsp.render.page import page
from mig_lsp.render.terminal import Style


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("# rule\n\nOne\ntwo `three` **four**.\n", "rule\n\nOne two `three` four.\n"),
        ("See [the page](https://example.org/x).", "See the page (https://example.org/x).\n"),
        ("- one\n  two\n- three\n", "- one two\n- three\n"),
        ("```sql\nSELECT 1;\n\n# no heading\n```\nafter", "    SELECT 1;\n    \n    # no heading\nafter\n"),
        ("```\nnever closed", "    never closed\n"),
        ("| a | b |\n| - | - |\n", "| a | b |\n| - | - |\n"),
        ("a\x1b[31m\n```\n\x1b\tb\n```", "a\\x1b[31m\n    \\x1b\tb\n"),
        ("word " * 40, "word " * 19 + "word\n" + "word " * 19 + "word\n"),
    ],
)
def test_markdown_as_text(markdown: str, expected: str) -> None:
    assert page(markdown, Style()) == expected


def test_with_colours() -> None:
    assert page("# a\n`b`", Style(True)) == "\x1b[1ma\x1b[0m\n\x1b[36mb\x1b[0m\n"


def test_every_rule_page_can_be_shown() -> None:
    for rule in all_rules():
        assert page(rule.documentation, Style()).startswith(f"{rule.name}\n\n")


def test_a_name_with_hyphens_stays_whole() -> None:
    shown = page(f"{'word ' * 18}`mig-lsp check --fix-all` and more.\n", Style(False))
    assert [line for line in shown.splitlines() if line.endswith("-")] == []
