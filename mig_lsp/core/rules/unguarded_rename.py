"""A rename with statements behind it: when one of those fails, the old name is gone and the file cannot run again."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import Guard, finding, guard, kind_of, second_run
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING

_RENAMES = frozenset(("RenameStmt", "AlterObjectSchemaStmt", "AlterEnumStmt"))


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for again in second_run(snapshot, file):
        objection = again.objection
        if kind_of(file, again) not in _RENAMES or (objection.reason == "missing" and again.cause != again.statement):
            continue
        if kind_of(file, again) == "AlterEnumStmt" and objection.reason == "exists":
            continue  # ADD VALUE
        state = "already exists" if objection.reason == "exists" else "has its new name by then"
        why = f"{objection.what} {quoted(*objection.name)} {state}"
        safe = guard(snapshot, file, again)
        if safe.fix is None:
            safe = Guard("make it the last statement, or a migration of its own", None)
        yield finding("unguarded-rename", file, again, why, safe)
