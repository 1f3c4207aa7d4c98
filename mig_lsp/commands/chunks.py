"""`chunks`: what the runner would send of a file, chunk by chunk, and which of it would be refused."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.commands.console import Console, UsageError
from mig_lsp.commands.workspace import World, open_world, set_of
from mig_lsp.core.runner.policy import refusal, too_large
from mig_lsp.core.runner.profile import PROFILES, Runner
from mig_lsp.core.runner.verdict import judge_all
from mig_lsp.core.snapshot import File
from mig_lsp.disk.file import MAX_SQL, decoded, read
from mig_lsp.render.terminal import Style, visible


class Sent(NamedTuple):
    """One chunk: the text sent, its first and last line in the file (from 1), and why the server would refuse it."""

    sql: str
    start_line: int
    end_line: int
    statements: int
    problem: str | None


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
    refused = refusal(runner, file.chunks(runner))
    why = None if refused is None else f"the file contains {refused.refusal.word}: {refused.refusal.why}"
    sent = list(_sent(file, runner))
    if args.format == "json":
        chunks = [{name: value for name, value in each._asdict().items() if name != "problem"} for each in sent]
        document = {"version": 1, "path": file.path, "runner": runner.name, "refused": why, "chunks": chunks}
        console.out(json.dumps(document, indent=2) + "\n")
    else:
        console.out("".join(_text(file, runner, why, sent, console.style)))
    return 0


def _file(world: World, given: str) -> File:
    path = world.relative(given)
    file = world.files.file(path) if path in world.files.paths else read(world.root, path)
    if file is None or (file.problem is not None and not file.text):
        raise UsageError(f"{given} {file.problem if file else 'is no SQL file'}")
    return file


def _sent(file: File, runner: Runner) -> Iterator[Sent]:
    chunks = file.chunks(runner)
    for (chunk, start), found in zip(chunks.placed(), judge_all(runner, chunks), strict=True):
        if not chunk.sql:
            continue
        span = chunk.span.shifted(start)
        first, last = file.lines.line_at(span.start), file.lines.line_at(max(span.end - 1, span.start))
        problem = None if found is None else f"{found.message} ({found.rule})"
        if problem is None and too_large(runner, chunk.sql):
            problem = "it is larger than a request may be (call-limit)"
        yield Sent(chunk.sql, first + 1, last + 1, chunk.count, problem)


def _text(file: File, runner: Runner, why: str | None, sent: list[Sent], style: Style) -> Iterator[str]:
    count = f"{len(sent)} chunk" if len(sent) == 1 else f"{len(sent)} chunks"
    yield f"{style.paint(visible(file.path), 'bold')}: {count} by {runner.name}\n"
    if why is not None:
        yield style.paint("nothing is sent", "red") + f": {why}\n"
    for number, each in enumerate(sent, 1):
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
