"""The files of a workspace: finding and loading them, and seeing cheaply whether they have changed.

Nothing outside the root is read: folders are never entered through links, and a linked file counts only when it ends
up below the root.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mig_lsp.core.candidates import CONFIG_NAME, is_dull
from mig_lsp.core.config.model import inside
from mig_lsp.core.discovery import Settings, find
from mig_lsp.core.rules import by_name
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.disk.file import BOM, MAX_DOCUMENT, MAX_SQL, Stamp, TooLongError, UnreadableError, decoded, fetch, stamp
from mig_lsp.disk.listing import Folder, listing
from mig_lsp.disk.traces import ODD, UNREAD, YOUNG, Trace, content_of, settled, stamp_text

MAX_TOTAL = 128 * 1024 * 1024
"""How many characters of text are kept in all: a workspace with more is no source code."""

_FULL = (
    f"is not read: the files of the workspace that would have to be read come to more than {MAX_TOTAL // 1024**2} MiB"
)


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
        self._held = 0
        self._folders: Mapping[str, Folder] = {}
        self._known: dict[str, _Known] = {}
        self._paths: Mapping[str, str | None] = {}
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
                self._held -= len(known.file.text) if known.file is not None else 0
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

    def traces(self) -> Mapping[str, Trace]:
        """What tells whether any file is different from what has been read until now."""
        return {path: self._trace(path, odd) for path, odd in self._paths.items()}

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
        self._held -= len(old.text) if old is not None else 0
        left = MAX_TOTAL - self._held
        try:
            if odd is not None:
                raise UnreadableError(odd)
            data, seen = fetch(self.root, path, min(limit, left), found=path in self._paths)
        except TooLongError as error:
            if left >= limit:
                return _Known(stamp(self.root / path), _same(old, File(path, "", problem=str(error))), True)
            return _Known(None, _same(old, File(path, "", problem=_FULL)), True)  # other files may leave room for it
        except UnreadableError as error:
            return _Known(stamp(self.root / path), _same(old, File(path, "", problem=str(error))), True)
        good = settled(seen, now)
        if is_dull(path, data):
            return _Known(good, None)
        file = _same(old, decoded(path, data))
        self._held += len(file.text)
        return _Known(good, file)

    def _trace(self, path: str, odd: str | None) -> Trace:
        if odd is not None:
            return Trace(ODD, odd)
        known = self._known.get(path)
        if known is None:
            return Trace(UNREAD, "")
        file = known.file
        if file is None:
            return Trace(stamp_text(known.stamp), content_of(path, b""))
        if known.unreadable:
            return Trace(YOUNG, file.problem or "")
        if file.problem is not None:  # its bytes are gone, so only the stamp can tell
            return Trace(stamp_text(known.stamp), "")
        return Trace(stamp_text(known.stamp), content_of(path, BOM * file.bom + file.text.encode()))

    def _scan(self) -> None:
        """Lists the folders whose content may have changed since they were listed, and keeps the others."""
        found = listing(str(self.root), self._folders)
        self._folders, self._paths, self.truncated = found.folders, found.files, found.truncated


class _Known(NamedTuple):
    """What was read: the stamp (None when it must be read again), and the file (None when it is of no interest)."""

    stamp: Stamp | None
    file: File | None
    unreadable: bool = False


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
