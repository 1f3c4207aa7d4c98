"""The page with the figures of the proof has the shape that the tests would give it; its numbers are one run's."""

from __future__ import annotations

from tests.support import figures

_TEXT = figures.PAGE.read_text("utf-8")


def test_the_page_is_up_to_date_but_for_its_numbers() -> None:
    assert figures.page(figures.read(_TEXT)) == _TEXT


def test_the_page_has_every_count() -> None:
    assert [*figures.read(_TEXT)] == [*figures.TITLES]
    assert all(sum(counts.values()) > 0 for counts in figures.read(_TEXT).values())


def test_the_page_tells_of_no_false_error() -> None:
    for title, counts in figures.read(_TEXT).items():
        if title != figures.NOT_FORETOLD:
            assert (title, counts["false"]) == (title, 0)
