"""A statement that drops something and is refused when the file runs again."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import LAST, Again, Guard, guard, told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    def say(again: Again) -> tuple[str, Guard]:
        objection = again.objection
        what = f"{objection.what} {quoted(*objection.name)}"
        if objection.reason == "dependent":
            return f"{what} is in use by then{_by(again)}", Guard(f"drop that before it, or {LAST}", None)
        why = f"{what} is gone by then" if objection.reason == "missing" else objection.detail
        return why, guard(snapshot, file, again.statement)

    return told("unguarded-drop", snapshot, file, say)


def _by(again: Again) -> str:
    key = again.objection.by
    if key is None or again.cause is None:
        return ""
    return f" by {quoted(key[-1])}, which a later statement makes"
