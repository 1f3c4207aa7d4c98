"""`migLsp.verify`: runs migrations on a database made for the purpose, on a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from typing import Any

from mig_lsp import verify
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.lsp.protocol import RequestFailedError
from mig_lsp.verify import Result

log = logging.getLogger(__name__)


def begin(snapshot: Snapshot, paths: Sequence[str], answer: Future[Any]) -> None:
    """Completes *answer* with what `mig-lsp verify --format json` prints for the files *paths* of the set.

    All that runs before them is run too; a cancelled answer ends the work after the file under way.
    """
    threading.Thread(target=_run, args=(snapshot, paths, answer), name="verify", daemon=True).start()


def _run(snapshot: Snapshot, paths: Sequence[str], answer: Future[Any]) -> None:
    from mig_lsp.shadow import UnavailableError

    result: dict[str, object] | None = None
    error: Exception | None = None
    try:
        result = verify.document(snapshot, _results(snapshot, paths, answer))
    except UnavailableError as unavailable:
        error = RequestFailedError(str(unavailable))
    except Exception as defect:
        log.exception("verify failed")
        error = defect
    if not answer.set_running_or_notify_cancel():
        return
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(result)


def _results(snapshot: Snapshot, paths: Sequence[str], answer: Future[Any]) -> Iterator[Result]:
    with closing(verify.verify(snapshot, verify.order(snapshot, paths))) as results:
        for result in results:
            if result.path in paths:
                yield result
            if answer.cancelled():
                return
