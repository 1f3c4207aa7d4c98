"""A primary key that runs out of numbers."""

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

_SMALL = {
    "pg_catalog.int2": "bigint",
    "pg_catalog.int4": "bigint",
    "smallserial": "bigserial",
    "serial": "bigserial",
    "serial2": "bigserial",
    "serial4": "bigserial",
}


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    for defined in defined_columns(statement):
        if defined.key and defined.type in _SMALL:
            column = quoted(defined.column)
            message = (
                f"no row can be inserted when {column} has reached its largest number, and changing its type "
                f"then copies the table: write {_SMALL[defined.type]}"
            )
            yield Finding("prefer-bigint-key", defined.span, message)
