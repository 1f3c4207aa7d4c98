"""A type with a limit on characters, which only costs."""

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
        if defined.type == "pg_catalog.bpchar" or (defined.type == "pg_catalog.varchar" and defined.limited):
            column = quoted(defined.column)
            message = (
                f"{column} is no smaller or faster than text, and char(n) fills up with blanks: write text, "
                "with a CHECK of char_length where a limit is meant"
            )
            yield Finding("prefer-text", defined.span, message)
