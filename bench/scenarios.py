"""All scenarios: what is measured, on which corpus, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench import commands, editing
from bench.corpus import FOLDER, LONG_IN_SET, REAL
from bench.peers import Tool
from bench.record import Run

OURS_EDITS, PEER_EDITS = 200, 20  # keys in one run; peers take up to half a second for one
_FEW_EDITS = 10  # where one takes seconds
_STARTS = 5
_CATALOG_EDITS = 3  # there and back


Caches = dict[tuple[str, str], commands.Warm]
"""Cache folders by program and corpus."""


class Effort(NamedTuple):
    """How long a run is: *edits* of a session, *seed* of what is typed."""

    edits: int = 2_000
    seed: int = 1


class Scenario(NamedTuple):
    """Something to measure. *ours* leaves the peers out; *also_minimal* takes the minimal pygls server in."""

    name: str
    title: str
    corpus: str
    run: Callable[[Tool, Path, Effort], list[Run]]
    ours: bool = False
    also_minimal: bool = False
    once: bool = False


def all_scenarios() -> list[Scenario]:
    """Every scenario but the ones for a quick look, in the order in which they run."""
    warm: Caches = {}
    return [*_command_line(warm), *_openings(warm), *_typing()]


def smoke() -> list[Scenario]:
    """What shows in seconds that everything works."""
    return [
        Scenario("smoke-check", "Cold check, 12 files", "set-12", _one(commands.cold), ours=True),
        Scenario("smoke-start", "Start to the answer to initialize", "set-12", _one(editing.start), ours=True),
        Scenario(
            "smoke-keys",
            "Key to findings, 50 lines with findings",
            "lines-50-findings",
            partial(_keys, times=20),
            ours=True,
        ),
        Scenario(
            "smoke-workspace",
            "Diagnostics of the whole workspace, 12 files",
            "set-12",
            _one(editing.whole_workspace),
            ours=True,
        ),
    ]


def _command_line(warm: Caches) -> Iterator[Scenario]:
    yield Scenario("check-126", "Cold check, 126 files", REAL, _one(commands.cold))
    count = _one(commands.count_instructions)
    yield Scenario("instructions-126", "Cold check, 126 files: instructions", REAL, count, once=True)
    for files in (100, 1_000, 10_000):
        yield Scenario(f"check-{files}", f"Cold check, {files:,} files", f"set-{files}", _one(commands.cold))
    yield Scenario("check-rows", "Cold check, 2 MB of INSERT", "rows", _one(commands.cold))
    for files in (1_000, 10_000):
        title, corpus = f"Check that fills the cache, {files:,} files", f"set-{files}"
        yield Scenario(f"fill-{files}", title, corpus, partial(_fill, warm), ours=True)
        again = partial(_warm, warm, commands.cold)
        yield Scenario(f"warm-{files}", f"Warm check, {files:,} files", corpus, again, ours=True)


def _openings(warm: Caches) -> Iterator[Scenario]:
    yield Scenario("start", "Start to the answer to initialize", REAL, _start, also_minimal=True)
    for files in (1_000, 10_000):
        title, corpus = f"initialized to the first findings, {files:,} files", f"set-{files}"
        yield Scenario(f"open-{files}", title, corpus, _one(editing.first_findings))
        again = partial(_warm, warm, editing.first_findings)
        yield Scenario(f"open-warm-{files}", f"{title}, after a check", corpus, again, ours=True)
    for files in (1_000, 10_000):
        title = f"Diagnostics of the whole workspace, {files:,} files"
        yield Scenario(f"workspace-{files}", title, f"set-{files}", _one(editing.whole_workspace), ours=True)


def _typing() -> Iterator[Scenario]:
    for kind in ("500", "500-findings", "5000", "5000-findings", "5000-findings-wide", "10000", "10000-findings"):
        yield Scenario(f"keys-{kind}", f"Key to findings, {_words(kind)}", f"lines-{kind}", _keys)
    yield Scenario("keys-rows", "Key to findings, 2 MB of INSERT", "rows", partial(_keys, times=_FEW_EDITS))
    in_set = "5,000 lines in a set of 1,000 files"
    yield Scenario("keys-in-set", f"Key to findings, {in_set}", LONG_IN_SET, _keys)
    yield Scenario("quote", "A quote without its partner, 5,000 lines with findings", "lines-5000-findings", _quotes)
    for word, method in (("Completion", "completion"), ("Hover", "hover"), ("Code action", "codeAction")):
        name = word.lower().replace(" ", "-")
        yield Scenario(name, f"{word}, {in_set}", LONG_IN_SET, partial(_requests, f"textDocument/{method}"))
    yield Scenario("catalog", "An edit that changes the catalog for 1,000 files", "set-1000", _catalog, ours=True)
    yield Scenario(
        "edits", "Many edits in one session, 500 lines with findings", "lines-500-findings", _session, ours=True
    )


def _one(measure: Callable[[Tool, Path], Run]) -> Callable[[Tool, Path, Effort], list[Run]]:
    return lambda tool, root, _: [measure(tool, root)]


def _start(tool: Tool, root: Path, _: Effort) -> list[Run]:
    return [editing.start(tool, root) for _ in range(_STARTS)]


def _keys(tool: Tool, root: Path, effort: Effort, times: int = 0) -> list[Run]:
    return [editing.keys(tool, _subject(root), times or _edits(tool), effort.seed)]


def _quotes(tool: Tool, root: Path, _: Effort) -> list[Run]:
    return [editing.quotes(tool, _subject(root), _FEW_EDITS)]


def _requests(method: str, tool: Tool, root: Path, effort: Effort) -> list[Run]:
    return [editing.requests(tool, _subject(root), method, _edits(tool), effort.seed)]


def _catalog(tool: Tool, root: Path, _: Effort) -> list[Run]:
    return [editing.catalog_edit(tool, root, _CATALOG_EDITS)]


def _session(tool: Tool, root: Path, effort: Effort) -> list[Run]:
    return [editing.long_session(tool, _subject(root), effort.edits, effort.seed)]


def _fill(warm: Caches, tool: Tool, root: Path, _: Effort) -> list[Run]:
    return [warm.setdefault((tool.name, root.name), commands.Warm()).fill(tool, root)]


def _warm(warm: Caches, measure: Callable[[Tool, Path], Run], tool: Tool, root: Path, _: Effort) -> list[Run]:
    if (tool.name, root.name) not in warm:
        _fill(warm, tool, root, Effort())
    return [measure(warm[tool.name, root.name].of(tool), root)]


def _edits(tool: Tool) -> int:
    return OURS_EDITS if tool.is_ours else PEER_EDITS


def _subject(root: Path) -> Path:
    """The file that the corpus is about: its last one."""
    return max((root / FOLDER).glob("*.sql"))


def _words(kind: str) -> str:
    lines, *rest = kind.split("-")
    ascii_only = "" if "wide" not in rest else ", not ASCII"
    return f"{int(lines):,} lines{' with findings' if 'findings' in rest else ''}{ascii_only}"
