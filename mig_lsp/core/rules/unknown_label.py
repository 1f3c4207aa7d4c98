"""A string that is no label of the enum that it is meant for."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, shown
from mig_lsp.core.catalog.values import EnumType
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.objections import told
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.whereabouts import finding, label_later, of_part

CATEGORY: Category = "schema"
SEVERITY = Severity.ERROR

_MOST_SHOWN = 8


def check_moment(moment: Moment, plan: Plan) -> Iterator[Finding]:
    for objection in told("unknown-label", moment, plan):
        enum = moment.get(objection.of) if objection.of is not None else None
        labels = enum.labels if isinstance(enum, EnumType) else ()
        label = objection.name[-1]
        found = of_part(objection, labels, moment, label_later(objection.of, label, moment))
        if found.better:
            found = found._replace(better=_literal(found.better), do=f"did you mean {_literal(found.better)}?")
        elif found.do == "check the name" and labels:
            more = ", ..." if len(labels) > _MOST_SHOWN else ""
            found = found._replace(do="it has " + ", ".join(map(_literal, labels[:_MOST_SHOWN])) + more)
        of = f" of {shown(objection.of, moment.setting)}" if objection.of is not None else ""
        yield finding("unknown-label", objection, f"label {_literal(label)}{of}", found)


def _literal(label: str) -> str:
    return "'" + " ".join(label.split()).replace("'", "''") + "'"
