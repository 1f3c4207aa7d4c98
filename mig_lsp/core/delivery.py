"""How a file's statements arrive at the server: where the runner's cuts fall, and which chunks are whole.

A chunk is whole when it begins and ends between statements; only then do its statements mean what the author wrote.
Where a cut falls inside a statement or a comment, what follows is debris, and one finding about the cut is enough.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from mig_lsp.core.noted import same_ends
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.runner.split import Chunk, Chunks
from mig_lsp.core.snapshot import File
from mig_lsp.core.sql.lexer import Kind, Token, skip_trivia, tokens
from mig_lsp.core.sql.statement import Placed, Statement, Statements


class Cut(NamedTuple):
    """A place where the runner ends a chunk inside a statement, or inside a block comment before one.

    *offset* is the `;` that cuts; *inside* the token around it, None when it stands between tokens (BEGIN ATOMIC,
    CREATE RULE). Both are positions in the file; *statement* is the one that is cut or that follows the comment.
    """

    offset: int
    inside: Token | None
    statement: Placed


class Delivery(NamedTuple):
    """The cuts that fall inside something, and the chunks that are *whole*, with the *starts* of their texts.

    The rest is what it was made of: *cut* has the numbers of the chunks that end with a cut.
    """

    cuts: tuple[Cut, ...]
    whole: tuple[Chunk, ...]
    starts: tuple[int, ...]
    statements: Statements
    chunks: Chunks
    cut: list[int]


def deliver(file: File, runner: Runner) -> Delivery:
    """How *runner* would deliver the file; kept with the file, and with those that it is edited to."""
    known: dict[Runner, Delivery] = file.notebook.kept.setdefault(__name__, {})
    found = known.get(runner)
    chunks = file.chunks(runner)
    if found is None or found.statements is not file.statements or found.chunks is not chunks:
        first, behind = (0, 0) if found is None else _unchanged(found, file.statements, chunks)
        found = known[runner] = _deliver(file, chunks, found, first, behind)
    return found


def _unchanged(old: Delivery, statements: Statements, chunks: Chunks) -> tuple[int, int]:
    """How many chunks at the beginning, and then at the end, stand among the same statements as before."""
    first, kept = same_ends(old.statements.items, statements.items)
    before, after = same_ends(old.chunks.items, chunks.items)
    start = statements.ends[first - 1] if first else 0
    end = statements.ends[-1 - kept] if kept < len(statements.ends) else 0
    before = min(before, bisect_right(chunks.ends, start))
    after = min(after, len(chunks.ends) - bisect_left(chunks.ends, end))
    return before, min(after, len(chunks.ends) - before)


def _deliver(file: File, chunks: Chunks, old: Delivery | None, first: int, behind: int) -> Delivery:
    text, (statements, ends) = file.text, file.statements
    count = len(chunks.items)
    # Only what an edit may have changed is looked at, and what was cut before.
    numbers = [*range(first, count - behind)]
    if old is not None:
        shift = count - len(old.chunks.items)
        numbers = [*[each for each in old.cut if each < first], *numbers]
        numbers += [each + shift for each in old.cut if each + shift >= count - behind]
    cuts: list[Cut] = []
    cut: list[int] = []
    for number in numbers:
        end = chunks.ends[number]
        index = bisect_right(ends, end)
        # Nearly every chunk ends with the line end behind a statement; all others are looked at closely.
        before = ends[index - 1] if index else 0
        plain = end >= len(text) or end == before or text[before:end].isspace()
        found = None if plain else _cut(text, statements, ends, end)
        if found is not None:
            cuts.append(found)
            cut.append(number)
    items, starts = chunks.items, (0, *chunks.ends[:-1])
    # A chunk is not whole that ends with a cut, or begins with one.
    split = {*cut, *[number + 1 for number in cut]}
    if split:
        whole = [number for number, chunk in enumerate(items) if chunk.sql and number not in split]
        items, starts = tuple([items[number] for number in whole]), tuple([starts[number] for number in whole])
    elif not all(chunk.sql for chunk in items):
        starts = tuple([start for start, chunk in zip(starts, items, strict=False) if chunk.sql])
        items = tuple([chunk for chunk in items if chunk.sql])
    return Delivery(tuple(cuts), items, starts, file.statements, chunks, cut)


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
    if end >= start + own.end and skip_trivia(text[:end], start + own.end) == end:
        return None  # only comments stand between the statement and its `;`
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
