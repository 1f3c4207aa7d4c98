from __future__ import annotations

import pytest

from mig_lsp.core.visible import crop, enumerated, one_line, visible


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b and 2 others"),
    ],
)
def test_words_become_a_phrase(words: list[str], expected: str) -> None:
    assert expected == enumerated(words, 3)


def test_a_text_fits_into_a_line() -> None:
    assert "é 😀 b\\u202ec\\u0000" == one_line(" é\t😀\r\n b\u202ec\0 ", 40)
    assert "a…" == one_line("a" * 1_000_000, 2)
    assert "a    b" == visible("a\tb")
    assert ("ab", "a…") == (crop("ab", 2), crop("abc", 2))
