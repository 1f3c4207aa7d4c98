"""A role that is not there at that point of the set."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import Named, role_key
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.whereabouts import finding, of_object

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("unknown-role", moment, plan):
        found = of_object(objection, role_key(objection.name[-1]), moment, (Named,))
        yield finding("unknown-role", objection, f"role {quoted(objection.name[-1])}", found)
