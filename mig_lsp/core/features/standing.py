"""Where a migration stands: its place in the run order, and its state in each environment."""

from __future__ import annotations

from typing import NamedTuple

from mig_lsp.core.log import Ledger, LogEntry, State, deciding, state
from mig_lsp.core.migration import base_name, is_rollback, parse_name
from mig_lsp.core.snapshot import Plan, Snapshot


class Standing(NamedTuple):
    """What one environment's log says of a migration; *entry* is the attempt that the state rests on."""

    ledger: Ledger
    state: State
    entry: LogEntry | None


def standings(snapshot: Snapshot, name: str) -> tuple[Standing, ...]:
    """The state of the file *name* in every environment, in deployment order.

    A file that is in no log and that the runner would not record (an initial file, a rollback, one without an entry)
    has none.
    """
    found = tuple(Standing(ledger, state(ledger, name), deciding(ledger, name)) for ledger in snapshot.ledgers)
    plan = snapshot.plan
    recorded = name in plan.order and name not in plan.initial
    return found if recorded or any(each.entry for each in found) else ()


def place(plan: Plan, name: str) -> str:
    """When the file *name* runs, as a phrase: "runs 43rd of 126", "never runs: not in migrations.json"."""
    number = plan.order.get(name)
    if is_rollback(name):
        undone = migration_undone(plan, name)
        return f"rolls back {undone}" if undone else "a rollback, no migration"
    if number is None:
        where = base_name(plan.manifest.path) if plan.manifest else "the run order"
        return f"never runs: not in {where}"
    initial = len(plan.initial)
    if number < initial:
        return f"initial file {number + 1} of {initial}: runs on an empty database only"
    return f"runs {ordinal(number - initial + 1)} of {len(plan.migrations)}"


def unregistered(plan: Plan) -> tuple[str, ...]:
    """The names of the numbered files that no entry of the manifest names, rollbacks left out, in order of number."""
    if plan.manifest is None:
        return ()
    listed = plan.manifest.names
    return tuple(name for name in plan.names if name not in listed and parse_name(name) and not is_rollback(name))


def migration_undone(plan: Plan, name: str) -> str | None:
    """The name of the migration that the rollback file *name* belongs to; None when there is no such file."""
    stem = name.removesuffix(".sql")
    while stem and is_rollback(f"{stem}.sql"):
        stem = stem[: max(stem.rfind(sign) for sign in "-_.")]
    undone = f"{stem}.sql"
    return undone if undone != name and plan.path_of(undone) in plan.paths else None


def ordinal(number: int) -> str:
    """The number as a place in a row: "1st", "12th", "43rd"."""
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
