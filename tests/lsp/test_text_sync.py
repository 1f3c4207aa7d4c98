from __future__ import annotations

import random
from typing import Any

import pytest

from mig_lsp.core.snapshot import File
from mig_lsp.core.text import Encoding, Lines
from mig_lsp.lsp.text_sync import SyncError, changed
from tests.lsp.editor import ALPHABET, ENCODINGS, Editor


def change(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    places = [{"line": line, "character": character} for line, character in (start, end)]
    return {"range": {"start": places[0], "end": places[1]}, "text": text}


@pytest.mark.parametrize(
    ("text", "changes", "encoding", "expected"),
    [
        ("abc\n", [change((0, 1), (0, 2), "X")], "utf-16", "aXc\n"),
        ("é😀b", [change((0, 3), (0, 4), "X")], "utf-16", "é😀X"),
        ("é😀b", [change((0, 6), (0, 7), "X")], "utf-8", "é😀X"),
        ("é😀b", [change((0, 2), (0, 3), "X")], "utf-32", "é😀X"),
        ("a\x0cb\nc", [change((1, 0), (1, 1), "X")], "utf-16", "a\x0cb\nX"),
        ("a\u2028b\nc", [change((1, 0), (1, 1), "X")], "utf-16", "a\u2028b\nX"),
        ("a\r\nb\rc\nd", [change((3, 0), (3, 0), "X")], "utf-16", "a\r\nb\rc\nXd"),
        ("ab\r\ncd", [change((0, 9), (1, 0), "")], "utf-16", "abcd"),
        ("ab", [change((7, 7), (9, 9), "X")], "utf-16", "abX"),
        ("ab", [change((-1, 0), (0, -5), "X")], "utf-16", "Xab"),
        ("ab", [change((0, 2), (0, 0), "X")], "utf-16", "X"),
        ("", [change((0, 0), (0, 0), "X")], "utf-16", "X"),
        ("ab", [{"text": "new"}], "utf-16", "new"),
        ("ab", [{"range": None, "text": "new"}], "utf-16", "new"),
        ("ab", [change((0, 0), (0, 0), "1"), change((0, 1), (0, 1), "2"), change((0, 0), (0, 1), "")], "utf-8", "2ab"),
        ("ab", [{"text": "é\n"}, change((1, 0), (1, 0), "x")], "utf-8", "é\nx"),
        ("😀", [change((0, 1), (0, 2), "x")], "utf-16", "\ud83dx"),
        ("😀", [change((0, 0), (0, 1), "x")], "utf-16", "x\ude00"),
        ("😀", [change((0, 1), (0, 1), "x")], "utf-16", "\ud83dx\ude00"),
        ("😀😀", [change((0, 1), (0, 3), "")], "utf-16", "😀"),
        ("a😀b\n", [change((0, 2), (0, 2), ""), change((0, 4), (0, 4), "c")], "utf-16", "a😀bc\n"),
        ("é", [change((0, 1), (0, 1), "\ud83d"), change((0, 2), (0, 2), "\ude00")], "utf-16", "é😀"),
        ("é", [change((0, 1), (0, 1), "\ude00"), change((0, 1), (0, 1), "\ud83d")], "utf-16", "é😀"),
        ("\ud83dé\ude00", [change((0, 1), (0, 2), "")], "utf-16", "😀"),
        ("\ud83dé\ude00", [change((0, 3), (0, 5), "")], "utf-8", "\ud83d\ude00"),
        ("😀", [change((0, 1), (0, 3), "x")], "utf-8", "😀x"),
        ("é😀", [change((0, 1), (0, 3), "x")], "utf-8", "éx"),
        ("ab", [], "utf-16", "ab"),
        ("ab", [change((10**30, 0), (10**30, 0), "x")], "utf-16", "abx"),
    ],
)
def test_changed(text: str, changes: list[Any], encoding: Encoding, expected: str) -> None:
    assert expected == changed(Lines(text), changes, encoding).text


@pytest.mark.parametrize(
    "malformed",
    [
        None,
        {},
        {"text": 1},
        "text",
        {"range": [], "text": ""},
        {"range": {}, "text": ""},
        {"range": {"start": {"line": 0}, "end": {"line": 0, "character": 0}}, "text": ""},
        {"range": {"start": {"line": "0", "character": 0}, "end": {"line": 0, "character": 0}}, "text": ""},
        {"range": {"start": {"line": True, "character": 0}, "end": {"line": 0, "character": 0}}, "text": ""},
    ],
)
def test_a_malformed_change_changes_nothing(malformed: object) -> None:
    with pytest.raises(SyncError):
        changed(Lines("ab"), [change((0, 0), (0, 0), "x"), malformed], "utf-16")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("seed", range(20))
def test_any_edits_give_the_text_of_the_editor_and_what_is_kept_is_what_a_fresh_file_has(
    encoding: Encoding, seed: int
) -> None:
    chance = random.Random(seed)
    editor = Editor("".join(chance.choices(ALPHABET, k=200)), encoding, chance)
    file = File("a.sql", editor.text)
    assert file.statements.items is not None
    for version in range(40):
        changes = [editor.edit() for _ in range(chance.choice((1, 1, 1, 2, 5)))]
        result = changed(file.lines, changes, encoding)
        file = file.edited(result.text, version, result.splice)
        assert editor.text == file.text
        fresh = File("a.sql", editor.text).statements
        assert [each.text for each in fresh.items] == [each.text for each in file.statements.items]
