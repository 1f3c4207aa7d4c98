"""Text from databases and files as Markdown that shows it and does nothing else."""

from __future__ import annotations

import re

_BACKTICKS = re.compile("`+")
_SPACES = re.compile(r"\s+")


def code(text: str, limit: int = 200) -> str:
    """*text* as a code span on one line, at most *limit* characters of it; "" for a blank text."""
    shown = one_line(text, limit)
    if not shown:
        return ""
    fence = "`" * (_longest_run(shown) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"


def block(text: str, limit: int = 1000, lines: int = 20, language: str = "text") -> str:
    """*text* as a code block, at most *limit* characters and *lines* lines of it."""
    cropped = _crop(text.strip()[: limit + 1], limit)
    kept = [visible(line) for line in re.split(r"\r\n|\n|\r", cropped)]
    if len(kept) > lines:
        kept[lines:] = ["…"]
    shown = "\n".join(kept)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def one_line(text: str, limit: int = 200) -> str:
    """*text* for a line of plain text: white space is one blank, at most *limit* characters, all of them visible."""
    return visible(_crop(_SPACES.sub(" ", text[: limit * 2]).strip(), limit))


def visible(text: str) -> str:
    """*text* with escapes in place of control characters and of what turns the direction of writing around."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "    " if char == "\t" else _escape(char) for char in text)


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}"


def _crop(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
