"""Text for terminals: widths, colours, and no control character of a file name or a message gets through."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Colour = Literal["red", "yellow", "blue", "green", "cyan", "bold", "dim"]
_CODES: dict[Colour, str] = {
    "red": "1;31",
    "yellow": "1;33",
    "blue": "1;34",
    "green": "32",
    "cyan": "36",
    "bold": "1",
    "dim": "2",
}

# Control characters, marks that turn the direction of text round, line separators, and lone surrogates.
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_NARROW = re.compile("[\x20-\x7e]*")
_TAB = "    "


@dataclass(frozen=True)
class Style:
    """Whether there are colours."""

    colour: bool = False

    def paint(self, text: str, colour: Colour) -> str:
        """*text* in a colour, or as it is."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.colour and text else text


def visible(text: str, keep: str = "") -> str:
    """*text* with its control characters written out (`\\x1b`, `\\n`), except those in *keep*."""
    if text.isascii() and text.isprintable():
        return text
    return _HARMFUL.sub(lambda match: match[0] if match[0] in keep else _written(match[0]), text)


def shown(char: str) -> str:
    """One character of a source line as a terminal can show it."""
    return _TAB if char == "\t" else visible(char)


def width(text: str) -> int:
    """How many columns *text* takes in a terminal."""
    if _NARROW.fullmatch(text):
        return len(text)
    return sum(map(_width, text))


def padded(text: str, columns: int) -> str:
    """*text* with blanks behind it up to *columns*."""
    return text + " " * (columns - width(text))


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _written(char: str) -> str:
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if char in short:
        return short[char]
    if 0xDC80 <= ord(char) <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"
