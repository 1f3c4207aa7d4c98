"""A column that several tables of a query have, without saying which is meant."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("ambiguous-column", moment, plan):
        name = quoted(*objection.name)
        which = " or ".join(objection.detail.split(", ")) if objection.detail else "the one that is meant"
        message = f"more than one table here has a column {name}, so the server refuses the statement: write {which}"
        yield Finding("ambiguous-column", objection.span, message)
