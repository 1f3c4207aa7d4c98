"""What an INSERT gives: the columns, what each row has in them, and which unique keys the rows can run into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from mig_lsp.core.catalog.expressions import Json, column_of, constant, load, relation_name, strings, walk
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import Column, Index, Key, Table
from mig_lsp.core.sql.commands import InsertStmt
from mig_lsp.core.sql.names import names_of
from mig_lsp.core.sql.statement import Statement

Kind = Literal["constant", "null", "default", "fresh", "other"]


class Cell(NamedTuple):
    """What a row has in a column: a *constant* with its *text*, NULL, DEFAULT, something that is *fresh* at every run
    (a random id, the next number, the time), or any other expression. *location* is in bytes, -1 where none is written.
    """

    kind: Kind
    text: str = ""
    location: int = -1
    number: bool = False


Row = tuple[Cell, ...]


class Rows(NamedTuple):
    """What the text of an INSERT says.

    *columns* are those that are written, None for all of the table's. *rows* are the rows of VALUES, or the one that a
    query without FROM gives; of any other query its list of results, with *query* set; None where that is not told.
    *guarded* tells that the query itself leaves out what is there already.
    """

    name: tuple[str, ...]
    columns: tuple[str, ...] | None
    rows: tuple[Row, ...] | None
    query: bool
    guarded: bool


class Insert(NamedTuple):
    """An INSERT into a table that is known: *columns* are those of the rows, in order, *kept* is kept with the text."""

    tree: InsertStmt
    said: Rows
    table: Table
    columns: tuple[str, ...]
    kept: dict[str, Any]

    @property
    def key(self) -> Key:
        """The table's key."""
        return self.table.key

    def cells(self, column: str) -> tuple[Cell, ...]:
        """What the rows have in a column; none where nobody can tell."""
        known: tuple[Table, dict[str, tuple[Cell, ...]]] | None = self.kept.get("_cells")
        if known is None or known[0] is not self.table:
            known = self.kept["_cells"] = self.table, {}
        if column not in known[1]:
            known[1][column] = self._cells(column)
        return known[1][column]

    def _cells(self, column: str) -> tuple[Cell, ...]:
        if self.said.rows is None:
            return ()
        if column in self.columns:
            place = self.columns.index(column)
            given = tuple(row[place] for row in self.said.rows if place < len(row))
            if all(cell.kind != "default" for cell in given):
                return given
            own = default(self.table.columns.get(column))
            return tuple(own if cell.kind == "default" else cell for cell in given)
        return (default(self.table.columns.get(column)),) * len(self.said.rows)


class UniqueKey(NamedTuple):
    """What two rows of a table may not have in common: columns ("" for an expression).

    *plain* tells that it has columns only, and holds for all rows, *nulls* that NULL is like NULL there. A *deferrable*
    one is none that ON CONFLICT takes.
    """

    columns: tuple[str, ...]
    plain: bool
    nulls: bool
    deferrable: bool


def insert(moment: Moment) -> Insert | None:
    """The INSERT that a statement is; None for another one, or where its table is not known."""
    tree = moment.statement.tree(InsertStmt)
    if tree is None:
        return None
    said = rows(moment.statement, tree)
    table = moment.relation(said.name)[1]
    if not isinstance(table, Table):
        return None
    columns = tuple(table.columns) if said.columns is None else said.columns
    return Insert(tree, said, table, columns, moment.statement.__dict__)


def rows(statement: Statement, tree: InsertStmt) -> Rows:
    """What the text of an INSERT says; kept with the statement."""
    known: Rows | None = statement.__dict__.get("_rows")
    if known is None:
        known = statement.__dict__["_rows"] = _read(tree)
    return known


