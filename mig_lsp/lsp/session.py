"""The one mutable thing: the workspace folders, the texts that the editor has open, and the sets that follow from both.

A `Session` lives on the worker's thread and is used nowhere else, so it needs no lock; what it hands out is frozen.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from mig_lsp.core.branches import NO_BRANCHES, Branches
from mig_lsp.core.candidates import CONFIG_NAME
from mig_lsp.core.config.model import Config, FileLog
from mig_lsp.core.config.read import from_settings
from mig_lsp.core.log import Ledger
from mig_lsp.core.manifest.reader import looks_like_manifest
from mig_lsp.core.rules import by_name
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.disk.file import Stamp, stamp
from mig_lsp.disk.workspace import Workspace
from mig_lsp.lsp import uris
from mig_lsp.lsp.client import Client
from mig_lsp.lsp.outside import GitKey, LogKey, Outside
from mig_lsp.lsp.text_sync import SyncError, changed
from mig_lsp.lsp.worker import clock

log = logging.getLogger(__name__)

WINDOWS = os.name == "nt"

_LOOK_AGAIN = 1.0  # seconds between two looks at the disk, at least
_SETTLED = 2_000_000_000  # ns; within this time two writes of a file may leave the same time stamp
_PATIENCE = 50  # a look at the disk is repeated after this many times its duration, at the earliest


class Where(NamedTuple):
    """A document of a set: its folder, its set, its path in the folder, and its text."""

    folder: Folder
    snapshot: Snapshot
    path: str
    file: File


class Folder:
    """One workspace folder: what is on its disk, what is open, and the sets."""

    def __init__(self, uri: str, root: Path) -> None:
        self.uri = uri
        self.root = root
        self.open: dict[str, File] = {}
        self.spelling: dict[str, str] = {}
        self.settings: Any = None
        self.stale = True
        self._disk: Workspace | None = None
        self._sets: tuple[Snapshot, ...] = ()

    def sets(self, outside: Outside) -> tuple[Snapshot, ...]:
        """The migration sets, found anew when names, manifests or configuration may have changed."""
        if self.stale:
            found = self.disk.snapshots(self._configured, self.open)
            before = {snapshot.plan.directory: snapshot for snapshot in self._sets}
            for snapshot in found:
                if snapshot.plan.directory in before:
                    snapshot.follow(before[snapshot.plan.directory])
            self._sets = tuple(self._with(snapshot, outside) for snapshot in found)
            self.stale = False
        return self._sets

    @property
    def disk(self) -> Workspace:
        """The files of the folder; the first use looks at all of them."""
        if self._disk is None:
            self._disk = Workspace(self.root)
        return self._disk

    @property
    def known(self) -> tuple[Snapshot, ...]:
        """The sets as they were last found."""
        return self._sets

    def refresh(self) -> bool:
        """Looks at the disk; whether anything is different."""
        if self._disk is None or not self._disk.refresh():
            return False
        self.stale = True
        return True

    def put(self, file: File) -> bool:
        """Takes another text of an open file; whether more may have changed than that file: names, a manifest."""
        before = self.open.get(file.path)
        self.open[file.path] = file
        if self.stale:
            return True
        known = next((found for snapshot in self._sets if (found := snapshot.file(file.path))), None)
        if known is not None and (file.path.endswith(".sql") or known.text == file.text):
            self._sets = tuple(_with_text(snapshot, file) for snapshot in self._sets)
            return False
        self.stale = self.matters(file) or (before is not None and self.matters(before))
        return self.stale

    def drop(self, path: str) -> None:
        """Forgets the text of an open file: what is on the disk counts again."""
        dropped = self.open.pop(path)
        self.spelling.pop(path, None)
        self.refresh()
        there = self.disk.file(path) if path in self.disk.paths else None
        if there is not None and (path.endswith(".sql") or there.text == dropped.text):
            self._sets = tuple(_with_text(snapshot, there) for snapshot in self._sets)
        elif self.matters(dropped):
            self.stale = True

    def matters(self, file: File) -> bool:
        """Whether the sets depend on the file."""
        path = file.path
        if path.endswith((".sql", CONFIG_NAME)) or any(path in snapshot.documents for snapshot in self._sets):
            return True
        return looks_like_manifest(path, file.text.encode("utf-8", "replace"))

    def uri_of(self, path: str) -> str:
        """The URI of a file: the editor's own one when it is open."""
        return self.spelling.get(path) or uris.join(self.uri, path)

    def log_keys(self, snapshot: Snapshot) -> tuple[LogKey, ...]:
        """The logs that the set's configuration names, in deployment order."""
        base = (snapshot.plan.config_path or "").rpartition("/")[0]
        root = self.root / base if base else self.root
        return tuple(LogKey(root, name, source) for name, source in snapshot.plan.config.log.items())

    def git_key(self, snapshot: Snapshot) -> GitKey:
        """What to ask git about the set."""
        plan, config = snapshot.plan, snapshot.plan.config.migrations
        manifest = plan.manifest.path if plan.manifest else None
        return GitKey(self.root, plan.directory, config.base_ref, manifest, (config.array, config.initial_array))

    def learn(self, outside: Outside) -> None:
        """Takes what has become known from outside."""
        self._sets = tuple(self._with(snapshot, outside) for snapshot in self._sets)

    def _with(self, snapshot: Snapshot, outside: Outside) -> Snapshot:
        ledgers = tuple(outside.ledgers[key] for key in self.log_keys(snapshot) if key in outside.ledgers)
        branches = outside.branches.get(self.git_key(snapshot), NO_BRANCHES)
        if branches is not snapshot.branches:
            snapshot = snapshot.with_branches(branches)
        return snapshot if ledgers == snapshot.ledgers else replace(snapshot, ledgers=ledgers)

    def _configured(self, config: Config) -> Config:
        return from_settings(config, self.settings)[0] if self.settings is not None else config


