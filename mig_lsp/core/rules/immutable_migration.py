"""A file that the configuration keeps from any change, and that is changed, new or gone here."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.merged import restore
from mig_lsp.core.migration import base_name, is_rollback
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.text import Span
from mig_lsp.core.visible import one_line

CATEGORY: Category = "history"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    base, name = snapshot.branches.base, file.name
    if not snapshot.plan.is_immutable(name) or is_rollback(name):
        return
    if snapshot.is_edited(file):
        message = (
            f"{name} is immutable and differs from {base}, so databases that are there keep the old text and new ones "
            "get this one: undo the edit, and write a new migration"
        )
        yield Finding("immutable-migration", file.lines.span(0), message, restore(snapshot, file))
    elif name in snapshot.plan.initial and file.path not in snapshot.branches.blobs and _merged(snapshot):
        message = (
            f"{name} is not on {base} and has an immutable number, and initial files run on an empty database only, so "
            "no database that is there gets it: make it a migration with a higher number"
        )
        yield Finding("immutable-migration", file.lines.span(0), message)


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    plan, manifest = snapshot.plan, snapshot.plan.manifest
    if manifest is None:
        return
    array = manifest.initial_array or manifest.migrations_array
    start = array.span.start if array is not None else 0
    for path in _merged(snapshot):
        if path not in plan.paths:
            message = (
                f"{one_line(base_name(path), 80)} is on {snapshot.branches.base} and gone here, and its number is "
                "immutable, so new databases lack what all others have: restore the file and its entry"
            )
            yield manifest.path, Finding("immutable-migration", Span(start, start + 1), message)


def _merged(snapshot: Snapshot) -> list[str]:
    """The paths of the immutable files of the base ref, in order."""
    paths = snapshot.branches.blobs
    return [each for each in sorted(paths) if snapshot.plan.is_immutable(base_name(each)) and not is_rollback(each)]
