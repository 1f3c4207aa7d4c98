"""A json column, which cannot be compared or indexed."""

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
        if defined.type in {"json", "pg_catalog.json"}:
            column = quoted(defined.column)
            message = (
                f"SELECT DISTINCT, GROUP BY and UNION fail on {column}, and it is parsed again at every "
                "access, because json is kept as text: write jsonb"
            )
            yield Finding("prefer-jsonb", defined.span, message)
