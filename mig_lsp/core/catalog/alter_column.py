"""The actions of ALTER TABLE that are about one column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from mig_lsp.core.catalog.choosing import TABLES_NAME_NOT_NULL
from mig_lsp.core.catalog.columns import can_be_identity, identity, link_type
from mig_lsp.core.catalog.comparing import cannot_assign
from mig_lsp.core.catalog.constraints import set_not_null
from mig_lsp.core.catalog.defaults import check_default, constant_of
from mig_lsp.core.catalog.draft import Draft, missing_columns
from mig_lsp.core.catalog.dropping import drop
from mig_lsp.core.catalog.expressions import Json, column_of, load, strings
from mig_lsp.core.catalog.fragments import SYSTEM_COLUMNS
from mig_lsp.core.catalog.places import rest
from mig_lsp.core.catalog.resting import rest_on_called
from mig_lsp.core.catalog.routines import EXTENSION_MADE
from mig_lsp.core.catalog.types import PSEUDO, base_type, display, resolve
from mig_lsp.core.catalog.values import Column, Gone, Key, Table, View
from mig_lsp.core.sql import parts
from mig_lsp.core.sql.names import option

Action = parts.AlterTableCmd


def _drop_column(draft: Draft, action: Action) -> None:
    moment, name = draft.moment, action.name
    column = draft.columns.get(name)
    if name in SYSTEM_COLUMNS:
        _refuse(draft, name, "0A000", f"cannot drop system column {name}")
        return
    if column is None:
        if draft.whole and not action.missing_ok:
            _object_to_missing(draft, name)
        return
    if column.inherited:
        _refuse(draft, name, "42P16", f"cannot drop inherited column {name}")
        return
    if name in draft.table.partition_key:
        _refuse(draft, name, "42P16", f"cannot drop column {name} because it is part of the partition key")
        return
    part = ("column", *draft.key[1:], name)
    refusal = drop(moment, (part,), cascade=action.behavior == "DROP_CASCADE")
    draft.is_left = True
    if refusal is not None:
        moment.object("dependent", "column", (name,), "2BP01", of=draft.key, by=refusal.by)
        columns = {key: value for key, value in draft.columns.items() if key != name}
        moment.put(draft.key, replace(draft.table, columns=columns, whole=False))


def _alter_type(draft: Draft, action: Action) -> None:
    column = _column(draft, action)
    node = action.def_.column_def if action.def_ is not None else None
    if node is None or node.type_name is None:
        return
    new = resolve(node.type_name, draft.moment)
    if column is None:
        return
    name = action.name
    if new is not None and new.schema == "pg_catalog" and new.name in PSEUDO and not new.array:
        _refuse(draft, name, "42P16", f"column {name} has pseudo-type {new.name}")
        return
    if column.inherited:
        _refuse(draft, name, "42P16", f"cannot alter inherited column {name}")
        return
    if name in draft.table.partition_key:
        _refuse(draft, name, "42P16", f"cannot alter column {name} because it is part of the partition key")
        return
    using = load(node.raw_default)
    if missing_columns(draft, using) or _takes_no_such(draft, using):
        pass
    elif not node.raw_default and not column.generated and cannot_assign(column.type, new, draft.moment):
        _refuse(draft, name, "42804", f"column {name} cannot be cast automatically to the new type, say how with USING")
    elif column.default and not column.generated and cannot_assign(column.type, new, draft.moment):
        _refuse(draft, name, "42804", f"default for column {name} cannot be cast automatically to the new type")
    else:
        _object_to_users(draft, name)
    link_type(draft.moment, new, draft.key)
    draft.columns[name] = replace(column, type=new, changed=draft.moment.origin)


def _takes_no_such(draft: Draft, using: Json) -> bool:
    """Notes a USING that calls a function of text for a column that is none; whether it does."""
    call = using.get("FuncCall") if isinstance(using, dict) else None
    if call is None:
        return False
    name, given = strings(call.get("funcname", ())), call.get("args", ())
    argument = column_of(given[0]) if given else None
    column = draft.columns.get(argument[-1]) if argument else None
    of = base_type(column.type, draft.moment) if column is not None else None
    if of is None or of.array or of.schema != "pg_catalog" or of.name not in _NO_TEXT:
        return False
    if name not in _OF_TEXT or (name[-1] == "to_timestamp" and len(given) != 2):
        return False
    if draft.moment.get(EXTENSION_MADE) is not None or draft.moment.routine(name)[1] is not None:
        return False
    detail = f"{name[-1]} takes text, and column {argument[-1] if argument else ''} is {display(of)}"
    draft.moment.object("invalid", "function", name, "42883", call.get("location", -1), of=draft.key, detail=detail)
    return True


_OF_TEXT = {(name,) for name in ("btrim", "initcap", "lower", "replace", "to_date", "to_timestamp", "upper")}
_NO_TEXT = frozenset(
    {"bool", "date", "float4", "float8", "int2", "int4", "int8", "interval", "json", "jsonb", "numeric", "uuid"}
    | {"time", "timestamp", "timestamptz", "timetz"}
)


def _object_to_users(draft: Draft, name: str) -> None:
    for what, by in _users(draft, name):
        detail = f"cannot alter type of a column used by {what}"
        draft.moment.object("dependent", "column", (name,), "0A000", of=draft.key, by=by, detail=detail)
        return


def _users(draft: Draft, name: str) -> Iterator[tuple[str, Key]]:
    """What keeps a column's type from being changed."""
    for key in draft.moment.resting(draft.key):
        view = draft.moment.get(key)
        if isinstance(view, View):
            read = view.reads.get(draft.key)
            if read is not None and name in read:
                yield "a view or rule", key
    for column in draft.columns.values():
        if column.generated and column.name != name and name in (column.uses or ()):
            yield "a generated column", draft.key
    for trigger in draft.table.triggers.values():
        if name in (trigger.columns or ()):
            yield "a trigger definition", draft.key
    for policy in draft.table.policies.values():
        if name in (policy.columns or ()):
            yield "a policy definition", draft.key


