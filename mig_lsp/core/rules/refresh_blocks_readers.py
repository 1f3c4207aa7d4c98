"""A materialized view that nobody can read while it is filled anew."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.impact import Impact, impacts, long_call
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.nodes import RefreshMatViewStmt

CATEGORY: Category = "lock"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for impact in impacts(snapshot, file, ("REFRESH MATERIALIZED VIEW",)):
        yield Finding("refresh-blocks-readers", impact.shown, _message(impact, snapshot.plan.runner))


def _message(impact: Impact, runner: Runner) -> str:
    tree = impact.placed.statement.tree(RefreshMatViewStmt)
    if tree is not None and tree.skip_data:
        return f"every read of {impact.table} fails from here on until it is refreshed with data: leave it filled"
    harm = f"every read of {impact.table} waits until its query has run{long_call(runner)}"
    # Unlike an index, a view may be refreshed concurrently inside a transaction.
    if any(refusal.pattern.search("CONCURRENTLY") for refusal in runner.refuses):
        way = "refresh it outside of the migration, with CONCURRENTLY, which needs a unique index on it"
    else:
        way = "write REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on it"
    return f"{harm}: {way}"
