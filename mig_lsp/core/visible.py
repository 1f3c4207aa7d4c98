"""Text from databases, files and branches for one line of a message: all of it visible, and never too long."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SPACES = re.compile(r"\s+")


def one_line(text: str, limit: int = 200) -> str:
    """*text* for a line of plain text: white space is one blank, at most *limit* characters, all of them visible."""
    return visible(crop(_SPACES.sub(" ", text[: limit * 2]).strip(), limit))


def visible(text: str) -> str:
    """*text* with escapes in place of control characters and of what turns the direction of writing around."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "    " if char == "\t" else _escape(char) for char in text)


def crop(text: str, limit: int) -> str:
    """*text*, or its beginning and `…` when it has more than *limit* characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def enumerated(words: Sequence[str], most: int = 5) -> str:
    """The words as a phrase, "a, b and c"; of more than *most* the first ones and how many others there are."""
    if len(words) > most:
        words = (*words[: most - 1], f"{len(words) - most + 1} others")
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}"
