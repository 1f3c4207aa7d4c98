"""Text from databases and files as Markdown that shows it and does nothing else."""

from __future__ import annotations

import re

from mig_lsp.core.visible import crop, one_line, visible

_BACKTICKS = re.compile("`+")

_PLAIN = re.compile(r"(?:[\w .,()+-]|:(?!//))*")


def phrase(text: str, limit: int = 200) -> str:
    """*text* on one line as plain words; as a code span when it holds what Markdown may take for something else."""
    shown = one_line(text, limit)
    return shown if _PLAIN.fullmatch(shown) and "www." not in shown.lower() else code(shown, limit)


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
    cropped = crop(text.strip()[: limit + 1], limit)
    kept = [visible(line) for line in re.split(r"\r\n|\n|\r", cropped)]
    if len(kept) > lines:
        kept[lines:] = ["…"]
    shown = "\n".join(kept)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
