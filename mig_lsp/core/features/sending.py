"""What the runner sends of the statement at a place."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice
from typing import NamedTuple

from mig_lsp.core.delivery import Cut, deliver
from mig_lsp.core.features.markdown import block, code
from mig_lsp.core.runner.policy import refusal
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.runner.split import Chunks, Placed
from mig_lsp.core.runner.verdict import Verdict, judge, judge_all
from mig_lsp.core.snapshot import File
from mig_lsp.core.sql import statement
from mig_lsp.core.sql.statement import Statements
from mig_lsp.core.text import Span


class Sending(NamedTuple):
    """Markdown about one chunk, and the stretch of the statement that was asked about."""

    markdown: str
    span: Span


def sending(file: File, runner: Runner, offset: int) -> Sending | None:
    """What *runner* does with the statement at *offset* of a migration; None between statements."""
    placed = statement_at(file.statements, offset)
    if placed is None:
        return None
    chunks = file.chunks(runner)
    cut = next((each for each in deliver(file, runner).cuts if each.statement == placed), None)
    chunk = chunks.at(placed.span.start)
    if chunk is None or not chunk.chunk.sql:
        return Sending("The runner does not send this.", placed.span)
    lines = [_chunk(file, chunks, chunk)]
    lines += _trouble(file, runner, chunks, chunk, cut)
    if chunk.chunk.sql.strip() != file.text[chunk.span.start : chunk.span.end].strip() and cut is None:
        lines += ["", "It sends, without the comment lines:", "", block(chunk.chunk.sql, language="sql")]
    return Sending("\n".join(lines), placed.span)


def statement_at(statements: Statements, offset: int) -> statement.Placed | None:
    """The statement whose own text touches *offset*; None in comments and white space between statements."""
    if not statements.items:
        return None
    index = min(bisect_right(statements.ends, offset), len(statements.items) - 1)
    for number in (index, index - 1):  # behind the ";" the statement before is still meant
        if number < 0:
            continue
        start = statements.ends[number - 1] if number else 0
        placed = statement.Placed(statements.items[number], start)
        if placed.span.start <= offset <= placed.span.end + 1 and not placed.statement.blank:
            return placed
    return None


def _chunk(file: File, chunks: Chunks, placed: Placed) -> str:
    sent = [each for each in chunks.items if each.sql]
    first, last = (file.lines.line_at(each) + 1 for each in (placed.span.start, max(placed.span.end - 1, 0)))
    where = f"line {first}" if first == last else f"lines {first} to {last}"
    number = next(at for at, each in enumerate(sent, 1) if each is placed.chunk)
    size = f"{_several(placed.chunk.count)}, {len(placed.chunk.sql)} characters"
    return f"**Chunk {number} of {len(sent)}**, {where}: {size}."


def _several(count: int) -> str:
    return "one statement" if count == 1 else f"{count} statements"


def _trouble(file: File, runner: Runner, chunks: Chunks, placed: Placed, cut: Cut | None) -> list[str]:
    """Why the chunk does not do what is written, one paragraph per reason."""
    lines = []
    refused = refusal(runner, chunks)
    if refused is not None:
        lines += ["", f"The file is refused for {refused.refusal.word}: {refused.refusal.why}."]
    if cut is not None:
        line = file.lines.line_at(cut.offset) + 1
        return [*lines, "", f"The runner cuts the statement at the end of line {line}, and sends the rest separately."]
    found = _verdict(runner, chunks, placed)
    if found is not None:
        lines += ["", f"The call fails: {code(found.message, 300)}"]
    return lines


def _verdict(runner: Runner, chunks: Chunks, placed: Placed) -> Verdict | None:
    if not runner.keeps_session:
        return judge(runner, placed.chunk.statements, in_transaction=runner.opens_transaction)
    number = next(at for at, each in enumerate(chunks.items) if each is placed.chunk)
    return next(islice(judge_all(runner, chunks), number, None), None)
