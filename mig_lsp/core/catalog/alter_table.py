"""The actions of ALTER TABLE that are about the table and its constraints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mig_lsp.core.catalog.choosing import may_be_not_null
from mig_lsp.core.catalog.copying import doubt_partition_indexes
from mig_lsp.core.catalog.draft import Draft, named_relation, object_to_missing
from mig_lsp.core.catalog.dropping import drop
from mig_lsp.core.catalog.values import UNKNOWN, Constraint, Gone, Index, Key, Table, relation_key
from mig_lsp.core.sql import parts

Action = parts.AlterTableCmd
_NOT_NULL_KEPT = 18  # the version from which on NOT NULL is a constraint with a name


def _drop_constraint(draft: Draft, action: Action) -> None:
    moment, name = draft.moment, action.name
    constraint = draft.constraints.get(name)
    if constraint is None:
        if not action.missing_ok:
            _object_to_missing(draft, name)
        return
    if constraint.inherited:
        detail = f"cannot drop inherited constraint {name}"
        moment.object("invalid", "constraint", (name,), "42P16", of=draft.key, detail=detail)
        return
    part = ("constraint", *draft.key[1:], name)
    refusal = drop(moment, (part,), cascade=action.behavior == "DROP_CASCADE")
    draft.is_left = True
    if refusal is not None:
        moment.object("dependent", "constraint", (name,), "2BP01", of=draft.key, by=refusal.by)
        constraints = {key: value for key, value in draft.constraints.items() if key != name}
        moment.put(draft.key, replace(draft.table, constraints=constraints, whole=False))
        moment.doubt(relation_key(draft.key[1], name))


def _validate(draft: Draft, action: Action) -> None:
    constraint = _constraint(draft, action)
    if constraint is not None:
        draft.constraints[action.name] = replace(constraint, valid=True)


def _alter_constraint(draft: Draft, action: Action) -> None:
    constraint = _constraint(draft, action)
    if constraint is None or constraint.kind == "foreign":
        return
    detail = f"constraint {action.name} is not a foreign key constraint"
    draft.moment.object("wrong-kind", "constraint", (action.name,), "42809", of=draft.key, detail=detail)


def _enable_row_security(draft: Draft, action: Action) -> None:
    draft.table = replace(draft.table, row_security=True)


def _disable_row_security(draft: Draft, action: Action) -> None:
    draft.table = replace(draft.table, row_security=False)


def _look_for_trigger(draft: Draft, action: Action) -> None:
    """ENABLE and DISABLE TRIGGER."""
    if draft.whole and action.name and action.name not in draft.table.triggers:
        draft.moment.object("missing", "trigger", (action.name,), "42704", of=draft.key)


def _look_for_index(draft: Draft, action: Action) -> None:
    """CLUSTER ON and REPLICA IDENTITY USING INDEX."""
    identity = action.def_.replica_identity_stmt if action.def_ is not None else None
    name = action.name or (identity.name if identity is not None else "")
    if not name:
        return
    found = draft.moment.get(relation_key(draft.key[1], name))
    if found is None or isinstance(found, Gone):
        draft.moment.object("missing", "index", (name,), "42704", found=found)
    elif isinstance(found, Index) and found.table != draft.key:
        detail = f"{name} is not an index for table {draft.key[-1]}"
        draft.moment.object("wrong-kind", "index", (name,), "42809", found=found, detail=detail)


def _attach(draft: Draft, action: Action) -> None:
    moment = draft.moment
    command = action.def_.partition_cmd if action.def_ is not None else None
    if command is None:
        return
    if draft.table.kind != "p":
        _object_to_undivided(draft)
        return
    child = _other(draft, command.name)
    if child is None:
        return
    if child.partition:
        detail = f"{child.key[-1]} is already a partition"
        moment.object("invalid", "table", command.name.name, "42809", command.name.location, detail=detail)
        return
    constraints = {
        name: replace(one, inherited=name in draft.constraints) if one.kind == "check" else one
        for name, one in child.constraints.items()
    }
    columns = {name: replace(one, inherited=True) for name, one in child.columns.items()}
    # The keys and indexes of the parent are made there too, where there are none like them.
    whole = child.whole and not draft.indexes and not any(one.kind == "foreign" for one in draft.constraints.values())
    moment.put(
        child.key,
        replace(child, partition=True, parents=(draft.key,), columns=columns, constraints=constraints, whole=whole),
    )
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
        _object_to_undivided(draft)
        return
    child = _other(draft, command.name)
    if child is None:
        return
    if draft.key not in child.parents:
        if draft.whole and child.whole:
            detail = f"relation {child.key[-1]} is not a partition of relation {draft.key[-1]}"
            moment.object("invalid", "table", command.name.name, "42P01", command.name.location, detail=detail)
        return
    moment.put(child.key, _orphaned(child, draft.key))
    draft.table = replace(draft.table, children=draft.table.children - {child.key})


def _orphaned(child: Table, parent: Key) -> Table:
    """A table that inherits from *parent* no more."""
    parents = tuple(key for key in child.parents if key != parent)
    if parents:
        return replace(child, parents=parents, whole=False)
    columns = {name: replace(one, inherited=False) for name, one in child.columns.items()}
    constraints = {name: replace(one, inherited=False) for name, one in child.constraints.items()}
    return replace(child, parents=(), partition=False, columns=columns, constraints=constraints)


def _inherit(draft: Draft, action: Action) -> None:
    moment = draft.moment
    relation = action.def_.range_var if action.def_ is not None else None
    if relation is None:
        return
    parent = _other(draft, relation)
    if parent is None:
        return
    if draft.key in parent.children:
        detail = f"relation {parent.key[-1]} would be inherited from more than once"
        moment.object("exists", "table", relation.name, "42P07", relation.location, found=parent, detail=detail)
        return
    missing = next((name for name in parent.columns if draft.lacks(name)), None)
    if missing is not None:
        detail = f"child table is missing column {missing}"
        moment.object("invalid", "column", (missing,), "42804", relation.location, of=draft.key, detail=detail)
        return
    for name in parent.columns:
        if name in draft.columns:
            draft.columns[name] = replace(draft.columns[name], inherited=True)
    for name, one in parent.constraints.items():
        if one.kind == "check" and name in draft.constraints:
            draft.constraints[name] = replace(draft.constraints[name], inherited=True)
    draft.table = replace(draft.table, parents=(*draft.table.parents, parent.key))
    moment.put(parent.key, replace(parent, children=parent.children | {draft.key}))


def _disinherit(draft: Draft, action: Action) -> None:
    relation = action.def_.range_var if action.def_ is not None else None
    parent = _other(draft, relation) if relation is not None else None
    if parent is None or relation is None:
        return
    if parent.key not in draft.table.parents:
        if draft.whole and parent.whole:
            detail = f"relation {parent.key[-1]} is not a parent of relation {draft.key[-1]}"
            draft.moment.object("missing", "table", relation.name, "42P01", relation.location, detail=detail)
        return
    draft.moment.put(parent.key, replace(parent, children=parent.children - {draft.key}))
    draft.moment.put(draft.key, _orphaned(draft.as_it_is(), parent.key))
    draft.is_left = True


ACTIONS: dict[str, Callable[[Draft, Action], None]] = {
    "AT_DropConstraint": _drop_constraint,
    "AT_ValidateConstraint": _validate,
    "AT_AlterConstraint": _alter_constraint,
    "AT_EnableRowSecurity": _enable_row_security,
    "AT_DisableRowSecurity": _disable_row_security,
    "AT_EnableTrig": _look_for_trigger,
    "AT_EnableAlwaysTrig": _look_for_trigger,
    "AT_EnableReplicaTrig": _look_for_trigger,
    "AT_DisableTrig": _look_for_trigger,
    "AT_ClusterOn": _look_for_index,
    "AT_ReplicaIdentity": _look_for_index,
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
    "AT_AddInherit": _inherit,
    "AT_DropInherit": _disinherit,
}


def _constraint(draft: Draft, action: Action) -> Constraint | None:
    """The constraint that is meant; notes that there is none."""
    constraint = draft.constraints.get(action.name)
    if constraint is None:
        _object_to_missing(draft, action.name)
    return constraint


def _object_to_missing(draft: Draft, name: str) -> None:
    """Notes that there is no such constraint, where that is certain."""
    if not draft.whole:
        return
    # The names of constraints for NOT NULL are not in the catalog.
    if draft.moment.setting.version >= _NOT_NULL_KEPT and may_be_not_null(draft.moment, draft.key[1], name):
        return
    draft.moment.object("missing", "constraint", (name,), "42704", of=draft.key)


def _object_to_undivided(draft: Draft) -> None:
    name = draft.key[-1]
    detail = f"table {name} is not partitioned"
    draft.moment.object("wrong-kind", "table", (name,), "42809", found=draft.table, detail=detail)


def _other(draft: Draft, relation: parts.RangeVar) -> Table | None:
    """The other table that an action names; notes what is wrong with it."""
    _, value = named_relation(draft.moment, relation)
    if value is None or isinstance(value, Gone):
        object_to_missing(draft.moment, relation, "table", value)
    elif value is not UNKNOWN and not isinstance(value, Table):
        draft.moment.object("wrong-kind", "table", relation.name, "42809", relation.location, found=value)
    return value if isinstance(value, Table) else None