def _set_default(draft: Draft, action: Action) -> None:
    column = _column(draft, action)
    if column is None:
        return
    name = action.name
    if column.identity:
        _refuse(draft, name, "42601", f"column {name} is an identity column")
        return
    if column.generated:
        _refuse(draft, name, "42601", f"column {name} is a generated column")
        return
    const = constant_of(action.def_.a_const) if action.def_ is not None and action.def_.a_const is not None else None
    is_null = const is not None and const.kind == "null" and not (column.type and column.type.typmods)
    default = "" if action.def_ is None or is_null else draft.words.default_of(name) or "?"
    check_default(draft, column, const)
    serial = column.serial
    if serial is not None and not ("nextval" in default.lower() and serial[-1] in default):
        rest(draft.moment, draft.key, serial)  # it goes with the column all the same
        serial = None
    draft.columns[name] = replace(column, default=default, serial=serial, changed=draft.moment.origin)
    rest_on_called(draft.moment, draft.key, default)


def _set_not_null(draft: Draft, action: Action) -> None:
    if _column(draft, action) is not None:
        set_not_null(draft, (action.name,))


def _drop_not_null(draft: Draft, action: Action) -> None:
    column = _column(draft, action)
    if column is None:
        return
    name = action.name
    if column.identity:
        _refuse(draft, name, "42601", f"column {name} is an identity column")
        return
    if any(one.kind == "primary" and name in (one.columns or ()) for one in draft.constraints.values()):
        _refuse(draft, name, "42P16", f"column {name} is in a primary key")
        return
    bound = draft.table.partition or draft.moment.setting.version >= TABLES_NAME_NOT_NULL
    if column.inherited and bound and _is_not_null_above(draft, name):
        _refuse(draft, name, "42P16", f"column {name} is NOT NULL in the parent table")
        return
    draft.columns[name] = replace(column, not_null=False, changed=draft.moment.origin)


def _is_not_null_above(draft: Draft, name: str) -> bool:
    for key in draft.table.parents:
        parent = draft.moment.get(key)
        if isinstance(parent, Table) and name in parent.columns and parent.columns[name].not_null:
            return True
    return False


