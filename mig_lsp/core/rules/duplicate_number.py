"""Two migrations with one number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mig_lsp.core.change import Finding, Related, Severity
from mig_lsp.core.migration import parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.text import Span

CATEGORY: Category = "naming"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    parsed = parse_name(file.name)
    if parsed is None or parsed.rollback:
        return
    plan, merged = snapshot.plan, snapshot.branches.blobs
    # The one to renumber is the one that is not merged yet, or else the one that runs later.
    first = min(
        _by_number(plan)[parsed.number], key=lambda name: (plan.path_of(name) not in merged, *_place(plan, name))
    )
    if first == file.name:
        return
    yield Finding(
        "duplicate-number",
        file.lines.span(0),
        f"number {parsed.digits} is also {first}'s, so nobody can tell by number which runs first: "
        "renumber the one that has not run yet",
        related=(Related(plan.path_of(first), Span(0, 0), "the other file with this number"),),
    )


def _by_number(plan: Plan) -> Mapping[int, list[str]]:
    """The names with each number, those that run first in front; kept with the plan."""
    known: dict[int, list[str]] | None = plan.__dict__.get("_names_by_number")
    if known is None:
        known = defaultdict(list)
        for name in plan.names:
            parsed = parse_name(name)
            if parsed is not None and not parsed.rollback:
                known[parsed.number].append(name)
        for names in known.values():
            names.sort(key=lambda name: _place(plan, name))
        plan.__dict__["_names_by_number"] = known
    return known


def _place(plan: Plan, name: str) -> tuple[int, str]:
    return (plan.order.get(name, len(plan.order)), name)