def unique_keys(moment: Moment, table: Table) -> tuple[UniqueKey, ...] | None:
    """The unique keys of a table; None where there may be others."""
    if not table.whole:
        return None
    found = []
    for constraint in table.constraints.values():
        if constraint.kind in ("primary", "unique"):
            if constraint.columns is None:
                return None
            nulls, deferrable = constraint.nulls_not_distinct, constraint.deferrable
            found.append(UniqueKey(constraint.columns, plain=True, nulls=nulls, deferrable=deferrable))
        elif constraint.kind == "exclude":
            found.append(UniqueKey(("",), plain=False, nulls=False, deferrable=constraint.deferrable))
    for key in sorted(table.indexes):
        index = moment.get(key)
        if not isinstance(index, Index):
            return None
        if index.unique and not index.constraint:
            plain = not index.predicate and "" not in index.columns
            found.append(UniqueKey(index.columns, plain, index.nulls_not_distinct, deferrable=False))
    return tuple(found)


Meets = Literal["never", "always", "perhaps"]


def meets(found: Insert, keys: tuple[UniqueKey, ...]) -> tuple[Meets, ...]:
    """Whether the rows run into each of *keys* when they are there already; kept with the text while both stay."""
    known: tuple[Table, tuple[UniqueKey, ...], tuple[Meets, ...]] | None = found.kept.get("_meets")
    if known is None or known[0] is not found.table or known[1] != keys:
        known = found.kept["_meets"] = found.table, keys, tuple(_meets(found, key) for key in keys)
    return known[2]


def finds_all(found: Insert, keys: tuple[UniqueKey, ...]) -> bool:
    """Whether every row certainly runs into one of *keys* when it is there already."""
    met = [key for key, each in zip(keys, meets(found, keys), strict=True) if each == "always"]
    count = len(found.said.rows or ())
    return all(any(_row_meets(found, key, place) == "always" for key in met) for place in range(count))


def _meets(found: Insert, key: UniqueKey) -> Meets:
    if found.said.rows is None:
        return "perhaps"
    rows = {_row_meets(found, key, place) for place in range(len(found.said.rows))}
    return "always" if "always" in rows else "perhaps" if "perhaps" in rows else "never"


def _row_meets(found: Insert, key: UniqueKey, place: int) -> Meets:
    columns = (found.cells(name) for name in key.columns if name)
    row = [cells[place] for cells in columns if place < len(cells)]
    if any(cell.kind == "fresh" or (cell.kind == "null" and not key.nulls) for cell in row):
        return "never"
    if key.plain and not found.said.query and all(cell.kind in ("constant", "null") for cell in row):
        return "always"
    return "perhaps"


def default(column: Column | None) -> Cell:
    """What a column has in a row that gives it nothing."""
    if column is None or column.generated:
        return _OTHER
    if column.serial is not None or column.identity or _FRESH.search(column.default):
        return Cell("fresh")
    text = column.default.strip()
    if not text or text.upper() == "NULL":
        return Cell("null") if column.type is not None else _OTHER
    return Cell("constant", text) if _CONSTANT.fullmatch(text) else _OTHER


_OTHER = Cell("other")
# Functions that give something else each time, however they are qualified.
_NEW = frozenset(
    (
        *("nextval", "random", "gen_random_bytes", "gen_random_uuid", "uuidv4", "uuidv7"),
        *("uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4"),
        *("now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday"),
    )
)
_TIMES = frozenset(
    f"SVFOP_{word}" for word in ("CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP_N", "LOCALTIMESTAMP", "LOCALTIMESTAMP_N")
)
_FRESH = re.compile(rf"\b(?:{'|'.join(sorted(_NEW))})\s*\(|\b(?:current_timestamp|localtimestamp)\b", re.I)
_CONSTANT = re.compile(r"(?:'[^']*'|[-+]?[0-9.]+|true|false)(?:\s*::[\w\s.\"()\[\]]+)?", re.I)


