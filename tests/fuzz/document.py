"""A document as a client remembers it, and whether what is said of it fits the text that it had."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mig_lsp.core.text import Encoding, Lines, Place
from tests.lsp.editor import Editor
from tests.lsp.raw import Message

SEVERITIES = ("", "error", "warning", "info", "hint")
_LINE_END = re.compile(r"\r\n|\r|\n")
_WIDTHS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}

Shape = tuple[int, ...]
"""The width of each line of a text, in the units of the client."""


@dataclass(eq=False)
class Document:
    """One document that the editor has open, or had; *lock* keeps a text and what is said of it together."""

    path: str
    uri: str
    editor: Editor = field(repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    version: int = 0
    is_open: bool = False
    shapes: dict[int, Shape] = field(default_factory=dict, repr=False)
    pushed: int = 0  # the newest version that something was pushed for
    pulled: tuple[int, str | None, list[Message]] = field(default=(0, None, []), repr=False)
    old: bool = True  # what was pulled last is not what the server would say now

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.editor.text


@dataclass(frozen=True)
class Asked:
    """A request that waits for its answer."""

    method: str
    document: Document | None
    version: int
    known: tuple[int, str | None, list[Message]]


def shape_of(text: str, encoding: Encoding) -> Shape:
    """The shape of a text."""
    name, width = _WIDTHS[encoding]
    return tuple(len(line.encode(name)) // width for line in _LINE_END.split(text))


def as_checked(item: Message, lines: Lines, encoding: Encoding) -> tuple[Any, ...]:
    """A diagnostic with what `check` says of a finding: span in code points, rule, severity, message."""
    span = (
        lines.offset(Place(place["line"], place["character"]), encoding)
        for place in (item["range"]["start"], item["range"]["end"])
    )
    return (*span, item["code"], SEVERITIES[item["severity"]], item["message"])


def ranges(said: object, name: str) -> Iterator[Message]:
    """All ranges in an answer that are about the document *name*."""
    left = [said]
    while left:
        each = left.pop()
        if isinstance(each, list):
            left += each
        elif isinstance(each, dict):
            about = each.get("uri", each.get("textDocument", {}).get("uri", name))
            if about != name:
                continue
            for key, value in each.items():
                if key == "range" or key.endswith("Range"):
                    yield value
                elif key == "changes":
                    left.append(value.get(name, []))
                else:
                    left.append(value)


def lies_in(where: Message, shape: Shape) -> bool:
    start, end = ((where[side]["line"], where[side]["character"]) for side in ("start", "end"))
    return start <= end and all(line < len(shape) and 0 <= column <= shape[line] for line, column in (start, end))
