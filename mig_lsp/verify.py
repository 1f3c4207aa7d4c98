"""Runs migrations of a set on a database of their own, and says what became of each."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span

if TYPE_CHECKING:
    from mig_lsp.replay import Replay


class Result(NamedTuple):
    """What became of one file: "completed", "failed" or "refused", and the server's words.

    *span* is where the failing statement stands, None when that is not known or nothing failed; *tolerated* counts the
    errors that the runner takes for success.
    """

    path: str
    outcome: str
    message: str
    sqlstate: str
    span: Span | None
    tolerated: int


def order(snapshot: Snapshot, paths: Sequence[str]) -> list[str]:
    """The files to run for *paths*: the set's, in run order, up to the last one asked for; what never runs comes last.

    Without *paths* it is the whole set.
    """
    plan = snapshot.plan
    running = [plan.path_of(name) for name in dict.fromkeys((*plan.initial, *plan.migrations))]
    running = [path for path in running if path in snapshot.files]
    last = max((running.index(path) for path in paths if path in running), default=len(running) - 1)
    return [*running[: last + 1], *(path for path in paths if path not in running)]


def verify(snapshot: Snapshot, paths: Iterable[str]) -> Generator[Result, None, None]:
    """Runs *paths* one after the other, whatever becomes of them; the database is gone when the iterator is closed.

    Raises `mig_lsp.shadow.UnavailableError` when there is no database to be had.
    """
    from mig_lsp.replay_shadow import Migration, replay_all

    plan = snapshot.plan
    files = [snapshot.files[path] for path in paths]
    migrations = [Migration(file.text, file.name in plan.initial) for file in files]
    with closing(replay_all(plan.runner, migrations)) as replays:
        for file, replay in zip(files, replays, strict=True):
            yield _result(file.path, replay)


def document(snapshot: Snapshot, results: Iterable[Result]) -> dict[str, object]:
    """What `mig-lsp verify --format json` prints and `migLsp.verify` answers."""
    return {"version": 1, "files": [_file(snapshot, each) for each in results]}


def _result(path: str, replay: Replay) -> Result:
    tolerated = sum(step.tolerated for step in replay.steps)
    placed = list(replay.chunks.placed())
    if replay.refused is not None:
        chunk, start = placed[replay.refused.chunk]
        span = chunk.source_span(replay.refused.span).shifted(start)
        message = f"it contains {replay.refused.refusal.word}: {replay.refused.refusal.why}"
        return Result(path, "refused", message, "", span, tolerated)
    failure = replay.failure
    if failure is None:
        return Result(path, "failed" if replay.error else "completed", replay.error, "", None, tolerated)
    chunk, start = placed[failure.chunk]
    said = failure.answer
    offset = start + (chunk.span.start if said.offset is None else chunk.source(said.offset))
    message = "; ".join(part for part in (said.message, said.detail, said.hint) if part)
    return Result(path, "failed", message, said.sqlstate, Span(offset, offset + 1), tolerated)


def _file(snapshot: Snapshot, result: Result) -> dict[str, object]:
    position = None
    if result.span is not None:
        line, column = snapshot.files[result.path].lines.place(result.span.start)
        position = {"line": line + 1, "column": column + 1, "offset": result.span.start}
    return {
        "path": result.path,
        "outcome": result.outcome,
        "message": result.message or None,
        "sqlstate": result.sqlstate or None,
        "position": position,
        "tolerated": result.tolerated,
    }
