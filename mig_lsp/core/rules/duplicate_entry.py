"""A file that the manifest lists twice."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Fix, Related, Severity
from mig_lsp.core.manifest.editor import remove
from mig_lsp.core.manifest.model import Entry
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Snapshot

CATEGORY: Category = "manifest"
SEVERITY = Severity.WARNING


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    manifest = snapshot.plan.manifest
    if manifest is None:
        return
    seen: dict[str, Entry] = {}
    for entry in manifest.entries:
        first = seen.setdefault(entry.name, entry)
        if first is entry:
            continue
        if first.initial != entry.initial:
            harm = "as an initial file too, so on an empty database it runs twice: remove one of the two entries"
        else:
            harm = "twice, and the second entry never runs: remove it"
        yield (
            manifest.path,
            Finding(
                "duplicate-entry",
                entry.span,
                f"{entry.name} is listed {harm}",
                Fix("Remove the second entry", remove(manifest, entry)) if first.initial == entry.initial else None,
                (Related(manifest.path, first.span, "the first entry"),),
            ),
        )