class Session:
    """All folders, and what is known of each document."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.folders: dict[str, Folder] = {}
        self.outside = Outside()
        self.foreign: dict[str, File] = {}  # open documents that are in no folder
        self._settings: Any = client.settings
        self._log_stamps: dict[LogKey, tuple[Stamp | None, bool]] = {}
        self._looked = 0.0
        self._pause = _LOOK_AGAIN
        for uri in client.folders:
            self.add_folder(uri)

    # What the editor does

    def add_folder(self, uri: str) -> None:
        """Takes up a workspace folder; a URI that means nothing on this machine is left out, with a line in the log."""
        root = uris.native(uri, windows=WINDOWS)
        if root is None:
            log.warning("the folder %s is not on this machine, so nothing in it is checked", uri)
            return
        if uri not in self.folders:
            folder = self.folders[uri] = Folder(uri, Path(root))
            folder.settings = self._settings
            self._move_documents()

    def remove_folder(self, uri: str) -> None:
        """Gives up a workspace folder."""
        if self.folders.pop(uri, None) is not None:
            self._move_documents()

    def configure(self, settings: Any, folder_uri: str | None = None) -> tuple[str, ...]:
        """Takes the editor's settings, for one folder or for all; what cannot be read in them is the result."""
        if folder_uri is None:
            self._settings = settings
        for folder in self.folders.values():
            if folder_uri in (None, folder.uri) and folder.settings != settings:
                folder.settings = settings
                folder.stale = True
        return from_settings(Config(), settings, by_name())[1]

    def open(self, uri: str, text: str, version: int) -> None:
        """Takes the text of a document that the editor has open from now on."""
        place = self.owner(uri)
        if place is None:
            self.include(uri)
            place = self.owner(uri)
        if place is None:
            self.foreign[uri] = File(uri, text, version)
            return
        folder, path = place
        folder.spelling[path] = uri
        on_disk = next((file for each in folder.known if (file := each.file(path))), None)
        if on_disk is None:
            folder.put(File(path, text, version))
        elif on_disk.text == text and on_disk.problem is None:
            folder.put(_same_text(on_disk, version))
        else:
            folder.put(on_disk.edited(text, version))

    def include(self, uri: str) -> None:
        """Takes up the project of a file where no folder is open: the nearest folder above that is marked as a root."""
        path = uris.native(uri, windows=WINDOWS)
        if path is None or not self.client.single_files or self.owner(uri) is not None:
            return
        above = Path(path).parents
        marked = (folder for folder in above if any((folder / mark).exists() for mark in (CONFIG_NAME, ".git")))
        root = next(marked, above[0])
        self.add_folder(uris.from_native(str(root), windows=WINDOWS))

    def change(self, uri: str, version: int | None, changes: Sequence[object]) -> bool:
        """Changes the text of an open document; whether other documents may be affected at once. Raises SyncError."""
        place = self.owner(uri)
        file = self.foreign.get(uri) if place is None else place[0].open.get(place[1])
        if file is None:
            raise SyncError("the document was never opened")
        text, splice = changed(file.lines, changes, self.client.encoding)
        if place is None:
            self.foreign[uri] = File(uri, text, version)
            return False
        return place[0].put(file.edited(text, version, splice))

    def close(self, uri: str) -> None:
        """The document is what is on the disk again."""
        self.foreign.pop(uri, None)
        place = self.owner(uri)
        if place is not None and place[1] in place[0].open:
            place[0].drop(place[1])

    # What the work asks

    def owner(self, uri: str) -> tuple[Folder, str] | None:
        """The innermost folder that holds the URI, and the path in it."""
        found: tuple[Folder, str] | None = None
        for folder in self.folders.values():
            path = uris.relative(folder.uri, uri, windows=WINDOWS)
            if path is not None and (found is None or len(path) < len(found[1])):
                found = (folder, path)
        return found

    def sets(self, folder: Folder) -> tuple[Snapshot, ...]:
        """The folder's migration sets."""
        return folder.sets(self.outside)

    def sets_of(self, folder: Folder, path: str) -> tuple[Snapshot, ...]:
        """The sets that the document belongs to: one for a migration, several for the configuration of a monorepo."""
        return tuple(snapshot for snapshot in self.sets(folder) if snapshot.file(path) is not None)

    def where(self, uri: str) -> Where | None:
        """The document at *uri*, None when it belongs to no set."""
        place = self.owner(uri)
        if place is None:
            return None
        for snapshot in self.sets_of(*place):
            file = snapshot.file(place[1])
            if file is not None:
                return Where(place[0], snapshot, place[1], file)
        return None

    def all_sets(self) -> Iterator[tuple[Folder, Snapshot]]:
        """Every set with its folder."""
        for folder in self.folders.values():
            for snapshot in self.sets(folder):
                yield folder, snapshot

    def is_open(self, uri: str) -> bool:
        """Whether the editor has the document open."""
        place = self.owner(uri)
        return uri in self.foreign if place is None else place[1] in place[0].open

    def open_uris(self) -> tuple[str, ...]:
        """The URIs of the open documents of all folders, as the editor spells them."""
        return tuple(uri for folder in self.folders.values() for uri in folder.spelling.values())

    def look(self, *, now: bool = False) -> bool:
        """Looks at the disk unless that was done a moment ago; whether anything is different."""
        started = clock()
        if not now and started - self._looked < self._pause:
            return False
        different = [folder.refresh() for folder in self.folders.values()]
        self._looked = clock()
        self._pause = max(_LOOK_AGAIN, (self._looked - started) * _PATIENCE)
        return any(different)

    def until_look(self, every: float) -> float:
        """Seconds until it is time for the next look, when there is to be one at least *every* so many seconds."""
        return self._looked + max(every, self._pause) - clock()

    def learn(self, key: LogKey | GitKey, fact: Ledger | Branches) -> bool:
        """Takes what was asked outside; whether it says something else than before."""
        known: dict[Any, Any] = self.outside.ledgers if isinstance(key, LogKey) else self.outside.branches
        if known.get(key) == fact:
            return False
        known[key] = fact
        for folder in self.folders.values():
            folder.learn(self.outside)
        return True

    def changed_logs(self) -> tuple[LogKey, ...]:
        """The logs in exported files that are new, or have changed since this was asked last.

        A file that was written a moment ago counts twice: it may change again without a new time stamp.
        """
        stamps = {
            key: _seen(key.root / key.source.path)
            for folder in self.folders.values()
            for snapshot in folder.known
            for key in folder.log_keys(snapshot)
            if isinstance(key.source, FileLog)
        }
        changed = tuple(key for key, seen in stamps.items() if self._log_stamps.get(key) != seen)
        self._log_stamps.update(stamps)
        return changed

    def _move_documents(self) -> None:
        """Hands every open document to the folder that it belongs to now."""
        documents = dict(self.foreign)
        for folder in self.folders.values():
            documents.update({uri: folder.open[path] for path, uri in folder.spelling.items()})
            folder.open.clear()
            folder.spelling.clear()
            folder.stale = True
        self.foreign.clear()
        for uri, file in documents.items():
            place = self.owner(uri)
            if place is None:
                self.foreign[uri] = replace(file, path=uri)
            else:
                place[0].spelling[place[1]] = uri
                place[0].open[place[1]] = file if file.path == place[1] else replace(file, path=place[1])


