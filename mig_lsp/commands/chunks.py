"""`chunks`: what the runner would send of a file, chunk by chunk, and which of it would be refused."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from mig_lsp.commands.console import Console, UsageError
from mig_lsp.commands.workspace import World, open_world, set_of
from mig_lsp.core.runner.profile import PROFILES, Runner
from mig_lsp.core.snapshot import File
from mig_lsp.disk.file import MAX_SQL, decoded, read
from mig_lsp.render.chunks import document, refused, sent
from mig_lsp.render.terminal import Style, visible


def run(args: argparse.Namespace, console: Console) -> int:
    """Shows the chunks; always 0, for what would be refused is a finding of `check`."""
    world = open_world(args, console)
    snapshots = world.look()
    if args.file == "-":
        file = decoded("<stdin>", sys.stdin.buffer.read(MAX_SQL))
        owner = snapshots[0] if snapshots else None
    else:
        file = _file(world, args.file)
        owner = set_of(snapshots, file.path) or (snapshots[0] if len(snapshots) == 1 else None)
    runner = PROFILES["rds-data-api"] if owner is None else owner.plan.runner
    if args.format == "json":
        console.out(json.dumps(document(file, runner), indent=2) + "\n")
    else:
        console.out("".join(_text(file, runner, console.style)))
    return 0


def _file(world: World, given: str) -> File:
    path = world.relative(given)
    file = world.files.file(path) if path in world.files.paths else read(world.root, path)
    if file is None or (file.problem is not None and not file.text):
        raise UsageError(f"{given} {file.problem if file else 'is no SQL file'}")
    return file


def _text(file: File, runner: Runner, style: Style) -> Iterator[str]:
    why, found = refused(file, runner), list(sent(file, runner))
    count = f"{len(found)} chunk" if len(found) == 1 else f"{len(found)} chunks"
    yield f"{style.paint(visible(file.path), 'bold')}: {count} by {runner.name}\n"
    if why is not None:
        yield style.paint("nothing is sent", "red") + f": {why}\n"
    for number, each in enumerate(found, 1):
        lines = (
            f"line {each.start_line}"
            if each.start_line == each.end_line
            else f"lines {each.start_line}-{each.end_line}"
        )
        size = len(each.sql.encode("utf-8", "replace"))
        statements = f"{each.statements} statement" if each.statements == 1 else f"{each.statements} statements"
        yield "\n" + style.paint(f"-- chunk {number}: {lines}, {size} bytes, {statements}", "dim") + "\n"
        if each.problem is not None:
            yield style.paint("-- refused", "red") + f": {visible(each.problem)}\n"
        yield visible(each.sql, "\n\t").rstrip("\n") + "\n"
