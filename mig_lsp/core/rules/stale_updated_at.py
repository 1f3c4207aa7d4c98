"""UPDATE that leaves updated_at as it was."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import Table
from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.commands import UpdateStmt
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.text import Span

CATEGORY: Category = "schema"
SEVERITY = Severity.INFO
DEFAULT_OFF = True

_NAME = "updated_at"
_TIMES = frozenset(("date", "timestamp", "timestamptz"))
_UPDATE = 16  # of a trigger's events


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    update = moment.statement.tree(UpdateStmt)
    if update is None or moment.objections:
        return
    table = moment.relation(update.relation.name)[1]
    if not isinstance(table, Table) or not table.whole or table.kind == "f" or table.rules:
        return
    column = table.columns.get(_NAME)
    if column is None or column.type is None or column.type.name not in _TIMES or column.generated:
        return
    targets = [item.res_target for item in update.target_list if item.res_target is not None]
    if not targets or any(target.name == _NAME for target in targets):
        return
    if any(each.before and each.row and each.events & _UPDATE for each in table.triggers.values()):
        return
    start = moment.statement.at(targets[0].location)
    name = quoted(*update.relation.name)
    message = (
        f"{_NAME} of {name} stays as it was, and no trigger sets it: readers take these rows for unchanged; set it"
    )
    fix = Fix(f"Set {_NAME}", (Edit(Span(start, start), f"{_NAME} = now(), "),), safe=False)
    yield Finding("stale-updated-at", moment.span(update.relation.name, update.relation.location), message, fix)
