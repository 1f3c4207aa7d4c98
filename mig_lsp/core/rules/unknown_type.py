"""A type that is not there at that point of the set."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.types import BUILT_IN
from mig_lsp.core.catalog.values import EnumType, OtherType, type_key
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.whereabouts import finding, nearest, of_object

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("unknown-type", moment, plan):
        key = moment.new(type_key, objection.name)
        found = of_object(objection, key, moment, (EnumType, OtherType))
        if not found.better and not found.certain:
            near = nearest(objection.name[-1], BUILT_IN)
            found = found._replace(do=f"did you mean {near}?", better=near) if near else found
        yield finding("unknown-type", objection, f"{objection.what} {quoted(*objection.name)}", found)
