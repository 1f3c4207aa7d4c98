"""What the server objects to in a DEFAULT while it reads it: a literal that the column's type does not take."""

from __future__ import annotations

from mig_lsp.core.catalog.draft import Draft
from mig_lsp.core.catalog.expressions import Constant
from mig_lsp.core.catalog.literals import not_assigned, refused
from mig_lsp.core.catalog.values import Column
from mig_lsp.core.sql.parts import AConst


def check_default(draft: Draft, column: Column, const: Constant | None) -> None:
    """Notes a literal that is no value of the column's type; one that is only too long waits for the first row."""
    if const is None:
        return
    moment = draft.moment
    judge = refused if const.kind == "string" else not_assigned
    wrong = judge(const, column.type, moment)
    if wrong is None:
        return
    if wrong.enum is not None:
        moment.object("missing", "label", (const.text,), "22P02", const.location, of=wrong.enum)
    else:
        place, detail = const.location, wrong.detail
        moment.object("invalid", "value", (const.text,), wrong.sqlstate, place, of=draft.key, detail=detail)


def constant_of(node: AConst) -> Constant:
    """The literal that a node of the grammar is."""
    place = node.location
    if node.sval is not None:
        return Constant("string", node.sval.sval, place)
    if node.ival is not None:
        return Constant("number", str(node.ival.ival), place)
    if node.fval is not None:
        return Constant("number", node.fval.fval, place)
    if node.boolval is not None:
        return Constant("boolean", "true" if node.boolval.boolval else "false", place)
    return Constant("null" if node.isnull else "bits", "", place)
