"""`log`: what migration_log says in each environment; `log pull` asks the environments again."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime

from mig_lsp.commands.console import Console, UsageError
from mig_lsp.commands.workspace import World, log_root, nothing_found, open_world
from mig_lsp.core.candidates import CONFIG_NAME
from mig_lsp.core.log import Ledger, age
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.render.table import table
from mig_lsp.render.terminal import visible


def run(args: argparse.Namespace, console: Console) -> int:
    """Shows the logs, after `pull` as they are now; 1 when one could not be read."""
    world = open_world(args, console)
    snapshots = world.look()
    if not snapshots:
        raise UsageError(nothing_found(world))
    if not any(snapshot.ledgers for snapshot in snapshots):
        raise UsageError(f"no environment is configured: add a table like [log.dev] to {CONFIG_NAME}")
    if args.action == "pull":
        snapshots = tuple(_pulled(world, snapshot, console) for snapshot in snapshots)
    ledgers = list(dict.fromkeys(ledger for snapshot in snapshots for ledger in snapshot.ledgers))
    if args.format == "json":
        document = {"version": 1, "environments": [_document(ledger) for ledger in ledgers]}
        console.out(json.dumps(document, indent=2) + "\n")
    else:
        console.out("\n".join(_text(ledger, console, details=args.action != "pull") for ledger in ledgers))
    return 1 if args.action == "pull" and any(ledger.problem for ledger in ledgers) else 0


def _pulled(world: World, snapshot: Snapshot, console: Console) -> Snapshot:
    from mig_lsp.ledger.refresh import refresh

    root = log_root(world.root, snapshot.plan)
    ledgers = []
    for done, (environment, source) in enumerate(snapshot.plan.config.log.items()):
        console.progress(done, len(snapshot.plan.config.log), "asked")
        ledgers.append(refresh(root, environment, source))
    console.progress_done()
    return replace(snapshot, ledgers=tuple(ledgers))


def _document(ledger: Ledger) -> dict[str, object]:
    return {
        "name": ledger.environment,
        "source": ledger.source,
        "fetched_at": ledger.fetched_at,
        "problem": ledger.problem,
        "entries": [
            {
                "step": entry.step,
                "name": entry.name,
                "status": entry.status,
                "error": entry.error,
                "executed_at": entry.executed_at,
            }
            for entry in ledger.entries
        ],
    }


def _text(ledger: Ledger, console: Console, *, details: bool) -> str:
    style = console.style
    read = "never read" if ledger.fetched_at is None else f"read {age(ledger.fetched_at, datetime.now(UTC))}"
    count = f"{len(ledger.entries)} row" if len(ledger.entries) == 1 else f"{len(ledger.entries)} rows"
    title = f"{style.paint(visible(ledger.environment), 'bold')} ({ledger.source}): {count}, {read}\n"
    if ledger.problem is not None:
        title += style.paint(visible(ledger.problem), "yellow") + "\n"
    elif ledger.fetched_at is None:
        title += "'mig-lsp log pull' reads it\n"
    if not details or not ledger.entries:
        return title
    rows = [
        (str(entry.step), entry.executed_at or "", entry.status, entry.name, entry.error or "")
        for entry in ledger.entries
    ]
    return title + table(("step", "when", "status", "migration", "error"), rows, style, frozenset((0,)))
