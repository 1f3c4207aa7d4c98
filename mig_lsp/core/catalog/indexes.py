"""CREATE INDEX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import msgspec

from mig_lsp.core.catalog.choosing import choose_relation, joined, numbered
from mig_lsp.core.catalog.constraints import lacks_partition_key
from mig_lsp.core.catalog.copying import doubt_partition_indexes
from mig_lsp.core.catalog.draft import (
    Draft,
    all_used,
    changes_by_itself,
    draft_of,
    element_columns,
    missing_column,
    missing_columns,
    named_relation,
    object_to_missing,
)
from mig_lsp.core.catalog.expressions import column_of, load
from mig_lsp.core.catalog.fragments import Words
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.resting import rest_on_called
from mig_lsp.core.catalog.types import resolve
from mig_lsp.core.catalog.values import UNKNOWN, Column, Gone, Index, Key, Table, Type, View, relation_key
from mig_lsp.core.sql.names import names_of
from mig_lsp.core.sql.nodes import IndexStmt
from mig_lsp.core.sql.parts import TypeName


def create_index(tree: IndexStmt, moment: Moment) -> None:
    """CREATE INDEX."""
    key, relation = named_relation(moment, tree.relation)
    if relation is UNKNOWN:
        if tree.idxname:
            _leave_open(tree, moment, key)
        return
    if relation is None or isinstance(relation, Gone):
        object_to_missing(moment, tree.relation, "table", relation)
        if tree.idxname:
            _leave_open(tree, moment, key)
        return
    if not _can_have_indexes(relation):
        detail = f"cannot create an index on relation {tree.relation.relname}"
        moment.object(
            "wrong-kind", "table", tree.relation.name, "42809", tree.relation.location, found=relation, detail=detail
        )
        return
    assert isinstance(relation, Table | View)
    _create(tree, moment, _draft(relation, moment), relation)


def _create(tree: IndexStmt, moment: Moment, draft: Draft, relation: Table | View) -> None:
    schema = draft.key[1]
    columns, lent, expressions = element_columns(draft, tree.index_params)
    including = names_of(tree.index_including_params)
    predicate = load(tree.where_clause)
    wrong = missing_column(draft, (*columns, *including)) or any(
        missing_columns(draft, expression) for expression in (*expressions, predicate)
    )
    wrong = wrong or changes_by_itself(draft, expressions, "index expression")
    wrong = wrong or changes_by_itself(draft, (predicate,), "index predicate")
    if tree.unique and not wrong:
        wrong = lacks_partition_key(draft, columns, -1, "unique")
    before = moment.get(relation_key(schema, tree.idxname)) if tree.idxname else None
    if tree.if_not_exists and before is not None and not isinstance(before, Gone):
        return
    names = tuple(numbered((*lent, *including)))
    name = tree.idxname or choose_relation(moment, schema, draft.key[2], joined(names), "idx")
    key = relation_key(schema, name)
    found = moment.get(key)
    if tree.idxname and found is not None and found is not UNKNOWN and not isinstance(found, Gone):
        moment.object("exists", "index", (tree.idxname,), "42P07", found=found)
        moment.doubt(key)
        return
    if wrong:
        moment.doubt(key)
        return
    index = Index(
        key,
        moment.origin,
        draft.key,
        columns,
        including,
        expressions=_texts(tree, draft, columns),
        predicate=_predicate(tree, draft),
        uses=all_used(draft, (*columns, *including), (*expressions, predicate)),
        names=names[: len(columns)],
        unique=tree.unique,
        method=tree.access_method or "btree",
        nulls_not_distinct=tree.nulls_not_distinct,
        casts=tuple(_casts(expressions, moment)),
    )
    moment.put(key, index)
    moment.put(draft.key, replace(relation, indexes=relation.indexes | {key}))
    rest_on_called(moment, draft.key, *index.expressions, index.predicate)
    if isinstance(relation, Table) and relation.children and tree.relation.inh:
        doubt_partition_indexes(moment, relation, (index,))


def _casts(expressions: Iterable[Any], moment: Moment) -> Iterator[tuple[str, Type]]:
    for tree in expressions:
        cast = tree.get("TypeCast") if isinstance(tree, dict) else None
        column = column_of(cast.get("arg")) if cast is not None else None
        written = cast.get("typeName") if cast is not None else None
        of = resolve(msgspec.convert(written, TypeName), moment) if column and written is not None else None
        if column and of is not None:
            yield column[-1], of


def _leave_open(tree: IndexStmt, moment: Moment, table: Key) -> None:
    """Whether there is an index depends on a table that nobody knows."""
    if moment.get(relation_key(table[1], tree.idxname)) is None:
        moment.doubt(relation_key(table[1], tree.idxname))


def _can_have_indexes(value: object) -> bool:
    if isinstance(value, Table):
        return value.kind != "f"
    return isinstance(value, View) and value.materialized


def _draft(relation: Table | View, moment: Moment) -> Draft:
    """The relation, or a table with the columns of the materialized view."""
    words = Words(moment.statement)
    if isinstance(relation, Table):
        return draft_of(relation, moment, words)
    columns = {name: Column(name, None, relation.made, relation.made) for name in relation.columns or ()}
    whole = relation.columns is not None
    return draft_of(Table(relation.key, relation.made, relation.changed, columns, whole=whole), moment, words)


def _texts(tree: IndexStmt, draft: Draft, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The SQL between the parentheses of the columns, where there is an expression among them."""
    return (draft.words.inside(_behind_table(tree)),) if "" in columns else ()


def _predicate(tree: IndexStmt, draft: Draft) -> str:
    return draft.words.where(_behind_table(tree)) if tree.where_clause else ""


def _behind_table(tree: IndexStmt) -> int:
    return tree.relation.location


APPLY: tuple[tuple[type[Any], Any], ...] = ((IndexStmt, create_index),)
