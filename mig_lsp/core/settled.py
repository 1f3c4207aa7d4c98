"""Which files and findings nobody can act on any more: the file has run, is merged, or is history by configuration."""

from __future__ import annotations

from collections.abc import Collection

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.log import state
from mig_lsp.core.migration import base_name, parse_name
from mig_lsp.core.rules import by_name
from mig_lsp.core.snapshot import Snapshot

_ALWAYS = frozenset(("history", "manifest", "config"))
"""The categories that are about what is settled, or about what is not a migration."""

_RUNS_ANYWAY = frozenset(("transaction-control", "dropped-comment-line"))
"""Rules with errors that the server does not refuse: where the file has run, they are of no use."""


def is_settled(snapshot: Snapshot, path: str, finding: Finding, merged: Collection[str]) -> bool:
    """Whether *finding*, in the migration at *path*, is of no use to anybody any more.

    In a file that is history by configuration nothing is of use. In one that is completed in every environment, or of
    *merged* (on the base ref and not edited here), only errors are: it may still have to run, on a new database at
    least. The configuration may ask for everything.
    """
    if snapshot.plan.config.migrations.settled == "show":
        return False
    if path not in snapshot.files or (finding.rule in by_name() and by_name()[finding.rule].category in _ALWAYS):
        return False
    name = base_name(path)
    if _is_history(snapshot, name):
        return True
    if _is_completed(snapshot, name):
        return finding.severity is not Severity.ERROR or finding.rule in _RUNS_ANYWAY
    return path in merged and finding.severity is not Severity.ERROR


def is_frozen(snapshot: Snapshot, path: str, merged: Collection[str]) -> bool:
    """Whether the migration at *path* is not to be edited any more: immutable, history, in *merged*, or run."""
    if path not in snapshot.files:
        return False
    name = base_name(path)
    completed = any(state(ledger, name) == "completed" for ledger in snapshot.ledgers)
    return snapshot.plan.is_immutable(name) or completed or path in merged or _is_history(snapshot, name)


def _is_history(snapshot: Snapshot, name: str) -> bool:
    baseline, parsed = snapshot.plan.config.migrations.baseline, parse_name(name)
    return baseline is not None and parsed is not None and parsed.number <= baseline


def _is_completed(snapshot: Snapshot, name: str) -> bool:
    known = [ledger for ledger in snapshot.ledgers if ledger.fetched_at is not None]
    return (
        bool(known) and len(known) == len(snapshot.ledgers) and all(state(each, name) == "completed" for each in known)
    )
