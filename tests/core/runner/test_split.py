from __future__ import annotations

import pytest
from hypothesis import given, settings

from mig_lsp.core.runner import split
from mig_lsp.core.runner.profile import DRIZZLE_MIGRATOR, PROFILES, PSQL, RDS_DATA_API, Runner
from mig_lsp.core.sql.pieces import Splice, splice_between
from mig_lsp.core.text import Span
from tests.core.runner.generated import edits

_RUNNERS = [*PROFILES.values(), Runner("whole", "whole-file", "file", "simple", True, "directory")]


@pytest.mark.parametrize("runner", _RUNNERS, ids=lambda runner: runner.name)
@settings(max_examples=300, deadline=None)
@given(edit=edits())
def test_reading_again_is_reading(runner: Runner, edit: tuple[str, str, Splice]) -> None:
    before, after, splice = edit
    old = split.read(runner, before)
    fresh, again = split.read(runner, after), split.read_again(runner, old, after, splice)
    assert list(fresh.ends) == list(again.ends)
    assert [chunk.text for chunk in fresh.items] == [chunk.text for chunk in again.items]
    assert [chunk.sql for chunk in fresh.items] == [chunk.sql for chunk in again.items]
    assert after == "".join(chunk.text for chunk in again.items)


def test_untouched_chunks_are_the_same_objects() -> None:
    before = "a;\nb;\nc;\nd;\n"
    after = "a;\nb2;\nc;\nd;\n"
    old = split.read(RDS_DATA_API, before)
    again = split.read_again(RDS_DATA_API, old, after, splice_between(before, after))
    assert [new is was for new, was in zip(again.items, old.items, strict=True)] == [True, False, True, True]


def _sent(runner: Runner, text: str) -> list[str]:
    return [chunk.sql for chunk in split.read(runner, text).items if chunk.sql]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a;--> statement-breakpoint\nb; c;", ["a;", "\nb; c;"]),
        ("--> statement-breakpoint\n \n--> statement-breakpoint", []),
        ("-- a --> statement-breakpoint\nb", ["-- a ", "\nb"]),
        ("'--> statement-breakpoint'", ["'", "'"]),
    ],
)
def test_breakpoints(text: str, sent: list[str]) -> None:
    assert sent == _sent(DRIZZLE_MIGRATOR, text)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("-- x\nSELECT ';'; SELECT 2;", ["SELECT ';';", "SELECT 2;"]),
        ("DO $$\nBEGIN\n x;\nEND;\n$$;\nSELECT 1", ["DO $$\nBEGIN\n x;\nEND;\n$$;", "SELECT 1"]),
        ("SELECT 1 \n-- é\n", ["SELECT 1 \n-- é"]),
        ("\\set x 'a;b'\n\\i other.sql\nSELECT 1;", ["SELECT 1;"]),
        ("COPY t FROM STDIN;\n1;2\n\\.\nSELECT 1;", ["COPY t FROM STDIN;", "SELECT 1;"]),
        (
            "copy t (a) from /* x */ stdin csv;\r\n1\r\n\\.\r\nSELECT 1;",
            ["copy t (a) from /* x */ stdin csv;", "SELECT 1;"],
        ),
        ("COPY t FROM STDIN;\n1;\n2;\n", ["COPY t FROM STDIN;"]),
        ("COPY t TO STDOUT; SELECT 'from stdin';", ["COPY t TO STDOUT;", "SELECT 'from stdin';"]),
        ("/* nothing */", []),
    ],
)
def test_psql(text: str, sent: list[str]) -> None:
    assert sent == _sent(PSQL, text)


def test_whole_file() -> None:
    assert _sent(_RUNNERS[-1], "\na;\nb;") == ["\na;\nb;"]
    assert _sent(_RUNNERS[-1], " \n") == []


def test_places_in_the_file() -> None:
    text = "-- é😀\n\nSELECT 1;\r\n\tSELECT\n-- x\n2;\n"
    chunks = split.read(RDS_DATA_API, text)
    assert [text[slice(*placed.span)] for placed in chunks.placed()] == ["SELECT 1;", "SELECT\n-- x\n2;"]
    assert [placed.chunk.sql for placed in chunks.placed()] == ["SELECT 1;", "SELECT\n2;"]
    for offset in range(len(text) + 1):
        found = chunks.at(offset)
        assert found is not None
        assert found.start <= offset <= found.start + len(found.chunk.text)
    second = chunks.items[1]
    assert second.text[slice(*second.source_span(Span(7, 8)))] == "2"
    assert Span(1, 7) == second.source_span(Span(0, 6))
    assert len(second.text) - 1 == second.source(len(second.sql))


def test_an_empty_file_has_no_chunks() -> None:
    chunks = split.read(RDS_DATA_API, "")
    assert chunks.items == ()
    assert chunks.at(0) is None


def test_what_is_not_sent_has_an_empty_place() -> None:
    (chunk,) = split.read(RDS_DATA_API, "-- x\n").items
    assert ("", Span(5, 5), 5, 0) == (chunk.sql, chunk.span, chunk.source(0), chunk.count)


def test_counts_statements() -> None:
    (chunk,) = split.read(RDS_DATA_API, "a; b; ; /* c */;").items
    assert chunk.count == 2
