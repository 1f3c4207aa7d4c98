"""`verify`: runs the migrations on a database of their own as the runner would, and says what the server said."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from mig_lsp.commands.console import Console, UsageError
from mig_lsp.commands.workspace import World, nothing_found, only_set, open_world, set_of
from mig_lsp.core.change import Severity
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span
from mig_lsp.render.terminal import Style, visible
from mig_lsp.render.text_report import excerpt

if TYPE_CHECKING:
    from mig_lsp.replay import Replay


class Result(NamedTuple):
    """What became of one file; *span* is where the failing statement stands, None for a file that ran."""

    path: str
    outcome: str
    message: str
    sqlstate: str
    span: Span | None
    tolerated: int


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the set, or the files up to the last one named; 1 when one that is reported on fails."""
    world = open_world(args, console)
    snapshots = world.look()
    if not snapshots:
        raise UsageError(nothing_found(world))
    paths = [world.relative(given) for given in args.files]
    snapshot = set_of(snapshots, paths[0]) if paths else only_set(world, snapshots)
    names = _names(world, snapshot, paths)
    assert snapshot is not None
    everything = list(_results(snapshot, names, bool(paths), console))
    results = [result for result in everything if not paths or result.path in paths]
    for earlier in everything:
        if earlier not in results and earlier.outcome != "completed":
            console.note(f"{earlier.path}, which runs before, {earlier.outcome}: {earlier.message}")
    if args.format == "json":
        console.out(
            json.dumps({"version": 1, "files": [_document(snapshot, each) for each in results]}, indent=2) + "\n"
        )
    else:
        for each in results:
            console.out("\n".join(_text(snapshot, each, console.style)) + "\n")
        if not console.quiet:
            done = sum(each.outcome == "completed" for each in results)
            rest = (
                f"; {len(names) - len(results)} after it were not run"
                if not paths and len(results) < len(names)
                else ""
            )
            console.out(f"{done} of {len(names) if not paths else len(results)} ran{rest}\n")
    return 1 if any(each.outcome != "completed" for each in results) else 0


def _names(world: World, snapshot: Snapshot | None, paths: list[str]) -> list[str]:
    """The names of the files to run, in order."""
    if snapshot is None:
        raise UsageError(f"{paths[0]} is no part of a migration set")
    plan = snapshot.plan
    names = [name for name in dict.fromkeys((*plan.initial, *plan.migrations)) if plan.path_of(name) in snapshot.files]
    if not paths:
        return names
    for path in paths:
        if path not in snapshot.files:
            raise UsageError(f"{path} is no migration of the set in {plan.directory or 'the root'}")
    wanted = [path.rpartition("/")[2] for path in paths]
    last = max((names.index(name) for name in wanted if name in names), default=len(names) - 1)
    return [*names[: last + 1], *(name for name in wanted if name not in names)]


def _results(snapshot: Snapshot, names: list[str], go_on: bool, console: Console) -> Iterator[Result]:
    """Runs the files one after the other; stops at the first that fails, as the runner does, unless *go_on*."""
    from mig_lsp.replay_shadow import Migration, replay_all
    from mig_lsp.shadow import UnavailableError

    plan = snapshot.plan
    paths = [plan.path_of(name) for name in names]
    files = [Migration(snapshot.files[plan.path_of(name)].text, name in plan.initial) for name in names]
    try:
        with closing(replay_all(plan.runner, files)) as replays:
            for done, (path, replay) in enumerate(zip(paths, replays, strict=True)):
                console.progress(done, len(names), "ran")
                result = _result(path, replay)
                yield result
                if result.outcome != "completed" and not go_on:
                    return
    except UnavailableError as error:
        raise UsageError(str(error)) from None
    finally:
        console.progress_done()


def _result(path: str, replay: Replay) -> Result:
    tolerated = sum(step.tolerated for step in replay.steps)
    placed = list(replay.chunks.placed())
    if replay.refused is not None:
        chunk, start = placed[replay.refused.chunk]
        span = chunk.source_span(replay.refused.span).shifted(start)
        message = f"it contains {replay.refused.refusal.word}: {replay.refused.refusal.why}"
        return Result(path, "refused", message, "", span, tolerated)
    failure = replay.failure
    if failure is None:
        return Result(path, "failed" if replay.error else "completed", replay.error, "", None, tolerated)
    chunk, start = placed[failure.chunk]
    offset = chunk.span.start if failure.answer.offset is None else chunk.source(failure.answer.offset)
    message = "; ".join(part for part in (failure.answer.message, failure.answer.detail, failure.answer.hint) if part)
    return Result(path, "failed", message, failure.answer.sqlstate, Span(start + offset, start + offset + 1), tolerated)


def _text(snapshot: Snapshot, result: Result, style: Style) -> Iterator[str]:
    if result.outcome == "completed":
        tolerated = f" ({result.tolerated} errors tolerated)" if result.tolerated else ""
        yield f"{style.paint('ran', 'green')} {visible(result.path)}{tolerated}"
        return
    lines = snapshot.files[result.path].lines
    state = f"[{result.sqlstate}]" if result.sqlstate else ""
    line, column = lines.place(result.span.start if result.span else 0)
    label = style.paint(f"{result.outcome}{state}", "red")
    yield f"{visible(result.path)}:{line + 1}:{column + 1}: {label} {visible(result.message)}"
    if result.span is not None:
        yield from excerpt(lines, result.span, style, Severity.ERROR)


def _document(snapshot: Snapshot, result: Result) -> dict[str, object]:
    position = None
    if result.span is not None:
        line, column = snapshot.files[result.path].lines.place(result.span.start)
        position = {"line": line + 1, "column": column + 1, "offset": result.span.start}
    return {
        "path": result.path,
        "outcome": result.outcome,
        "message": result.message or None,
        "sqlstate": result.sqlstate or None,
        "position": position,
        "tolerated": result.tolerated,
    }
