"""A migration without a statement."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.migration import is_rollback, parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import File, Snapshot

CATEGORY: Category = "syntax"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    plan = snapshot.plan
    if file.problem is not None or not (file.name in plan.order or _is_migration(file.name)):
        return
    if _does_something(plan.runner, file):
        return
    if plan.runner.log is None:
        message = "this migration has no statement, so it does nothing: write one, or remove the file"
    else:
        message = (
            "this migration has no statement: the runner records it as completed, and what is written into it later "
            "never runs; write it before it is deployed, or remove the file"
        )
    # The last line that has anything: a statement would stand behind it.
    last = file.lines.line_at(len(file.text.rstrip()))
    yield Finding("empty-migration", file.lines.span(last), message)


def _is_migration(name: str) -> bool:
    return parse_name(name) is not None and not is_rollback(name)


def _does_something(runner: Runner, file: File) -> bool:
    if runner.client_commands:  # a lone `\\i` is not sent, and yet it does something
        return not all(statement.blank for statement in file.statements.items)
    return any(chunk.sql and chunk.count for chunk in file.chunks(runner).items)
