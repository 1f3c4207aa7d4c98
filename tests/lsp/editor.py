"""A model of an editor: a list of lines with columns counted one unit at a time, obviously right and slow."""

from __future__ import annotations

import random
from typing import Any

from mig_lsp.core.text import Encoding

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
ALPHABET = [*"ab;'$-/* \n\n", "\r\n", "\r", "é", "😀", "\x0c", "\u2028", "SELECT 1;\n", "-- c\n", "$$"]


class Editor:
    """A text, edited at random, that says each edit as the protocol does."""

    def __init__(self, text: str, encoding: Encoding, chance: random.Random) -> None:
        self.text = text
        self._encoding = encoding
        self._chance = chance

    def edit(self) -> dict[str, Any]:
        """Carries out one random edit; the result is its `contentChanges` item."""
        chance = self._chance
        new = "".join(chance.choices(ALPHABET, k=chance.randrange(4)))
        if chance.random() < 0.03:
            self.text = new
            return {"text": new}
        start = self._offset()
        end = min(len(self.text), start + chance.choice((0, 0, 1, 2, 10)))
        end = end if self._stands_well(end) else end - 1
        start = min(start, end)
        places = {"start": self._place(start), "end": self._place(end)}
        self.text = self.text[:start] + new + self.text[end:]
        return {"range": places, "text": new}

    def _offset(self) -> int:
        offset = self._chance.randrange(len(self.text) + 1)
        return offset if self._stands_well(offset) else offset - 1

    def _stands_well(self, offset: int) -> bool:
        # No cursor stands between the two characters of a line end.
        return self.text[max(offset - 1, 0) : offset + 1] != "\r\n"

    def _place(self, offset: int) -> dict[str, int]:
        line, column, index = 0, 0, 0
        while index < offset:
            char = self.text[index]
            if char == "\n" or (char == "\r" and self.text[index + 1 : index + 2] != "\n"):
                line, column = line + 1, 0
            elif char != "\r":
                column += self._width(char)
            index += 1
        return {"line": line, "character": column}

    def _width(self, char: str) -> int:
        if self._encoding == "utf-32":
            return 1
        return len(char.encode("utf-16-le")) // 2 if self._encoding == "utf-16" else len(char.encode())