def _add_identity(draft: Draft, action: Action) -> None:
    column = _column(draft, action)
    node = action.def_.constraint if action.def_ is not None else None
    if column is None or node is None or not can_be_identity(draft, column, node.location):
        return
    name = action.name
    if column.identity:
        _refuse(draft, name, "55000", f"column {name} is already an identity column")
        return
    if column.default:
        _refuse(draft, name, "55000", f"column {name} already has a default value")
        return
    if not column.not_null:
        _refuse(draft, name, "55000", f"column {name} must be declared NOT NULL before identity can be added")
        return
    kind: Literal["a", "d"] = "a" if node.generated_when == "a" else "d"
    made = identity(draft, column, node.options)
    draft.columns[name] = replace(column, identity=kind, serial=made, changed=draft.moment.origin)


def _set_identity(draft: Draft, action: Action) -> None:
    column = _column(draft, action)
    if column is None:
        return
    if not column.identity:
        _refuse(draft, action.name, "55000", f"column {action.name} is not an identity column")
        return
    options = action.def_.list_.items if action.def_ is not None and action.def_.list_ is not None else ()
    generated = option(options, "generated")
    if generated is None or generated.arg is None or generated.arg.integer is None:
        return
    kind: Literal["a", "d"] = "a" if generated.arg.integer.ival == ord("a") else "d"
    draft.columns[action.name] = replace(column, identity=kind, changed=draft.moment.origin)


def _drop_identity(draft: Draft, action: Action) -> None:
    column = _column(draft, action)
    if column is None:
        return
    if not column.identity:
        if not action.missing_ok:
            _refuse(draft, action.name, "55000", f"column {action.name} is not an identity column")
        return
    if column.serial is not None:
        draft.moment.put(column.serial, Gone(draft.moment.origin))
    draft.columns[action.name] = replace(column, identity="", serial=None, changed=draft.moment.origin)


def _drop_expression(draft: Draft, action: Action) -> None:
    column = _column(draft, action)
    if column is None:
        return
    if not column.generated:
        if not action.missing_ok:
            _refuse(draft, action.name, "55000", f"column {action.name} is not a generated column")
        return
    new = replace(column, generated=False, default="", uses=(), changed=draft.moment.origin)
    draft.columns[action.name] = new


def _set_expression(draft: Draft, action: Action) -> None:
    column = _column(draft, action)
    if column is None:
        return
    if not column.generated:
        _refuse(draft, action.name, "55000", f"column {action.name} is not a generated column")
        return
    draft.columns[action.name] = replace(column, uses=None, default="?", changed=draft.moment.origin)


def _look(draft: Draft, action: Action) -> None:
    """An action that leaves nothing in the catalog: the column has to be there."""
    if action.name:
        _column(draft, action)


ACTIONS: dict[str, Callable[[Draft, Action], None]] = {
    "AT_DropColumn": _drop_column,
    "AT_AlterColumnType": _alter_type,
    "AT_ColumnDefault": _set_default,
    "AT_SetNotNull": _set_not_null,
    "AT_DropNotNull": _drop_not_null,
    "AT_AddIdentity": _add_identity,
    "AT_SetIdentity": _set_identity,
    "AT_DropIdentity": _drop_identity,
    "AT_DropExpression": _drop_expression,
    "AT_SetExpression": _set_expression,
    "AT_SetStatistics": _look,
    "AT_SetOptions": _look,
    "AT_ResetOptions": _look,
    "AT_SetStorage": _look,
    "AT_SetCompression": _look,
}


def _column(draft: Draft, action: Action) -> Column | None:
    """The column that is meant; notes that there is none."""
    column = draft.columns.get(action.name)
    if action.name in SYSTEM_COLUMNS:
        _refuse(draft, action.name, "0A000", f"cannot alter system column {action.name}")
    elif column is None and draft.whole:
        _object_to_missing(draft, action.name)
    return column


def _object_to_missing(draft: Draft, name: str) -> None:
    table: Table = draft.table
    draft.moment.object("missing", "column", (name,), "42703", of=draft.key, found=table.dropped.get(name))


def _refuse(draft: Draft, name: str, sqlstate: str, detail: str) -> None:
    draft.moment.object("invalid", "column", (name,), sqlstate, of=draft.key, detail=detail)
