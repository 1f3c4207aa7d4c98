"""A timestamp without time zone, which means another moment on every machine."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.columns import defined_columns
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.statement import Statement

CATEGORY: Category = "schema"
SEVERITY = Severity.INFO
DEFAULT_OFF = True


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    for defined in defined_columns(statement):
        if defined.type == "pg_catalog.timestamp":
            column = quoted(defined.column)
            message = (
                f"{column} keeps no moment but what a clock shows somewhere: two sessions in different time "
                "zones read different moments from it: write timestamptz"
            )
            yield Finding("prefer-timestamptz", defined.span, message)
