"""Fixtures with a cursor: `{|}` in one of the texts stands for the place that is asked about, two for a selection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mig_lsp.core.change import Finding
from mig_lsp.core.check import check_document
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span
from tests.support.workspace import snapshot

CURSOR = "{|}"


class Marked(NamedTuple):
    """A set, the file with the cursor, and the place of the cursor; *texts* are the files without it."""

    snapshot: Snapshot
    path: str
    span: Span
    texts: dict[str, str]

    @property
    def offset(self) -> int:
        return self.span.start

    @property
    def text(self) -> str:
        return self.texts[self.path]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return check_document(self.snapshot, self.path)


def marked(texts: Mapping[str, str]) -> Marked:
    """The set of *texts*, one of which has the cursor."""
    path = next(path for path, text in texts.items() if CURSOR in text)
    before, _, rest = texts[path].partition(CURSOR)
    middle, second, after = rest.partition(CURSOR)
    span = Span(len(before), len(before) + (len(middle) if second else 0))
    bare = {**texts, path: before + middle + after}
    return Marked(snapshot(bare), path, span, bare)


def everywhere(texts: Mapping[str, str]) -> Iterator[Marked]:
    """The set as it is, with CRLF line ends, and with wide characters in front of what the SQL files say."""
    yield marked(texts)
    yield marked({path: text.replace("\n", "\r\n") for path, text in texts.items()})
    yield marked(
        {path: f"-- é 😀\f x\n\n{text}" if path.endswith(".sql") and text else text for path, text in texts.items()}
    )
