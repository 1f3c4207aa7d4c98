"""A pending migration that stands before one which has run: environments and new databases see two orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.log import Ledger, state
from mig_lsp.core.migration import is_rollback, parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.visible import enumerated

CATEGORY: Category = "history"
SEVERITY = Severity.INFO


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    manifest = snapshot.plan.manifest
    if manifest is None:
        return
    for name, messages in _found(snapshot).items():
        entry = manifest.by_name(name)
        assert entry is not None
        for message in messages:
            yield manifest.path, Finding("pending-behind-applied", entry.span, message)


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    if snapshot.plan.manifest is None and snapshot.ledgers:
        for message in _found(snapshot).get(file.name, ()):
            yield Finding("pending-behind-applied", file.lines.span(0), message)


def _found(snapshot: Snapshot) -> Mapping[str, list[str]]:
    """What is to be said of each file; kept with the plan."""
    plan, ledgers = snapshot.plan, snapshot.ledgers
    known: tuple[tuple[Ledger, ...], Mapping[str, list[str]]] | None = plan.__dict__.get("_overtaken")
    if known is None or known[0] is not ledgers:
        places: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for ledger in ledgers:
            for pair in _overtaken(plan, ledger):
                places[pair].append(ledger.environment)
        found: defaultdict[str, list[str]] = defaultdict(list)
        for (name, behind), environments in places.items():
            found[name].append(
                f"{name} is pending in {enumerated(environments)}, where {behind} has run already, and a new database "
                f"gets them the other way round: make sure that {name} can run after {behind}"
            )
        known = plan.__dict__["_overtaken"] = (ledgers, found)
    return known[1]


def _overtaken(plan: Plan, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """The pending migrations that stand before the last completed one, each with that one."""
    if ledger.fetched_at is None:
        return
    initial = frozenset(plan.initial)
    names = [name for name in plan.order if name not in initial]
    last = max((place for place, name in enumerate(names) if state(ledger, name) == "completed"), default=0)
    for name in names[:last]:
        if state(ledger, name) == "pending" and plan.path_of(name) in plan.paths and not _is_exempt(plan, name):
            yield name, names[last]


def _is_exempt(plan: Plan, name: str) -> bool:
    """Whether the file is history by configuration, or no migration."""
    baseline, parsed = plan.config.migrations.baseline, parse_name(name)
    return is_rollback(name) or (baseline is not None and parsed is not None and parsed.number <= baseline)
