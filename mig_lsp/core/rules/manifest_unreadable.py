"""A part of the manifest that cannot be read without running it, or that the runner cannot use."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span

CATEGORY: Category = "manifest"
SEVERITY = Severity.WARNING


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    plan = snapshot.plan
    if plan.manifest is not None:
        for problem in plan.manifest.problems:
            yield plan.manifest.path, Finding("manifest-unreadable", problem.span, problem.message)
    elif plan.config.migrations.manifest is not None and plan.config_path is not None:
        name = plan.config.migrations.manifest
        document = snapshot.documents.get(plan.config_path)
        start = document.text.find(name) if document else -1
        span = Span(start, start + len(name)) if start >= 0 else Span(0, 0)
        message = f"there is no manifest in {name}, so nothing is known about the order of the files: correct the path"
        yield plan.config_path, Finding("manifest-unreadable", span, message)
