from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mig_lsp.core.text import Encoding, Lines, Place, Span, line_ending, units

TEXTS = st.text(st.sampled_from("ab é😀\t\f\u2028\r\n\ufeff"), max_size=40)
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


def code_units(text: str, encoding: Encoding) -> int:
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    return len(text.encode({"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding])) // size


@given(TEXTS)
def test_units_are_those_of_the_codec(text: str) -> None:
    for encoding in ENCODINGS:
        assert code_units(text, encoding) == units(text, encoding)


@given(TEXTS, st.data())
def test_a_place_leads_back_to_its_offset(text: str, data: st.DataObject) -> None:
    lines = Lines(text)
    offset = data.draw(st.integers(0, len(text)))
    inside_line_end = text[offset - 1 : offset + 1] == "\r\n"
    for encoding in ENCODINGS:
        place = lines.place(offset, encoding)
        expected = offset - 1 if inside_line_end else offset
        assert expected == lines.offset(place, encoding)


@pytest.mark.parametrize(
    ("text", "place", "encoding", "offset"),
    [
        ("é😀x", Place(0, 2), "utf-8", 1),
        ("é😀x", Place(0, 6), "utf-8", 2),
        ("é😀x", Place(0, 3), "utf-16", 2),
        ("é😀x", Place(0, 2), "utf-16", 2),  # the second half of a surrogate pair: behind the character
        ("é😀x", Place(0, 2), "utf-32", 2),
        ("a\fb\u2028c\nd", Place(1, 0), "utf-16", 6),  # neither a form feed nor U+2028 ends a line
        ("a\r\nb\rc\nd", Place(2, 0), "utf-16", 5),
        ("abc", Place(0, 99), "utf-16", 3),
        ("abc\ndef", Place(0, 99), "utf-16", 3),
        ("abc", Place(9, 9), "utf-16", 3),
        ("abc", Place(-1, -1), "utf-16", 0),
        ("", Place(0, 0), "utf-16", 0),
    ],
)
def test_offset(text: str, place: Place, encoding: Encoding, offset: int) -> None:
    assert offset == Lines(text).offset(place, encoding)


@given(st.text(st.sampled_from("aé😀\ud83d\ude00"), max_size=12), st.integers(-1, 50))
def test_a_column_stands_behind_the_characters_that_begin_before_it(text: str, column: int) -> None:
    for encoding in ENCODINGS:
        begun = [index for index in range(len(text)) if units(text[:index], encoding) < column]
        assert len(begun) == Lines(f"{text}\n{text}").offset(Place(0, column), encoding)
        assert len(text) + 1 + len(begun) == Lines(f"{text}\n{text}").offset(Place(1, column), encoding)


def test_the_line_s_own_stretch_has_no_line_end() -> None:
    lines = Lines("one\r\ntwo\rthree\n")
    assert ["one", "two", "three", ""] == [lines.text[slice(*lines.span(line))] for line in range(4)]


@pytest.mark.parametrize(("text", "expected"), [("a\r\nb\n", "\r\n"), ("a\nb\r\n", "\n"), ("a\rb", "\r"), ("", "\n")])
def test_line_ending(text: str, expected: str) -> None:
    assert expected == line_ending(text)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [((0, 2), (2, 4), True), ((0, 2), (3, 4), False), ((3, 3), (0, 9), True), ((0, 0), (0, 0), True)],
)
def test_touches(one: tuple[int, int], other: tuple[int, int], expected: bool) -> None:
    assert expected == Span(*one).touches(Span(*other)) == Span(*other).touches(Span(*one))
