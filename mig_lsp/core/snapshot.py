"""One migration set at one moment, as a frozen value that any thread may read.

A change makes a new `Snapshot` that shares every unchanged file with the old one. What depends only on names and
manifest lives in the `Plan`, so a keystroke in a file leaves it in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from mig_lsp.core.branches import NO_BRANCHES, Branches
from mig_lsp.core.catalog.moment import Setting
from mig_lsp.core.catalog.replay import Source, World, empty, look_ahead, replay_again, replay_less, replay_more
from mig_lsp.core.catalog.values import Key
from mig_lsp.core.config.model import DEFAULT, Config, ConfigProblem, immutable_numbers
from mig_lsp.core.header import Header
from mig_lsp.core.header import read as read_header
from mig_lsp.core.log import Ledger
from mig_lsp.core.manifest.model import Entry, Manifest
from mig_lsp.core.migration import base_name, is_rollback, numbers, parse_name
from mig_lsp.core.noted import Notebook, same_ends
from mig_lsp.core.rollback.section import Rollback, rollbacks
from mig_lsp.core.runner import split
from mig_lsp.core.runner.profile import PROFILES, Runner
from mig_lsp.core.runner.split import Chunks
from mig_lsp.core.sql import statement
from mig_lsp.core.sql.pieces import Splice, splice_between
from mig_lsp.core.sql.statement import Statements
from mig_lsp.core.text import Lines


@dataclass(frozen=True, eq=False)
class File:
    """The text of one file.

    *path* is relative to the root of the workspace, with `/`. *text* has no byte order mark; *bom* tells that the
    file on disk has one. *problem* says why the text is not the file's ("is not UTF-8"), and is None for a good
    file. *version* is the editor's, None for a file nobody has open.
    """

    path: str
    text: str
    version: int | None = None
    bom: bool = False
    problem: str | None = None

    @property
    def name(self) -> str:
        """The file name without directories."""
        return base_name(self.path)

    @cached_property
    def lines(self) -> Lines:
        """The line table of the text."""
        return Lines(self.text)

    @cached_property
    def statements(self) -> Statements:
        """The statements as PostgreSQL's lexer separates them."""
        return statement.read(self.text)

    @cached_property
    def header(self) -> Header | None:
        """The comments at the top of the text, None when it begins without any that says something."""
        return read_header(self.text)

    @cached_property
    def rollbacks(self) -> tuple[Rollback, ...]:
        """The sections that say how the file is undone, in order."""
        return rollbacks(self.statements, self.notebook)

    @cached_property
    def notebook(self) -> Notebook:
        """What was noted about the statements and chunks of the text, and of the texts that it was edited from."""
        return Notebook()

    def chunks(self, runner: Runner) -> Chunks:
        """What *runner* would send, piece by piece."""
        known: dict[Runner, Chunks] = self.__dict__.setdefault("_chunks", {})
        if runner not in known:
            known[runner] = split.read(runner, self.text)
        return known[runner]

    def forget(self) -> None:
        """Drops all that was derived from the text: it is derived again when it is asked for."""
        for name in self.__dict__.keys() - self.__dataclass_fields__.keys():
            del self.__dict__[name]

    def edited(self, text: str, version: int | None, splice: Splice | None = None) -> File:
        """The file with a new text; statements and chunks that *splice* left alone are the same objects.

        Without *splice* the difference of the two texts is found first.
        """
        file = replace(self, text=text, version=version, problem=None)
        splice = splice or splice_between(self.text, text)
        file.__dict__["notebook"] = self.notebook
        if "statements" in self.__dict__:
            file.__dict__["statements"] = statement.read_again(self.statements, text, splice)
        chunks: dict[Runner, Chunks] = self.__dict__.get("_chunks", {})
        file.__dict__["_chunks"] = {
            runner: split.read_again(runner, old, text, splice) for runner, old in chunks.items()
        }
        return file


