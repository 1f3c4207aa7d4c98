"""An index that is built while everybody who writes to its table waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.impact import Impact, impacts, long_call, may_build_concurrently
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.nodes import IndexStmt
from mig_lsp.core.text import Span

CATEGORY: Category = "lock"
SEVERITY = Severity.WARNING

_BUILDS = {"CREATE INDEX", "REINDEX TABLE", "REINDEX INDEX"}


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    found = impacts(snapshot, file, _BUILDS)
    built = Counter(impact.table for impact in found if impact.statement == "CREATE INDEX")
    told: set[str] = set()
    for impact in found:
        if impact.statement == "CREATE INDEX":
            if may_build_concurrently(snapshot.plan.runner):
                yield _concurrent(impact)
            elif impact.table not in told:
                told.add(impact.table)
                yield _by_hand(impact, built[impact.table] - 1, snapshot.plan.runner)
        else:
            yield _rebuilt(impact, snapshot.plan.runner)


def _concurrent(impact: Impact) -> Finding:
    message = f"every write to {impact.table} waits until the index is built: write CREATE INDEX CONCURRENTLY"
    return Finding("index-blocks-writes", impact.shown, message, _concurrently(impact))


def _by_hand(impact: Impact, more: int, runner: Runner) -> Finding:
    """Once for all indexes of a table, and only an info: the file cannot do better, and a small table needs nothing."""
    tree = impact.placed.statement.tree(IndexStmt)
    there = "and this line finds it there" if tree and tree.if_not_exists else "and write IF NOT EXISTS here"
    others = f", and again for {more} more index{'es' if more > 1 else ''} below" if more else ""
    message = (
        f"every write to {impact.table} waits until the index is built{others}{long_call(runner)}: if {impact.table} "
        f"is large, build it by hand with CONCURRENTLY before the deploy, {there}"
    )
    return Finding("index-blocks-writes", impact.shown, message, severity=Severity.INFO)


def _rebuilt(impact: Impact, runner: Runner) -> Finding:
    harm = f"writes, and nearly all reads, of the table wait until {impact.table} is rebuilt{long_call(runner)}"
    way = "write REINDEX (CONCURRENTLY)" if may_build_concurrently(runner) else "run REINDEX (CONCURRENTLY) by hand"
    return Finding("index-blocks-writes", impact.shown, f"{harm}: {way}")


def _concurrently(impact: Impact) -> Fix | None:
    # A build that fails leaves an invalid index behind, which IF NOT EXISTS takes for the real one: hence unsafe.
    statement, start = impact.placed
    for token in statement.tokens():
        if token.kind is Kind.WORD and statement.text[token.start : token.end].upper() == "INDEX":
            edit = Edit(Span(token.end, token.end).shifted(start), " CONCURRENTLY")
            return Fix("Build the index concurrently", (edit,), safe=False)
    return None
