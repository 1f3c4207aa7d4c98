"""The workspace that a command works in: its root, its migration sets, and what git and the logs say of them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mig_lsp import git
from mig_lsp.commands.console import Console, UsageError
from mig_lsp.core.branches import NO_BRANCHES, Branches
from mig_lsp.core.candidates import CONFIG_NAME
from mig_lsp.core.config.model import FileLog
from mig_lsp.core.discovery import Settings
from mig_lsp.core.log import Ledger
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.disk.file import MAX_DOCUMENT, UnreadableError, decoded, fetch
from mig_lsp.disk.workspace import Workspace
from mig_lsp.results import nearest_root


@dataclass
class World:
    """The sets below *root*; *given* is the root as the user wrote it, *chosen* what `--config` names."""

    root: Path
    given: str
    files: Workspace
    config: File | None
    settings: Settings | None = None
    repository: git.Repository | None = None
    chosen: Path | None = None
    _branches: dict[tuple[str, str | None], Branches] = field(default_factory=dict)
    _ledgers: dict[str | None, tuple[Ledger, ...]] = field(default_factory=dict)

    def look(self, overlays: Mapping[str, File | None] | None = None) -> tuple[Snapshot, ...]:
        """The sets, with *overlays* in the place of files; raises UsageError when the configuration cannot be read."""
        found = self.files.snapshots(self.settings, overlays, self.config)
        for snapshot in found:
            config = snapshot.documents.get(snapshot.plan.config_path or "")
            if config is not None and config.problem is not None:
                raise UsageError(f"{config.path} {config.problem}: without the configuration nothing is certain")
        return tuple(
            replace(each, ledgers=self._logs(each.plan)).with_branches(self._elsewhere(each, overlays or {}))
            for each in found
        )

    def merged(self, snapshot: Snapshot) -> frozenset[str]:
        """The paths of the migrations that are merged and not edited since."""
        return frozenset(path for path, file in snapshot.files.items() if snapshot.is_merged(file))

    def others(self, snapshots: Iterable[Snapshot]) -> tuple[Path, ...]:
        """The files that count and are none of the workspace's own: a configuration elsewhere, and logs."""
        found = [] if self.chosen is None else [self.chosen]
        for snapshot in snapshots:
            found += _log_files(log_root(self.root, snapshot.plan), snapshot)
        return tuple(dict.fromkeys(found))

    def relative(self, given: str) -> str:
        """A path that the user wrote, from the root and with `/`; raises UsageError when it is not below the root."""
        path = Path(os.path.normpath(Path.cwd() / given))
        try:
            real, top = path.resolve(), self.root.resolve()
        except (OSError, RuntimeError):
            real, top = path, self.root  # links that lead nowhere: the names decide
        for below, root in ((path, self.root), (path, top), (real, top)):
            if below.is_relative_to(root):
                return "/".join(below.relative_to(root).parts)
        raise UsageError(f"{given} is not below the root of the workspace, {self.given}")

    def _elsewhere(self, snapshot: Snapshot, overlays: Mapping[str, File | None]) -> Branches:
        """What git says of other branches; it is asked once for each set."""
        plan, migrations = snapshot.plan, snapshot.plan.config.migrations
        if self.repository is None:
            return NO_BRANCHES
        manifest = plan.manifest.path if plan.manifest else None
        key = (plan.directory, manifest)
        if key not in self._branches:
            arrays = (migrations.array, migrations.initial_array)
            files = snapshot.files.values()
            self._branches[key] = git.branches(
                self.repository, plan.directory, migrations.base_ref, manifest, arrays, files
            )
        known = self._branches[key]
        if known.texts.keys().isdisjoint(overlays):
            return known
        # What one fix has written is not undone by another one.
        return replace(known, texts={path: text for path, text in known.texts.items() if path not in overlays})

    def _logs(self, plan: Plan) -> tuple[Ledger, ...]:
        if plan.config_path not in self._ledgers:
            self._ledgers[plan.config_path] = _ledgers(log_root(self.root, plan), plan)
        return self._ledgers[plan.config_path]


