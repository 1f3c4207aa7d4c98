"""ALTER TABLE: its actions in the order in which PostgreSQL carries them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mig_lsp.core.catalog.alter_column import ACTIONS as COLUMN_ACTIONS
from mig_lsp.core.catalog.alter_table import ACTIONS as TABLE_ACTIONS
from mig_lsp.core.catalog.children import let_go, pass_on
from mig_lsp.core.catalog.choosing import choose_relation
from mig_lsp.core.catalog.columns import add_column, check_generated
from mig_lsp.core.catalog.constraints import add
from mig_lsp.core.catalog.draft import Draft, draft_of, named_relation, object_to_missing
from mig_lsp.core.catalog.fragments import SYSTEM_COLUMNS, Words
from mig_lsp.core.catalog.heirs import ACTIONS as HEIR_ACTIONS
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.type_statements import alter_composite
from mig_lsp.core.catalog.values import UNKNOWN, Gone, Index, Key, Sequence, Table, Value, View, relation_key
from mig_lsp.core.sql import parts
from mig_lsp.core.sql.nodes import AlterTableStmt

Step = tuple[int, Callable[[Draft], None]]

_KINDS = {
    "OBJECT_TABLE": "table",
    "OBJECT_FOREIGN_TABLE": "table",
    "OBJECT_INDEX": "index",
    "OBJECT_VIEW": "view",
    "OBJECT_MATVIEW": "materialized view",
    "OBJECT_SEQUENCE": "sequence",
}
# PostgreSQL's passes: all actions of one go before those of the next.
_DROP, _TYPE, _ADD_COLUMN, _NOT_NULL, _USING_INDEX, _INDEX, _OTHER, _REST = range(8)
_PASSES = {
    "AT_DropColumn": _DROP,
    "AT_DropConstraint": _DROP,
    "AT_DropNotNull": _DROP,
    "AT_DropIdentity": _DROP,
    "AT_DropExpression": _DROP,
    "AT_AlterColumnType": _TYPE,
    "AT_SetNotNull": _NOT_NULL,
    "AT_AddIdentity": _OTHER,
}


def alter_table(tree: AlterTableStmt, moment: Moment) -> None:
    """ALTER TABLE, and ALTER of indexes, views and sequences with the same actions."""
    if tree.objtype == "OBJECT_TYPE":
        alter_composite(tree, moment)
    if tree.objtype not in _KINDS:
        return
    name = tree.relation.name
    key, value = named_relation(moment, tree.relation)
    if value is UNKNOWN:
        _leave_open(tree, moment, key)
        return
    if value is None or isinstance(value, Gone):
        if not tree.missing_ok:
            object_to_missing(moment, tree.relation, _KINDS[tree.objtype], value)
        return
    wanted = _KINDS[tree.objtype]
    if not _is_kind(value, wanted) or (not isinstance(value, Table) and _is_for_tables(tree)):
        moment.object("wrong-kind", wanted, name, "42809", tree.relation.location, found=value)
        return
    if not isinstance(value, Table):
        if isinstance(value, View) and not value.materialized:
            _look_for_columns(tree, moment, value)
        return
    words = Words(moment.statement)
    for _, step in sorted(_steps(tree), key=_pass):
        table = moment.get(key)
        if not isinstance(table, Table):
            return
        draft = draft_of(table, moment, words)
        step(draft)
        after = draft.as_it_is()
        if not draft.is_left and replace(after, changed=table.changed) != table:
            moment.put(key, after)
    last = moment.get(key)
    if isinstance(last, Table) and value.children and tree.relation.inh:
        pass_on(moment, value, last, cascade=_is_cascade(tree))
    elif isinstance(last, Table) and value.children:
        let_go(moment, value, last)


def _steps(tree: AlterTableStmt) -> Iterator[Step]:
    for item in tree.cmds:
        action = item.alter_table_cmd
        if action is None:
            continue
        column = action.def_.column_def if action.def_ is not None else None
        constraint = action.def_.constraint if action.def_ is not None else None
        if action.subtype == "AT_AddColumn" and column is not None:
            yield from _adding(action, column)
        elif action.subtype in ("AT_AddConstraint", "AT_AddIndexConstraint") and constraint is not None:
            yield _pass_of(constraint), _Add(constraint, "")
        else:
            number = _PASSES.get(action.subtype, _REST)
            if action.subtype == "AT_ColumnDefault":
                number = _DROP if action.def_ is None else _OTHER
            yield number, _Act(action)


def _adding(action: parts.AlterTableCmd, column: parts.ColumnDef) -> Iterator[Step]:
    """ADD COLUMN, and then the constraints behind it, each in its own pass."""
    wanted: list[parts.Constraint] = []

    def add_it(draft: Draft) -> None:
        if draft.table.partition:
            name, place = draft.key[-1:], column.location
            detail = f"cannot add a column to {name[0]}, which is a partition"
            draft.moment.object("wrong-kind", "table", name, "42809", place, found=draft.table, detail=detail)
            return
        found = draft.columns.get(column.colname)
        if found is not None:
            if not action.missing_ok:
                place = column.location
                draft.moment.object("exists", "column", (column.colname,), "42701", place, of=draft.key)
            return
        if not draft.whole and action.missing_ok:
            draft.columns.pop(column.colname, None)
            _doubt_keys(draft, column)
            return
        wanted.extend(add_column(draft, column))
        check_generated(draft, (column,))

    yield _ADD_COLUMN, add_it
    for number in (_INDEX, _OTHER):
        yield number, _AddAll(wanted, column.colname, number)


def _doubt_keys(draft: Draft, column: parts.ColumnDef) -> None:
    """Leaves open the indexes of keys behind a column that may be there already."""
    for node in (item.constraint for item in column.constraints):
        if node is not None and node.contype in ("CONSTR_PRIMARY", "CONSTR_UNIQUE"):
            ending = ("", "pkey") if node.contype == "CONSTR_PRIMARY" else (column.colname, "key")
            schema, table = draft.key[1:]
            name = node.conname or choose_relation(draft.moment, schema, table, *ending, draft.constraints)
            draft.moment.doubt(relation_key(schema, name))


class _AddAll:
    """Adds those constraints of a new column that belong to a pass."""

    def __init__(self, wanted: list[parts.Constraint], column: str, number: int) -> None:
        self.wanted, self.column, self.number = wanted, column, number

    def __call__(self, draft: Draft) -> None:
        for node in self.wanted:
            if _pass_of(node) == self.number:
                draft.leave()
                add(draft, node, self.column)


class _Add:
    """Adds one constraint."""

    def __init__(self, node: parts.Constraint, column: str) -> None:
        self.node, self.column = node, column

    def __call__(self, draft: Draft) -> None:
        add(draft, self.node, self.column)


class _Act:
    """Any other action."""

    def __init__(self, action: parts.AlterTableCmd) -> None:
        self.action = action

    def __call__(self, draft: Draft) -> None:
        kind = self.action.subtype
        act = COLUMN_ACTIONS.get(kind) or TABLE_ACTIONS.get(kind) or HEIR_ACTIONS.get(kind)
        if act is not None:
            act(draft, self.action)


def _pass(step: Step) -> int:
    return step[0]


def _pass_of(node: parts.Constraint) -> int:
    if node.contype in ("CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"):
        return _USING_INDEX if node.indexname else _INDEX
    return _OTHER


_SHAPE = {
    "AT_AddColumn",
    "AT_DropColumn",
    "AT_AlterColumnType",
    "AT_AddConstraint",
    "AT_DropConstraint",
    "AT_SetNotNull",
    "AT_DropNotNull",
    "AT_AddIdentity",
    "AT_ValidateConstraint",
    "AT_AddInherit",
    "AT_AttachPartition",
    "AT_DetachPartition",
    "AT_EnableRowSecurity",
    "AT_DisableRowSecurity",
}


def _is_kind(value: Value, wanted: str) -> bool:
    if wanted == "table":
        return True  # ALTER TABLE takes any relation, for the actions that make sense there
    if wanted == "index":
        return isinstance(value, Index)
    if wanted == "sequence":
        return isinstance(value, Sequence)
    return isinstance(value, View) and value.materialized == (wanted == "materialized view")


def _is_for_tables(tree: AlterTableStmt) -> bool:
    return any(item.alter_table_cmd is not None and item.alter_table_cmd.subtype in _SHAPE for item in tree.cmds)


def _is_cascade(tree: AlterTableStmt) -> bool:
    commands = (item.alter_table_cmd for item in tree.cmds)
    return any(one is not None and one.behavior == "DROP_CASCADE" for one in commands)


def _look_for_columns(tree: AlterTableStmt, moment: Moment, view: View) -> None:
    """What the server lets be said of the columns of a view: they are those of its query, and no identities."""
    for action in (item.alter_table_cmd for item in tree.cmds):
        if action is None or view.columns is None:
            continue
        name = action.name
        is_identity = action.subtype == "AT_DropIdentity"
        known = (*view.columns, *(SYSTEM_COLUMNS if is_identity else ()))
        if (is_identity or action.subtype == "AT_ColumnDefault") and name not in known:
            moment.object("missing", "column", (name,), "42703", of=view.key)
        elif is_identity and not action.missing_ok:
            detail = f"column {name} is not an identity column"
            moment.object("invalid", "column", (name,), "55000", of=view.key, detail=detail)


def _leave_open(tree: AlterTableStmt, moment: Moment, key: Key) -> None:
    """What actions on a table make that nobody knows."""
    for item in tree.cmds:
        action = item.alter_table_cmd
        constraint = action.def_.constraint if action is not None and action.def_ is not None else None
        if constraint is not None and constraint.conname:
            found = relation_key(key[1], constraint.conname)
            if moment.get(found) is None:
                moment.doubt(found)


APPLY = ((AlterTableStmt, alter_table),)
