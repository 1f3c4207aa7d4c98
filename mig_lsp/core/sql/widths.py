"""How many columns the rows of INSERT, VALUES and UNION have, where the text alone says it.

PostgreSQL's grammar takes rows of any width; its analysis refuses the statement as soon as two widths differ.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec import Raw

from mig_lsp.core.sql.parse import decode
from mig_lsp.core.sql.statement import Statement

_STAR = b'"A_Star"'
_DEEPEST = 20  # queries in parentheses in each other that are looked at
_LONGEST = 100  # queries of a chain that are looked at: each is a part of the JSON of the one before


class Mismatch(NamedTuple):
    """Two widths that should be one: *message* is PostgreSQL's (42601), *offset* counts in the statement's text."""

    message: str
    offset: int


class _Located(msgspec.Struct):
    location: int = 0


class _Row(msgspec.Struct):
    items: list[Raw] = []


class _RowNode(msgspec.Struct):
    List: _Row = msgspec.field(default_factory=_Row)


class _Select(msgspec.Struct, rename={"target_list": "targetList", "values_lists": "valuesLists"}):
    target_list: list[Raw] = []
    values_lists: list[_RowNode] = []
    op: str = "SETOP_NONE"
    larg: Raw = Raw()
    rarg: Raw = Raw()


class _SelectNode(msgspec.Struct):
    SelectStmt: _Select | None = None


class _Insert(msgspec.Struct, rename={"select_stmt": "selectStmt"}):
    cols: list[Raw] = []
    select_stmt: _SelectNode | None = None


def mismatch(statement: Statement) -> Mismatch | None:
    """The first two widths of the statement that differ for certain; rows with a star are left out."""
    if statement.kind == "SelectStmt":
        return _select(statement, decode(statement.parsed.trees[0].body, _Select))
    if statement.kind != "InsertStmt":
        return None
    insert = decode(statement.parsed.trees[0].body, _Insert)
    select = insert.select_stmt.SelectStmt if insert.select_stmt else None
    if select is None:
        return None
    wrong = _select(statement, select)
    if wrong is not None or not insert.cols:
        return wrong
    rows, columns = _width(select), len(insert.cols)
    if rows is None or rows == columns:
        return None
    if rows > columns:
        return Mismatch(
            "INSERT has more expressions than target columns", _place(statement, _first_row(select)[columns])
        )
    return Mismatch("INSERT has more target columns than expressions", _place(statement, insert.cols[rows]))


def _select(statement: Statement, select: _Select) -> Mismatch | None:
    return _values(statement, select) if select.values_lists else _union(statement, select, 0)


def _values(statement: Statement, select: _Select) -> Mismatch | None:
    first, *others = (row.List.items for row in select.values_lists)
    for items in others:
        if len(items) != len(first) and not _has_star([*items, *first]):
            return Mismatch("VALUES lists must all be the same length", _place(statement, items[0]))
    return None


def _union(statement: Statement, select: _Select, depth: int) -> Mismatch | None:
    spine = [select]  # a chain of UNIONs leans to the left: its first query comes last here
    while spine[-1].op != "SETOP_NONE" and len(spine) < _LONGEST:
        spine.append(_sides(spine[-1])[0])
    width = _width(spine.pop())
    for each in reversed(spine):
        right = _sides(each)[1]
        inner = _union(statement, right, depth + 1) if depth < _DEEPEST else None
        if inner is not None:
            return inner
        other = _width(right)
        if width is not None and other is not None and width != other:
            word = each.op.removeprefix("SETOP_")
            message = f"each {word} query must have the same number of columns"
            return Mismatch(message, _place(statement, _first_row(right)[0]))
        width = other if width is None else width
    return None


def _sides(select: _Select) -> tuple[_Select, _Select]:
    return msgspec.json.decode(select.larg, type=_Select), msgspec.json.decode(select.rarg, type=_Select)


def _width(select: _Select) -> int | None:
    """How many columns each row has, None when a star hides it."""
    row = _first_row(select)
    return len(row) if row and not _has_star(row) else None


def _first_row(select: _Select) -> list[Raw]:
    for _ in range(_LONGEST):
        if select.op == "SETOP_NONE":
            break
        select = _sides(select)[0]
    return select.values_lists[0].List.items if select.values_lists else select.target_list


def _has_star(items: list[Raw]) -> bool:
    return any(_STAR in bytes(item) for item in items)


def _place(statement: Statement, item: Raw) -> int:
    """Where the expression *item* begins; the start of the statement when the grammar does not say."""
    for kind in msgspec.json.decode(item, type=dict[str, _Located]).values():
        return statement.at(kind.location)
    return statement.span.start