def open_world(args: argparse.Namespace, console: Console, settings: Settings | None = None) -> World:
    """The workspace below `--root`, or else below the nearest folder with a configuration or a repository."""
    given = args.root if args.root is not None else nearest_root()
    root = Path(given).absolute()
    if not root.is_dir():
        raise UsageError(f"{given} is not a folder")
    files = Workspace(root)
    if files.truncated:
        console.note(f"{given} holds too many files to look at all of them: use --root to name a smaller folder")
    config = None if args.config is None else _config(root, args.config)
    chosen = None if args.config is None else Path(args.config).absolute()
    return World(root, given, files, config, settings, git.repository(root), chosen)


def set_of(snapshots: tuple[Snapshot, ...], path: str) -> Snapshot | None:
    """The set that has a file at *path*, or else the one whose directory holds it."""
    for snapshot in snapshots:
        if snapshot.file(path) is not None:
            return snapshot
    folder = path.rpartition("/")[0]
    return next((snapshot for snapshot in snapshots if snapshot.plan.directory == folder), None)


def only_set(world: World, snapshots: tuple[Snapshot, ...]) -> Snapshot:
    """The set of a new file: the only one, or the only one with a manifest; raises UsageError otherwise."""
    if not snapshots:
        raise UsageError(nothing_found(world))
    listed = [snapshot for snapshot in snapshots if snapshot.plan.manifest is not None]
    chosen = snapshots if len(snapshots) == 1 else listed
    if len(chosen) == 1:
        return chosen[0]
    folders = ", ".join(snapshot.plan.directory or "." for snapshot in snapshots)
    raise UsageError(f"there are several migration sets ({folders}): say which one with --root or in {CONFIG_NAME}")


def nothing_found(world: World) -> str:
    """Why there is nothing to do, and what to do about it."""
    return (
        f"no migrations found below {world.given}: there is no manifest that names .sql files and no folder of "
        f"numbered .sql files; name the folder in {CONFIG_NAME} ([migrations] directory) or use --root"
    )


def log_root(root: Path, plan: Plan) -> Path:
    """The folder from which the paths of the configuration count."""
    return root / (plan.config_path or "").rpartition("/")[0]


def _ledgers(root: Path, plan: Plan) -> tuple[Ledger, ...]:
    """The logs as far as they can be had without a database: exported files, and offline copies."""
    if not plan.config.log:
        return ()
    from mig_lsp.ledger import cache
    from mig_lsp.ledger.refresh import kind_of, refresh

    found = []
    for environment, source in plan.config.log.items():
        if isinstance(source, FileLog):
            ledger: Ledger | None = refresh(root, environment, source)
        else:
            ledger = cache.load(root, environment, source)
        found.append(ledger or Ledger(environment, source=kind_of(source)))
    return tuple(found)


def _log_files(root: Path, snapshot: Snapshot) -> Iterator[Path]:
    """The files that the logs were read from, as `_ledgers` does it."""
    if not snapshot.ledgers:
        return
    from mig_lsp.ledger import cache

    for ledger in snapshot.ledgers:
        source = snapshot.plan.config.log[ledger.environment]
        if isinstance(source, FileLog):
            yield root / source.path
            if ledger.problem is None:
                continue  # the copy was made just now
        copy = cache.place(root, ledger.environment, source)
        if copy is not None:
            yield copy


def _config(root: Path, given: str) -> File:
    path = Path(given).absolute()
    try:
        data, _ = fetch(path.parent, path.name, MAX_DOCUMENT)
    except UnreadableError as error:
        raise UsageError(f"{given} {error}") from None
    shown = Path(os.path.relpath(path, root)).as_posix() if path.drive == root.drive else path.as_posix()
    file = decoded(shown, data)
    if file.problem is not None:
        raise UsageError(f"{given} {file.problem}")
    return file
