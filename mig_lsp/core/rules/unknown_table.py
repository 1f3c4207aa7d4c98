"""A statement about a table, view, index or sequence that is not there at that point of the set."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import Index, Key, Sequence, Table, View, relation_key
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.whereabouts import finding, of_object

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR

_KINDS: dict[str, tuple[type, ...]] = {
    "table": (Table, View),
    "view": (View,),
    "materialized view": (View,),
    "foreign table": (Table,),
    "index": (Index,),
    "sequence": (Sequence,),
    "relation": (Table, View, Index, Sequence),
}


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("unknown-table", moment, plan):
        name = objection.name
        key: Key = moment.new(relation_key, name)
        found = of_object(objection, key, moment, _KINDS[objection.what])
        yield finding("unknown-table", objection, f"{objection.what} {quoted(*name)}", found)
