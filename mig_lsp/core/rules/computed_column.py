"""A value for a column that PostgreSQL computes itself."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, shown
from mig_lsp.core.catalog.values import Table
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("computed-column", moment, plan):
        if objection.of is None:
            continue
        table, name = moment.before(objection.of), objection.name[-1]
        column = table.columns.get(name) if isinstance(table, Table) else None
        if column is None:
            continue
        what = f"column {quoted(name)} of {shown(objection.of, moment.setting)}"
        if column.generated:
            message = (
                f"{what} is computed from other columns, so the server refuses a value for it and the deploy stops: "
            )
            message += "leave the column out, or write DEFAULT"
        else:
            message = (
                f"{what} is GENERATED ALWAYS AS IDENTITY, so the server refuses a value for it and the deploy stops: "
            )
            kind = moment.statement.kind
            message += "leave the column out" + (", or say OVERRIDING SYSTEM VALUE" if kind == "InsertStmt" else "")
        yield Finding("computed-column", objection.span, message)
