"""A statement that drops something and is refused when the file runs again."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import LAST, Again, Guard, finding, guard, told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    for again in told("unguarded-drop", snapshot, file):
        objection = again.objection
        what = f"{objection.what} {quoted(*objection.name)}"
        if objection.reason == "dependent":
            why, safe = f"{what} is in use by then{_by(again)}", Guard(f"drop that before it, or {LAST}", None)
        else:
            why = f"{what} is gone by then" if objection.reason == "missing" else objection.detail
            safe = guard(snapshot, file, again.statement)
        yield finding("unguarded-drop", file, again, why, safe)


def _by(again: Again) -> str:
    key = again.objection.by
    if key is None or again.cause is None:
        return ""
    return f" by {quoted(key[-1])}, which a later statement makes"
