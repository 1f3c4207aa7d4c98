"""CREATE TABLE and CREATE FOREIGN TABLE."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from msgspec.structs import replace as with_fields

from mig_lsp.core.catalog.columns import add_column, check_generated, link_type, with_options
from mig_lsp.core.catalog.constraints import add
from mig_lsp.core.catalog.copying import copy_columns, copy_indexes, inherit
from mig_lsp.core.catalog.draft import Draft, draft_of, missing_column
from mig_lsp.core.catalog.fragments import Words
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.types import resolve
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Column,
    Gone,
    Key,
    OtherType,
    Table,
    Value,
    View,
    relation_key,
    schema_key,
    type_key,
)
from mig_lsp.core.sql import parts
from mig_lsp.core.sql.names import names_of
from mig_lsp.core.sql.nodes import CreateForeignTableStmt, CreateStmt

TEMPORARY = "pg_temp"
"""The schema of temporary tables, of which nothing stays."""


def create_foreign_table(tree: CreateForeignTableStmt, moment: Moment) -> None:
    """CREATE FOREIGN TABLE."""
    _create(tree.base, moment, is_foreign=True)


def create_table(tree: CreateStmt, moment: Moment) -> None:
    """CREATE TABLE."""
    if tree.relation.relpersistence != "t" and tree.relation.schemaname != TEMPORARY:
        _create(tree, moment, is_foreign=False)
        return
    kept = dict(moment.writes)
    _create(tree, moment, is_foreign=False)
    moment.writes.clear()
    moment.writes.update(kept)
    if moment.setting.keeps_session:
        # From here on the name means the temporary table, for as long as the session lasts.
        moment.doubt(relation_key(moment.setting.search_path[0], tree.relation.relname))


def lacks_schema(moment: Moment, relation: parts.RangeVar) -> bool:
    """Notes that the schema of a new relation is missing; whether it is."""
    name = relation.schemaname
    if not name or name == TEMPORARY or moment.has(schema_key(name)) is not False:
        return False
    moment.object("missing", "schema", (name,), "3F000", relation.location, found=moment.get(schema_key(name)))
    return True


def is_there(value: Value) -> bool:
    """Whether something certainly is there."""
    return value is not None and value is not UNKNOWN and not isinstance(value, Gone)


def _create(tree: CreateStmt, moment: Moment, *, is_foreign: bool) -> None:
    relation = tree.relation
    if lacks_schema(moment, relation):
        return
    temporary = relation.relpersistence == "t" or relation.schemaname == TEMPORARY
    key = relation_key(TEMPORARY, relation.relname) if temporary else moment.new(relation_key, relation.name)
    before = moment.get(key)
    if tree.if_not_exists and before is not None and not isinstance(before, Gone):
        return
    draft = _empty(tree, moment, key, is_foreign=is_foreign)
    draft.whole = before is not UNKNOWN
    constraints = _fill(draft, tree)
    if is_there(before):
        moment.object("exists", "table", relation.name, "42P07", relation.location, found=before)
        moment.doubt(key)
        return
    row = moment.get(type_key(key[1], key[2]))
    if is_there(row):
        sqlstate = "42P07" if isinstance(row, OtherType) and row.kind == "composite" else "42710"
        moment.object("exists", "type", relation.name, sqlstate, relation.location, found=row)
    _constrain(draft, constraints)
    draft.leave()


def _empty(tree: CreateStmt, moment: Moment, key: Key, *, is_foreign: bool) -> Draft:
    kind: Literal["r", "p", "f"] = "f" if is_foreign else "p" if tree.partspec is not None else "r"
    divided = names_of(tree.partspec.part_params) if tree.partspec is not None else ()
    table = Table(key, moment.origin, moment.origin, kind=kind, partition_key=divided, temporary=key[1] == TEMPORARY)
    return draft_of(table, moment, Words(moment.statement))


def _fill(draft: Draft, tree: CreateStmt) -> list[tuple[parts.Constraint, str]]:
    """Gives the table its columns; the constraints that are yet to be added, with the column each stands behind."""
    constraints: list[tuple[parts.Constraint, str]] = []
    parents = [item.range_var for item in tree.inh_relations if item.range_var is not None]
    for parent in parents:
        inherit(draft, parent, is_partition=tree.partbound is not None)
    if tree.of_typename is not None:
        _take_type(draft, tree.of_typename)
    own: set[str] = set()
    for item in tree.table_elts:
        if item.table_like_clause is not None:
            copy_columns(draft, item.table_like_clause)
        elif item.constraint is not None:
            constraints.append((item.constraint, ""))
        elif item.column_def is not None:
            node = item.column_def
            if node.colname in own or (node.colname in draft.columns and not parents and node.type_name is not None):
                draft.moment.object("exists", "column", (node.colname,), "42701", node.location, of=draft.key)
                continue
            own.add(node.colname)
            constraints += [(each, node.colname) for each in _column(draft, node)]
    check_generated(draft, [item.column_def for item in tree.table_elts if item.column_def is not None])
    constraints += [(item.constraint, "") for item in tree.constraints if item.constraint is not None]
    missing_column(draft, draft.table.partition_key)
    return constraints


def _column(draft: Draft, node: parts.ColumnDef) -> list[parts.Constraint]:
    inherited = draft.columns.get(node.colname)
    if node.type_name is None:
        if inherited is None:
            if draft.whole:
                found = draft.table.dropped.get(node.colname)
                draft.moment.object("missing", "column", (node.colname,), "42703", of=draft.key, found=found)
            return []
        return with_options(draft, node.colname, node.constraints)
    if inherited is None:
        return add_column(draft, node)
    rest = add_column(draft, node)
    column = draft.columns[node.colname]
    default = column.default or inherited.default
    own = not draft.table.partition
    merged = replace(column, inherited=True, own=own, not_null=column.not_null or inherited.not_null, default=default)
    draft.columns[node.colname] = merged
    return rest


def _constrain(draft: Draft, constraints: list[tuple[parts.Constraint, str]]) -> None:
    """Adds constraints in PostgreSQL's order: checks, the primary key, other indexes, foreign keys."""
    constraints = _merged(constraints)
    for wanted in _ORDER:
        for node, column in constraints:
            if node.contype not in wanted:
                continue
            if node.contype == "CONSTR_FOREIGN":
                draft.leave()
            # There are no rows yet that NOT VALID could leave alone.
            add(draft, with_fields(node, skip_validation=False), column)
        if wanted == ("CONSTR_CHECK",) and draft.table.partition:
            for parent in draft.table.parents:
                value = draft.moment.get(parent)
                if isinstance(value, Table):
                    copy_indexes(draft, value, inherited=True)
        elif wanted == ("CONSTR_UNIQUE", "CONSTR_EXCLUSION"):
            for source in draft.copied:
                found = draft.moment.get(source)
                if isinstance(found, Table | View):
                    copy_indexes(draft, found, inherited=False)


