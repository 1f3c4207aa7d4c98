"""Registers files in the manifest, each at its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mig_lsp.core.author import AuthorError
from mig_lsp.core.change import Edit, EditFile, SourceChange, apply
from mig_lsp.core.manifest import editor, reader
from mig_lsp.core.manifest.model import Manifest
from mig_lsp.core.migration import base_name, is_rollback
from mig_lsp.core.snapshot import Plan, Snapshot
from mig_lsp.core.sql.pieces import splice_between
from mig_lsp.core.text import Span


def register(snapshot: Snapshot, paths: Iterable[str]) -> SourceChange:
    """Adds files of the migration directory to the manifest.

    Raises AuthorError for a file that is listed already, that undoes another one, or that is not in the directory.
    """
    plan = snapshot.plan
    names = [_registrable(plan, path) for path in dict.fromkeys(paths)]
    if not names:
        raise AuthorError("no file is named that could be registered")
    if plan.manifest is None:
        why = "no manifest was found" if plan.runner.needs_manifest else "this runner runs every file of the directory"
        raise AuthorError(f"{why}: there is nothing to register {names[0]} in")
    title = f"Register in {base_name(plan.manifest.path)}"
    return SourceChange(title, (listing(plan, plan.manifest, names),))


def listing(plan: Plan, manifest: Manifest, names: Sequence[str]) -> EditFile:
    """The edit that adds *names* to *manifest*; raises AuthorError when its list cannot be read."""
    read = manifest
    for name in names:
        edits = editor.insert(read, name)
        if not edits:
            raise AuthorError(f"{manifest.path} has no list of migrations that can be edited: add '{name}' by hand")
        settings = plan.config.migrations
        again = reader.read(read.path, apply(read.text, edits), settings.array, settings.initial_array)
        if again is None or name not in again.names:
            raise AuthorError(
                f"the list of migrations in {manifest.path} cannot be edited safely: add '{name}' by hand"
            )
        read = again
    start, removed, added = splice_between(manifest.text, read.text)
    return EditFile(manifest.path, (Edit(Span(start, start + removed), read.text[start : start + added]),))


def _registrable(plan: Plan, path: str) -> str:
    """The name of a file that may be registered."""
    name = base_name(path)
    if path != plan.path_of(name) or path not in plan.paths:
        raise AuthorError(
            f"{path} is not a migration file in {plan.directory or 'the root'}: the runner would not find it"
        )
    if is_rollback(name):
        raise AuthorError(f"{name} undoes another migration: registered, the next deploy would run it")
    if plan.entry(name) is not None:
        raise AuthorError(f"{name} is registered already")
    return name
