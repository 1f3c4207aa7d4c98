"""A literal that a CHECK of the table does not let its column have."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, shown
from mig_lsp.core.catalog.values import Table
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("check-violation", moment, plan):
        table = moment.before(objection.of) if objection.of is not None else None
        where = f" of {shown(table.key, moment.setting)}" if isinstance(table, Table) else ""
        message = (
            f"{'.'.join(objection.name)!r} is not allowed here, so the server refuses the rows and the deploy stops: "
        )
        message += f"{objection.detail}{where}; write one of these, or change the constraint in a statement before"
        yield Finding("check-violation", objection.span, message)
