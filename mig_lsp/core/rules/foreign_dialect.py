"""SQL of another database."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.dialect import foreign
from mig_lsp.core.sql.statement import Statement

CATEGORY: Category = "syntax"
SEVERITY = Severity.ERROR


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    found = foreign(statement)
    if found is None:
        return
    fix = None
    if found.translated is not None:
        fix = Fix(f"Translate from {found.database}", (Edit(statement.span, found.translated),), safe=False)
    yield Finding(
        "foreign-dialect",
        found.span,
        f"{found.construct} is {found.database}, not PostgreSQL, and the server refuses the statement: {found.way}",
        fix,
    )
