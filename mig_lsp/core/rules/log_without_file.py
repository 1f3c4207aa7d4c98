"""A log that names migrations which are not here."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.config.toml import Table, parse
from mig_lsp.core.log import Ledger, State, state
from mig_lsp.core.migration import parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan, Snapshot
from mig_lsp.core.text import Span
from mig_lsp.core.visible import enumerated, one_line

CATEGORY: Category = "history"
SEVERITY = Severity.INFO

_SHOWN = 4
_WAYS: tuple[tuple[State, str], ...] = (("completed", "has run"), ("failed", "has begun with"))


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    plan = snapshot.plan
    here = {*plan.names, *(plan.manifest.names if plan.manifest else ())}
    for ledger in snapshot.ledgers:
        listed = [name for name in ledger.by_name if name.endswith(".sql") and "/" not in name]
        unknown = [name for name in listed if name not in here and state(ledger, name) != "pending"]
        place = _place(snapshot, ledger.environment) if unknown else None
        # A log that mostly names other files is that of another set.
        if place is None or ledger.fetched_at is None or len(unknown) * 2 > len(listed):
            continue
        did = " and ".join(
            f"{way} {enumerated([one_line(name, 80) for name in names], _SHOWN)}"
            for status, way in _WAYS
            if (names := [name for name in unknown if state(ledger, name) == status])
        )
        again = _again(plan, ledger, unknown)
        message = (
            f"{ledger.environment} {did}, and there is no such file here, so it has what a new database does not get: "
            f"{_advice(plan, unknown) if again is None else _renamed(*again)}"
        )
        severity = Severity.WARNING if again else None
        yield place[0], Finding("log-without-file", place[1], message, severity=severity)


def _again(plan: Plan, ledger: Ledger, unknown: list[str]) -> tuple[str, str] | None:
    """A completed file that is gone, and the pending one that may be it: with its description and another number."""
    gone = {
        parsed.description: name
        for name in unknown
        if state(ledger, name) == "completed" and (parsed := parse_name(name)) and parsed.description
    }
    for name in plan.migrations if gone else ():
        parsed = parse_name(name)
        if parsed is not None and parsed.description in gone and state(ledger, name) == "pending":
            return gone[parsed.description], name
    return None


def _renamed(gone: str, name: str) -> str:
    return f"if {name} is {one_line(gone, 80)} under a new name, it runs there a second time, so give it the old one"


def _advice(plan: Plan, unknown: list[str]) -> str:
    there = [one_line(ref, 60) for ref, names in plan.refs.items() if not names.isdisjoint(unknown)]
    if there:
        return f"it comes from {enumerated(there, 3)}; merge that, or undo it there"
    return "restore the file with its entry, or undo it there"


def _place(snapshot: Snapshot, environment: str) -> tuple[str, Span] | None:
    """Where it is said: at the list of the manifest, else at the environment's table of the configuration."""
    plan, manifest = snapshot.plan, snapshot.plan.manifest
    if manifest is not None:
        start = manifest.migrations_array.span.start if manifest.migrations_array else 0
        return manifest.path, Span(start, start + 1)
    config = snapshot.documents.get(plan.config_path or "")
    if config is None:
        return None
    table = parse(config.text).root.entries.get("log")
    logs = table.value.data if table is not None else None
    entry = logs.entries.get(environment) if isinstance(logs, Table) else None
    return config.path, entry.key if entry is not None else Span(0, 0)
