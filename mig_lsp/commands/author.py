"""`new`, `prepare`, `register`, `rollback`: the commands that write migrations."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from mig_lsp.commands.console import Console, UsageError
from mig_lsp.commands.fix import world_diff
from mig_lsp.commands.workspace import World, only_set, open_world, set_of
from mig_lsp.core.author import AuthorError
from mig_lsp.core.change import CreateFile, EditFile, FileChange, RenameFile, SourceChange
from mig_lsp.core.snapshot import File
from mig_lsp.disk.file import MAX_SQL, UnreadableError, decoded, fetch
from mig_lsp.disk.write import WriteError, write
from mig_lsp.render.terminal import visible


def new(args: argparse.Namespace, console: Console) -> int:
    """Makes a file with the next number and registers it."""
    from mig_lsp.core.author.new import new

    world = open_world(args, console)
    snapshot = only_set(world, world.look())
    try:
        change = new(snapshot, args.description, _today())
    except AuthorError as error:
        raise UsageError(str(error)) from None
    _carry_out(world, change, console, dry_run=args.dry_run)
    return 0


def register(args: argparse.Namespace, console: Console) -> int:
    """Adds files to the manifest of their set."""
    from mig_lsp.core.author.register import register

    world = open_world(args, console)
    snapshots = world.look()
    paths = [world.relative(given) for given in args.files]
    owners = {id(owner): owner for path in paths if (owner := set_of(snapshots, path)) is not None}
    if len(owners) > 1:
        raise UsageError("the files belong to several migration sets: register those of each set by themselves")
    snapshot = next(iter(owners.values()), None) or only_set(world, snapshots)
    try:
        change = register(snapshot, paths)
    except AuthorError as error:
        raise UsageError(str(error)) from None
    _carry_out(world, change, console, dry_run=args.dry_run)
    return 0


def prepare(args: argparse.Namespace, console: Console) -> int:
    """Turns what drizzle-kit wrote into a migration; 1 with a report when it cannot be made safe."""
    from mig_lsp.core.author.prepare import newest_output, prepare, prepare_report

    world = open_world(args, console)
    snapshot = only_set(world, world.look())
    if args.source is not None:
        source = _source(world, args.source)
    else:
        path = newest_output(snapshot.documents)
        file = None if path is None else snapshot.documents.get(path)
        if file is None:
            folder = snapshot.plan.config.drizzle.migrations
            raise UsageError(f"drizzle-kit has written no SQL file to {folder}: generate one, or name one with --from")
        source = file
    if source.problem is not None:
        raise UsageError(f"{source.path} {source.problem}")
    try:
        prepared = prepare(snapshot, source.path, source.text, args.description, _today())
    except AuthorError as error:
        raise UsageError(str(error)) from None
    if prepared.change is None:
        console.out(visible(prepare_report(prepared.problems, source.path), "\n"))
        return 1
    _carry_out(world, prepared.change, console, dry_run=args.dry_run)
    return 0


def rollback(args: argparse.Namespace, console: Console) -> int:
    """Prints the SQL that undoes a migration, and as comments what no SQL can undo."""
    from mig_lsp.core.rollback.derive import derive

    if args.file == "-":
        file = decoded("<stdin>", sys.stdin.buffer.read(MAX_SQL))
    else:
        world = open_world(args, console)
        file = _source(world, args.file)
    if file.problem is not None:
        raise UsageError(f"{args.file} {file.problem}")
    undo = derive(file.statements.items)
    for note in undo.notes:
        console.out("".join(f"-- {visible(line)}\n" for line in note.split("\n")))
    for sql in undo.sql:
        console.out(visible(sql, "\n\t").rstrip().removesuffix(";") + ";\n")
    return 0


def _carry_out(world: World, change: SourceChange, console: Console, *, dry_run: bool) -> None:
    if dry_run:
        console.diff(world_diff(world, change))
        return
    try:
        write(world.root, change, world.files.file)
    except WriteError as error:
        raise UsageError(str(error)) from None
    if not console.quiet:
        for line in _lines(change.files):
            console.out(visible(line) + "\n")


def _lines(files: tuple[FileChange, ...]) -> Iterator[str]:
    for file in files:
        match file:
            case CreateFile(path, _):
                yield f"created {path}"
            case RenameFile(old, path):
                yield f"renamed {old} to {path}"
            case EditFile(path, edits) if edits:
                yield f"changed {path}"


def _source(world: World, given: str) -> File:
    """A file that the user named, wherever it is; its path counts from the root when it is below."""
    place = Path(given).absolute()
    try:
        path = world.relative(given)
    except UsageError:
        path = place.as_posix()
    try:
        data, _ = fetch(place.parent, place.name, MAX_SQL)
    except UnreadableError as error:
        raise UsageError(f"{given} {error}") from None
    return decoded(path, data)


def _today() -> str:
    return date.today().isoformat()
