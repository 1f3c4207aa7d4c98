"""What is known from outside the files: the logs of the environments, and the migrations of other branches.

Databases and git may be slow, so they are asked on a thread of their own; the analysis goes on with what is known.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

from mig_lsp.core.branches import NO_BRANCHES, Branches
from mig_lsp.core.config.model import FileLog
from mig_lsp.core.log import Ledger
from mig_lsp.core.snapshot import File
from mig_lsp.lsp.outside import GitKey, LogKey

log = logging.getLogger(__name__)

Key = LogKey | GitKey
Fact = Ledger | Branches
Got = Callable[[Key, Fact], None]


def cached(key: LogKey) -> Ledger | None:
    """The offline copy of a log, which costs no connection."""
    from mig_lsp.ledger import cache

    return cache.load(key.root, key.environment, key.source)


class Facts:
    """Asks for facts in the background, one after the other; the same question does not wait twice.

    Without trust neither a database is contacted nor git started; exported files are read all the same.
    """

    def __init__(self, got: Got, *, trusted: bool) -> None:
        self._got = got
        self._trusted = trusted
        self._wake = threading.Condition()
        self._wanted: dict[Key, tuple[Future[None], tuple[File, ...]]] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    def allowed(self, key: Key) -> bool:
        """Whether the question may be asked in this workspace."""
        return self._trusted or (isinstance(key, LogKey) and isinstance(key.source, FileLog))

    def want(self, key: Key, files: tuple[File, ...] = ()) -> Future[None]:
        """Has the question asked; the future is done afterwards, and is cancelled when it is not to be asked.

        Of those *files* that differ from the base ref git is asked for the texts there.
        """
        with self._wake:
            if self._closed or not self.allowed(key):
                refused: Future[None] = Future()
                refused.cancel()
                return refused
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="facts", daemon=True)
                self._thread.start()
            self._wake.notify()
            future = self._wanted[key][0] if key in self._wanted else Future[None]()
            self._wanted[key] = (future, files)
            return future

    def close(self) -> None:
        """Asks nothing more; a question under way ends by its own timeout."""
        with self._wake:
            self._closed = True
            waiting = [future for future, _ in self._wanted.values()]
            self._wanted.clear()
            self._wake.notify()
        for future in waiting:
            future.cancel()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._wanted and not self._closed:
                    self._wake.wait()
                if self._closed:
                    return
                key = next(iter(self._wanted))
                future, files = self._wanted.pop(key)
            if not future.set_running_or_notify_cancel():
                continue
            try:
                self._ask(key, files)
            except Exception:
                # Whatever a driver or git does, the next question is still asked; the reason is for the log alone.
                log.exception("%s could not be read", "a log" if isinstance(key, LogKey) else "git")
            future.set_result(None)

    def _ask(self, key: Key, files: tuple[File, ...]) -> None:
        if isinstance(key, LogKey):
            from mig_lsp.ledger.refresh import refresh

            self._got(key, refresh(key.root, key.environment, key.source))
            return
        from mig_lsp import git

        repository = git.repository(key.root)
        if repository is None:
            self._got(key, NO_BRANCHES)
            return
        folder, base, manifest = key.directory, key.base_ref, key.manifest
        self._got(key, git.branches(repository, folder, base, manifest, key.arrays, files))
