"""A page of Markdown as text for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from mig_lsp.render.terminal import Style, visible

_WIDTH = 100
_CODE = re.compile(r"`([^`]+)`")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_ITEM = re.compile(r"(\s*)([-*]|[0-9]+\.) ")


def page(markdown: str, style: Style) -> str:
    """The page: headings stand out, paragraphs are filled, code is set in."""
    return "\n".join(_blocks(markdown.split("\n"), style)).strip("\n") + "\n"


def _blocks(lines: list[str], style: Style) -> Iterator[str]:
    paragraph: list[str] = []
    fence: str | None = None
    for line in lines:
        mark = line.lstrip()[:3]
        if fence is not None or mark in ("```", "~~~"):
            yield from _filled(paragraph, style)
            paragraph = []
            if fence is None:
                fence = mark
            elif line.strip() == fence:
                fence = None
            else:
                yield "    " + visible(line, "\t")
        elif line.startswith("#"):
            yield from _filled(paragraph, style)
            paragraph = []
            yield style.paint(visible(line.lstrip("# ")), "bold")
        elif not line.strip():
            yield from _filled(paragraph, style)
            paragraph = []
            yield ""
        elif line.startswith("|") or _ITEM.match(line):
            yield from _filled(paragraph, style)
            paragraph = [line]
            if line.startswith("|"):
                yield visible(line)
                paragraph = []
        else:
            paragraph.append(line)
    yield from _filled(paragraph, style)


def _filled(lines: list[str], style: Style) -> Iterator[str]:
    if not lines:
        return
    item = _ITEM.match(lines[0])
    indent = " " * item.end() if item else ""
    text = visible(" ".join(line.strip() for line in lines))
    text = _LINK.sub(r"\1 (\2)", text)
    first = lines[0][: item.start(2)] if item else ""
    filled = textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,  # names of rules and options are full of hyphens
    )
    for line in filled:
        yield _CODE.sub(
            lambda match: style.paint(match[1], "cyan") if style.colour else match[0], _STRONG.sub(r"\1", line)
        )
