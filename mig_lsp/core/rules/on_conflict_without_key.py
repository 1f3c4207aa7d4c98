"""ON CONFLICT about columns that no unique key has."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, Objection, shown
from mig_lsp.core.catalog.values import Index, Table
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("on-conflict-without-key", moment, plan):
        if objection.reason == "invalid" or objection.of is None:
            yield _finding(objection, moment)
        else:
            name, table = quoted(objection.name[-1]), shown(objection.of, moment.setting)
            message = (
                f"{table} has no constraint {name}, so the server refuses the statement: {_keys(objection, moment)}"
            )
            yield Finding("on-conflict-without-key", objection.span, message)


def _finding(objection: Objection, moment: Moment) -> Finding:
    table = shown(objection.of, moment.setting) if objection.of is not None else "the table"
    columns = ", ".join(quoted(name) for name in objection.name)
    if objection.sqlstate == "42P10":
        why = f"no unique key of {table} has just the columns {columns}" if columns else f"{table} has no such key"
        do = _keys(objection, moment)
    elif objection.sqlstate == "55000":
        why = f"the unique key of {table} is deferrable and ON CONFLICT cannot use it"
        do = "make a key that is not"
    else:
        why = objection.detail
        do = _keys(objection, moment)
    message = f"{why}, so the server refuses the statement: {do}"
    return Finding("on-conflict-without-key", objection.span, message)


def _keys(objection: Objection, moment: Moment) -> str:
    """The keys that there are, as advice."""
    table = moment.get(objection.of) if objection.of is not None else None
    found: list[str] = []
    for key in sorted(table.indexes) if isinstance(table, Table) else ():
        index = moment.get(key)
        if isinstance(index, Index) and index.unique and not index.predicate and "" not in index.columns:
            found.append("(" + ", ".join(quoted(name) for name in index.columns) + ")")
    if not found:
        return "make a unique constraint first"
    return f"name {' or '.join(found)}, or make a unique constraint first"
