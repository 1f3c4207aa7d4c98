"""Constraints as PostgreSQL makes them of what is written: their names, their indexes, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from mig_lsp.core.catalog.choosing import (
    choose_constraint,
    choose_relation,
    joined,
    note_constraint,
    note_not_null,
    numbered,
)
from mig_lsp.core.catalog.comparing import cannot_compare
from mig_lsp.core.catalog.draft import (
    Draft,
    all_used,
    element_columns,
    missing_column,
    missing_columns,
    named_relation,
    object_to_missing,
    used_columns,
)
from mig_lsp.core.catalog.expressions import load
from mig_lsp.core.catalog.fragments import allowed
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import rest
from mig_lsp.core.catalog.resting import rest_on_called
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Column,
    Constraint,
    Gone,
    Index,
    Table,
    Type,
    relation_key,
)
from mig_lsp.core.sql import parts
from mig_lsp.core.sql.names import names_of


def add(draft: Draft, node: parts.Constraint, column: str = "") -> None:
    """Adds the constraint *node*, written behind *column* where that is not "", and notes what is wrong with it.

    DEFAULT and the like are no constraints here; NOT NULL is a matter of its columns.
    """
    if node.conname and node.conname in draft.constraints and not _has_index(node):
        _object_to_name(draft, node)
        return
    match node.contype:
        case "CONSTR_CHECK":
            _add_check(draft, node)
        case "CONSTR_PRIMARY" | "CONSTR_UNIQUE":
            _add_key(draft, node, column)
        case "CONSTR_FOREIGN":
            _add_foreign(draft, node, column)
        case "CONSTR_EXCLUSION":
            _add_exclusion(draft, node)
        case "CONSTR_NOTNULL":
            if not missing_column(draft, names_of(node.keys)):
                set_not_null(draft, names_of(node.keys))
                if node.conname:
                    note_not_null(draft.moment, draft.key, node.conname)
        case _:
            pass


def _has_index(node: parts.Constraint) -> bool:
    """Whether the constraint makes an index, whose name is looked at first."""
    return node.contype in ("CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION") and not node.indexname


# --- CHECK ---


def _add_check(draft: Draft, node: parts.Constraint) -> None:
    tree = load(node.raw_expr)
    missing_columns(draft, tree)
    columns = used_columns(draft, tree)
    name = node.conname
    if not name:
        middle = columns[0] if columns and len(columns) == 1 else ""
        name = choose_constraint(draft.moment, draft.key[1], draft.key[2], middle, "check", draft.constraints)
    expression = draft.words.inside(node.location)
    heritable = not node.is_no_inherit
    _put(draft, node, name, "check", columns, expression=expression, values=allowed(tree), heritable=heritable)


# --- PRIMARY KEY and UNIQUE ---


def _add_key(draft: Draft, node: parts.Constraint, column: str) -> None:
    kind: Literal["primary", "unique"] = "primary" if node.contype == "CONSTR_PRIMARY" else "unique"
    moment, schema = draft.moment, draft.key[1]
    if kind == "primary" and any(one.kind == "primary" for one in draft.constraints.values()):
        detail = f"multiple primary keys for table {draft.key[-1]} are not allowed"
        moment.object("invalid", "constraint", (draft.key[-1],), "42P16", node.location, of=draft.key, detail=detail)
        return
    if node.indexname:
        _add_key_of_index(draft, node, kind)
        return
    columns = names_of(node.keys) or ((column,) if column else ())
    including = names_of(node.including)
    if missing_column(draft, (*columns, *including), -1) or _is_twice(draft, columns, node.location):
        return
    if lacks_partition_key(draft, columns, node.location, kind):
        return
    name = node.conname
    if not name:
        middle, label = ("", "pkey") if kind == "primary" else (joined(numbered((*columns, *including))), "key")
        name = choose_relation(moment, schema, draft.key[2], middle, label, of_constraint=draft.constraints)
    index = Index(
        relation_key(schema, name),
        moment.origin,
        draft.key,
        columns,
        including,
        names=tuple(numbered(columns)),
        uses=tuple(dict.fromkeys((*columns, *including))),
        unique=True,
        nulls_not_distinct=node.nulls_not_distinct,
        constraint=name,
    )
    _leave_index(draft, index, name if node.conname else "")
    if kind == "primary":
        set_not_null(draft, columns)
    _put(draft, node, name, kind, columns)


def _add_key_of_index(draft: Draft, node: parts.Constraint, kind: Literal["primary", "unique"]) -> None:
    """ADD CONSTRAINT ... USING INDEX: the index gets the name of the constraint."""
    moment = draft.moment
    key = relation_key(draft.key[1], node.indexname)
    index = moment.get(key)
    columns: tuple[str, ...] | None = None
    name = node.conname or node.indexname
    if index is None or isinstance(index, Gone):
        moment.object("missing", "index", (node.indexname,), "42704", found=index)
        return
    if isinstance(index, Index):
        wrong = _why_no_key(draft, index)
        if wrong is not None:
            sqlstate, detail = wrong
            moment.object("invalid", "index", (node.indexname,), sqlstate, found=index, detail=detail)
            return
        columns = index.columns
        draft.indexes.discard(key)
        if name != node.indexname:
            moment.put(key, Gone(moment.origin, relation_key(draft.key[1], name)))
        _leave_index(draft, replace(index, key=relation_key(draft.key[1], name), constraint=name), "")
        if kind == "primary":
            set_not_null(draft, columns)
    _put(draft, node, name, kind, columns)


def _why_no_key(draft: Draft, index: Index) -> tuple[str, str] | None:
    name = index.key[-1]
    if index.table != draft.key:
        return "55000", f"index {name} does not belong to table {draft.key[-1]}"
    if index.constraint:
        return "55000", f"index {name} is already associated with a constraint"
    if not index.unique:
        return "42809", f"{name} is not a unique index"
    if "" in index.columns:
        return "42809", f"index {name} contains expressions"
    if index.predicate:
        return "42809", f"{name} is a partial index"
    return None


def set_not_null(draft: Draft, columns: Iterable[str]) -> None:
    """The columns of a primary key, or of SET NOT NULL."""
    for name in columns:
        column = draft.columns.get(name)
        if column is not None and not column.not_null:
            draft.columns[name] = replace(column, not_null=True, changed=draft.moment.origin)


def lacks_partition_key(draft: Draft, columns: tuple[str, ...], place: int, kind: str) -> bool:
    """Notes that a unique key of a partitioned table does not have all columns that divide it; whether it does not."""
    if draft.table.kind != "p" or not draft.table.partition_key:
        return False
    if "" not in draft.table.partition_key and set(draft.table.partition_key) <= set(columns):
        return False
    word = "primary key" if kind == "primary" else "unique"
    detail = f"{word} constraint on partitioned table {draft.key[-1]} must include all partitioning columns"
    draft.moment.object("invalid", "constraint", (draft.key[-1],), "0A000", place, of=draft.key, detail=detail)
    return True


# --- EXCLUDE ---


def _add_exclusion(draft: Draft, node: parts.Constraint) -> None:
    elements = [item.list_.items[0] for item in node.exclusions if item.list_ is not None and item.list_.items]
    columns, names, expressions = element_columns(draft, elements)
    predicate = load(node.where_clause)
    if missing_column(draft, columns, node.location) or any(
        missing_columns(draft, tree) for tree in (*expressions, predicate)
    ):
        return
    name = node.conname or choose_relation(
        draft.moment, draft.key[1], draft.key[2], joined(numbered(names)), "excl", of_constraint=draft.constraints
    )
    uses = all_used(draft, columns, (*expressions, predicate))
    text = draft.words.inside(node.location)
    index = Index(
        relation_key(draft.key[1], name),
        draft.moment.origin,
        draft.key,
        columns,
        expressions=(text,) if expressions else (),
        predicate=draft.words.where(node.location) if predicate is not None else "",
        names=tuple(numbered(names)),
        uses=uses,
        method=node.access_method or "btree",
        constraint=name,
    )
    _leave_index(draft, index, name if node.conname else "")
    _put(draft, node, name, "exclude", uses, expression=text)


# --- FOREIGN KEY ---


def _add_foreign(draft: Draft, node: parts.Constraint, column: str) -> None:
    assert node.pktable is not None
    moment = draft.moment
    columns = names_of(node.fk_attrs) or ((column,) if column else ())
    target_name = node.pktable.name
    is_self = draft.key[1] == "pg_temp" and target_name == draft.key[2:]
    key, target = (draft.key, draft.as_it_is()) if is_self else named_relation(moment, node.pktable)
    if key == draft.key:
        target = draft.as_it_is()
    name = node.conname or choose_constraint(
        moment, draft.key[1], draft.key[2], joined(columns), "fkey", draft.constraints
    )
    if target is None or isinstance(target, Gone):
        object_to_missing(moment, node.pktable, "table", target)
    elif target is not UNKNOWN and not isinstance(target, Table):
        moment.object("wrong-kind", "table", target_name, "42809", node.pktable.location, found=target)
    elif not missing_column(draft, columns):
        _object_to_action(draft, node, columns)
        referenced = names_of(node.pk_attrs)
        if isinstance(target, Table) and not _is_wrong_reference(draft, node, columns, referenced, target):
            rest(moment, key, draft.key)
    _put(
        draft,
        node,
        name,
        "foreign",
        columns,
        references=key,
        referenced=names_of(node.pk_attrs),
        on_delete=node.fk_del_action or "a",
        on_update=node.fk_upd_action or "a",
    )


def _object_to_action(draft: Draft, node: parts.Constraint, columns: tuple[str, ...]) -> None:
    """Notes an action that would have to change a computed column."""
    computed = next((name for name in columns if name in draft.columns and draft.columns[name].generated), None)
    if computed is None or (node.fk_del_action not in ("n", "d") and node.fk_upd_action not in ("c", "n", "d")):
        return
    detail = "the ON UPDATE or ON DELETE action of a foreign key cannot change a generated column"
    draft.moment.object("invalid", "column", (computed,), "42601", node.location, of=draft.key, detail=detail)


def _is_wrong_reference(
    draft: Draft, node: parts.Constraint, columns: tuple[str, ...], referenced: tuple[str, ...], target: Table
) -> bool:
    """Notes why the foreign key cannot rest on *target*; whether there is a reason."""
    moment = draft.moment
    assert node.pktable is not None
    place, name = node.pktable.location, node.pktable.name
    if not referenced:
        primary = next((one for one in target.constraints.values() if one.kind == "primary"), None)
        if primary is None:
            if target.whole:
                detail = f"there is no primary key for referenced table {target.key[-1]}"
                moment.object("invalid", "key", name, "42704", place, of=target.key, detail=detail)
            return target.whole
        if primary.columns is None:
            return False
        referenced = primary.columns
    else:
        missing = next((one for one in referenced if target.whole and one not in target.columns), None)
        if missing is not None:
            found = target.dropped.get(missing)
            moment.object("missing", "column", (missing,), "42703", of=target.key, found=found)
            return True
        if _has_key(target, referenced, moment) is False:
            detail = f"there is no unique constraint matching given keys for referenced table {target.key[-1]}"
            moment.object("invalid", "key", name, "42830", place, of=target.key, detail=detail)
            return True
    if len(columns) != len(referenced):
        detail = "number of referencing and referenced columns for foreign key disagree"
        moment.object("invalid", "key", name, "42830", node.location, of=draft.key, detail=detail)
        return True
    for own, other in zip(columns, referenced, strict=True):
        if cannot_compare(_type(draft.columns, own), _type(target.columns, other), moment):
            detail = f"{own} and {other} are of types that cannot be compared"
            moment.object("invalid", "type", (own,), "42804", node.location, of=draft.key, detail=detail)
            return True
    return False


def _has_key(target: Table, referenced: tuple[str, ...], moment: Moment) -> bool | None:
    """Whether a unique key of *target* is just about *referenced*; None where that is not told."""
    unsure = not target.whole
    for key in target.indexes:
        index = moment.get(key)
        if not isinstance(index, Index):
            unsure = True
        elif index.unique and not index.predicate and sorted(index.columns) == sorted(referenced):
            return True
    return None if unsure else False


def _type(columns: Mapping[str, Column], name: str) -> Type | None:
    column = columns.get(name)
    return column.type if column is not None else None


# --- What all have in common ---


def _put(
    draft: Draft,
    node: parts.Constraint,
    name: str,
    kind: Literal["primary", "unique", "check", "foreign", "exclude"],
    columns: tuple[str, ...] | None,
    **more: Any,
) -> None:
    if name in draft.constraints:
        if not draft.moment.objections:
            _object_to_name(draft, node)
        return
    draft.constraints[name] = Constraint(
        name,
        kind,
        draft.moment.origin,
        columns,
        valid=not node.skip_validation,
        deferrable=node.deferrable,
        nulls_not_distinct=node.nulls_not_distinct,
        **more,
    )
    note_constraint(draft.moment, draft.key, name)
    rest_on_called(draft.moment, draft.key, draft.constraints[name].expression)


def _leave_index(draft: Draft, index: Index, written: str) -> None:
    """Puts the index of a constraint into the catalog; *written* is its name where the author chose it."""
    moment = draft.moment
    found = moment.get(index.key)
    if written and found is not None and found is not UNKNOWN and not isinstance(found, Gone):
        moment.object("exists", "relation", (written,), "42P07", found=found)
        if index.key not in draft.indexes:
            moment.doubt(index.key)
        return
    moment.put(index.key, index)
    draft.indexes.add(index.key)


def _is_twice(draft: Draft, columns: tuple[str, ...], place: int) -> bool:
    twice = next((name for index, name in enumerate(columns) if name in columns[:index]), None)
    if twice is not None:
        draft.moment.object("exists", "column", (twice,), "42701", place, of=draft.key)
    return twice is not None


def _object_to_name(draft: Draft, node: parts.Constraint) -> None:
    found = draft.moment.get(draft.key)
    draft.moment.object("exists", "constraint", (node.conname,), "42710", of=draft.key, found=found)
