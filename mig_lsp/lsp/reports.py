"""Which document is reported to whom, and when: pushed, pulled, and the pull of the whole workspace.

An open document is either pulled or pushed, never both. All others are pulled by editors that pull workspaces, and
pushed to the rest. After a change the edited document comes first; the others follow when nothing else waits.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from mig_lsp.core.change import Placed, Related
from mig_lsp.core.check import documents, glance, judge
from mig_lsp.core.settled import is_settled
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.text import Lines
from mig_lsp.lsp.client import Client
from mig_lsp.lsp.diagnostics import Encoder, Report
from mig_lsp.lsp.outbox import Outbox
from mig_lsp.lsp.session import Folder, Session
from mig_lsp.lsp.worker import Tick, clock

_SOON = 0.05  # seconds that the first findings may wait for the whole set
_SETTLE = 0.3  # seconds without a keystroke before the documents that were not edited are checked again
_FORGOTTEN = -1  # no version of any document: what was pushed under it is pushed again
_PATIENCE = 50  # cycles are looked for again after this many times the time that it took, at the earliest


class _LateError(Exception):
    """The whole set takes longer than a person should wait for the first findings."""


@dataclass(eq=False)
class _Pull:
    """A pull of the workspace that is kept open: what the client has, and where to send parts of the answer."""

    answer: Future[dict[str, Any]]
    has: Mapping[str, str]
    token: int | str | None
    items: list[dict[str, Any]] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)


class Reports:
    """Worker's thread only, like the session that it reports on."""

    def __init__(self, session: Session, client: Client, out: Outbox) -> None:
        self._session = session
        self._client = client
        self._out = out
        self._encoder = Encoder(client)
        self._known: dict[str, tuple[tuple[object, ...], Report]] = {}
        self._edited: dict[str, None] = {}
        self._pushed: dict[str, tuple[int | None, str]] = {}
        self._pulled: dict[str, tuple[int | None, str]] = {}
        self._unopened: dict[str, Report] = {}
        self._waiting: list[_Pull] = []
        self._sweep: deque[tuple[Folder, str]] | None = None
        self._seen: set[str] = set()
        self._sweep_at: float | None = None
        self._refresh = False
        self._tidy_at: float | None = None
        self._closed = False
        self.sweeps = 0
        """How often everything was looked at."""

    # What happened

    def opened(self, uri: str) -> None:
        """The document was opened, perhaps again: what the editor was told of it before, it may have forgotten."""
        if uri in self._pushed and not self._client.pull:
            self._pushed[uri] = (_FORGOTTEN, self._pushed[uri][1])
        self.edited(uri)

    def edited(self, uri: str) -> None:
        """The document was changed: it is reported at once, and the others when the typing pauses."""
        if not self._client.pull:
            self._edited[uri] = None
        else:
            self._push(uri, _NOTHING)  # what was pushed while nobody had it open; from now on it is pulled
        self._again(_SETTLE)

    def closed(self, uri: str) -> None:
        """The document is no longer open."""
        self._edited.pop(uri, None)
        self._pulled.pop(uri, None)
        self._encoder.forget(uri)
        self._again(0)

    def changed(self) -> None:
        """Any document may have other findings now."""
        if not self._client.pull:
            self._edited.update(dict.fromkeys(self._session.open_uris()))
        self._again(0)

    # What the client asks

    def pull(self, uri: str, previous: object, tick: Tick) -> dict[str, Any]:
        """The answer to `textDocument/diagnostic`."""
        report = (self._first_look(uri, tick) if self._client.refresh else None) or self.report(uri, tick)
        self._pulled[uri] = (report.version, report.id)
        if previous == report.id:
            return {"kind": "unchanged", "resultId": report.id}
        return {"kind": "full", "resultId": report.id, "items": report.items}

    def wait(self, has: Mapping[str, str], token: int | str | None, answer: Future[dict[str, Any]]) -> None:
        """Completes *answer* (`workspace/diagnostic`) once there is something that the client does not have."""
        if self._closed:
            answer.set_result({"items": []})
            return
        pull = _Pull(answer, has, token)
        self._waiting.append(pull)
        for uri, report in self._unopened.items():
            self._offer(pull, uri, report)
        if self._sweep_at is None:
            self._gone(pull)
            self._finish()

    def close(self) -> None:
        """Answers what is kept open, with nothing."""
        self._closed = True
        for pull in self._waiting:
            _complete(pull, [])
        self._waiting.clear()

    def report(self, uri: str, tick: Tick) -> Report:
        """The report of a document as it is now; an empty one for a document of no set."""
        place = self._session.owner(uri)
        if place is None:
            return _NOTHING
        return self._report(*place, uri, tick)

    def _first_look(self, uri: str, tick: Tick) -> Report | None:
        """What can be said of a document before its set is carried out; None when it is, or soon was.

        It takes long in a big set, and the person in front of the editor waits for this document.
        """
        place = self._session.owner(uri)
        if place is None:
            return None
        folder, path = place
        sets = [snapshot for snapshot in self._session.sets(folder) if path in snapshot.files]
        if len(sets) != 1 or sets[0].is_carried_out:
            return None
        (snapshot,) = sets
        until = clock() + _SOON

        def soon() -> None:
            tick()
            if clock() > until:
                raise _LateError

        try:
            snapshot.carry_out(soon)
        except _LateError:
            pass
        else:
            return None
        found = self._useful(snapshot, path, glance(snapshot, path, tick))
        return self._encoder.report(uri, snapshot.files[path], found, self._locator(folder, (snapshot,)))

    def documents(self) -> list[tuple[Folder, str]]:
        """All documents: the open ones first, then manifests and configuration, then the migrations."""
        found: dict[tuple[str, str], tuple[int, Folder]] = {}
        for folder, snapshot in self._session.all_sets():
            for path in documents(snapshot):
                rank = 0 if path in folder.open else 2 if path in snapshot.files else 1
                found[folder.uri, path] = (rank, folder)
        order = sorted((rank, uri, path) for (uri, path), (rank, _) in found.items())
        return [(found[uri, path][1], path) for _, uri, path in order]

    # What is done when nothing else waits

    def idle(self, tick: Tick) -> float | None:
        """Does one piece of the work that is left; the seconds until there may be more, None when all is said."""
        if self._edited:
            uri = next(iter(self._edited))
            first = self._first_look(uri, tick)
            if first is not None:
                self._push(uri, first)
            self._push(uri, self.report(uri, tick))
            del self._edited[uri]
            return 0
        if self._sweep_at is None:
            return None
        wait = self._sweep_at - clock()
        if wait > 0:
            return wait
        if self._sweep is None:
            self._sweep = deque(self.documents())
            self._seen = set()
        if self._sweep:
            self._check(*self._sweep[0], tick)
            self._sweep.popleft()
            return 0
        self._swept()
        return 0

    def _check(self, folder: Folder, path: str, tick: Tick) -> None:
        uri = folder.uri_of(path)
        owner = self._session.owner(uri)
        if owner is not None and owner[0] is not folder:
            return  # an inner workspace folder has the document
        report = self._report(folder, path, uri, tick)
        self._seen.add(uri)
        if path in folder.open:
            self._unopened.pop(uri, None)
            if not self._client.pull:
                self._push(uri, report)
            elif (known := self._pulled.get(uri)) and known[0] == report.version and known[1] != report.id:
                del self._pulled[uri]
                self._refresh = True
        elif self._client.workspace_pull:
            self._unopened[uri] = report
            for pull in self._waiting:
                self._offer(pull, uri, report)
        else:
            self._push(uri, report)

    def _swept(self) -> None:
        """Everything was looked at: what is gone is said to be clean."""
        self._sweep = self._sweep_at = None
        self.sweeps += 1
        for uri in self._pushed.keys() - self._seen:
            self._push(uri, _NOTHING)
        for gone in (self._unopened, self._known):
            for uri in gone.keys() - self._seen:
                del gone[uri]
        for pull in self._waiting:
            self._gone(pull)
        self._finish()
        if self._refresh:
            self._refresh = False
            if self._client.refresh:
                self._out.ask("workspace/diagnostic/refresh", None)
        self._tidy()

    def _tidy(self) -> None:
        """Has cycles that nobody holds any more removed, without looking at all that there is."""
        started = clock()
        if self._tidy_at is None:
            # What is known first mostly stays; looking through it would take longer than a keystroke may. Once only:
            # whatever is frozen and lies in a cycle is never given back.
            gc.freeze()
        elif started < self._tidy_at:
            return
        else:
            gc.collect()
        self._tidy_at = clock() + (clock() - started) * _PATIENCE

    def _again(self, pause: float) -> None:
        at = clock() + pause
        # A keystroke may put a check off; what must come at once must not wait for the next pause.
        self._sweep_at = at if self._sweep_at is None or pause else min(at, self._sweep_at)
        self._sweep = None

    # How it is said

    def _push(self, uri: str, report: Report) -> None:
        """Publishes what the client does not have yet; of a document in no set it hears only that it is clean again."""
        if self._pushed.get(uri) == (report.version, report.id):
            return
        before = self._pushed.pop(uri, (None, _NOTHING.id))
        if report.empty and before[1] == _NOTHING.id and self._session.where(uri) is None:
            return
        if report.version is not None or not report.empty:
            self._pushed[uri] = (report.version, report.id)
        if report.version is None and before[1] == report.id:
            return
        params: dict[str, Any] = {"uri": uri, "diagnostics": report.items}
        if report.version is not None:
            params["version"] = report.version
        self._out.tell("textDocument/publishDiagnostics", params)

    def _offer(self, pull: _Pull, uri: str, report: Report) -> None:
        has = pull.has.get(uri, _NOTHING.id)
        if has == report.id or uri in pull.sent:
            return
        pull.sent.add(uri)
        self._give(pull, _item(uri, report))

    def _gone(self, pull: _Pull) -> None:
        """Clears the documents that the client has marks for and that are no longer there."""
        for uri, has in pull.has.items():
            if has != _NOTHING.id and uri not in self._unopened and not self._session.is_open(uri):
                self._give(pull, _item(uri, _NOTHING))

    def _give(self, pull: _Pull, item: dict[str, Any]) -> None:
        pull.items.append(item)
        if pull.token is not None and not pull.answer.done():
            self._out.tell("$/progress", {"token": pull.token, "value": {"items": [item]}})

    def _finish(self) -> None:
        """Answers the pulls that have something to say, and forgets those that were cancelled."""
        for pull in self._waiting:
            if pull.items:
                _complete(pull, pull.items if pull.token is None else [])
        self._waiting = [pull for pull in self._waiting if not pull.answer.done()]

    # What is found

    def _report(self, folder: Folder, path: str, uri: str, tick: Tick) -> Report:
        sets = self._session.sets(folder)
        for snapshot in sets:
            snapshot.carry_out(tick)
        basis = tuple([each for snapshot in sets for each in snapshot.basis(path)])
        known = self._known.get(uri)
        if known is not None and known[0] == basis:
            return known[1]
        placed: list[Placed] = []
        file: File | None = folder.open.get(path)
        for snapshot in sets:
            found = self._useful(snapshot, path, judge(snapshot, path, tick))
            placed = found if not placed else sorted({*map(_shown, placed), *map(_shown, found)}, key=_order)
            file = snapshot.file(path) or file
        report = self._encoder.report(uri, file or File(path, ""), placed, self._locator(folder, sets))
        self._known[uri] = (basis, report)
        return report

    def _useful(self, snapshot: Snapshot, path: str, found: list[Placed]) -> list[Placed]:
        """The findings that somebody can still act on, as `mig-lsp check` shows them."""
        file = snapshot.files.get(path)
        if file is None:
            return found
        merged = (path,) if snapshot.is_merged(file) else ()
        if not merged and not snapshot.ledgers and snapshot.plan.config.migrations.baseline is None:
            return found
        settled: dict[tuple[str, object], bool] = {}  # all that the answer depends on for one file
        for _, finding in found:
            key = (finding.rule, finding.severity)
            if key not in settled:
                settled[key] = is_settled(snapshot, path, finding, merged)
        return [each for each in found if not settled[each.finding.rule, each.finding.severity]]

    def _locator(self, folder: Folder, sets: tuple[Snapshot, ...]) -> Any:
        def locate(related: Related) -> tuple[str, Lines]:
            files = (snapshot.file(related.path) for snapshot in sets)
            file = next((file for file in files if file is not None), None)
            return folder.uri_of(related.path), file.lines if file is not None else Lines("")

        return locate


_NOTHING = Encoder(Client()).report("", File("", ""), (), lambda related: (related.path, Lines("")))


def _item(uri: str, report: Report) -> dict[str, Any]:
    return {"kind": "full", "uri": uri, "version": None, "resultId": report.id, "items": report.items}


def _complete(pull: _Pull, items: list[dict[str, Any]]) -> None:
    if pull.answer.set_running_or_notify_cancel():
        pull.answer.set_result({"items": items})


def _shown(placed: Placed) -> Placed:
    return Placed(0, placed.shown)


def _order(placed: Placed) -> tuple[int, int, str, str]:
    finding = placed.finding
    return (finding.span.start, finding.span.end, finding.rule, finding.message)
