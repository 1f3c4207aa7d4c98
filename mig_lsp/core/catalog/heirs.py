"""The actions of ALTER TABLE that make one table the parent of another, or no more: inheritance, and partitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mig_lsp.core.catalog.children import is_below, released
from mig_lsp.core.catalog.copying import copy_triggers, doubt_partition_indexes
from mig_lsp.core.catalog.draft import Draft, draft_of, named_relation, object_to_missing
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.types import display
from mig_lsp.core.catalog.values import UNKNOWN, Gone, Index, Key, Table
from mig_lsp.core.sql import parts

Action = parts.AlterTableCmd


def _attach(draft: Draft, action: Action) -> None:
    moment = draft.moment
    command = action.def_.partition_cmd if action.def_ is not None else None
    if command is None:
        return
    if draft.table.kind != "p":
        _refuse(draft, draft.key[-1], f"table {draft.key[-1]} is not partitioned")
        return
    child = _other(draft, command.name)
    if child is None:
        return
    wrong = ""
    if child.partition:
        wrong = f"{child.key[-1]} is already a partition"
    elif child.parents:
        wrong = f"{child.key[-1]} inherits from another table"
    elif child.children and child.kind != "p":
        wrong = f"another table inherits from {child.key[-1]}"
    if wrong:
        moment.object("invalid", "table", command.name.name, "42809", command.name.location, detail=wrong)
        return
    if _is_circle(draft, draft.key, child.key, command.name) or _do_not_fit(
        draft.as_it_is(), child, command.name, moment
    ):
        return
    constraints = {
        name: replace(one, inherited=True, own=False) if one.kind == "check" and name in draft.constraints else one
        for name, one in child.constraints.items()
    }
    columns = {name: replace(one, inherited=True, own=False) for name, one in child.columns.items()}
    # The keys and indexes of the parent are made there too, where there are none like them.
    whole = child.whole and not draft.indexes and not any(one.kind == "foreign" for one in draft.constraints.values())
    heir = draft_of(replace(child, columns=columns, constraints=constraints), moment, draft.words)
    copy_triggers(heir, draft.table)
    moment.put(child.key, replace(heir.as_it_is(), partition=True, parents=(draft.key,), whole=whole))
    draft.table = replace(draft.table, children=draft.table.children | {child.key})
    indexes = [index for index in map(moment.get, sorted(draft.indexes)) if isinstance(index, Index)]
    if indexes:
        doubt_partition_indexes(moment, replace(draft.as_it_is(), children=frozenset({child.key})), indexes)


def _detach(draft: Draft, action: Action) -> None:
    moment = draft.moment
    command = action.def_.partition_cmd if action.def_ is not None else None
    if command is None:
        return
    if draft.table.kind != "p":
        _refuse(draft, draft.key[-1], f"table {draft.key[-1]} is not partitioned")
        return
    child = _other(draft, command.name)
    if child is None:
        return
    if draft.key not in child.parents:
        if draft.whole and child.whole:
            detail = f"relation {child.key[-1]} is not a partition of relation {draft.key[-1]}"
            moment.object("invalid", "table", command.name.name, "42P01", command.name.location, detail=detail)
        return
    lent = {name for name, trigger in draft.table.triggers.items() if trigger.row}
    triggers = {name: trigger for name, trigger in child.triggers.items() if name not in lent}
    moment.put(child.key, _orphaned(replace(child, triggers=triggers), draft.key, moment))
    draft.table = replace(draft.table, children=draft.table.children - {child.key})


def _inherit(draft: Draft, action: Action) -> None:
    moment = draft.moment
    relation = action.def_.range_var if action.def_ is not None else None
    if relation is None:
        return
    if draft.table.partition or draft.table.kind == "p":
        what = "partition" if draft.table.partition else "partitioned table"
        _refuse(draft, draft.key[-1], f"cannot change inheritance of {what} {draft.key[-1]}")
        return
    parent = _other(draft, relation)
    if parent is None:
        return
    if parent.partition or parent.kind == "p":
        what = "partition" if parent.partition else "partitioned table"
        detail = f"cannot inherit from {what} {relation.relname}"
        moment.object("wrong-kind", "table", relation.name, "42809", relation.location, found=parent, detail=detail)
        return
    if _is_circle(draft, parent.key, draft.key, relation):
        return
    if draft.key in parent.children:
        detail = f"relation {parent.key[-1]} would be inherited from more than once"
        moment.object("exists", "table", relation.name, "42P07", relation.location, found=parent, detail=detail)
        return
    if _do_not_fit(parent, draft.as_it_is(), relation, moment):
        return
    for name in parent.columns:
        if name in draft.columns:
            draft.columns[name] = replace(draft.columns[name], inherited=True)
    for name, one in parent.constraints.items():
        if one.kind == "check" and one.heritable and name in draft.constraints:
            draft.constraints[name] = replace(draft.constraints[name], inherited=True)
    draft.table = replace(draft.table, parents=(*draft.table.parents, parent.key))
    moment.put(parent.key, replace(parent, children=parent.children | {draft.key}))


def _disinherit(draft: Draft, action: Action) -> None:
    relation = action.def_.range_var if action.def_ is not None else None
    if relation is None:
        return
    if draft.table.partition:
        _refuse(draft, draft.key[-1], f"cannot change inheritance of partition {draft.key[-1]}")
        return
    parent = _other(draft, relation)
    if parent is None:
        return
    if parent.key not in draft.table.parents:
        if draft.whole and parent.whole:
            detail = f"relation {parent.key[-1]} is not a parent of relation {draft.key[-1]}"
            draft.moment.object("missing", "table", relation.name, "42P01", relation.location, detail=detail)
        return
    draft.moment.put(parent.key, replace(parent, children=parent.children - {draft.key}))
    draft.moment.put(draft.key, _orphaned(draft.as_it_is(), parent.key, draft.moment))
    draft.is_left = True


ACTIONS: dict[str, Callable[[Draft, Action], None]] = {
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
    "AT_AddInherit": _inherit,
    "AT_DropInherit": _disinherit,
}


def _orphaned(child: Table, parent: Key, moment: Moment) -> Table:
    """A table that inherits from *parent* no more: what no other parent has is its own from now on."""
    others = tuple(key for key in child.parents if key != parent)
    above = [value for value in map(moment.get, others) if isinstance(value, Table)]
    columns = {
        name: released(one, any(name in table.columns for table in above)) if one.inherited else one
        for name, one in child.columns.items()
    }
    constraints = {
        name: released(one, any(name in table.constraints for table in above)) if one.inherited else one
        for name, one in child.constraints.items()
    }
    whole = child.whole and len(above) == len(others)
    return replace(child, parents=others, partition=False, columns=columns, constraints=constraints, whole=whole)


def _is_circle(draft: Draft, parent: Key, child: Key, relation: parts.RangeVar) -> bool:
    """Notes that *parent* is already below *child*; whether it is."""
    if not is_below(draft.moment, parent, child):
        return False
    detail = f"{child[-1]} would inherit from itself"
    draft.moment.object("exists", "table", relation.name, "42P07", relation.location, of=draft.key, detail=detail)
    return True


def _do_not_fit(parent: Table, child: Table, relation: parts.RangeVar, moment: Moment) -> bool:
    """Notes why *child* cannot inherit from *parent*; whether there is a reason."""
    name, detail = _misfit(parent, child)
    if detail:
        moment.object("invalid", "column", (name,), "42804", relation.location, of=child.key, detail=detail)
    return bool(detail)


def _misfit(parent: Table, child: Table) -> tuple[str, str]:
    for column in parent.columns.values():
        own = child.columns.get(column.name)
        if own is None:
            if child.whole:
                return column.name, f"child table is missing column {column.name}"
        elif own.type is not None and column.type is not None and display(own.type) != display(column.type):
            return column.name, f"column {column.name} of the child table is of another type"
        elif column.not_null and not own.not_null and not column.identity:
            return column.name, f"column {column.name} of the child table must be NOT NULL"
    for constraint in parent.constraints.values():
        if (
            constraint.kind == "check"
            and constraint.heritable
            and child.whole
            and constraint.name not in child.constraints
        ):
            return constraint.name, f"child table is missing constraint {constraint.name}"
    if parent.kind == "p" and parent.whole:
        more = next((name for name in child.columns if name not in parent.columns), None)
        if more is not None:
            return more, f"the partitioned table has no column {more}"
    return "", ""


def _refuse(draft: Draft, name: str, detail: str) -> None:
    draft.moment.object("wrong-kind", "table", (name,), "42809", found=draft.table, detail=detail)


def _other(draft: Draft, relation: parts.RangeVar) -> Table | None:
    """The other table that an action names; notes what is wrong with it."""
    key, value = named_relation(draft.moment, relation)
    if value is None or isinstance(value, Gone):
        object_to_missing(draft.moment, relation, "table", value)
    elif value is not UNKNOWN and not isinstance(value, Table):
        draft.moment.object("wrong-kind", "table", relation.name, "42809", relation.location, found=value)
    if key == draft.key:
        return draft.as_it_is()
    return value if isinstance(value, Table) else None
