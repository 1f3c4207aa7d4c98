"""NULL, or nothing, for a column that must have a value."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, shown
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("not-null-violation", moment, plan):
        column = quoted(*objection.name)
        where = f" of {shown(objection.of, moment.setting)}" if objection.of is not None else ""
        if objection.detail == "omitted":
            message = f"column {column}{where} must have a value and has no default, and these rows give none, "
        else:
            message = f"column {column}{where} must have a value, and NULL is given here, "
        message += f"so the server refuses the rows and the deploy stops: give {column} a value"
        yield Finding("not-null-violation", objection.span, message)
