"""Something in `mig-lsp.toml` that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Snapshot

CATEGORY: Category = "config"
SEVERITY = Severity.ERROR


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    plan = snapshot.plan
    if plan.config_path is not None:
        for problem in plan.config_problems:
            yield plan.config_path, Finding("config-error", problem.span, problem.message)
