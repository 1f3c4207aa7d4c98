"""A schema, function, constraint, trigger, policy or the like that is not there at that point of the set."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, Objection, shown
from mig_lsp.core.catalog.values import Key, Table, routine_key, schema_key
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.whereabouts import Whereabouts, finding, of_object, of_part

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("unknown-object", moment, plan):
        where = f" of {shown(objection.of, moment.setting)}" if objection.of is not None else ""
        thing = f"{objection.what} {quoted(*objection.name)}{where}"
        yield finding("unknown-object", objection, thing, _found(objection, moment))


def _found(objection: Objection, moment: Moment) -> Whereabouts:
    table = moment.before(objection.of) if objection.of is not None else None
    if isinstance(table, Table):
        parts = {"constraint": table.constraints, "trigger": table.triggers, "policy": table.policies}
        return of_part(objection, parts.get(objection.what, {}), moment)
    return of_object(objection, _key(objection, moment), moment)


def _key(objection: Objection, moment: Moment) -> Key | None:
    if objection.what == "schema":
        return schema_key(objection.name[-1])
    if objection.what in ("function", "procedure", "aggregate", "routine"):
        return moment.new(routine_key, objection.name)
    return None
