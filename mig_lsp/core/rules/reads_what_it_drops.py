"""A statement that needs what a later statement of the same file takes away or changes, or what it changes itself."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Objection
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rerun import LAST, Again, Guard, converts, told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    def say(again: Again) -> tuple[str, Guard]:
        advice = LAST if again.cause == again.statement else "do that in a later migration"
        return _why(again), Guard(advice, None)

    yield from told("reads-what-it-drops", snapshot, file, say)
    yield from converts("reads-what-it-drops", snapshot, file)


def _why(again: Again) -> str:
    objection = again.objection
    thing = f"{objection.what} {quoted(*objection.name)}"
    if objection.reason == "missing" and again.cause is not None:
        return f"a later statement has taken {thing} away by then"
    if objection.reason == "missing":
        return f"{thing} is gone by then"
    if again.cause == again.statement:
        return f"it has itself changed what it needs ({_detail(objection, thing)})"
    who = "a later statement" if again.cause is not None else "this file"
    return f"{who} has changed what it needs by then ({_detail(objection, thing)})"


def _detail(objection: Objection, thing: str) -> str:
    if objection.reason == "wrong-kind":
        return objection.detail or f"{quoted(*objection.name)} is no {objection.what} any more"
    return objection.detail or thing
