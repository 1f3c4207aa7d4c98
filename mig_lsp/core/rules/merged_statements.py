"""Several statements reach the server in one call, which the extended protocol refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from mig_lsp.core.change import Edit, Finding, Fix, Severity, apply
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.runner.rewrite import single_quoted_function
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.runner.split import read as read_chunks
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.lexer import SPACE
from mig_lsp.core.sql.statement import Placed
from mig_lsp.core.text import Span, line_ending

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR

_BREAKPOINT = re.compile(r"--> ?statement-breakpoint")
_LINE_END = re.compile(r"[\r\n]")
_OPENS_BLOCK = re.compile(r"^[^\S\n]*(create type|create (?:or replace )?function|drop type)\b", re.I | re.M)
_CLOSED = re.compile(r"\)\s+$")


class _Reason(NamedTuple):
    """Why two statements are not cut apart: the stretch to show, what to say, and the edits that help."""

    span: Span
    why: str
    way_out: str
    edits: tuple[Edit, ...]


def check_chunk(chunk: Chunk, plan: Plan) -> Iterator[Finding]:
    runner = plan.runner
    if runner.protocol != "extended" or chunk.count < 2:
        return
    statements = chunk.written
    if len(statements) < 2:
        return
    eol = line_ending(chunk.text)
    reasons = [_reason(chunk, first, second, eol) for first, second in pairwise(statements)]
    first = reasons[0]
    edits = [edit for reason in reasons for edit in reason.edits]
    fix = Fix("Let each statement end its own line", tuple(dict.fromkeys(edits)))
    yield Finding(
        "merged-statements",
        first.span,
        f"{len(statements)} statements become one call, which the server refuses, because {first.why}: {first.way_out}",
        fix if fix.edits and _works(chunk, fix, runner, len(statements)) else None,
    )


def _reason(chunk: Chunk, first: Placed, second: Placed, eol: str) -> _Reason:
    end = first.start + len(first.statement.text)
    between = chunk.text[end : second.span.start]
    words = _LINE_END.split(between, maxsplit=1)[0].lstrip()
    start = end + between.index(words)
    block = _block(first)
    edits = _leave_block_mode(first, eol) if block else ()
    marker = _BREAKPOINT.match(words)
    if marker is not None:
        alone = not words[marker.end() :].strip(SPACE)  # what else stands behind it is part of the comment
        edit = Edit(Span(end, start + marker.end()), "") if alone else Edit(Span(end, start), eol)
        why, way_out = "the breakpoint behind the ';' hides it from the runner", "remove the breakpoint"
        return _Reason(Span(start, start + marker.end()), why, way_out, (*edits, edit))
    if not _LINE_END.search(between):
        apart = () if between.strip() else (Edit(Span(end, second.span.start), eol),)
        why, way_out = "they stand on one line", "begin each on a line of its own"
        return _Reason(second.statement.word().shifted(second.start), why, way_out, (*edits, *apart))
    if words.strip():
        shown = Span(start, start + len(words.rstrip()))
        why, way_out = (
            "a comment stands behind the ';' that should end the line",
            "put the comment on a line of its own",
        )
        return _Reason(shown, why, way_out, (*edits, Edit(Span(end, start), eol)))
    if block is not None:
        why = f"a line that begins with {block.upper()} makes the runner read on to a line that ends with );"
        way_out = "begin that line differently" if block.lower() == "drop type" else "end the statement with );"
        if block.lower().endswith("function"):
            way_out = "write the body in single quotes and end it with ' LANGUAGE plpgsql;"
        return _Reason(_block_span(first), why, way_out, edits)
    shown = second.statement.word().shifted(second.start)
    return _Reason(shown, "the runner sees no line end between them", "begin each on a line of its own", edits)


def _block(placed: Placed) -> str | None:
    """The words in *placed* that turn the runner's block mode on, as written."""
    match = _OPENS_BLOCK.search(placed.statement.code)
    return " ".join(match[1].split()) if match else None


def _block_span(placed: Placed) -> Span:
    match = _OPENS_BLOCK.search(placed.statement.code)
    assert match is not None
    return Span(*match.span(1)).shifted(placed.span.start)


def _leave_block_mode(placed: Placed, eol: str) -> tuple[Edit, ...]:
    """The edits after which the runner ends *placed* where it ends."""
    statement = placed.statement
    if not statement.terminated:
        return ()
    end = placed.start + len(statement.text)
    function = single_quoted_function(statement)
    if function is not None:
        return (Edit(Span(placed.span.start, end), function.replace("\r\n", "\n").replace("\n", eol)),)
    body = statement.text[:-1]
    if statement.text.endswith(");"):
        return ()
    if (gap := _CLOSED.search(body)) is not None:
        return (Edit(Span(placed.start + gap.start() + 1, end - 1), ""),)
    block = _block_span(placed)
    words = _words(placed, block)
    # On two lines the words mean the same to PostgreSQL, and the runner no longer knows them.
    return (Edit(Span(words, words + 1), eol + "  "),) if words else ()


def _words(placed: Placed, block: Span) -> int | None:
    """The offset of the space behind the first word of DROP TYPE or CREATE TYPE."""
    gap = placed.statement.text.find(" ", block.start - placed.start)
    return placed.start + gap if gap >= 0 else None


def _works(chunk: Chunk, fix: Fix, runner: Runner, count: int) -> bool:
    """Whether the runner sends the fixed text as *count* calls."""
    fixed = read_chunks(runner, apply(chunk.text, fix.edits))
    sent = [item for item in fixed.items if item.sql]
    return len(sent) == count and all(item.count == 1 for item in sent)
