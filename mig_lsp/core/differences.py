"""What a statement would have made where it does nothing, and how what stands there differs from that.

The statement is carried out once more on a catalog without the object. Only what it asks for and does not get is a
difference: a table may have more columns than IF NOT EXISTS was told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from mig_lsp.core.catalog.moment import Moment, shown
from mig_lsp.core.catalog.statements import carry_out
from mig_lsp.core.catalog.types import display
from mig_lsp.core.catalog.values import (
    Column,
    Constraint,
    EnumType,
    Index,
    Key,
    Origin,
    Table,
    Value,
    View,
    relation_key,
)
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.nodes import AlterTableStmt, CreateEnumStmt, CreateStmt, CreateTableAsStmt, IndexStmt
from mig_lsp.core.sql.parts import name_of


class Standing(NamedTuple):
    """What stands in the way of a statement that does nothing: its word ("table"), *name*, the statement that
    made it, whether IF NOT EXISTS is *said*, and how it differs, in words.
    """

    what: str
    name: str
    made: Origin
    said: bool
    differences: tuple[str, ...]


def standing(moment: Moment) -> Iterator[Standing]:
    """What is there already of what the statement makes, where IF NOT EXISTS, or the runner, lets that pass."""
    statement = moment.statement
    table = statement.tree(CreateStmt)
    if table is not None and table.if_not_exists and table.relation.relpersistence != "t":
        yield from _relation(moment, moment.new(relation_key, table.relation.name))
    index = statement.tree(IndexStmt)
    if index is not None and index.if_not_exists and index.idxname:
        schema = moment.relation(index.relation.name)[0][1]
        yield from _relation(moment, relation_key(schema, index.idxname))
    query = statement.tree(CreateTableAsStmt)
    if query is not None and query.if_not_exists and query.into.rel.relpersistence != "t":
        yield from _relation(moment, moment.new(relation_key, query.into.rel.name))
    alter = statement.tree(AlterTableStmt)
    if alter is not None and alter.objtype == "OBJECT_TABLE":
        yield from _columns(moment, alter)
    enum = statement.tree(CreateEnumStmt)
    if enum is not None:
        yield from _labels(moment, enum)


def same_sql(one: str, other: str) -> bool:
    """Whether two expressions are written alike, but for case, white space, parentheses and casts."""
    return _plain(one) == _plain(other)


def _relation(moment: Moment, key: Key) -> Iterator[Standing]:
    old = moment.before(key)
    if not isinstance(old, Table | Index | View):
        return
    absent: dict[Key, Value] = {key: None}
    if isinstance(old, Table):
        # Or the names of its own indexes and sequences would be taken.
        absent |= dict.fromkeys(old.indexes)
        absent |= {column.serial: None for column in old.columns.values() if column.serial is not None}
        absent |= {("constraint", key[1], name): None for name in old.constraints}
    new = _wanted(moment, absent).get(key)
    name = shown(key, moment.setting)
    if isinstance(new, Table) and isinstance(old, Table):
        yield Standing("table", name, old.made, True, tuple(_of_tables(old, new, moment)))
    elif isinstance(new, Index) and isinstance(old, Index):
        yield Standing("index", name, old.made, True, tuple(_of_indexes(old, new, moment)))
    elif isinstance(new, View) and isinstance(old, View):
        differs = bool(old.query and new.query) and not same_sql(old.query, new.query)
        yield Standing("view", name, old.made, True, ("its query is another one",) if differs else ())
    elif isinstance(new, Table | Index | View):
        yield Standing(_WORDS[type(old)], name, old.made, True, (f"it is no {_WORDS[type(new)]}",))


_WORDS: Mapping[type, str] = {Table: "table", Index: "index", View: "view"}


def _columns(moment: Moment, tree: AlterTableStmt) -> Iterator[Standing]:
    key, _ = moment.relation(tree.relation.name)
    old = moment.before(key)
    if not isinstance(old, Table):
        return
    given = {
        node.alter_table_cmd.def_.column_def.colname: node.alter_table_cmd.missing_ok
        for node in tree.cmds
        if node.alter_table_cmd is not None
        and node.alter_table_cmd.subtype == "AT_AddColumn"
        and node.alter_table_cmd.def_ is not None
        and node.alter_table_cmd.def_.column_def is not None
    }
    dropped = {
        node.alter_table_cmd.name
        for node in tree.cmds
        if node.alter_table_cmd is not None and node.alter_table_cmd.subtype == "AT_DropColumn"
    }
    there = [name for name in given if name in old.columns and name not in dropped]
    if not there:
        return
    rest = {name: column for name, column in old.columns.items() if name not in there}
    new = _wanted(moment, {key: replace(old, columns=rest, constraints={})}).get(key)
    for name in there if isinstance(new, Table) else ():
        if isinstance(new, Table) and name in new.columns:
            found = [*_of_columns(old.columns[name], new.columns[name], moment)]
            found += _of_constraints(old, new, [c for c in new.constraints.values() if c.columns == (name,)], moment)
            yield Standing("column", quoted(name), old.columns[name].made, given[name], tuple(found))


def _labels(moment: Moment, tree: CreateEnumStmt) -> Iterator[Standing]:
    key, old = moment.type(name_of(tree.type_name))
    old = moment.before(key)
    if not isinstance(old, EnumType):
        return
    missing = [label for label in name_of(tree.vals) if label not in old.labels]
    found = [f"label{'s' if len(missing) > 1 else ''} {', '.join(map(repr, missing))} missing"] if missing else []
    yield Standing("type", shown(key, moment.setting), old.made, False, tuple(found))


def _wanted(moment: Moment, absent: Mapping[Key, Value]) -> Mapping[Key, Value]:
    """What the statement leaves where *absent* stands under these keys."""
    again = Moment(moment.statement, moment.origin, moment.setting, moment.layer)
    again.reads.update(absent)
    carry_out(again)
    for key in again.reads:
        if key[0] != "later":
            moment.before(key)  # what is told is told again when one of them changes
    return again.writes


# --- How they differ ---


def _of_tables(old: Table, new: Table, moment: Moment) -> Iterator[str]:
    for name, column in new.columns.items():
        there = old.columns.get(name)
        if there is not None:
            yield from (f"column {quoted(name)} {each}" for each in _of_columns(there, column, moment))
        elif old.whole:
            yield f"column {quoted(name)} is missing"
    yield from _of_constraints(old, new, new.constraints.values(), moment)


def _of_columns(old: Column, new: Column, moment: Moment) -> Iterator[str]:
    if old.type is not None and new.type is not None and old.type != new.type:
        yield f"is {display(old.type)}, not {display(new.type)}"
    if new.not_null and not old.not_null:
        yield "may be NULL"
    elif old.not_null and not new.not_null and not (old.default or old.identity):
        yield "may not be NULL"
    if (old.generated, bool(old.identity), bool(old.serial)) != (new.generated, bool(new.identity), bool(new.serial)):
        if new.generated != old.generated or not (old.identity or old.serial):
            yield "is filled in another way"
    elif new.default and "?" not in (new.default, old.default) and not new.serial:
        yield from _of_defaults(old.default, new.default)


def _of_defaults(old: str, new: str) -> Iterator[str]:
    if not same_sql(old, new):
        yield f"has the default {old}" if old else "has no default"


def _of_constraints(old: Table, new: Table, wanted: Iterable[Constraint], moment: Moment) -> Iterator[str]:
    if not old.whole or any(gone.new is not None for gone in old.dropped.values()):
        return  # what names a renamed column is written in another way by now
    for constraint in wanted:
        if constraint.columns is None or not set(constraint.columns) <= old.columns.keys():
            continue
        is_there = any(_is_like(each, constraint) for each in old.constraints.values())
        if not is_there and not _has_index(old, constraint, moment):
            yield f"{_KINDS[constraint.kind]} ({', '.join(map(quoted, constraint.columns))}) is missing"


_KINDS = {
    "primary": "the primary key",
    "unique": "the unique key",
    "check": "the CHECK of",
    "foreign": "the foreign key",
    "exclude": "the exclusion constraint",
}


def _is_like(old: Constraint, new: Constraint) -> bool:
    if old.kind != new.kind:
        return old.kind == "primary" and new.kind == "unique" and old.columns == new.columns
    if old.columns is None:
        return True
    if new.kind == "check":
        return old.values == new.values if new.values and old.values else same_sql(old.expression, new.expression)
    if set(old.columns) != set(new.columns or ()):
        return False
    if new.kind != "foreign":
        return True
    return old.references == new.references and (
        not (old.referenced and new.referenced) or old.referenced == new.referenced
    )


def _has_index(table: Table, constraint: Constraint, moment: Moment) -> bool:
    """Whether a unique index does what a unique constraint would."""
    if constraint.kind != "unique":
        return False
    for key in table.indexes:
        index = moment.before(key)
        if not isinstance(index, Index):
            return True
        if index.unique and not index.predicate and set(index.columns) == set(constraint.columns or ()):
            return True
    return False


def _of_indexes(old: Index, new: Index, moment: Moment) -> Iterator[str]:
    if old.table != new.table:
        yield f"it is on {shown(old.table, moment.setting)}"
        return
    table = moment.before(old.table)
    if isinstance(table, Table) and any(gone.new is not None for gone in table.dropped.values()):
        return
    expressions = (old.expressions, new.expressions)
    alike = len(set(map(len, expressions))) == 1 and all(same_sql(*each) for each in zip(*expressions, strict=True))
    if old.columns != new.columns or not alike:
        yield f"it is on ({_shown(old)})"
    if old.unique != new.unique:
        yield "it is unique" if old.unique else "it is not unique"
    if not same_sql(old.predicate, new.predicate):
        yield f"its condition is {old.predicate}" if old.predicate else "it has no condition"
    if old.method != new.method:
        yield f"it is a {old.method} index"
    if set(old.including) != set(new.including):
        yield "it includes other columns"


def _shown(index: Index) -> str:
    expressions = iter(index.expressions)
    return ", ".join(quoted(name) if name else next(expressions, "...") for name in index.columns)


_PARTS = re.compile(r"('(?:[^']|'')*')|(\"(?:[^\"]|\"\")*\")")
_CAST = re.compile(
    r"::\s*(?:\w+\.)?\w+(?:\s+(?:varying|precision|with(?:out)?\s+time\s+zone))?(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])*"
)
_NOW = re.compile(r"\bnow\b")
_DROPPED = re.compile(r"[\s()]+")


def _plain(sql: str) -> str:
    """An expression without what may be written in several ways."""
    pieces = _PARTS.split(sql)
    out = []
    for place, piece in enumerate(pieces):
        if piece is None:
            continue
        if place % 3:
            out.append(piece.strip('"') if piece[0] == '"' and piece[1:-1].islower() else piece)
        else:
            out.append(_NOW.sub("current_timestamp", _DROPPED.sub(" ", _CAST.sub("", piece.lower()))))
    return " ".join(" ".join(out).split())
