"""A key, a unique or an exclusion constraint whose index is built while nobody can use the table."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.impact import impacts, long_call, may_build_concurrently
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import File, Snapshot

CATEGORY: Category = "lock"
SEVERITY = Severity.WARNING

_BUILDS = {"ADD UNIQUE", "ADD PRIMARY KEY", "ADD EXCLUDE", "ADD COLUMN with UNIQUE"}


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    runner = snapshot.plan.runner
    for impact in impacts(snapshot, file, _BUILDS):
        harm = f"readers and writers of {impact.table} wait until its index is built{long_call(runner)}"
        yield Finding("unique-builds-index", impact.shown, f"{harm}: {_way(impact.statement, runner)}")


def _way(statement: str, runner: Runner) -> str:
    if statement == "ADD EXCLUDE":
        return "no index can be built for it beforehand, so run it when nobody uses the table"
    kind = "PRIMARY KEY" if statement == "ADD PRIMARY KEY" else "UNIQUE"
    column = "add the column alone, " if statement == "ADD COLUMN with UNIQUE" else ""
    if may_build_concurrently(runner):
        return f"{column}write CREATE UNIQUE INDEX CONCURRENTLY, then ADD {kind} USING INDEX"
    if kind == "UNIQUE":
        return f"{column}write CREATE UNIQUE INDEX IF NOT EXISTS, which only writers wait for and ON CONFLICT takes too"
    return "write CREATE UNIQUE INDEX, which only writers wait for, then ADD PRIMARY KEY USING INDEX"
