from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mig_lsp.core.sql.lexer import statement_end
from mig_lsp.core.sql.pieces import Splice, cut_again, cut_all, splice_between
from mig_lsp.core.sql.statement import Statements, read, read_again
from tests.core.sql.samples import FRAGMENTS, STATEMENTS

TEXTS = st.lists(st.sampled_from((*FRAGMENTS, *STATEMENTS)), max_size=12).map("".join)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, Splice, str]:
    """A text, an edit of it, and the text after it."""
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text)))
    removed = draw(st.integers(0, min(len(text) - start, 30)))
    added = draw(st.lists(st.sampled_from(FRAGMENTS), max_size=3).map("".join))
    return text, Splice(start, removed, len(added)), text[:start] + added + text[start + removed :]


@given(edits())
def test_cutting_again_is_cutting_anew(edit: tuple[str, Splice, str]) -> None:
    before, splice, after = edit
    expected = cut_all(after, statement_end)
    ends, first, kept = cut_again(cut_all(before, statement_end), after, splice, statement_end)
    assert expected == ends
    assert 0 <= first <= len(ends) - kept


@given(st.lists(edits(), min_size=1, max_size=1), st.data())
def test_reading_again_keeps_what_it_can(edit: list[tuple[str, Splice, str]], data: st.DataObject) -> None:
    before, splice, after = edit[0]
    old = read(before)
    new = read_again(old, after, splice)
    assert [item.text for item in read(after).items] == [item.text for item in new.items]
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(after)))
        new = read_again(new, after[:start] + ";" + after[start:], Splice(start, 0, 1))
        after = after[:start] + ";" + after[start:]
        assert [item.text for item in read(after).items] == [item.text for item in new.items]


def test_untouched_statements_are_the_same_objects() -> None:
    text = "SELECT 1;\nSELECT 2;\nSELECT 3;\nSELECT 4;"
    old = read(text)
    new = read_again(old, text.replace("2", "22"), Splice(17, 0, 1))
    assert [True, False, True, True] == [one is other for one, other in zip(old.items, new.items, strict=True)]


def test_an_edit_at_the_end_of_a_piece_may_join_it_with_the_next() -> None:
    text = "SELECT 1;SELECT 2;"
    new = read_again(read(text), "SELECT 1SELECT 2;", Splice(8, 1, 0))
    assert ["SELECT 1SELECT 2;"] == [item.text for item in new.items]


@given(TEXTS, TEXTS)
def test_the_splice_between_two_texts_turns_one_into_the_other(old: str, new: str) -> None:
    start, removed, added = splice_between(old, new)
    assert new == old[:start] + new[start : start + added] + old[start + removed :]


@pytest.mark.parametrize(
    ("old", "new", "splice"),
    [
        ("abc", "abc", Splice(3, 0, 0)),
        ("abc", "abxc", Splice(2, 0, 1)),
        ("aaa", "aa", Splice(2, 1, 0)),
        ("", "é😀", Splice(0, 0, 2)),
    ],
)
def test_the_splice_is_the_smallest(old: str, new: str, splice: Splice) -> None:
    assert splice == splice_between(old, new)


def test_an_empty_text_has_no_pieces() -> None:
    assert Statements((), []) == read("")
