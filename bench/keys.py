"""Somebody who types: the same edits for every server."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

# An editor closes quotes and brackets by itself; the others are typed as they are and erased again.
_CLOSING = {"'": "''", "(": "()"}
_WORDS = ("status", "user_id", "NOT NULL", "'done'", "(id)", "created_at,", "x = 42", "coalesce(note)", "é und ü")


class Document:
    """The text of a document as the server must have it; positions are in UTF-16 units."""

    def __init__(self, uri: str, text: str) -> None:
        self.uri = uri
        self.version = 1
        self.lines = text.split("\n")

    def opened(self) -> dict[str, Any]:
        """The parameters of `textDocument/didOpen`."""
        text = "\n".join(self.lines)
        return {"textDocument": {"uri": self.uri, "languageId": "sql", "version": self.version, "text": text}}

    def replace(self, line: int, start: int, end: int, new: str) -> dict[str, Any]:
        """Replaces a part of a line by a text without line ends; the parameters of `textDocument/didChange`."""
        old = self.lines[line]
        spot = {
            "start": {"line": line, "character": _units(old[:start])},
            "end": {"line": line, "character": _units(old[:end])},
        }
        self.lines[line] = old[:start] + new + old[end:]
        self.version += 1
        return {
            "textDocument": {"uri": self.uri, "version": self.version},
            "contentChanges": [{"range": spot, "text": new}],
        }

    def position(self, line: int, column: int) -> dict[str, Any]:
        """The parameters of a request about a place."""
        units = _units(self.lines[line][:column])
        return {"textDocument": {"uri": self.uri}, "position": {"line": line, "character": units}}


def typing(document: Document, seed: int) -> Iterator[dict[str, Any]]:
    """Edits without end: a word is typed somewhere, key by key, and erased again."""
    chance = random.Random(f"typing {seed}")
    filled = [number for number, line in enumerate(document.lines) if line.strip()]
    while True:
        line = chance.choice(filled)
        column = chance.randint(0, len(document.lines[line]))
        written = 0
        for key in chance.choice(_WORDS):
            if key in "')" and document.lines[line][column + written : column + written + 1] == key and written:
                written += 1  # the editor steps over what it has closed
                continue
            yield document.replace(line, column + written, column + written, _CLOSING.get(key, key))
            written += 1
        while written:
            written -= 1
            there = document.lines[line][column + written : column + written + 2]
            both = there in _CLOSING.values()
            yield document.replace(line, column + written, column + written + 1 + both, "")


def lone_quotes(document: Document) -> Iterator[dict[str, Any]]:
    """Edits without end: a quote that nobody closes, in the middle, which turns all strings after it about."""
    line = len(document.lines) // 2
    while True:
        yield document.replace(line, 0, 0, "'")
        yield document.replace(line, 0, 1, "")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
