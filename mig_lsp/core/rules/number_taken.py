"""A new migration whose number another branch has given to another file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mig_lsp.core.branches import Branches
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.migration import digits, next_number, parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.visible import enumerated, one_line

CATEGORY: Category = "naming"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    plan, branches = snapshot.plan, snapshot.branches
    parsed = parse_name(file.name)
    # Without a base ref nobody knows which files are new, and old branches have all numbers.
    if parsed is None or parsed.rollback or not branches.base or file.path in branches.blobs:
        return
    others = _rivals(plan, branches).get(parsed.number)
    if not others:
        return
    first, name = others[0]
    refs = [one_line(ref, 60) for ref, other in others if other == name]
    config = plan.config.migrations
    free = digits(next_number(plan.taken, config.first_number), config.number_width)
    taken = f"number {parsed.digits} is also {one_line(name, 80)}'s on {enumerated(refs, 3)}"
    if first == branches.base:
        message = (
            f"{taken}, so after the merge nobody can tell by number which runs first: renumber this file to {free}"
        )
        yield Finding("number-taken", file.lines.span(0), message)
    else:
        message = f"{taken}, so the one that is merged second has to be renumbered: renumber this file to {free}"
        yield Finding("number-taken", file.lines.span(0), message, severity=Severity.INFO)


def _rivals(plan: Plan, branches: Branches) -> Mapping[int, list[tuple[str, str]]]:
    """The refs and names of the files that other branches add, by number, the base ref first; kept with the plan."""
    known: tuple[Branches, Mapping[int, list[tuple[str, str]]]] | None = plan.__dict__.get("_rivals")
    if known is None or known[0] is not branches:
        found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        here, merged = frozenset(plan.names), branches.names.get(branches.base, frozenset())
        for ref in branches.rivals:
            added = branches.names.get(ref, frozenset()) - here
            for name in sorted(added if ref == branches.base else added - merged):
                parsed = parse_name(name)
                if parsed is not None and not parsed.rollback:
                    found[parsed.number].append((ref, name))
        known = plan.__dict__["_rivals"] = (branches, found)
    return known[1]
