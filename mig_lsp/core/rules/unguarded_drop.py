"""A statement that drops something and is refused when the file runs again."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import Again, finding, guard, kind_of, second_run
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING

_DROPS = frozenset(("DropStmt", "DropRoleStmt", "AlterTableStmt", "AlterDomainStmt"))


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for again in second_run(snapshot, file):
        if kind_of(file, again) not in _DROPS:
            continue
        objection = again.objection
        what = f"{objection.what} {quoted(*objection.name)}"
        if objection.reason == "missing" and again.cause == again.statement:
            yield finding("unguarded-drop", file, again, f"{what} is gone by then", guard(snapshot, file, again))
        elif objection.reason == "dependent":
            yield finding(
                "unguarded-drop",
                file,
                again,
                f"{what} is in use by then{_by(again)}",
                guard(snapshot, file, again),
            )


def _by(again: Again) -> str:
    key = again.objection.by
    if key is None or again.cause is None:
        return ""
    return f" by {quoted(key[-1])}, which a later statement makes"
