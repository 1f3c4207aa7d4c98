"""Views, materialized views, and tables made from a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from msgspec import Raw

from mig_lsp.core.catalog.columns import link_type
from mig_lsp.core.catalog.expressions import Json, load, walk
from mig_lsp.core.catalog.fragments import SYSTEM_COLUMNS
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import (
    is_absent,
    is_present,
    is_temporary,
    keys_of_type,
    new_place,
    note_missing,
    rest,
    uses_of,
)
from mig_lsp.core.catalog.query import Read, read_query
from mig_lsp.core.catalog.taken import types_taken
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Column,
    Index,
    Key,
    Table,
    View,
    relation_key,
    type_key,
)
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.nodes import CreateTableAsStmt, RefreshMatViewStmt, ViewStmt
from mig_lsp.core.sql.parts import IntoClause, RangeVar, name_of


def create_view(tree: ViewStmt, moment: Moment) -> None:
    """CREATE [OR REPLACE] VIEW."""
    read = read_query(tree.query, moment)
    columns = _columns(read, name_of(tree.aliases), moment)
    if is_temporary(tree.view):
        _temporary(tree.view, moment)
        return
    key = new_place(moment, relation_key, tree.view.name, tree.view.location)
    if key is None:
        return
    old = moment.get(key)
    kept = old if isinstance(old, View) and not old.materialized and tree.replace else None
    if kept is None:
        if is_present(old) and tree.replace:
            moment.object("wrong-kind", "view", tree.view.name, "42809", tree.view.location, found=old)
            moment.doubt(key)
            return
        if not _is_free(moment, key, tree.view):
            return
    elif _loses_columns(kept.columns, columns):
        detail = "OR REPLACE can only add columns at the end"
        moment.object("invalid", "view", tree.view.name, "42P16", tree.view.location, found=old, detail=detail)
        columns = None
    view = _view(moment, key, read, columns, tree.query)
    if kept is not None:
        view = replace(view, made=kept.made, triggers=kept.triggers)
    _leave(moment, view)


def create_from_query(tree: CreateTableAsStmt, moment: Moment) -> None:
    """CREATE TABLE AS, CREATE MATERIALIZED VIEW."""
    materialized = tree.objtype == "OBJECT_MATVIEW"
    make_from_query(moment, tree.into, tree.query, materialized=materialized, lax=tree.if_not_exists)


def make_from_query(moment: Moment, into: IntoClause, query: Raw | Json, *, materialized: bool, lax: bool) -> None:
    """Makes a table (also for SELECT INTO) or materialized view; with *lax* nothing happens where one stands."""
    name, at = into.rel.name, into.rel.location
    if is_temporary(into.rel):
        read_query(query, moment)
        _temporary(into.rel, moment)
        return
    key = new_place(moment, relation_key, name, at)
    old = None if key is None else moment.get(key)
    read = read_query(query, moment)
    if lax and is_present(old):
        return  # the server reads the query all the same
    columns = _columns(read, name_of(into.col_names), moment)
    system = next((name for name in columns or () if name in SYSTEM_COLUMNS), None)
    if system is not None:
        moment.object("exists", "column", (system,), "42701")
        columns = None
    if key is None:
        return
    if lax and old is UNKNOWN:
        return
    if not _is_free(moment, key, into.rel):
        return
    if materialized:
        view = _view(moment, key, read, columns, query)
        _leave(moment, replace(view, materialized=True))
        return
    types = types_taken(load(query), moment)
    made = {
        column: Column(column, types[place] if place < len(types) else None, moment.origin, moment.origin)
        for place, column in enumerate(columns or ())
    }
    moment.put(key, Table(key, moment.origin, moment.origin, made, whole=columns is not None))
    for one in made.values():
        link_type(moment, one.type, key)
    if any(one.type is None for one in made.values()):
        for on in sorted(_types_within(moment, read, query)):
            rest(moment, on, key)


def _types_within(moment: Moment, read: Read, query: Raw | Json) -> set[Key]:
    """The set's own types that the columns of a query may be of."""
    types = {key for key in uses_of(moment, query) if key[0] == "type"}
    todo, seen = [*read.reads], set(read.reads)
    while todo:
        value = moment.get(todo.pop())
        if isinstance(value, Table):
            types.update(key for column in value.columns.values() for key in keys_of_type(moment, column.type))
        elif isinstance(value, View):
            types.update(key for key in value.uses if key[0] == "type")
            todo += [key for key in value.reads if key not in seen]
            seen.update(value.reads)
    return types


