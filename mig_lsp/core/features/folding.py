"""What an editor can fold away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

from mig_lsp.core.rollback.section import fullest
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.statement import Placed
from mig_lsp.core.text import Span


class Fold(NamedTuple):
    """Lines from 0, both included, of which the first stays visible."""

    start_line: int
    end_line: int
    kind: Literal["comment", "region"] | None = None


def folds(snapshot: Snapshot, path: str) -> tuple[Fold, ...]:
    """The header, the statements, the rows of an INSERT and the rollback section where they have more than one line.

    They are ordered by their first line, the longer first; no two begin on the same line.
    """
    file = snapshot.files.get(path)
    if file is None:
        return ()
    found: dict[int, Fold] = {}
    for fold in sorted(_all(file), key=lambda each: (each.start_line, -each.end_line)):
        if fold.end_line > fold.start_line:
            found.setdefault(fold.start_line, fold)
    return tuple(found.values())


_INSERT = re.compile(r"insert\b", re.I)
_BEFORE_VALUES = 400  # tokens; a list of columns is not longer


def _all(file: File) -> Iterator[Fold]:
    top = file.header
    if top is not None:
        yield _fold(file, top.span, "comment")
    section = fullest(file.rollbacks)
    if section is not None:
        yield _fold(file, section.span, "region")
    for placed in file.statements.placed():
        if placed.statement.blank:
            continue
        whole = _fold(file, placed.span, None)
        yield whole
        if whole.end_line > whole.start_line:
            yield from _rows(file, placed, whole.end_line)


def _rows(file: File, placed: Placed, end_line: int) -> Iterator[Fold]:
    """The fold from VALUES on, where it stands on a line of its own."""
    statement = placed.statement
    if _INSERT.match(statement.text, statement.span.start) is None:
        return
    for token in islice(statement.tokens(), _BEFORE_VALUES):
        if token.kind is Kind.WORD and statement.text[token.start : token.end].lower() == "values":
            yield Fold(file.lines.line_at(placed.start + token.start), end_line)
            return


def _fold(file: File, span: Span, kind: Literal["comment", "region"] | None) -> Fold:
    return Fold(file.lines.line_at(span.start), file.lines.line_at(max(span.end - 1, span.start)), kind)
