"""What editors show of the sets: the documents that the server cares for, and the migrations in run order."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mig_lsp.core.candidates import CONFIG_NAME
from mig_lsp.core.features.standing import place, standings
from mig_lsp.core.log import LogEntry
from mig_lsp.core.migration import is_rollback, parse_name
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.visible import one_line
from mig_lsp.lsp.reports import Reports
from mig_lsp.lsp.session import Folder, Session, Where, relevant
from mig_lsp.lsp.worker import Tick
from mig_lsp.render import chunks


def documents_of(session: Session) -> dict[str, Any]:
    """The answer to `migLsp/documents`: the documents that belong to a set, and globs of those that would."""
    documents = {
        folder.uri_of(path): kind_of(snapshot, path)
        for folder, snapshot in session.all_sets()
        for path in (*snapshot.files, *snapshot.documents)
    }
    patterns = {(folder.uri, pattern) for folder, snapshot in session.all_sets() for pattern in relevant(snapshot.plan)}
    patterns |= {(uri, f"**/{CONFIG_NAME}") for uri in session.folders}
    return {
        "documents": [{"uri": uri, "kind": kind} for uri, kind in sorted(documents.items())],
        "patterns": [{"baseUri": uri, "pattern": pattern} for uri, pattern in sorted(patterns)],
    }


def kind_of(snapshot: Snapshot, path: str) -> str:
    """What a document of a set is: "migration", "rollback", "manifest", "stale-manifest", "config" or "drizzle"."""
    plan = snapshot.plan
    if path in snapshot.files:
        return "rollback" if is_rollback(path) else "migration"
    if plan.manifest is not None and path == plan.manifest.path:
        return "manifest"
    if path == plan.config_path:
        return "config"
    return "stale-manifest" if path in plan.stale else "drizzle"


def sets_of(session: Session, reports: Reports, tick: Tick) -> dict[str, Any]:
    """The answer to `migLsp/migrations`."""
    return {"sets": [_set(folder, snapshot, reports, tick) for folder, snapshot in session.all_sets()]}


def chunks_of(where: Where) -> dict[str, Any]:
    """The answer to `migLsp/chunks`."""
    runner = where.snapshot.plan.runner
    return {
        "path": where.path,
        "runner": runner.name,
        "refused": chunks.refused(where.file, runner),
        "chunks": [
            {
                "sql": each.sql,
                "startLine": each.start_line,
                "endLine": each.end_line,
                "statements": each.statements,
                "problem": each.problem,
            }
            for each in chunks.sent(where.file, runner)
        ],
    }


def _set(folder: Folder, snapshot: Snapshot, reports: Reports, tick: Tick) -> dict[str, Any]:
    plan = snapshot.plan
    running = dict.fromkeys((*plan.initial, *plan.migrations))
    idle = (name for name in plan.names if name not in running)
    return {
        "folder": folder.uri,
        "directory": plan.directory,
        "manifest": folder.uri_of(plan.manifest.path) if plan.manifest else None,
        "config": folder.uri_of(plan.config_path) if plan.config_path else None,
        "runner": plan.runner.name,
        "environments": [ledger.environment for ledger in snapshot.ledgers],
        "logs": [
            {
                "environment": ledger.environment,
                "entries": len(ledger.entries),
                "fetchedAt": ledger.fetched_at,
                "problem": ledger.problem,
            }
            for ledger in snapshot.ledgers
        ],
        "migrations": [_migration(folder, snapshot, name, reports, tick) for name in (*running, *idle)],
    }


def _migration(folder: Folder, snapshot: Snapshot, name: str, reports: Reports, tick: Tick) -> dict[str, Any]:
    tick()
    plan = snapshot.plan
    path = plan.path_of(name)
    uri = folder.uri_of(path)
    parsed = parse_name(name)
    counts = Counter(finding.severity.word for finding in reports.report(uri, tick).findings if finding.severity)
    order = plan.order.get(name)
    stands = standings(snapshot, name)
    return {
        "uri": uri,
        "path": path,
        "name": name,
        "number": parsed.number if parsed else None,
        "order": None if order is None else order + 1,
        "registered": order is not None,
        "initial": name in plan.initial,
        "exists": path in snapshot.files,
        "rollback": is_rollback(name),
        "place": place(plan, name),
        "states": {standing.ledger.environment: standing.state for standing in stands},
        "attempts": {each.ledger.environment: _attempt(each.entry) for each in stands if each.entry is not None},
        "findings": {word: counts[word] for word in ("error", "warning", "info", "hint")},
    }


_LONGEST_ERROR = 300


def _attempt(entry: LogEntry) -> dict[str, Any]:
    error = None if entry.error is None else one_line(entry.error, _LONGEST_ERROR)
    return {"executedAt": entry.executed_at, "error": error}
