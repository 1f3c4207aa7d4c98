"""What the completions of all places have in common."""

from __future__ import annotations

from typing import Literal, NamedTuple

from mig_lsp.core.text import Span

Kind = Literal["file", "header", "rule", "key", "value", "table", "column", "type", "keyword"]


class Completion(NamedTuple):
    """*insert* replaces the text at *span*, which holds the cursor; *sort* orders the items of one answer.

    *insert* is plain text, never a snippet. *documentation* is Markdown.
    """

    label: str
    insert: str
    span: Span
    kind: Kind
    detail: str = ""
    documentation: str = ""
    sort: str = ""


def ranked(*rank: int) -> str:
    """A text that sorts like the numbers."""
    return "".join(f"{each:06d}" for each in rank)
