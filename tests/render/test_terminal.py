from __future__ import annotations

import pytest

from mig_lsp.render.table import table
from mig_lsp.render.terminal import Style, padded, shown, visible, width


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain é 😀 中", "plain é 😀 中"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("a\u202eb\u2066c\u2028d\ufeff", "a\\u202eb\\u2066c\\u2028d\\ufeff"),
        ("lone \ud800, byte \udcff", "lone \\ud800, byte \\xff"),
    ],
)
def test_control_characters_are_written_out(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_some_may_be_kept() -> None:
    assert visible("a\nb\tc\x1b", "\n\t") == "a\nb\tc\\x1b"


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("abc", 3), ("é", 1), ("e\u0301", 1), ("中文", 4), ("😀", 2), ("ｱ", 1), ("Ａ", 2)]
)
def test_width_in_columns(text: str, expected: int) -> None:
    assert width(text) == expected
    assert width(padded(text, 6)) == 6


def test_a_tab_is_four_columns() -> None:
    assert shown("\t") == "    "


def test_columns_are_as_wide_as_their_words() -> None:
    rows = [("1", "中文", "x"), ("10", "a\x1b", "")]
    assert table(("#", "name", "state"), rows, Style(), frozenset((0,))) == (
        " #  name   state\n 1  中文   x\n10  a\\x1b\n"
    )


def test_colours_only_on_request() -> None:
    assert Style().paint("a", "red") == "a"
    assert Style(True).paint("a", "red") == "\x1b[1;31ma\x1b[0m"
    assert Style(True).paint("", "red") == ""
