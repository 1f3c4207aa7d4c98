"""A migration that is not UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import Kind, tokens
from mig_lsp.core.text import Span

CATEGORY: Category = "syntax"
SEVERITY = Severity.ERROR

_REPLACED = "\ufffd"


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    # A file with a problem that could be read all the same has U+FFFD for each bad byte.
    if file.problem is None or _REPLACED not in file.text:
        return
    at = _first_in_code(file.text)
    runner = snapshot.plan.runner
    if runner.client_commands:
        harm = "psql sends the bytes as they are and the server refuses the statement"
    elif at is None:
        at, harm = file.text.index(_REPLACED), "the runner turns them into U+FFFD; here they stand in comments only"
        yield _finding(file, at, harm, Severity.WARNING)
        return
    else:
        harm = "the runner turns them into U+FFFD without a word and wrong text gets into the database"
    yield _finding(file, at if at is not None else file.text.index(_REPLACED), harm, None)


def _finding(file: File, at: int, harm: str, severity: Severity | None) -> Finding:
    count = file.text.count(_REPLACED)
    bytes_ = "a byte that is" if count == 1 else f"{count} bytes that are"
    message = f"{file.name} {file.problem}: it has {bytes_} no character; {harm}; save the file as UTF-8"
    return Finding("invalid-encoding", Span(at, at + 1), message, severity=severity)


def _first_in_code(text: str) -> int | None:
    """The first U+FFFD that no comment holds."""
    for token in tokens(text):
        if token.kind is not Kind.COMMENT and (at := text.find(_REPLACED, token.start, token.end)) >= 0:
            return at
    return None
