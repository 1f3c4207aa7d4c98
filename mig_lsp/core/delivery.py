"""How a file's statements arrive at the server: where the runner's cuts fall, and which chunks are whole.

A chunk is whole when it begins and ends between statements; only then do its statements mean what the author wrote.
Where a cut falls inside a statement or a comment, what follows is debris, and one finding about the cut is enough.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import File
from mig_lsp.core.sql.lexer import Kind, Token, tokens
from mig_lsp.core.sql.statement import Placed, Statement


class Cut(NamedTuple):
    """A place where the runner ends a chunk inside a statement, or inside a block comment before one.

    *offset* is the `;` that cuts; *inside* the token around it, None when it stands between tokens (BEGIN ATOMIC,
    CREATE RULE). Both are positions in the file; *statement* is the one that is cut or that follows the comment.
    """

    offset: int
    inside: Token | None
    statement: Placed


class Delivery(NamedTuple):
    """The cuts that fall inside something, and the chunks that are *whole*, with the *starts* of their texts."""

    cuts: tuple[Cut, ...]
    whole: tuple[Chunk, ...]
    starts: tuple[int, ...]


def deliver(file: File, runner: Runner) -> Delivery:
    """How *runner* would deliver the file; kept with the file."""
    known: dict[Runner, Delivery] = file.__dict__.setdefault("_deliveries", {})
    if runner not in known:
        known[runner] = _deliver(file, runner)
    return known[runner]


def _deliver(file: File, runner: Runner) -> Delivery:
    text, size = file.text, len(file.text)
    statements, ends = file.statements
    cuts: list[Cut] = []
    whole: list[Chunk] = []
    starts: list[int] = []
    index = start = 0
    clean = True
    for chunk, end in zip(*file.chunks(runner), strict=True):
        while index < len(ends) and ends[index] <= end:
            index += 1
        # Nearly every chunk ends with the line end behind a statement; all others are looked at closely.
        before = ends[index - 1] if index else 0
        plain = end >= size or end == before or text[before:end].isspace()
        cut = None if plain else _cut(text, statements, ends, end)
        if cut is not None:
            cuts.append(cut)
        if clean and cut is None and chunk.sql:
            whole.append(chunk)
            starts.append(start)
        clean, start = cut is None, end
    return Delivery(tuple(cuts), tuple(whole), tuple(starts))


def _cut(text: str, statements: tuple[Statement, ...], ends: Sequence[int], end: int) -> Cut | None:
    """What the chunk end at *end* cuts, None when it falls between statements."""
    index = bisect_right(ends, end)
    if index == len(ends):
        return None
    start = ends[index - 1] if index else 0
    statement = statements[index]
    own = statement.span
    if end <= start + own.start and "/*" not in statement.text[: own.start]:
        return None
    sign = text.rfind(";", start, end)
    if sign < 0:
        return None
    first = 0 if end <= start + own.start else own.start
    last = own.start if end <= start + own.start else own.end
    inside = _token_at(statement.text, first, last, sign - start)
    if end <= start + own.start and (inside is None or not statement.text.startswith("/*", inside.start)):
        return None
    if inside is not None:
        inside = Token(inside.kind, inside.start + start, inside.end + start)
    return Cut(sign, inside, Placed(statement, start))


def _token_at(text: str, start: int, end: int, offset: int) -> Token | None:
    """The string, identifier or comment of `text[start:end]` that holds *offset*."""
    for token in tokens(text, start, end):
        if token.start > offset:
            return None
        if token.end > offset and token.kind is not Kind.SIGN:
            return token
    return None
