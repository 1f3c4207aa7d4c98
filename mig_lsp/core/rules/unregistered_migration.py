"""A migration that the manifest does not list: the runner never sees it."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import EditFile, Finding, Fix, Severity
from mig_lsp.core.manifest.editor import insert
from mig_lsp.core.migration import base_name, is_rollback, parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot

CATEGORY: Category = "manifest"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    manifest = snapshot.plan.manifest
    if manifest is None or not snapshot.plan.runner.needs_manifest or manifest.array is None:
        return
    if file.name in snapshot.plan.base_entries:
        return  # lost-entry says more
    if snapshot.plan.entry(file.name) is not None or parse_name(file.name) is None or is_rollback(file.name):
        return
    listing = base_name(manifest.path)
    edits = insert(manifest, file.name)
    yield Finding(
        "unregistered-migration",
        file.lines.span(0),
        f"{listing} does not list {file.name}, so the deploy skips it without a word: add it to {manifest.array}",
        Fix(f"Register in {listing}", others=(EditFile(manifest.path, edits),)) if edits else None,
    )
