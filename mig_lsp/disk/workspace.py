"""The files of a workspace: finding and loading them, and seeing cheaply whether they have changed.

Nothing outside the root is read: folders are never entered through links, and a linked file counts only when it ends
up below the root.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mig_lsp.core.config.model import inside
from mig_lsp.core.discovery import CONFIG_NAME, Settings, find
from mig_lsp.core.manifest.reader import could_be_manifest
from mig_lsp.core.rules import by_name
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.disk.file import MAX_DOCUMENT, MAX_SQL, Stamp, UnreadableError, decoded, fetch, stamp

IGNORED = frozenset(("node_modules", "dist", "build", "out", "cdk.out", "coverage", "vendor", "target", "__pycache__"))
"""Folders that are never entered; nor are hidden ones."""

MAX_ENTRIES = 200_000
"""How many files and folders are looked at; `Workspace.truncated` tells that there were more."""

MAX_DEPTH = 40
"""How many folders deep the search goes."""

_SETTLED = 2_000_000_000  # ns; a younger file may change again without a new time stamp, so it is read again


def load(root: Path, settings: Settings | None = None) -> tuple[Snapshot, ...]:
    """The migration sets below *root*, ordered by directory.

    *settings* turns the configuration of a file into the one in force.
    """
    return Workspace(root).snapshots(settings)


class Workspace:
    """The files below one root as they were last seen. For one thread at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.truncated = False
        self._folders: dict[str, _Folder] = {}
        self._known: dict[str, _Known] = {}
        self._paths: dict[str, str | None] = {}
        self._scan()

    @property
    def paths(self) -> frozenset[str]:
        """The files that may belong to a migration set, relative to the root, with `/`."""
        return frozenset(self._paths)

    def refresh(self) -> bool:
        """Looks at the disk again; whether anything is different. Unchanged files stay the same objects."""
        before = self._paths
        self._scan()
        changed = before != self._paths
        for path, known in list(self._known.items()):
            if path not in self._paths and path in before:
                del self._known[path]
            elif known.stamp is None or stamp(self.root / path) != known.stamp:
                fresh = self._look(path, known.file)
                changed |= fresh.file is not known.file
                self._known[path] = fresh
        return changed

    def file(self, path: str) -> File | None:
        """The file, read at most once until `refresh` sees that it changed; None when it is of no interest."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._look(path, None)
        return known.file

    def snapshots(
        self,
        settings: Settings | None = None,
        overlays: Mapping[str, File | None] | None = None,
        config: File | None = None,
    ) -> tuple[Snapshot, ...]:
        """The migration sets, ordered by directory.

        *overlays* stand in for the files on the disk; None is for a file that is gone. *config*, when given, is the
        only configuration, and its paths count from the root.
        """
        texts = dict(overlays or {})
        paths = {*self._paths, *texts} - {path for path, file in texts.items() if file is None}
        if config is not None:
            paths = {path for path in paths if path.rpartition("/")[2] != CONFIG_NAME} | {CONFIG_NAME}
            texts[CONFIG_NAME] = config

        def file(path: str) -> File | None:
            return texts[path] if path in texts else self.file(path)

        def text(path: str) -> str | None:
            found = file(path)
            return None if found is None else found.text

        sets = []
        for plan in find(paths, text, by_name(), settings):
            wanted = (*plan.documents, *(path for path in _other_documents(plan, paths) if path not in plan.paths))
            documents = {path: found for path in wanted if (found := file(path))}
            if config is not None and plan.config_path == CONFIG_NAME:
                plan = replace(plan, config_path=config.path)
                documents[config.path] = documents.pop(CONFIG_NAME)
            files = {path: found for path in sorted(plan.paths) if (found := file(path))}
            sets.append(Snapshot(plan, files, documents))
        return tuple(sets)

    def _look(self, path: str, old: File | None) -> _Known:
        """Reads the file; the result holds *old* when it says the same."""
        now = time.time_ns()
        odd = self._paths.get(path)
        limit = MAX_SQL if path.endswith(".sql") else MAX_DOCUMENT
        try:
            if odd is not None:
                raise UnreadableError(odd)
            data, seen = fetch(self.root, path, limit, found=path in self._paths)
        except UnreadableError as error:
            return _Known(stamp(self.root / path), _same(old, File(path, "", problem=str(error))))
        settled = seen if now - max(seen.modified, seen.changed) > _SETTLED else None
        if could_be_manifest(path) and not (path.endswith("_journal.json") or b".sql" in data or b"igration" in data):
            return _Known(settled, None)
        return _Known(settled, _same(old, decoded(path, data)))

    def _scan(self) -> None:
        """Lists the folders whose content may have changed since they were listed, and keeps the others."""
        folders: dict[str, _Folder] = {}
        waiting = [("", 0)]
        left = MAX_ENTRIES
        self.truncated = False
        while waiting and left > 0:
            path, depth = waiting.pop()
            folder = _listed(self.root, path, self._folders.get(path), left)
            if folder is None:
                continue
            folders[path] = folder
            left -= folder.size
            if left <= 0 or (folder.folders and depth == MAX_DEPTH):
                self.truncated = True
            elif depth < MAX_DEPTH:
                waiting += ((inner, depth + 1) for inner in reversed(folder.folders))
        self._folders = folders
        self._paths = dict(sorted(item for folder in folders.values() for item in folder.files.items()))


class _Known(NamedTuple):
    """What was read: the stamp (None when it must be read again), and the file (None when it is of no interest)."""

    stamp: Stamp | None
    file: File | None


class _Folder(NamedTuple):
    """The content of one folder.

    *modified* is None when it must be listed again; *files* maps paths to what is wrong with them.
    """

    modified: int | None
    size: int
    folders: tuple[str, ...]
    files: Mapping[str, str | None]


def _listed(root: Path, path: str, known: _Folder | None, most: int) -> _Folder | None:
    """The content of a folder, None when it cannot be listed; *most* is how many of its entries are looked at."""
    target = f"{root}/{path}" if path else str(root)
    prefix = f"{path}/" if path else ""
    now = time.time_ns()
    folders: list[str] = []
    files: dict[str, str | None] = {}
    size = 0
    try:
        modified = Path(target).stat().st_mtime_ns
        if known is not None and known.modified == modified:
            return known
        with os.scandir(target) as entries:
            for size, entry in enumerate(entries, 1):
                if size >= most:
                    break
                if _is_folder(entry):
                    if entry.name.endswith(".sql"):
                        files[prefix + entry.name] = "is a folder, not a file"
                    elif entry.name not in IGNORED and not entry.name.startswith("."):
                        folders.append(prefix + entry.name)
                elif entry.name.endswith(".sql") or entry.name == CONFIG_NAME or could_be_manifest(prefix + entry.name):
                    files[prefix + entry.name] = _odd(entry)
    except OSError:
        return None
    return _Folder(modified if now - modified > _SETTLED else None, size, tuple(sorted(folders)), files)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _odd(entry: os.DirEntry[str]) -> str | None:
    """What is wrong with an entry that is not a folder, before it is opened."""
    try:
        entry.name.encode()
    except UnicodeEncodeError:
        return "has a name that is not UTF-8, so it is not read: rename it"
    try:
        regular = entry.is_symlink() or entry.is_file(follow_symlinks=False)
    except OSError:
        return None  # reading it will tell
    return None if regular else "is a device, a pipe or a socket, not a file"


def _same(old: File | None, new: File) -> File:
    """*old* when it says the same as *new*; where only the text differs, what the edit left alone is kept."""
    if old is None or (old.bom, old.problem) != (new.bom, new.problem):
        return new
    if old.text == new.text:
        return old
    return new if new.problem else old.edited(new.text, None)


def _other_documents(plan: Plan, paths: set[str]) -> Iterator[str]:
    """The SQL files that drizzle-kit wrote, its journal, and the template of new migrations."""
    base = plan.config_path.rpartition("/")[0] if plan.config_path else ""

    def place(relative: str | None) -> str | None:
        return None if relative is None else inside(f"{base}/{relative}" if base else relative)

    template, folder = place(plan.config.migrations.template), place(plan.config.drizzle.migrations)
    if template is not None:
        yield template
    if folder is None:
        return
    start = f"{folder}/" if folder else ""
    for path in sorted(paths):
        if path.startswith(start) and (path.endswith(".sql") or path == f"{start}meta/_journal.json"):
            yield path
