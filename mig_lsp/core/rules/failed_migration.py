"""A migration whose last attempt failed in an environment, as its log tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.log import LogEntry, ServerError, history, parse_time, read_error, state
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import tokens
from mig_lsp.core.text import Span
from mig_lsp.core.visible import enumerated, one_line

CATEGORY: Category = "history"
SEVERITY = Severity.WARNING

_LONGEST_ERROR = 240
_LONGEST_CLUE = 1_000
_QUOTED = re.compile(r'"([^"]+)"')
_WORD = re.compile(r"[\w$.]+")


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    plan = snapshot.plan
    if file.name not in plan.order:
        return  # nothing runs it again
    attempts: dict[str, list[str]] = {}
    for ledger in snapshot.ledgers:
        if state(ledger, file.name) == "failed":
            entry = history(ledger, file.name)[-1]
            attempts.setdefault(entry.error or "", []).append(_attempt(ledger.environment, entry))
    for text, where in attempts.items():
        error = read_error(text)
        said = one_line(error.message, _LONGEST_ERROR) or "no error was recorded"
        rest = (
            "correct it"
            if plan.runner.opens_transaction
            else "what had run before the error is still there: correct it, and make all of it safe to run again"
        )
        yield Finding(
            "failed-migration",
            _place(file, plan.runner, error),
            f"this failed in {enumerated(where)}: {said}; the next deploy runs the file again from its first "
            f"statement{':' if plan.runner.opens_transaction else ', and'} {rest}",
        )


def _attempt(environment: str, entry: LogEntry) -> str:
    """The environment and when it was, as far as that is known."""
    moment = parse_time(entry.executed_at or "")
    return f"{environment} ({moment:%Y-%m-%d %H:%M} UTC)" if moment else environment


class _Clue(NamedTuple):
    """What an error tells of its place: the *position* in its chunk, the text *near* it, and the *names* it quotes."""

    position: int | None
    near: str
    names: tuple[str, ...]
    message: str


def _clue(error: ServerError) -> _Clue:
    message = error.message[:_LONGEST_CLUE]
    _, found, near = message.partition('at or near "')
    names = _QUOTED.findall(message if error.position is None else f"{message} {error.detail[:_LONGEST_CLUE]}")
    return _Clue(error.position, near.removesuffix('"') if found else "", tuple(names), message)


def _place(file: File, runner: Runner, error: ServerError) -> Span:
    """What the error is about, where only one place of the file can be meant; else the first line."""
    clue = _clue(error)
    found = []
    for chunk, start in file.chunks(runner).placed():
        if chunk.sql and (span := _named(chunk, clue)) is not None:
            found.append(span.shifted(start))
    return found[0] if len(found) == 1 else file.lines.span(0)


def _named(chunk: Chunk, clue: _Clue) -> Span | None:
    """Where in the chunk's text that stands which the error names, None when it names nothing there."""
    if clue.position:
        start = clue.position - 1
        length = _length_at(chunk.sql, start, clue)
        return chunk.source_span(Span(start, start + length)) if length else None
    if not clue.names or not all(_mentions(chunk.sql, name) for name in clue.names):
        return None
    first = chunk.statements.items[0].span
    return chunk.source_span(Span(first.start, first.start + _on_one_line(chunk.sql[first.start : first.end])))


def _length_at(sql: str, offset: int, clue: _Clue) -> int:
    """How much of *sql* at *offset* the error is about, on one line; 0 when something else stands there."""
    if clue.near:
        return _on_one_line(clue.near) if sql.startswith(clue.near, offset) else 0
    token = next(tokens(sql, offset), None)
    if token is None or token.start != offset:
        return 0
    word = _WORD.match(sql, offset)
    text = word[0] if word else sql[offset : token.end]
    # A literal is named by what is in it, everything else by its first word.
    fits = any(name in text for name in clue.names) if text[0] == "'" else _mentions(clue.message, text.strip('"'))
    return _on_one_line(text) if fits else 0


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text, re.I) is not None


def _on_one_line(text: str) -> int:
    """How much of *text* stands on its first line."""
    return len(text.partition("\n")[0].rstrip())