def _read(tree: InsertStmt) -> Rows:
    columns = names_of(tree.cols) or None
    name = tree.relation.name
    query = (load(tree.select_stmt) or {}).get("SelectStmt")
    if query is None:  # DEFAULT VALUES
        return Rows(
            name, () if not tree.select_stmt else columns, ((),) if not tree.select_stmt else None, False, False
        )
    guarded = _is_guarded(query, name)
    if tree.with_clause is not None:
        guarded = guarded or any(_is_guarding(load(each), name) for each in tree.with_clause.ctes)
    if "valuesLists" in query:
        lists = (each.get("List", {}).get("items", ()) for each in query["valuesLists"])
        return Rows(name, columns, tuple(tuple(map(cell, items)) for items in lists), False, guarded)
    if query.get("op", "SETOP_NONE") != "SETOP_NONE":
        return Rows(name, columns, None, True, guarded)
    items = [item.get("ResTarget", {}).get("val") for item in query.get("targetList", ())]
    row = tuple(map(cell, items))
    if any((column_of(item) or ("",))[-1] == "*" for item in items):
        return Rows(name, columns, None, True, guarded)
    return Rows(name, columns, (row,), "fromClause" in query or "whereClause" in query, guarded)


def cell(tree: Json) -> Cell:
    """What an expression gives."""
    bare = tree
    while isinstance(bare, dict) and "TypeCast" in bare:
        bare = bare["TypeCast"].get("arg")
    if not isinstance(bare, dict):
        return _OTHER
    found = constant(bare)
    if found is not None:
        return Cell("null" if found.kind == "null" else "constant", found.text, found.location, found.kind == "number")
    if "SetToDefault" in bare:
        return Cell("default")
    return Cell("fresh") if _is_fresh(bare) else _OTHER


def _is_fresh(tree: Json) -> bool:
    """Whether an expression is or contains a call that gives something else each time; not one in an inner query."""
    stack = [tree]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            call = item.get("FuncCall")
            if isinstance(call, dict) and strings(call.get("funcname", ()))[-1:] and _last(call) in _NEW:
                return True
            if isinstance(value := item.get("SQLValueFunction"), dict) and value.get("op") in _TIMES:
                return True
            stack += [value for key, value in item.items() if key != "SubLink"]
        elif isinstance(item, list):
            stack += item
    return False


def _last(call: Mapping[str, Json]) -> str:
    return strings(call.get("funcname", ()))[-1]


def _is_guarded(query: dict[str, Json], name: tuple[str, ...]) -> bool:
    """Whether a query leaves out what is there: it asks for the table's own rows, or for what does not exist."""
    for part in _parts(query):
        if part.get("op") == "SETOP_EXCEPT":
            return True
        where = (part.get("whereClause"), part.get("havingClause"))
        if any(_mentions(each, name) or _denies(each) for each in where):
            return True
        if any(_mentions(each, name) for each in (part.get("fromClause"), part.get("withClause"))):
            return True
    return False


def _parts(query: dict[str, Json]) -> Iterator[dict[str, Json]]:
    stack = [query]
    while stack:
        part = stack.pop()
        yield part
        stack += [part[side] for side in ("larg", "rarg") if side in part]


def _mentions(tree: Json, name: tuple[str, ...]) -> bool:
    return any(each.kind == "relation" and relation_name(each.node)[-1:] == name[-1:] for each in walk(tree))


def _is_guarding(tree: Json, name: tuple[str, ...]) -> bool:
    """Whether a query of WITH gives nothing when it runs a second time, as far as can be told."""
    return _mentions(tree, name) or _denies(tree)


def _denies(tree: Json) -> bool:
    """Whether NOT stands before a query, or ON CONFLICT behind one."""
    stack = [tree]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if "onConflictClause" in item or _is_not_query(item.get("BoolExpr")):
                return True
            stack += item.values()
        elif isinstance(item, list):
            stack += item
    return False


def _is_not_query(test: Json) -> bool:
    if not isinstance(test, dict) or test.get("boolop") != "NOT_EXPR":
        return False
    return any("SubLink" in each for each in test.get("args", ()))
