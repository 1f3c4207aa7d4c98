"""`list`: every migration in the order in which it runs, with what is known of it."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from mig_lsp.commands.console import Console, UsageError
from mig_lsp.commands.workspace import World, nothing_found, open_world
from mig_lsp.core.change import Severity
from mig_lsp.core.check import check_document
from mig_lsp.core.features.standing import standings
from mig_lsp.core.migration import is_rollback, parse_name
from mig_lsp.core.settled import is_settled
from mig_lsp.core.snapshot import Plan, Snapshot
from mig_lsp.render.report import counted
from mig_lsp.render.table import table
from mig_lsp.render.terminal import visible

Registered = Literal["initial", "yes", "no", "missing", "rollback"]


class Row(NamedTuple):
    """One migration: *order* is its place in the run, from 1; *states* are by environment, *findings* by severity."""

    order: int | None
    number: int | None
    name: str
    path: str
    registered: Registered
    states: dict[str, str]
    findings: dict[str, int]


def run(args: argparse.Namespace, console: Console) -> int:
    """Lists the migrations of every set; always 0."""
    world = open_world(args, console)
    snapshots = world.look()
    if not snapshots:
        raise UsageError(nothing_found(world))
    if args.format == "json":
        sets = [_document(world, snapshot, console) for snapshot in snapshots]
        console.out(json.dumps({"version": 1, "root": world.given, "sets": sets}, indent=2) + "\n")
        return 0
    for number, snapshot in enumerate(snapshots):
        console.out("\n" * bool(number) + _text(world, snapshot, console))
    return 0


def _document(world: World, snapshot: Snapshot, console: Console) -> dict[str, object]:
    plan = snapshot.plan
    return {
        "directory": plan.directory,
        "manifest": plan.manifest.path if plan.manifest else None,
        "runner": plan.runner.name,
        "environments": [
            {"name": ledger.environment, "fetched_at": ledger.fetched_at, "problem": ledger.problem}
            for ledger in snapshot.ledgers
        ],
        "migrations": [row._asdict() for row in _rows(world, snapshot, console)],
    }


def _text(world: World, snapshot: Snapshot, console: Console) -> str:
    plan = snapshot.plan
    environments = [ledger.environment for ledger in snapshot.ledgers]
    head = ["#", "number", "name", "registered", *map(visible, environments), "findings"]
    rows = [
        [
            "" if row.order is None else str(row.order),
            "" if row.number is None else str(row.number),
            row.name,
            row.registered,
            *(row.states[environment] for environment in environments),
            ", ".join(counted(count, word) for word, count in row.findings.items() if count),
        ]
        for row in _rows(world, snapshot, console)
    ]
    title = f"{plan.directory or '.'} ({plan.manifest.path if plan.manifest else 'no manifest'}, {plan.runner.name})"
    body = table(head, rows, console.style, frozenset((0, 1))) if rows else "no migrations\n"
    return f"{visible(title)}\n{body}"


def _rows(world: World, snapshot: Snapshot, console: Console) -> Iterator[Row]:
    plan, merged = snapshot.plan, world.merged(snapshot)
    ordered = list(dict.fromkeys((*plan.initial, *plan.migrations)))
    others = [name for name in plan.names if name not in plan.order]
    for done, name in enumerate((*ordered, *others)):
        console.progress(done, len(ordered) + len(others), "checked")
        path, parsed = plan.path_of(name), parse_name(name)
        yield Row(
            plan.order[name] + 1 if name in plan.order else None,
            parsed.number if parsed else None,
            name,
            path,
            _registered(plan, name),
            _states(snapshot, name),
            _findings(snapshot, path, merged),
        )
    console.progress_done()


def _registered(plan: Plan, name: str) -> Registered:
    if name in plan.order:
        if plan.path_of(name) not in plan.paths:
            return "missing"
        return "initial" if name in plan.initial else "yes"
    return "rollback" if is_rollback(name) else "no"


def _states(snapshot: Snapshot, name: str) -> dict[str, str]:
    """The state in each environment; "" for a file that no log would name."""
    known = {standing.ledger.environment: standing.state for standing in standings(snapshot, name)}
    return {
        ledger.environment: "unknown" if known and ledger.fetched_at is None else known.get(ledger.environment, "")
        for ledger in snapshot.ledgers
    }


def _findings(snapshot: Snapshot, path: str, merged: frozenset[str]) -> dict[str, int]:
    found = [each for each in check_document(snapshot, path) if not is_settled(snapshot, path, each, merged)]
    counted = Counter(each.severity for each in found)
    return {severity.word: counted[severity] for severity in Severity}
