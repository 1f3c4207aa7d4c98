"""Which rule tells of which objection of the server: each is told by exactly one."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, Objection
from mig_lsp.core.rerun import is_tolerated
from mig_lsp.core.snapshot import Plan

RELATIONS = ("table", "view", "materialized view", "foreign table", "index", "sequence", "relation")

_MISSING = {
    **dict.fromkeys(RELATIONS, "unknown-table"),
    **dict.fromkeys(("column", "attribute", "source"), "unknown-column"),
    **dict.fromkeys(("type", "domain"), "unknown-type"),
    "label": "unknown-label",
    "role": "unknown-role",
}
_INVALID = {"ambiguous": "ambiguous-column", "conflict": "on-conflict-without-key", "null": "not-null-violation"}
_VALUES = {"23514": "check-violation", "428C9": "computed-column"}


def told(rule: str, moment: Moment, plan: Plan) -> Iterator[Objection]:
    """What the server refuses the statement for, as far as it is *rule* that tells of it."""
    for objection in moment.objections:
        if rule_of(objection, moment) == rule and not is_tolerated(moment, objection, plan):
            yield objection


def rule_of(objection: Objection, moment: Moment) -> str:
    """The rule that tells of the objection."""
    what = objection.what
    match objection.reason:
        case "exists":
            return "existing-object"
        case "dependent":
            return "dependent-object"
        case "missing":
            if what == "constraint" and moment.statement.kind == "InsertStmt":
                return "on-conflict-without-key"
            return _MISSING.get(what, "unknown-object")
    if what in ("value", "computed"):
        return _VALUES.get(objection.sqlstate, "unfit-value")
    return _INVALID.get(what, "refused-statement")
