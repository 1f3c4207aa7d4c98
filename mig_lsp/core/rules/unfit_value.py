"""A literal that the column it is for cannot have, and values for columns that take none."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("unfit-value", moment, plan):
        message = f"{objection.detail}, so the server refuses the statement: write one that its type takes"
        yield Finding("unfit-value", objection.span, message)
