"""The pygls server with everything that it needs at hand: the session, the worker, the reports, the facts.

Messages are read on the main thread, which only looks at them; the work is done on the worker's.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar, cast

from pygls.lsp.server import LanguageServer

from mig_lsp import __version__
from mig_lsp.core.author import AuthorError
from mig_lsp.core.branches import NO_BRANCHES
from mig_lsp.core.config.model import FileLog
from mig_lsp.core.log import Ledger
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.text import Lines, Place
from mig_lsp.disk.write import WriteError
from mig_lsp.lsp import capabilities, parent
from mig_lsp.lsp.client import Client
from mig_lsp.lsp.convert import UnsupportedEditError
from mig_lsp.lsp.facts import Fact, Facts, Key, cached
from mig_lsp.lsp.listing import documents_of, sets_of
from mig_lsp.lsp.outside import LogKey
from mig_lsp.lsp.protocol import Protocol, RequestFailedError
from mig_lsp.lsp.reports import Reports
from mig_lsp.lsp.session import Folder, Session, Where
from mig_lsp.lsp.worker import Tick, Worker

log = logging.getLogger(__name__)
T = TypeVar("T")

_POLL = 2.0  # seconds between two looks at the disk while nothing happens
_POLL_WATCHED = 15.0  # the same when the client reports changes


class Server(LanguageServer):
    """Everything about one client. The session and the reports belong to the worker."""

    client: Client
    session: Session
    reports: Reports
    worker: Worker
    facts: Facts

    def __init__(self) -> None:
        super().__init__(capabilities.NAME, __version__, protocol_cls=Protocol)
        self._plans: tuple[Plan, ...] = ()
        self._listing: Any = None
        self._sets: Any = None
        self._sets_at = 0
        self._settings_problems: tuple[str, ...] = ()
        self._running = False

    @property
    def wire(self) -> Protocol:
        """The protocol, under its own type."""
        return cast("Protocol", self.protocol)

    def report_server_error(self, error: Exception, source: object) -> None:
        """A failure is the server's own and goes to its log, never into a window of the editor."""
        log.error("%s", error, exc_info=error)

    def welcome(self, client: Client) -> None:
        """Takes up the client; nothing is read from the disk yet."""
        self.client = client
        self.session = Session(client)
        self.reports = Reports(self.session, client, self.wire)
        self.facts = Facts(self._learned, trusted=client.trusted)
        self.worker = Worker(self._idle)
        if client.process is not None:
            parent.watch(client.process, self._orphaned)

    def start(self) -> None:
        """Begins to look at the folders, in the background."""
        if not self._running:
            self._running = True
            self.submit(lambda tick: self.reports.changed())

    def close_reports(self) -> None:
        """Answers the requests that are kept open, and waits until that is done: the client is told in order."""
        closed = self.submit(lambda tick: self.reports.close())
        try:
            closed.result(timeout=1.0)
        except (TimeoutError, CancelledError):
            log.info("the analysis is busy: what is kept open is cancelled instead")

    def end(self) -> None:
        """Gives up all work; what the worker does at the moment ends at its next tick."""
        if hasattr(self, "worker"):
            self.facts.close()
            self.worker.close(timeout=2.0)

    def submit(self, work: Callable[[Tick], T]) -> Future[T]:
        """Has *work* done after everything that came before."""
        return self.worker.submit(work)

    def ask(self, work: Callable[[Tick], T]) -> Future[T]:
        """Like `submit`, for a request: the disk is looked at first, and what is impossible is said in one line."""

        def run(tick: Tick) -> T:
            self._look()
            try:
                return work(tick)
            except (AuthorError, UnsupportedEditError, WriteError) as error:
                raise RequestFailedError(str(error)) from None

        self.start()
        return self.worker.submit(run)

    def begin(self, work: Callable[[Tick], None], answer: Future[Any]) -> Future[Any]:
        """Has *work* done, which has *answer* completed some time; *answer* fails when the work itself does."""

        def begun(task: Future[None]) -> None:
            error = None if task.cancelled() else task.exception()
            if error is not None and answer.set_running_or_notify_cancel():
                answer.set_exception(error)

        self.start()
        self.submit(work).add_done_callback(begun)
        return answer

    def at(self, uri: str, work: Callable[[Where, Tick], T], otherwise: T) -> Future[T]:
        """Asks about a document; *otherwise* is the answer for one that belongs to no set."""

        def run(tick: Tick) -> T:
            where = self.session.where(uri)
            return otherwise if where is None else work(where, tick)

        return self.ask(run)

    def offset(self, where: Where, line: int, character: int) -> int:
        """The offset of a position of the client in the document."""
        return where.file.lines.offset(Place(line, character), self.client.encoding)

    def lines_of(self, folder: Folder, path: str) -> Lines:
        """The text of any file of the folder's sets; an empty one when there is none."""
        for snapshot in self.session.sets(folder):
            file = snapshot.file(path)
            if file is not None:
                return file.lines
        file = folder.open.get(path) or folder.disk.file(path)
        return file.lines if file is not None else Lines("")

    def version_of(self, folder: Folder, path: str) -> int | None:
        """The client's version of an open file."""
        file = folder.open.get(path)
        return file.version if file is not None else None

    def disk_changed(self) -> None:
        """Has everything checked again, and git asked anew. Worker only."""
        self.reports.changed()
        self.ask_git()

    def ask_git(self) -> None:
        """Has git asked anew about all sets. Worker only."""
        for folder, snapshot in self.session.all_sets():
            self.facts.want(folder.git_key(snapshot), tuple(snapshot.files.values()))

    def show_settings_problems(self, problems: tuple[str, ...]) -> None:
        """Says what in the editor's settings cannot be read, and has not been said of the settings before."""
        for problem in problems:
            if problem not in self._settings_problems:
                self.wire.tell("window/showMessage", {"type": 2, "message": f"mig-lsp: {problem}"})
        self._settings_problems = problems

    def documents(self) -> dict[str, Any]:
        """The documents that the server cares for; from now on the client is told when they are others. Worker only."""
        found = self._listing = documents_of(self.session)
        return found

    def sets(self, tick: Tick) -> Any:
        """The sets in run order; from now on the client is told when they are others. Worker only."""
        self._sets = sets_of(self.session, self.reports, tick)
        self._sets_at = self.reports.sweeps
        return self._sets

    def _orphaned(self) -> None:
        """Ends the process: nobody is left to send a message, and only a message would wake the thread that reads."""
        self.end()
        os._exit(int(self.wire.state != "shut"))

    def _learned(self, key: Key, fact: Fact) -> None:
        def learn(tick: Tick) -> None:
            if self.session.learn(key, fact):
                self._facts_changed()

        self.submit(learn)

    def _facts_changed(self) -> None:
        self.reports.changed()
        if self.client.lens_refresh:
            self.wire.ask("workspace/codeLens/refresh", None)

    def _look(self) -> None:
        if self.session.look():
            self.disk_changed()
        self._read_changed_logs()

    def _read_changed_logs(self) -> None:
        for key in self.session.changed_logs():
            self.facts.want(key)

    def _idle(self, tick: Tick) -> float | None:
        if not self._running:
            return None
        self._follow()
        wait = self.reports.idle(tick)
        if wait == 0:
            return 0
        self._tell_sets(tick)
        every = _POLL_WATCHED if self.client.register_watchers else _POLL
        left = self.session.until_look(every)
        if left <= 0:
            self._look()
            return 0
        return left if wait is None else min(wait, left)

    def _follow(self) -> None:
        """Asks for what new sets need to know from outside, and tells which documents there are when that changed."""
        sets = tuple(self.session.all_sets())
        plans = tuple(snapshot.plan for _, snapshot in sets)
        if plans == self._plans:
            return
        self._plans = plans
        learned = False
        for folder, snapshot in sets:
            for log_key in folder.log_keys(snapshot):
                if log_key not in self.session.outside.ledgers:
                    learned |= self.session.learn(log_key, cached(log_key) or _unread(log_key))
                    if not isinstance(log_key.source, FileLog):
                        self.facts.want(log_key)
            key = folder.git_key(snapshot)
            if key not in self.session.outside.branches:
                self.session.outside.branches[key] = NO_BRANCHES
                self.facts.want(key, tuple(snapshot.files.values()))
        self._read_changed_logs()  # a file's stamp is taken before it is read, so that no change is missed
        listing = documents_of(self.session)
        if listing != self._listing:
            if self._listing is not None:
                self.wire.tell("migLsp/documentsChanged", listing)
            self._listing = listing
        if learned:
            self._facts_changed()

    def _tell_sets(self, tick: Tick) -> None:
        """Tells a client that has asked for the sets what they are now, once everything was looked at again."""
        if self._sets is None or self._sets_at == self.reports.sweeps:
            return
        before = self._sets
        if self.sets(tick) != before:
            self.wire.tell("migLsp/migrationsChanged", self._sets)


def _unread(key: LogKey) -> Ledger:
    from mig_lsp.ledger.refresh import kind_of

    return Ledger(key.environment, source=kind_of(key.source))


def json_object(value: object) -> Mapping[str, Any]:
    """*value* when it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}
