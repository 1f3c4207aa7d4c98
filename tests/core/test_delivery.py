"""Where the runner's cuts fall, and which chunks arrive whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mig_lsp.core.delivery import deliver
from mig_lsp.core.runner.profile import PROFILES
from mig_lsp.core.snapshot import File

PIECES = ("SELECT 1;\n", "SELECT 'é;\n", "b';\n", ";", "/* a;\n", "*/", "-- c;\n", "\r\n", "DO $$ x;\n $$;\n", "\n")


def delivered(text: str, profile: str = "rds-data-api") -> tuple[list[int], list[str]]:
    delivery = deliver(File("a.sql", text), PROFILES[profile])
    return [cut.offset for cut in delivery.cuts], [chunk.sql for chunk in delivery.whole]


@pytest.mark.parametrize(
    ("text", "cuts", "whole"),
    [
        ("SELECT 1;\n-- x;\nSELECT 2;\n", [], ["SELECT 1;", "SELECT 2;"]),
        ("SELECT 'a;\nb';\nSELECT 2;", [9], ["SELECT 2;"]),
        ("SELECT 'é😀;\nb';\nSELECT 2;", [10], ["SELECT 2;"]),
        ("/* a;\nb */\nSELECT 1;\n", [4], []),
        ("SELECT 1, -- a;\n 2;\nSELECT 3;", [14], ["SELECT 3;"]),
        ("SELECT 1;\r\n/* a */\r\nSELECT 2;\r\n", [], ["SELECT 1;", "/* a */\r\nSELECT 2;"]),
        ("SELECT 1; SELECT 2;\n", [], ["SELECT 1; SELECT 2;"]),
        ("CREATE RULE r AS ON INSERT TO t DO (SELECT 1;\nSELECT 2);\nSELECT 3;", [44], ["SELECT 3;"]),
        ("", [], []),
        ("-- only a comment;\n", [], []),
    ],
)
def test_delivery(text: str, cuts: list[int], whole: list[str]) -> None:
    assert (cuts, whole) == delivered(text)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=12),
    st.lists(st.tuples(*[st.integers(0, 60)] * 2, st.sampled_from(PIECES))),
)
def test_after_an_edit_it_is_as_if_read_anew(pieces: list[str], edits: list[tuple[int, int, str]]) -> None:
    runner = PROFILES["rds-data-api"]
    file = File("a.sql", "".join(pieces))
    deliver(file, runner)
    for start, removed, added in edits:
        file = file.edited(file.text[:start] + added + file.text[start + removed :], None)
        found, fresh = deliver(file, runner), deliver(File("a.sql", file.text), runner)
        assert [(cut.offset, cut.inside, cut.statement.start) for cut in fresh.cuts] == [
            (cut.offset, cut.inside, cut.statement.start) for cut in found.cuts
        ]
        assert [(chunk.text, start) for chunk, start in zip(fresh.whole, fresh.starts, strict=False)] == [
            (chunk.text, start) for chunk, start in zip(found.whole, found.starts, strict=False)
        ]


def test_a_lexer_never_cuts_inside() -> None:
    assert ([], ["SELECT 'a;\nb';", "SELECT 2;"]) == delivered("SELECT 'a;\nb';\nSELECT 2;", "psql")
