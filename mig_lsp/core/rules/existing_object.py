"""A statement that makes what is there already: refused, or passed over although what is there differs."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, Objection
from mig_lsp.core.catalog.values import Origin, Table
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.differences import Standing, standing
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.whereabouts import file_of, made

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR

_MOST = 4  # differences in a message


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    certain = [*told("existing-object", moment, plan)]
    for objection in certain:
        yield _refused(objection, moment)
    if certain or moment.statement.kind not in _QUIET:
        return
    for each in standing(moment):
        if each.differences:
            yield _passed_over(each, moment)


_QUIET = frozenset(("CreateStmt", "IndexStmt", "CreateTableAsStmt", "AlterTableStmt", "CreateEnumStmt"))


def _refused(objection: Objection, moment: Moment) -> Finding:
    origin = _origin(objection, moment)
    where = f" ({file_of(origin, moment)} makes it)" if origin is not None else ""
    message = (
        f"{objection.what} {quoted(*objection.name)} already exists{where}, so the server refuses the statement: "
        "leave it out, choose another name, or change what is there"
    )
    return Finding("existing-object", objection.span, message)


def _origin(objection: Objection, moment: Moment) -> Origin | None:
    """The statement that made what is there, where that is told."""
    origin = made(objection.found)
    table = moment.before(objection.of) if origin is None and objection.of is not None else None
    if not isinstance(table, Table):
        return origin
    name = objection.name[-1]
    match objection.what:
        case "column" if name in table.columns:
            return table.columns[name].made
        case "constraint" if name in table.constraints:
            return table.constraints[name].made
        case "trigger" if name in table.triggers:
            return table.triggers[name].made
        case "policy" if name in table.policies:
            return table.policies[name].made
    return None


def _passed_over(each: Standing, moment: Moment) -> Finding:
    more = f" and {len(each.differences) - _MOST} more" if len(each.differences) > _MOST else ""
    what = "; ".join(each.differences[:_MOST])
    why = "IF NOT EXISTS passes over it" if each.said else "the runner takes the error for success"
    how = (
        "say the difference with ALTER"
        if each.what in ("table", "column", "type")
        else "drop it first, or choose another name"
    )
    message = (
        f"{each.what} {each.name} already exists ({file_of(each.made, moment)} makes it), {why}, and what is "
        f"there differs: {what}{more}; {how}"
    )
    return Finding("existing-object", moment.span((each.name,)), message, severity=Severity.WARNING)
