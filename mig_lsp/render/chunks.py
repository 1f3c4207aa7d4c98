"""What a runner would send of a file: chunk by chunk, and as the document that programs read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.runner.policy import refusal, too_large
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.runner.verdict import judge_all
from mig_lsp.core.snapshot import File


class Sent(NamedTuple):
    """One chunk: the text sent, its first and last line in the file (from 1), and why the server would refuse it."""

    sql: str
    start_line: int
    end_line: int
    statements: int
    problem: str | None


def sent(file: File, runner: Runner) -> Iterator[Sent]:
    """The chunks of *file* that are sent, in order."""
    chunks = file.chunks(runner)
    for (chunk, start), found in zip(chunks.placed(), judge_all(runner, chunks), strict=True):
        if not chunk.sql:
            continue
        span = chunk.span.shifted(start)
        first, last = file.lines.line_at(span.start), file.lines.line_at(max(span.end - 1, span.start))
        problem = None if found is None else f"{found.message} ({found.rule})"
        if problem is None and too_large(runner, chunk.sql):
            problem = "it is larger than a request may be (call-limit)"
        yield Sent(chunk.sql, first + 1, last + 1, chunk.count, problem)


def refused(file: File, runner: Runner) -> str | None:
    """Why *runner* sends nothing of the file at all, None when it does."""
    found = refusal(runner, file.chunks(runner))
    return None if found is None else f"the file contains {found.refusal.word}: {found.refusal.why}"


def document(file: File, runner: Runner) -> dict[str, object]:
    """What `mig-lsp chunks --format json` prints and `migLsp.showChunks` answers."""
    chunks = [
        {name: value for name, value in each._asdict().items() if name != "problem"} for each in sent(file, runner)
    ]
    return {"version": 1, "path": file.path, "runner": runner.name, "refused": refused(file, runner), "chunks": chunks}
