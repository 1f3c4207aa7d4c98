"""A migration with a number that belongs to the initial files."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.migration import digits, next_number, parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot

CATEGORY: Category = "naming"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    plan = snapshot.plan
    parsed = parse_name(file.name)
    # Without initial files there is nothing that low numbers could be kept for.
    if parsed is None or parsed.rollback or not plan.initial or file.name in plan.initial:
        return
    config = plan.config.migrations
    if not plan.is_immutable(file.name) and parsed.number >= config.first_number:
        return
    free = digits(next_number(plan.taken, config.first_number), config.number_width)
    yield Finding(
        "reserved-number",
        file.lines.span(0),
        f"number {parsed.digits} is kept for the initial files, and migrations begin with "
        f"{digits(config.first_number, config.number_width)}: renumber this file to {free}",
    )