@dataclass(frozen=True, eq=False)
class Plan:
    """Which files there are, which of them run, and in which order: all that names and manifest say.

    *config_path* is the configuration file, None when there is none. *directory* is relative to the root of the
    workspace ("" is the root itself); *paths* are the SQL files in it. *stale* are other files that look like a
    manifest. *refs* says which migration names other branches have, by name of the ref,
    and *base_entries* which names the manifest lists on the base ref.
    """

    config: Config = DEFAULT
    config_path: str | None = None
    config_problems: tuple[ConfigProblem, ...] = ()
    directory: str = ""
    paths: frozenset[str] = frozenset()
    manifest: Manifest | None = None
    stale: tuple[str, ...] = ()
    refs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    base_entries: frozenset[str] = frozenset()

    @property
    def runner(self) -> Runner:
        """The runner that the configuration names."""
        return PROFILES[self.config.runner.profile]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the files in the directory, in order of number, then name."""
        return tuple(sorted((base_name(path) for path in self.paths), key=_by_number))

    @property
    def documents(self) -> tuple[str, ...]:
        """The paths of the manifest, of files that look like one, and of the configuration."""
        manifest = (self.manifest.path,) if self.manifest else ()
        return (*manifest, *self.stale, *((self.config_path,) if self.config_path else ()))

    def path_of(self, name: str) -> str:
        """The path of the file that a manifest entry names."""
        return f"{self.directory}/{name}" if self.directory else name

    @cached_property
    def initial(self) -> tuple[str, ...]:
        """The names of the files that run on an empty database only, in run order."""
        return tuple(entry.name for entry in self.manifest.initial) if self.manifest else ()

    @cached_property
    def migrations(self) -> tuple[str, ...]:
        """The names of the files that run once each, in run order: the manifest's, or else all of the directory."""
        if self.manifest is not None:
            return tuple(entry.name for entry in self.manifest.migrations)
        return tuple(name for name in self.names if parse_name(name) and not is_rollback(name))

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each file that runs (its first one), counted from 0 over initial files and migrations."""
        places: dict[str, int] = {}
        for place, name in enumerate((*self.initial, *self.migrations)):
            places.setdefault(name, place)
        return places

    @cached_property
    def run(self) -> tuple[str, ...]:
        """The paths of the files that run, in run order; a file that is listed twice runs once."""
        return tuple(path for name in self.order if (path := self.path_of(name)) in self.paths)

    def entry(self, name: str) -> Entry | None:
        """The manifest's first entry with that name."""
        return self.manifest.by_name(name) if self.manifest else None

    def is_immutable(self, name: str) -> bool:
        """Whether the file's number is one of those that the configuration keeps from any change."""
        parsed = parse_name(name)
        return parsed is not None and any(parsed.number in each for each in immutable_numbers(self.config))

    @cached_property
    def taken(self) -> frozenset[int]:
        """The numbers in use: in the directory, in the manifest and on other refs."""
        listed = (entry.name for entry in self.manifest.entries) if self.manifest else ()
        return frozenset(numbers((*self.names, *listed, *(name for names in self.refs.values() for name in names))))


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A migration set: its plan, the texts of its files, and what migration_log and git say.

    *files* are the migration files by path; *documents* the other texts that belong to the set (manifest,
    configuration, drizzle-kit's output). *ledgers* are in deployment order.
    """

    plan: Plan = field(default_factory=Plan)
    files: Mapping[str, File] = field(default_factory=dict)
    documents: Mapping[str, File] = field(default_factory=dict)
    ledgers: tuple[Ledger, ...] = ()
    branches: Branches = NO_BRANCHES

    def file(self, path: str) -> File | None:
        """The text of a migration file or another document of the set."""
        return self.files.get(path) or self.documents.get(path)

    @property
    def world(self) -> World:
        """What the files that run, one after the other from an empty database, leave there."""
        return self.carry_out(_no_tick)

    def carry_out(self, tick: Callable[[], None]) -> World:
        """`world`; *tick* is called often and may raise to stop the work, which goes on from there the next time."""
        # The plan keeps it: an edit is carried out on top of what was known before it.
        known: _Known | None = self.plan.__dict__.get("_known")
        if known is not None and known.files is self.files and known.whole:
            return known.world
        # Should anything go wrong, what was changed by half is not taken up again.
        self.plan.__dict__.pop("_known", None)
        known = self._taken_up(known)
        while True:
            self.plan.__dict__["_known"] = known
            done = len(known.world.files)
            if known.whole:
                return known.world
            tick()
            del self.plan.__dict__["_known"]
            sources = [self._source(path) for path in known.run[done : done + _AT_ONCE]]
            touched = known.touched
            world = replay_more(known.world, sources)
            if touched is not None:
                touched = touched.union(*(each.left for each in world.files[done:]))
                if len(world.files) == len(known.run):
                    world, touched = look_ahead(world, touched), None
            known = replace(known, world=world, touched=touched)

    @property
    def is_carried_out(self) -> bool:
        """Whether the world is known, but for what was edited since."""
        known: _Known | None = self.plan.__dict__.get("_known")
        return known is not None and known.whole and (known.files is self.files or "_edit" in self.__dict__)

    def basis(self, path: str) -> tuple[object, ...]:
        """All that the findings of a document are made of; the same objects as long as these stay the same."""
        world = self.world
        return (
            self.plan,
            self.ledgers,
            self.branches,
            self.file(path),
            world.replayed(path) if path in self.files else None,
            world.revision if path in self.files else None,
        )

    def follow(self, old: Snapshot) -> None:
        """Takes over what is known of the world from a set that was found before; *old* loses it."""
        known: _Known | None = old.plan.__dict__.get("_known")
        if known is not None and old.plan is not self.plan and _setting(old.plan) == _setting(self.plan):
            del old.plan.__dict__["_known"]
            self.plan.__dict__["_known"] = known

    def _taken_up(self, known: _Known | None) -> _Known:
        """What is *known* with the texts, and the order, that the files have now."""
        files = self.files
        if known is None:
            return _Known(files, self._run(), empty(_setting(self.plan)), None)
        hint: tuple[Mapping[str, File], str] | None = self.__dict__.get("_edit")
        if hint is not None and hint[0] is known.files and known.whole:
            run, edited = known.run, [hint[1]]
        else:
            run = self._run()
            edited = [path for path in run if known.files.get(path) is not files[path]]
        world, touched = known.world, known.touched
        kept = same_ends(known.run[: len(world.files)], run)[0]
        if kept < len(world.files) or (len(world.files) == len(known.run) < len(run)):
            # Earlier files may have asked what the later ones do.
            world, gone = replay_less(world, kept)
            touched = gone | (touched or set())
        world = replay_again(world, [self._source(path) for path in edited if path in world.places])
        return _Known(files, run, world, touched)

    def _run(self) -> tuple[str, ...]:
        return tuple(path for path in self.plan.run if path in self.files)

    def _source(self, path: str) -> Source:
        return Source(path, self.files[path].statements.items)

    def with_text(self, file: File) -> Snapshot:
        """The set with another text of a migration file that it already has."""
        edited = replace(self, files={**self.files, file.path: file})
        edited.__dict__["_edit"] = (self.files, file.path)
        return edited

    def with_branches(self, branches: Branches) -> Snapshot:
        """The set with what git says; the plan stays the same object when nothing in it is different."""
        plan = self.plan
        if (plan.refs, plan.base_entries) != (branches.names, branches.listed):
            plan = replace(plan, refs=branches.names, base_entries=branches.listed)
        found = replace(self, plan=plan, branches=branches)
        found.follow(self)
        return found

    def is_merged(self, file: File) -> bool:
        """Whether the migration is on the base ref and the present branch did not edit it."""
        known: tuple[Branches, bool] | None = file.__dict__.get("_merged")
        if known is None or known[0] is not self.branches:
            known = self.branches, file.problem is None and self.branches.has(file.path, file.text)
            file.__dict__["_merged"] = known
        return known[1]

    def is_edited(self, file: File) -> bool:
        """Whether the migration is on the base ref with another text, and the present branch is what changed it."""
        return file.problem is None and file.path in self.branches.blobs and not self.is_merged(file)


@dataclass(frozen=True, slots=True)
class _Known:
    """The world as far as it is carried out: of which texts, and the paths of all files that run, in order.

    *touched* are the keys that later files left something under when the earlier ones were carried out; None when there
    is nothing to be done about them. The world is *whole* once it has all files.
    """

    files: Mapping[str, File]
    run: tuple[str, ...]
    world: World
    touched: set[Key] | None

    @property
    def whole(self) -> bool:
        return self.touched is None and len(self.world.files) == len(self.run)


_AT_ONCE = 16  # files that are carried out between two ticks


def _no_tick() -> None:
    """The tick of work that nobody stops."""


def _setting(plan: Plan) -> Setting:
    runner = plan.runner
    return Setting(
        keeps_session=runner.keeps_session,
        version=plan.config.runner.postgres_version,
        given=(runner.log.name.rpartition(".")[2],) if runner.log else (),
    )


def _by_number(name: str) -> tuple[int, int, str]:
    parsed = parse_name(name)
    return (0, parsed.number, name) if parsed else (1, 0, name)
