"""`migLsp/check`: checks everything now, tells how far it is, and can be cancelled.

It is done in pieces, so that whoever types or hovers meanwhile waits for one document at most.
"""

from __future__ import annotations

from collections import Counter, deque
from concurrent.futures import Future
from typing import Any

from mig_lsp.lsp.application import Server, json_object
from mig_lsp.lsp.convert import Json
from mig_lsp.lsp.session import Folder
from mig_lsp.lsp.worker import Tick, clock

_PIECE = 0.02  # seconds of work until other requests have their turn
_TELL = 0.1  # seconds between two reports of progress


def register(server: Server) -> None:
    """Takes `migLsp/check`."""
    server.feature("migLsp/check")(on_check)


def on_check(ls: Server, params: object) -> Future[Json]:
    """How many findings of each severity all documents have, after a look at the disk."""
    token = json_object(params).get("workDoneToken")
    run = _Run(ls, token if isinstance(token, int | str) and not isinstance(token, bool) else None)
    ls.start()
    ls.submit(run.begin)
    return run.answer


class _Run:
    """One check of everything; worker only."""

    def __init__(self, ls: Server, token: int | str | None) -> None:
        self.answer: Future[Json] = Future()
        self._ls = ls
        self._token = token
        self._left: deque[tuple[Folder, str]] = deque()
        self._all = 0
        self._counts: Counter[str] = Counter()
        self._told = 0.0

    def begin(self, _: Tick) -> None:
        if self._ls.session.look(now=True):
            self._ls.disk_changed()
        self._left.extend(self._ls.reports.documents())
        self._all = len(self._left)
        self._tell({"kind": "begin", "title": "Checking migrations", "cancellable": True, "percentage": 0})
        self._ls.submit(self._go_on)

    def _go_on(self, tick: Tick) -> None:
        end = clock() + _PIECE
        while self._left and not self.answer.cancelled():
            folder, path = self._left[0]
            report = self._ls.reports.report(folder.uri_of(path), tick)
            self._counts.update(finding.severity.word for finding in report.findings if finding.severity)
            self._left.popleft()
            if clock() > end:
                self._say_where(path)
                self._ls.submit(self._go_on)
                return
        self._tell({"kind": "end"})
        if self.answer.set_running_or_notify_cancel():
            counts = {word: self._counts[word] for word in ("error", "warning", "info", "hint")}
            self.answer.set_result({"files": self._all, **counts})

    def _say_where(self, path: str) -> None:
        now = clock()
        if now - self._told < _TELL:
            return
        self._told = now
        done = self._all - len(self._left)
        message = f"{done} of {self._all}: {path}"
        self._tell({"kind": "report", "message": message, "percentage": 100 * done // max(self._all, 1)})

    def _tell(self, value: dict[str, Any]) -> None:
        if self._token is not None:
            self._ls.wire.tell("$/progress", {"token": self._token, "value": value})
