"""Finds the migration sets of a workspace by looking at its paths, and at the texts of what may be a manifest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mig_lsp.core.candidates import CONFIG_NAME
from mig_lsp.core.config.model import DEFAULT, Config, ConfigProblem, inside
from mig_lsp.core.config.read import read as read_config
from mig_lsp.core.manifest.model import Manifest
from mig_lsp.core.manifest.reader import looks_like_manifest
from mig_lsp.core.manifest.reader import read as read_manifest
from mig_lsp.core.migration import base_name, is_rollback, parse_name
from mig_lsp.core.runner.profile import PROFILES
from mig_lsp.core.snapshot import Plan

_MANIFEST_SUFFIXES = (".json", ".ts", ".js", ".mts", ".cts", ".mjs", ".cjs", ".tsx", ".jsx")
_PLAIN_NAMES = {"migrations", "migration"}
ReadText = Callable[[str], str | None]
Settings = Callable[[Config], Config]


@dataclass(frozen=True, eq=False)
class _Scope:
    """What one configuration governs: the paths below its folder that no deeper configuration takes."""

    base: str
    config: Config
    config_path: str | None
    problems: tuple[ConfigProblem, ...]
    folders: Mapping[str, frozenset[str]]  # folders with SQL files -> the names of those files
    candidates: tuple[str, ...]

    def path(self, relative: str) -> str | None:
        """A path of the configuration from the root of the workspace, or None when it leaves the workspace."""
        return inside(f"{self.base}/{relative}" if self.base else relative)


def find(
    paths: Collection[str], text: ReadText, rules: Collection[str], settings: Settings | None = None
) -> tuple[Plan, ...]:
    """The sets among *paths* (relative to the root of the workspace, with `/`), ordered by directory.

    *text* reads a file, None when it cannot be read. *settings* turns the configuration of a file into the one in
    force. A set whose configuration names what does not exist is there all the same, without files: its rules say so.
    """
    plans: list[Plan] = []
    for scope in _scopes(paths, text, rules, settings):
        found = _plans(scope, text)
        # A configuration's mistakes are told once, however many sets it governs.
        plans += [*found[:1], *(replace(plan, config_problems=()) for plan in found[1:])]
    return tuple(sorted(plans, key=lambda plan: plan.directory))


def _scopes(
    paths: Collection[str], text: ReadText, rules: Collection[str], settings: Settings | None
) -> Iterable[_Scope]:
    configs = {_folder(path): path for path in paths if base_name(path) == CONFIG_NAME}
    configs.setdefault("", "")
    folders: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    candidates: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        sql, manifest = path.endswith(".sql"), path.endswith(_MANIFEST_SUFFIXES)
        if not sql and not manifest:
            continue
        base = _governing(path, configs)
        if sql:
            folders[base][_folder(path)].add(base_name(path))
        else:
            candidates[base].append(path)
    for base, config_path in sorted(configs.items()):
        config: Config = DEFAULT
        problems: tuple[ConfigProblem, ...] = ()
        if config_path:
            config, problems = read_config(text(config_path) or "", rules)
        if settings is not None:
            config = settings(config)
        sqls = {folder: frozenset(names) for folder, names in folders[base].items()}
        yield _Scope(base, config, config_path or None, tuple(problems), sqls, tuple(sorted(candidates[base])))


def _plans(scope: _Scope, text: ReadText) -> Sequence[Plan]:
    migrations = scope.config.migrations
    if migrations.manifest is not None:
        return [_configured_manifest(scope, migrations.manifest, text)]
    manifests = defaultdict(list)
    for path in scope.candidates:
        manifest = _manifest(scope, path, text)
        if manifest is not None:
            manifests[_directory_of(scope, manifest)].append(manifest)
    if migrations.directory is not None:
        directory = scope.path(migrations.directory)
        if directory is None:
            return [_plan(scope, "", [])]
        return [_plan(scope, directory, manifests[directory])]
    found = [_plan(scope, directory, listed) for directory, listed in manifests.items() if directory is not None]
    found = [plan for plan in found if plan.manifest is not None]
    if PROFILES[scope.config.runner.profile].order != "journal":
        # Beside the set that the runner reads, drizzle-kit's journal lists what is to be prepared, not what runs.
        output = scope.path(scope.config.drizzle.migrations)
        found = [plan for plan in found if plan.directory != output] or found
    return [*found, *_plain(scope, {plan.directory for plan in found})] or _empty(scope)


def _configured_manifest(scope: _Scope, relative: str, text: ReadText) -> Plan:
    path = scope.path(relative)
    manifest = _manifest(scope, path, text) if path else None
    directory = scope.path(scope.config.migrations.directory) if scope.config.migrations.directory else None
    if directory is None and manifest is not None:
        directory = _directory_of(scope, manifest)
    if directory is None and path is not None:
        directory = _folder(path)
    plan = _plan(scope, directory or "", [manifest] if manifest else [])
    others = (other for other in scope.candidates if other != path)
    stale = tuple(
        o.path for other in others if (o := _manifest(scope, other, text)) and _directory_of(scope, o) == directory
    )
    return replace(plan, stale=stale)


def _manifest(scope: _Scope, path: str, text: ReadText) -> Manifest | None:
    content = text(path)
    if content is None or not looks_like_manifest(path, content.encode("utf-8", "replace")):
        return None
    migrations = scope.config.migrations
    return read_manifest(path, content, migrations.array, migrations.initial_array)


def _directory_of(scope: _Scope, manifest: Manifest) -> str | None:
    """The folder whose files *manifest* names, None when there is none."""
    if manifest.format == "journal":
        return _folder(_folder(manifest.path))
    if manifest.directory is not None:
        for base in (scope.base, _folder(manifest.path)):
            named = inside(f"{base}/{manifest.directory}" if base else manifest.directory)
            if named in scope.folders:
                return named
    names = {entry.name for entry in manifest.entries}
    counts = Counter({folder: len(names & files) for folder, files in scope.folders.items()})
    best = max(counts.values(), default=0)
    if best == 0:
        return None
    folders = [folder for folder, count in counts.items() if count == best]
    return max(folders, key=lambda folder: (_shared(folder, manifest.path), folder))


def _plan(scope: _Scope, directory: str, manifests: list[Manifest]) -> Plan:
    """The set of *directory*: of several manifests, the one that names most of its files."""
    names = scope.folders.get(directory, frozenset())
    ranked = sorted(manifests, key=lambda manifest: (-len(names & manifest.names), manifest.path))
    chosen = ranked[0] if ranked and (names & ranked[0].names or not names) else None
    if chosen is None and len(ranked) == 1:
        chosen = ranked[0]
    return Plan(
        scope.config,
        scope.config_path,
        scope.problems,
        directory,
        frozenset(f"{directory}/{name}" if directory else name for name in names),
        chosen,
        tuple(manifest.path for manifest in ranked if manifest is not chosen),
    )


def _plain(scope: _Scope, taken: set[str]) -> list[Plan]:
    """Folders of numbered files that no manifest names; beside a manifest, only those called like migrations."""
    output = scope.path(scope.config.drizzle.migrations)
    plain = []
    for folder, names in sorted(scope.folders.items()):
        if folder in taken or not any(parse_name(name) and not is_rollback(name) for name in names):
            continue
        if taken and (base_name(folder) not in _PLAIN_NAMES or folder == output):
            continue
        plain.append(folder)
    if len(plain) > 1 and output in plain:
        plain.remove(output)
    return [_plan(scope, folder, []) for folder in plain]


def _empty(scope: _Scope) -> list[Plan]:
    # A configuration without migrations still is a document whose mistakes are shown.
    return [_plan(scope, scope.base, [])] if scope.config_path else []


def _governing(path: str, configs: Mapping[str, str]) -> str:
    folder = _folder(path)
    while folder not in configs:
        folder = _folder(folder)
    return folder


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _shared(one: str, other: str) -> int:
    """How many leading folders two paths share."""
    count = 0
    for a, b in zip(one.split("/"), other.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count
