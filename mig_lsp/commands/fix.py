"""`check --fix`: fixes, round by round until nothing changes any more, and then written all at once."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mig_lsp.commands.console import Console, UsageError
from mig_lsp.commands.workspace import World
from mig_lsp.core.change import Edit, EditFile, FileChange, Fix, RenameFile, SourceChange, apply
from mig_lsp.core.manifest.reader import read as read_manifest
from mig_lsp.core.outcome import ImpossibleChangeError, outcomes
from mig_lsp.core.settled import is_frozen
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.disk.write import WriteError, write
from mig_lsp.render.diff import diff
from mig_lsp.render.report import Item
from mig_lsp.render.terminal import visible

ROUNDS = 10
"""How often fixes are looked for again: one fix may be the reason for another one."""

Findings = Callable[[Sequence[Snapshot]], Iterable[Item]]


@dataclass(frozen=True)
class Fixed:
    """What was fixed: one line for each fix, the changes in order, and the sets as they are then.

    *stable* is False when there still were new fixes in the last round; *spared* is how many fixes were not carried out
    because their files are not to be edited any more.
    """

    lines: tuple[str, ...]
    change: SourceChange
    snapshots: tuple[Snapshot, ...]
    stable: bool
    spared: int

    @property
    def moved(self) -> Iterator[tuple[str, str]]:
        """The files that were renamed: old path, new path."""
        return ((each.old, each.new) for each in self.change.files if isinstance(each, RenameFile))


def fix_all(world: World, findings: Findings, *, unsafe: bool, everything: bool) -> Fixed:
    """Carries out the fixes of *findings* in memory: the safe ones, and with *unsafe* all.

    Files that are not to be edited any more are spared, but not with *everything*.
    """
    overlays: dict[str, File | None] = {}
    lines: list[str] = []
    changes: list[FileChange] = []
    snapshots = world.look()
    for _ in range(ROUNDS):
        # In every round anew: a merged file whose text was restored is not to be edited any more.
        frozen = frozenset() if everything else _frozen(world, snapshots)
        items = [item for item in findings(snapshots) if item.finding.fix and (unsafe or item.finding.fix.safe)]
        allowed = [item for item in items if frozen.isdisjoint(_touched(item))]
        chosen, change = _choose(snapshots, allowed)
        if not chosen:
            break
        lines += (_line(snapshots, item) for item in chosen)
        changes += change.files
        _update(overlays, snapshots, change)
        snapshots = world.look(overlays)
    total = SourceChange("Fix all", tuple(changes))
    return Fixed(tuple(lines), total, snapshots, not chosen, len(items) - len(allowed))


def carry_out(world: World, fixed: Fixed, console: Console, *, dry_run: bool, to_error: bool) -> None:
    """Writes what was fixed, or shows it as a diff; says what it is, on standard error when *to_error*."""
    if dry_run:
        console.diff(world_diff(world, fixed.change))
    elif fixed.change.files:
        try:
            write(world.root, fixed.change, world.files.file)
        except WriteError as error:
            raise UsageError(str(error)) from None
    for line in fixed.lines:
        if to_error:
            console.note(line)
        elif not console.quiet:
            console.out(line + "\n")
    if fixed.spared:
        files = "files that are immutable, merged or applied"
        console.note(f"{fixed.spared} more could be fixed in {files}: --all fixes these too")
    if not fixed.stable:
        console.note(f"fixes still led to new fixes after {ROUNDS} rounds: look at the result and run it again")


def world_diff(world: World, change: SourceChange) -> str:
    """*change* as a diff of the files on the disk."""

    def text(path: str) -> str:
        file = world.files.file(path)
        return "" if file is None else file.text

    try:
        return diff(change, text, lambda path: (world.root / path).exists())
    except ImpossibleChangeError as error:
        raise UsageError(str(error)) from None


def _frozen(world: World, snapshots: Iterable[Snapshot]) -> frozenset[str]:
    """The migrations that are not to be edited any more."""
    return frozenset(
        path
        for snapshot in snapshots
        for merged in [world.merged(snapshot)]
        for path in snapshot.files
        if is_frozen(snapshot, path, merged)
    )


def _touched(item: Item) -> Iterator[str]:
    """The existing files that a fix changes."""
    assert item.finding.fix is not None
    for file in _changes(item.path, item.finding.fix):
        match file:
            case EditFile(path, _) | RenameFile(path, _):
                yield path


def _line(snapshots: Iterable[Snapshot], item: Item) -> str:
    assert item.finding.fix is not None
    file = next((file for snapshot in snapshots if (file := snapshot.file(item.path))), None)
    line = 1 if file is None else file.lines.line_at(item.finding.span.start) + 1
    return f"{visible(item.path)}:{line}: fixed[{item.finding.rule}] {visible(item.finding.fix.title)}"


def _choose(snapshots: Sequence[Snapshot], items: Iterable[Item]) -> tuple[list[Item], SourceChange]:
    """The first of *items* whose fixes do not touch each other, and what they do together."""
    chosen: list[Item] = []
    trials: dict[str, _Trial] = {}
    for item in items:
        assert item.finding.fix is not None
        wanted = list(_changes(item.path, item.finding.fix))
        edits = [file for file in wanted if isinstance(file, EditFile)]
        if len(edits) < len(wanted):  # files are made or moved: a round of its own
            if not chosen and _is_possible(snapshots, wanted):
                return [item], SourceChange("Fix", tuple(wanted))
            continue
        for file in edits:
            if file.path not in trials:
                trials[file.path] = _Trial(snapshots, file.path)
        if edits and all(trials[file.path].takes(file.edits) for file in edits):
            for file in edits:
                trials[file.path].take(file.edits)
            chosen.append(item)
    files = (EditFile(path, tuple(trial.edits)) for path, trial in trials.items() if trial.edits)
    return chosen, SourceChange("Fix", tuple(files))


def _changes(path: str, fix: Fix) -> Iterator[FileChange]:
    """All that a fix does, the edits of one file together."""
    edits: defaultdict[str, tuple[Edit, ...]] = defaultdict(tuple)
    if fix.edits:
        edits[path] = fix.edits
    if not all(isinstance(other, EditFile) for other in fix.others):
        yield from [EditFile(path, fix.edits)] if fix.edits else []
        yield from fix.others
        return
    for other in fix.others:
        assert isinstance(other, EditFile)
        edits[other.path] += other.edits
    yield from (EditFile(each, found) for each, found in edits.items())


class _Trial:
    """The edits of one file that were taken so far, none of which made its text worse."""

    def __init__(self, snapshots: Sequence[Snapshot], path: str) -> None:
        self.snapshot = next((each for each in snapshots if each.file(path)), None)
        self.file = None if self.snapshot is None else self.snapshot.file(path)
        self.edits: list[Edit] = []
        self._faults = None if self.file is None else self._count(self.file)

    def takes(self, edits: tuple[Edit, ...]) -> bool:
        """Whether *edits* can be carried out too, and leave no more that does not parse than there was."""
        if self.file is None or self._faults is None or any(self._touches(edit) for edit in edits):
            return False
        try:
            text = apply(self.file.text, [*self.edits, *edits])
        except ValueError:
            return False
        return text != self.file.text and self._count(self.file.edited(text, None)) <= self._faults

    def take(self, edits: tuple[Edit, ...]) -> None:
        """Takes edits that `takes` allows."""
        for edit in edits:
            insort(self.edits, edit, key=lambda each: each.span)

    def _touches(self, edit: Edit) -> bool:
        place = bisect_left(self.edits, edit.span, key=lambda each: each.span)
        return any(each.span.touches(edit.span) for each in self.edits[max(place - 1, 0) : place + 1])

    def _count(self, file: File) -> int:
        """How much of the file cannot be read."""
        assert self.snapshot is not None
        manifest = self.snapshot.plan.manifest
        if manifest is not None and manifest.path == file.path:
            read = read_manifest(file.path, file.text, manifest.array)
            return len(file.text) if read is None else len(read.problems)
        if not file.path.endswith(".sql"):
            return 0
        return sum(statement.fault is not None for statement in file.statements.items)


def _is_possible(snapshots: Sequence[Snapshot], files: Sequence[FileChange]) -> bool:
    try:
        outcomes(SourceChange("", tuple(files)), *_texts(snapshots))
    except ImpossibleChangeError:
        return False
    return True


def _update(overlays: dict[str, File | None], snapshots: Sequence[Snapshot], change: SourceChange) -> None:
    """Puts the result of *change* into *overlays*."""
    text, exists = _texts(snapshots)
    results = outcomes(change, text, exists)
    after: dict[str, File | None] = {each.source: None for each in results if each.source is not None}
    for path, source, new in results:
        old = None if source is None else _file(snapshots, source)
        if old is None:
            after[path] = File(path, new or "")
        elif new is not None and path == source:
            after[path] = old.edited(new, None)
        else:
            after[path] = File(path, old.text if new is None else new, bom=old.bom, problem=old.problem)
    overlays.update(after)


def _texts(snapshots: Sequence[Snapshot]) -> tuple[Callable[[str], str], Callable[[str], bool]]:
    def text(path: str) -> str:
        file = _file(snapshots, path)
        return "" if file is None else file.text

    return text, lambda path: _file(snapshots, path) is not None


def _file(snapshots: Sequence[Snapshot], path: str) -> File | None:
    return next((file for snapshot in snapshots if (file := snapshot.file(path))), None)
