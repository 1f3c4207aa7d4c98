"""`migLsp.verify`: runs migrations on a database made for the purpose, on a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import Future
from contextlib import closing
from typing import TYPE_CHECKING, Any

from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.lsp.protocol import RequestFailedError

if TYPE_CHECKING:
    from mig_lsp.replay import Replay

log = logging.getLogger(__name__)


def verify(snapshot: Snapshot, paths: Collection[str], answer: Future[Any]) -> None:
    """Completes *answer* with what `mig-lsp verify --format json` prints for the files *paths* of the set.

    All that runs before them is run too; a cancelled answer ends the work after the file under way.
    """
    threading.Thread(target=_run, args=(snapshot, paths, answer), name="verify", daemon=True).start()


def _run(snapshot: Snapshot, paths: Collection[str], answer: Future[Any]) -> None:
    from mig_lsp.shadow import UnavailableError

    try:
        result: dict[str, Any] | None = {"version": 1, "files": list(_files(snapshot, paths, answer))}
        error: Exception | None = None
    except UnavailableError as unavailable:
        result, error = None, RequestFailedError(str(unavailable))
    except Exception as defect:
        log.exception("verify failed")
        result, error = None, defect
    if not answer.set_running_or_notify_cancel():
        return
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(result)


def _files(snapshot: Snapshot, paths: Collection[str], answer: Future[Any]) -> Iterator[dict[str, Any]]:
    from mig_lsp.replay_shadow import Migration, replay_all

    plan = snapshot.plan
    files = [snapshot.files[path] for path in _order(snapshot, paths)]
    migrations = [Migration(file.text, file.name in plan.initial) for file in files]
    with closing(replay_all(plan.runner, migrations)) as replays:
        for file, replay in zip(files, replays, strict=True):
            if file.path in paths:
                yield _outcome(file, replay)
            if answer.cancelled():
                return


def _order(snapshot: Snapshot, paths: Collection[str]) -> list[str]:
    """The files to run: the set's, in run order, up to the last one asked for; those that never run come last."""
    plan = snapshot.plan
    running = [plan.path_of(name) for name in dict.fromkeys((*plan.initial, *plan.migrations))]
    running = [path for path in running if path in snapshot.files]
    last = max((running.index(path) for path in paths if path in running), default=len(running) - 1)
    return [*running[: last + 1], *(path for path in paths if path not in running)]


def _outcome(file: File, replay: Replay) -> dict[str, Any]:
    placed = list(replay.chunks.placed())
    offset: int | None = None
    sqlstate = ""
    if replay.refused is not None:
        chunk, start = placed[replay.refused.chunk]
        offset = start + chunk.source(replay.refused.span.start)
        outcome = "refused"
        message = f"it contains {replay.refused.refusal.word}: {replay.refused.refusal.why}"
    elif replay.failure is not None:
        chunk, start = placed[replay.failure.chunk]
        said = replay.failure.answer
        offset = start + (chunk.span.start if said.offset is None else chunk.source(said.offset))
        outcome, sqlstate = "failed", said.sqlstate
        message = "; ".join(part for part in (said.message, said.detail, said.hint) if part)
    else:
        outcome, message = ("failed", replay.error) if replay.error else ("completed", "")
    return {
        "path": file.path,
        "outcome": outcome,
        "message": message or None,
        "sqlstate": sqlstate or None,
        "position": None if offset is None else _position(file, offset),
        "tolerated": sum(step.tolerated for step in replay.steps),
    }


def _position(file: File, offset: int) -> dict[str, int]:
    line, column = file.lines.place(offset)
    return {"line": line + 1, "column": column + 1, "offset": offset}
