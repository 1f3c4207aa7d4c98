"""A statement that the server refuses for what the objects are, where no other rule tells why."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import EnumType, Index, OtherType, Sequence, Table, Value, View
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("refused-statement", moment, plan):
        kind = _kind(objection.found) if objection.reason == "wrong-kind" else ""
        name = quoted(*objection.name)
        why = objection.detail or f"{name} is {kind or f'not such {_a(objection.what)}'}"
        message = f"{why}, so the server refuses the statement with error {objection.sqlstate}: change it"
        yield Finding("refused-statement", objection.span, message)


def _kind(found: Value) -> str:
    match found:
        case Table(kind="p"):
            return "a partitioned table"
        case Table(kind="f"):
            return "a foreign table"
        case Table():
            return "a table"
        case View(materialized=True):
            return "a materialized view"
        case View():
            return "a view"
        case Index():
            return "an index"
        case Sequence():
            return "a sequence"
        case EnumType():
            return "an enum"
        case OtherType():
            return f"a {found.kind} type"
    return ""


def _a(what: str) -> str:
    return f"an {what}" if what[:1] in "aeiou" else f"a {what}"
