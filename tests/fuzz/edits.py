"""A model of a document as its editor counts it, and random edits of it: well-formed, sloppy and hostile ones.

The text is a list of code units, so a range that ends inside a character means here exactly what it means there.
Nothing of the server is used.
"""

from __future__ import annotations

import random
import re
import struct
from typing import Any, Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]
Change = dict[str, Any]

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
MOST_UNITS = 1500
PIECES = (
    *"ab;'\"$-/*()\\ \n\n\0",
    *("\r\n", "\r", "\n\r", "\f", "\v", "\x85", "\u2028", "\u2029", "\ufeff"),
    *("é", "😀", "𝒳", "e\u0301", "👩\u200d👩", "\ud83d", "\ude00"),
    *("$$", "/*", "*/", "--", "-- é😀\n", "SELECT 1;\n", "BEGIN;\r\n", "COMMIT", ";\n", "'é😀", "\\."),
    *(
        "CREATE TABLE a (id int);\n",
        "ALTER TABLE a ADD COLUMN é text;\r",
        "DROP TABLE a;\n",
        "INSERT INTO a VALUES (1);\n",
    ),
    *("CREATE INDEX CONCURRENTLY i ON a (id);\n", "DO $$ BEGIN END $$;\r\n", "-- mig-lsp: ignore do-block -- é\n"),
)
_FORMATS: dict[Encoding, tuple[str, str]] = {
    "utf-8": ("utf-8", "B"),
    "utf-16": ("utf-16-le", "H"),
    "utf-32": ("utf-32-le", "I"),
}
_LF, _CR = 10, 13
_HALF = re.compile("[\ud800-\udfff]")


class Model:
    """A document: its text in code units of one encoding."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.encoding = encoding
        self.units = _units(text, encoding)

    @property
    def text(self) -> str:
        """The text; halves of a pair that have come together are one character only where halves can be written."""
        codec, kind = _FORMATS[self.encoding]
        return struct.pack(f"<{len(self.units)}{kind}", *self.units).decode(codec, "surrogatepass")

    def lines(self) -> list[tuple[int, int]]:
        """Where each line begins, and where it ends without its line end, in code units."""
        found, start, index, units = [], 0, 0, self.units
        while index < len(units):
            if units[index] in (_LF, _CR):
                end = index
                if units[index] == _CR and units[index + 1 : index + 2] == [_LF]:
                    index += 1
                found.append((start, end))
                start = index + 1
            index += 1
        return [*found, (start, len(units))]

    def apply(self, change: Change) -> None:
        """One item of `contentChanges`, carried out as the protocol says."""
        new = _units(change["text"], self.encoding)
        if change.get("range") is None:
            self.units = new
            return
        start, end = sorted(self._index(change["range"][name]) for name in ("start", "end"))
        self.units[start:end] = new

    def place(self, index: int) -> dict[str, int]:
        """The position of a code unit; of one inside a line end, a column that is too large."""
        lines = self.lines()
        line = max(number for number, (start, _) in enumerate(lines) if start <= index)
        return {"line": line, "character": index - lines[line][0]}

    def _index(self, place: dict[str, int]) -> int:
        lines = self.lines()
        if place["line"] < 0:
            return 0
        if place["line"] >= len(lines):
            return len(self.units)
        start, end = lines[place["line"]]
        index = min(start + max(place["character"], 0), end)
        while self.encoding == "utf-8" and index < end and self.units[index] & 0xC0 == 0x80:
            index += 1  # no text has a part of a UTF-8 sequence: the character stays whole, in front of the place
        return index


class Typist:
    """Edits a model at random, and says each edit as an editor would, or as none should."""

    def __init__(self, model: Model, chance: random.Random) -> None:
        self.model = model
        self._chance = chance

    def words(self, most: int) -> str:
        """Some text."""
        pieces = self._chance.choices(PIECES, k=self._chance.randrange(most))
        return whole("".join(pieces))

    def changes(self) -> list[Any]:
        """The `contentChanges` of one notification, already carried out on the model."""
        made = []
        for _ in range(self._chance.choice((1, 1, 1, 1, 2, 3, 6))):
            change = self._change()
            self.model.apply(change)
            made.append(change)
        return made

    def malformed(self) -> list[Any]:
        """`contentChanges` of which one means nothing, so that none may be carried out."""
        good = [{"text": "x"}, {"range": _span((0, 0), (0, 0)), "text": "x"}]
        bad: list[Any] = [None, 7, "text", {}, {"text": None}, {"text": 1}, {"range": [], "text": "x"}]
        bad += [{"range": {"start": {}, "end": {}}, "text": "x"}, {"range": _span((0, "0"), (0, 0)), "text": "x"}]
        listed = [*self._chance.sample(good, k=self._chance.randrange(3)), self._chance.choice(bad)]
        self._chance.shuffle(listed)
        return listed

    def _change(self) -> Change:
        chance, model = self._chance, self.model
        if chance.random() < 0.02:
            return {"text": self.words(60), **chance.choice(({}, {"range": None}))}
        size = len(model.units)
        first = chance.randrange(size + 1)
        removed = chance.choice((0, 0, 0, 1, 1, 2, 5, 30)) if size < MOST_UNITS else 400
        start, end = model.place(first), model.place(min(size, first + removed))
        if chance.random() < 0.1:
            start, end = self._strange(start), self._strange(end)
        if chance.random() < 0.05:
            start, end = end, start
        change: Change = {"range": {"start": start, "end": end}, "text": self.words(5)}
        if chance.random() < 0.2:
            change["rangeLength"] = chance.choice((0, removed, 10**9))  # deprecated, and often wrong
        return change

    def _strange(self, place: dict[str, int]) -> dict[str, int]:
        far = self._chance.choice((1, 2, 50, 2**31 - 1, 2**32, 10**20))
        name = self._chance.choice(("line", "character", "character"))
        moved = {**place, name: place[name] + far}
        return moved if self._chance.random() < 0.9 else {**place, name: -far}


def whole(text: str) -> str:
    """The text as JSON carries it: two halves side by side are one character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def shown(text: str) -> str:
    """The text as a server may show it: half of a character is no text that every editor can read."""
    return _HALF.sub("\ufffd", text)


def _units(text: str, encoding: Encoding) -> list[int]:
    codec, kind = _FORMATS[encoding]
    return [unit for (unit,) in struct.iter_unpack(f"<{kind}", text.encode(codec, "surrogatepass"))]


def _span(start: tuple[Any, Any], end: tuple[Any, Any]) -> dict[str, Any]:
    return {name: {"line": line, "character": column} for name, (line, column) in (("start", start), ("end", end))}
