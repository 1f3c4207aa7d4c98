from __future__ import annotations

import pytest

from mig_lsp.core.suppression import Suppression, read
from mig_lsp.core.text import Lines, Span


def seen(found: tuple[Suppression, ...]) -> list[tuple[str, list[int] | None, str]]:
    return [(each.rule, None if each.lines is None else list(each.lines), each.reason) for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1;", []),
        ("SELECT 1; -- mig-lsp: ignore a-b -- why not", [("a-b", [0], "why not")]),
        ("-- mig-lsp: ignore a, b\nSELECT 1;", [("a", [0, 1], ""), ("b", [0, 1], "")]),
        ("é 😀\r\n  -- mig-lsp: ignore-file a -- é\r\nx", [("a", None, "é")]),
        ("const a = 1; // mig-lsp: ignore a", [("a", [0], "")]),
        ("# mig-lsp: ignore a b\n", [("a", [0, 1], ""), ("b", [0, 1], "")]),
        ("-- mig-lsp: ignore", []),
        ("-- mig-lsp: ignored a", []),
    ],
)
def test_read(text: str, expected: list[tuple[str, list[int] | None, str]]) -> None:
    assert expected == seen(read(Lines(text)))


def test_positions() -> None:
    (found,) = read(Lines("é😀 -- mig-lsp: ignore a-b -- why"))
    assert (Span(22, 25), Span(3, 32)) == (found.span, found.comment)
