"""A DROP or change that the server refuses because something else still uses the thing."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, Objection, shown
from mig_lsp.core.catalog.values import Constraint, Key, Origin, Routines, Sequence, Table, View
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.whereabouts import file_of, made

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("dependent-object", moment, plan):
        if objection.by is None:
            continue
        user, origin = _user(objection, objection.by, moment)
        where = f", made by {file_of(origin, moment)}," if origin is not None else ""
        is_itself = objection.of is not None and objection.of[1:] == objection.name
        name = shown(objection.of, moment.setting) if objection.of and is_itself else quoted(*objection.name)
        thing = f"{objection.what} {name}"
        advice = _advice(objection, moment, user)
        message = f"{thing} is still used by {user}{where} so the server refuses the statement: {advice}"
        yield Finding("dependent-object", objection.span, message)


def _user(objection: Objection, by: Key, moment: Moment) -> tuple[str, Origin | None]:
    """What uses it, in words, and the statement that made that."""
    value, name = moment.before(by), shown(by, moment.setting)
    if isinstance(value, View):
        return f"{'materialized view' if value.materialized else 'view'} {name}", value.made
    if isinstance(value, Table):
        kind, part, origin = _part(objection, value)
        return (f"{kind} {quoted(part)} of {name}", origin) if kind else (f"table {name}", value.made)
    if isinstance(value, Sequence):
        return f"sequence {name}", value.made
    if isinstance(value, Routines):
        return f"function {name}", made(value)
    kind = {"type": "type", "schema": "schema"}.get(by[0], "")
    return f"{kind} {name}".strip(), made(value)


def _part(objection: Objection, table: Table) -> tuple[str, str, Origin | None]:
    """The part of a table that uses it: its kind, name and origin; "" where it is the table itself."""
    kind, _, name = objection.detail.partition(" ")
    if kind == "default":
        return "the default of column", name, table.columns[name].changed if name in table.columns else None
    for word, parts in (
        ("constraint", table.constraints),
        ("trigger", table.triggers),
        ("policy", table.policies),
        ("column", table.columns),
    ):
        if kind == word and name in parts:
            return ("foreign key" if _is_foreign(parts[name]) else kind), name, parts[name].made
    own, column = objection.of == table.key, objection.name[-1]
    if objection.what == "column" and own:
        for trigger in table.triggers.values():
            if column in (trigger.columns or ()):
                return "trigger", trigger.name, trigger.made
        for policy in table.policies.values():
            if column in (policy.columns or ()):
                return "policy", policy.name, policy.made
        for other in table.columns.values():
            if other.generated and column in (other.uses or ()):
                return "generated column", other.name, other.made
    for constraint in table.constraints.values():
        if constraint.kind == "foreign" and constraint.references == objection.of:
            return "foreign key", constraint.name, constraint.made
    return "", "", None


def _is_foreign(part: object) -> bool:
    return isinstance(part, Constraint) and part.kind == "foreign"


def _advice(objection: Objection, moment: Moment, user: str) -> str:
    kind = user.partition(" of ")[0].rpartition(" ")[0]
    if moment.statement.kind == "TruncateStmt":
        return "name both tables in one TRUNCATE"
    if objection.what == "index":
        return "drop the constraint instead"
    if objection.sqlstate == "0A000":
        return f"drop the {kind} before it and make it again behind it, in this file"
    if kind.endswith("view"):
        return "drop the view before it, and make it again without this behind it; CASCADE would drop it without a word"
    return f"drop or change the {kind or 'other'} before it; CASCADE would do so without a word"
