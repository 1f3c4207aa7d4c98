"""A serial column, whose sequence has rights and an owner of its own."""

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

_SERIAL = {"smallserial", "serial", "bigserial", "serial2", "serial4", "serial8"}


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    for defined in defined_columns(statement):
        if defined.type in _SERIAL:
            column = quoted(defined.column)
            message = (
                f"{column} gets a sequence whose privileges have to be granted by themselves, and any INSERT "
                "may write numbers that it gives out later: write GENERATED ALWAYS AS IDENTITY"
            )
            yield Finding("prefer-identity", defined.span, message)
