"""An entry that the base branch's manifest has and this one has lost, though the file is still there."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Fix, Severity
from mig_lsp.core.manifest.editor import insert
from mig_lsp.core.migration import base_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span

CATEGORY: Category = "manifest"
SEVERITY = Severity.ERROR


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    plan, manifest = snapshot.plan, snapshot.plan.manifest
    if manifest is None or manifest.migrations_array is None:
        return
    start = manifest.migrations_array.span.start
    for name in sorted(plan.base_entries - manifest.names):
        if plan.path_of(name) not in plan.paths:
            continue  # entry and file went together, on purpose
        edits = insert(manifest, name)
        message = (
            f"{name} is listed on the base branch and no longer here, though the file is there, so it never runs where "
            f"it has not run yet: list it in {base_name(manifest.path)} again"
        )
        yield manifest.path, Finding("lost-entry", Span(start, start + 1), message, Fix(f"List {name} again", edits))