_ORDER = (
    ("CONSTR_CHECK",),
    ("CONSTR_PRIMARY",),
    ("CONSTR_UNIQUE", "CONSTR_EXCLUSION"),
    ("CONSTR_FOREIGN",),
)


def _merged(constraints: list[tuple[parts.Constraint, str]]) -> list[tuple[parts.Constraint, str]]:
    """The constraints without a UNIQUE that says the same as another key: PostgreSQL makes one index of both."""
    primary = [each for each in constraints if each[0].contype == "CONSTR_PRIMARY"]
    rest = [each for each in constraints if each[0].contype != "CONSTR_PRIMARY"]
    kept: dict[object, tuple[parts.Constraint, str]] = {}
    for node, column in (*primary, *rest):
        key: object = len(kept)
        if node.contype in ("CONSTR_PRIMARY", "CONSTR_UNIQUE"):
            columns = names_of(node.keys) or (column,)
            options = (node.deferrable, node.nulls_not_distinct)
            key = (columns, names_of(node.including), options, len(kept) if node.indexname else -1)
        if key in kept and node.contype == "CONSTR_UNIQUE":
            before, behind = kept[key]
            kept[key] = (with_fields(before, conname=before.conname or node.conname), behind)
        else:
            kept[key if key not in kept else len(kept)] = (node, column)
    return [*kept.values()]


def _take_type(draft: Draft, of: parts.TypeName) -> None:
    """CREATE TABLE OF: the columns of a composite type."""
    moment = draft.moment
    found = resolve(of, moment)
    value = moment.get(type_key(found.schema, found.name)) if found is not None else UNKNOWN
    if not isinstance(value, OtherType) or value.kind != "composite":
        draft.whole = False
        return
    link_type(moment, found, draft.key)
    for name in value.columns:
        draft.columns[name] = Column(name, None, moment.origin, moment.origin)


APPLY = ((CreateStmt, create_table), (CreateForeignTableStmt, create_foreign_table))
