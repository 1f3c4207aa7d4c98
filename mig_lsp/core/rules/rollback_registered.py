"""A rollback file in the manifest: the deploy would undo what the migration did."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Fix, Severity
from mig_lsp.core.manifest.editor import remove
from mig_lsp.core.migration import is_rollback
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Snapshot

CATEGORY: Category = "manifest"
SEVERITY = Severity.ERROR


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    manifest = snapshot.plan.manifest
    if manifest is None:
        return
    for entry in manifest.entries:
        if is_rollback(entry.name):
            finding = Finding(
                "rollback-registered",
                entry.span,
                f"the deploy would run {entry.name} and undo its migration: remove the entry and run the file by hand "
                "when needed",
                Fix("Remove the entry", remove(manifest, entry)),
            )
            yield manifest.path, finding
