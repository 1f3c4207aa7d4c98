"""The actions of ALTER TABLE that are about the table and its constraints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mig_lsp.core.catalog.choosing import TABLES_NAME_NOT_NULL, may_be_not_null
from mig_lsp.core.catalog.draft import Draft
from mig_lsp.core.catalog.dropping import drop
from mig_lsp.core.catalog.values import Constraint, Gone, Index, relation_key
from mig_lsp.core.sql import parts

Action = parts.AlterTableCmd


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
    if constraint is None:
        return
    if constraint.kind not in ("check", "foreign"):
        detail = f"constraint {action.name} is not a foreign key or check constraint"
        draft.moment.object("wrong-kind", "constraint", (action.name,), "42809", of=draft.key, detail=detail)
        return
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
    if draft.moment.setting.version >= TABLES_NAME_NOT_NULL and may_be_not_null(draft.moment, draft.key[1], name):
        return
    draft.moment.object("missing", "constraint", (name,), "42704", of=draft.key)
