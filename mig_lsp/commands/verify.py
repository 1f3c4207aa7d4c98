"""`verify`: runs the migrations on a database of their own as the runner would, and says what the server said."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import closing

from mig_lsp import verify
from mig_lsp.commands.console import Console, UsageError
from mig_lsp.commands.workspace import World, nothing_found, only_set, open_world, set_of
from mig_lsp.core.change import Severity
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.render.terminal import Style, visible
from mig_lsp.render.text_report import excerpt
from mig_lsp.verify import Result


def run(args: argparse.Namespace, console: Console) -> int:
    """Runs the set, or the files up to the last one named; 1 when one that is reported on fails."""
    world = open_world(args, console)
    snapshots = world.look()
    if not snapshots:
        raise UsageError(nothing_found(world))
    wanted = [world.relative(given) for given in args.files]
    snapshot = _set(world, snapshots, wanted)
    paths = verify.order(snapshot, wanted)
    everything = list(_results(snapshot, paths, bool(wanted), console))
    results = [result for result in everything if not wanted or result.path in wanted]
    for earlier in everything:
        if earlier not in results and earlier.outcome != "completed":
            console.note(f"{earlier.path}, which runs before, {earlier.outcome}: {earlier.message}")
    if args.format == "json":
        console.out(json.dumps(verify.document(snapshot, results), indent=2) + "\n")
    else:
        for each in results:
            console.out("\n".join(_text(snapshot, each, console.style)) + "\n")
        if not console.quiet:
            done, left = sum(each.outcome == "completed" for each in results), len(paths) - len(everything)
            rest = f"; {left} after it were not run" if left else ""
            console.out(f"{done} of {len(results) + left} ran{rest}\n")
    return 1 if any(each.outcome != "completed" for each in results) else 0


def _set(world: World, snapshots: tuple[Snapshot, ...], wanted: Sequence[str]) -> Snapshot:
    if not wanted:
        return only_set(world, snapshots)
    snapshot = set_of(snapshots, wanted[0])
    if snapshot is None:
        raise UsageError(f"{wanted[0]} is no part of a migration set")
    for path in wanted:
        if path not in snapshot.files:
            raise UsageError(f"{path} is no migration of the set in {snapshot.plan.directory or 'the root'}")
    return snapshot


def _results(snapshot: Snapshot, paths: list[str], go_on: bool, console: Console) -> Iterator[Result]:
    """Runs the files one after the other; stops at the first that fails, as the runner does, unless *go_on*."""
    from mig_lsp.shadow import UnavailableError

    try:
        with closing(verify.verify(snapshot, paths)) as results:
            for done, result in enumerate(results):
                console.progress(done, len(paths), "ran")
                yield result
                if result.outcome != "completed" and not go_on:
                    return
    except UnavailableError as error:
        raise UsageError(str(error)) from None
    finally:
        console.progress_done()


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