def relevant(plan: Plan) -> tuple[str, ...]:
    """Glob patterns, relative to the folder, of the files that the set is made of."""
    directory = f"{_literally(plan.directory)}/" if plan.directory else ""
    return tuple(dict.fromkeys((f"{directory}*.sql", *map(_literally, plan.documents))))


def _literally(path: str) -> str:
    """A glob pattern that only this path matches."""
    return re.sub(r"[][{}*?]", r"[\g<0>]", path)


def _with_text(snapshot: Snapshot, file: File) -> Snapshot:
    if file.path in snapshot.files:
        return snapshot.with_text(file)
    if file.path in snapshot.documents:
        return replace(snapshot, documents={**snapshot.documents, file.path: file})
    return snapshot


def _seen(path: Path) -> tuple[Stamp | None, bool]:
    """The file's stamp, and whether it is so old that any change from now on makes another one."""
    found = stamp(path)
    return found, found is None or time.time_ns() - max(found.modified, found.changed) > _SETTLED


def _same_text(file: File, version: int) -> File:
    """The file under the editor's version, with all that was worked out about its text."""
    opened = replace(file, version=version)
    worked_out = {name: value for name, value in file.__dict__.items() if name not in opened.__dict__}
    opened.__dict__.update(worked_out)
    return opened