def refresh(tree: RefreshMatViewStmt, moment: Moment) -> None:
    """REFRESH MATERIALIZED VIEW."""
    name, at = tree.relation.name, tree.relation.location
    key, value = moment.relation(name)
    if is_absent(value):
        note_missing(moment, "relation", name, "42P01", at, value)
    elif isinstance(value, View) and value.materialized:
        if tree.concurrent and not any(_covers_all(moment, index) for index in value.indexes):
            detail = "CONCURRENTLY needs a unique index on columns, without a WHERE clause"
            moment.object("invalid", "materialized view", name, "55000", at, of=key, found=value, detail=detail)
    elif value is not UNKNOWN:
        sqlstate = "0A000" if isinstance(value, Table) and value.kind != "f" else "42809"
        moment.object("wrong-kind", "materialized view", name, sqlstate, at, found=value)


def _covers_all(moment: Moment, key: Key) -> bool:
    index = moment.get(key)
    if not isinstance(index, Index):
        return index is UNKNOWN
    return index.unique and not index.predicate and "" not in index.columns


def _temporary(relation: RangeVar, moment: Moment) -> None:
    if moment.setting.keeps_session:
        # It hides what has its name, as long as the session lasts.
        for schema in moment.setting.search_path:
            moment.doubt(relation_key(schema, relation.relname))


def _is_free(moment: Moment, key: Key, relation: RangeVar) -> bool:
    """Whether a relation, which brings a type of its name, may be made at *key*; what stands there is noted else."""
    old = moment.get(key)
    if is_present(old):
        moment.object("exists", "relation", relation.name, "42P07", relation.location, found=old)
        moment.doubt(key)
        return False
    own = moment.get(type_key(key[1], key[2]))
    if is_present(own):
        moment.object("exists", "type", relation.name, "42710", relation.location, found=own)
        moment.doubt(key)
        return False
    return True


def _columns(read: Read, names: Sequence[str], moment: Moment) -> tuple[str, ...] | None:
    """The columns that a query has, the first ones renamed to *names*."""
    if read.columns is None:
        return None
    if len(names) > len(read.columns):
        detail = "more column names than columns"
        moment.object("invalid", "column", (names[len(read.columns)],), "42601", detail=detail)
        return None
    columns = (*names, *read.columns[len(names) :])
    twice = next((name for index, name in enumerate(columns) if name in columns[:index]), None)
    if twice is not None:
        moment.object("exists", "column", (twice,), "42701")
        return None
    return columns


def _loses_columns(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> bool:
    return old is not None and new is not None and new[: len(old)] != old


def _view(moment: Moment, key: Key, read: Read, columns: tuple[str, ...] | None, query: Raw | Json) -> View:
    uses = uses_of(moment, query)
    for mention in walk(query):
        if mention.kind == "relation":
            on, value = moment.relation(mention.name)
            if value is UNKNOWN:
                rest(moment, on, key)
    return View(key, moment.origin, moment.origin, columns, read.reads, _text(moment), uses=uses)


def _leave(moment: Moment, view: View) -> None:
    moment.put(view.key, view)
    for on in (*view.reads, *view.uses):
        rest(moment, on, view.key)


def _text(moment: Moment) -> str:
    """The query behind AS."""
    text, depth = moment.statement.text, 0
    for token in moment.statement.tokens():
        word = text[token.start : token.end]
        if token.kind is Kind.SIGN:
            depth += {"(": 1, ")": -1}.get(word, 0)
        elif token.kind is Kind.WORD and depth == 0 and word.lower() == "as":
            return text[token.end : moment.statement.span.end].strip()
    return ""


APPLY = (
    (ViewStmt, create_view),
    (CreateTableAsStmt, create_from_query),
    (RefreshMatViewStmt, refresh),
)
