"""A second file that looks like the set's manifest: the runner does not read it."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Snapshot

CATEGORY: Category = "manifest"
SEVERITY = Severity.INFO


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    plan = snapshot.plan
    for path in plan.stale:
        document = snapshot.documents.get(path)
        if plan.manifest is None or document is None:
            continue
        message = (
            f"this looks like a manifest of {plan.directory or 'the root'}, but {plan.manifest.path} lists more of its "
            "files and is taken: an entry added here has no effect"
        )
        yield path, Finding("stale-manifest", document.lines.span(0), message)
