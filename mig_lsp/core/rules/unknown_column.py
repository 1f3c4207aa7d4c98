"""A statement about a column that is not there, or of a table that it does not read."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, Objection, shown
from mig_lsp.core.catalog.values import Table, View
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.whereabouts import column_later, finding, of_part

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("unknown-column", moment, plan):
        if objection.what != "source":
            yield _column(objection, moment)
            continue
        name, there = quoted(*objection.name), objection.detail
        instead = f": it reads {there}" if there else ": it reads no table at all"
        message = f"{name} is no table that this query reads, so the server refuses the statement{instead}"
        yield Finding("unknown-column", objection.span, message)


def _column(objection: Objection, moment: Moment) -> Finding:
    table = moment.get(objection.of) if objection.of is not None else None
    name = quoted(objection.name[-1])
    thing = f"column {name}"
    if objection.of is not None:
        thing += f" of {shown(objection.of, moment.setting)}"
    names: tuple[str, ...] = ()
    if isinstance(table, Table):
        names = tuple(table.columns)
    elif isinstance(table, View):
        names = table.columns or ()
    later = column_later(objection.of, objection.name[-1], moment)
    found = of_part(objection, names, moment, later)
    if len(objection.name) > 1 and found.better:
        found = found._replace(better=quoted(*objection.name[:-1], found.better))
    elif found.better:
        found = found._replace(better=quoted(found.better))
    return finding("unknown-column", objection, thing, found)
