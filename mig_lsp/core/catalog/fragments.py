"""The expressions inside a definition: the names they lend, the values they allow, and their SQL."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from mig_lsp.core.catalog.moment import unquoted
from mig_lsp.core.sql.lexer import Kind, Token
from mig_lsp.core.sql.statement import Statement

SYSTEM_COLUMNS = frozenset({"tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"})
"""The columns that every table has besides its own."""


def index_name(tree: Any) -> str:
    """What an index calls an expression when it names itself: the outermost function, column or type, or "expr"."""
    weak = ""
    while isinstance(tree, dict) and tree:
        kind, item = next(iter(tree.items()))
        if kind == "FuncCall":
            return _last(item.get("funcname", ())) or "expr"
        if kind == "ColumnRef":
            return _last(item.get("fields", ())) or weak or "expr"
        if kind == "TypeCast":
            weak = weak or _last(item.get("typeName", {}).get("names", ()))
        elif kind == "CaseExpr":
            weak = weak or "case"
            tree = item.get("defresult")
            continue
        elif kind == "A_Indirection":
            field = _last(item.get("indirection", ()))
            if field:
                return field
        elif kind != "CollateClause":
            word = "nullif" if item.get("kind") == "AEXPR_NULLIF" else _WORDS.get(kind, "")
            word = item.get("op", "")[3:].lower() if kind == "MinMaxExpr" else word
            return word or weak or "expr"
        tree = item.get("arg")
    return weak or "expr"


_WORDS = {"CoalesceExpr": "coalesce", "A_ArrayExpr": "array", "RowExpr": "row"}


def _last(parts: Any) -> str:
    last = parts[-1] if parts else {}
    name: str = last.get("String", {}).get("sval", "")
    return name


# --- Values that a CHECK allows ---

_DEEPEST = 20


def allowed(tree: Any, depth: int = 0) -> Mapping[str, frozenset[str]]:
    """The literals that a condition lets each column have, where it names them: `a IN ('x', 'y') OR a = 'z'`."""
    if depth > _DEEPEST or not isinstance(tree, dict) or not tree:
        return {}
    kind, item = next(iter(tree.items()))
    if kind == "BoolExpr":
        args = [arg for arg in item.get("args", ()) if not _is_null_test(arg)]
        each = [allowed(arg, depth + 1) for arg in args]
        if item.get("boolop") == "AND_EXPR":
            return _both(each)
        if item.get("boolop") == "OR_EXPR" and each and all(len(one) == 1 for one in each):
            columns = {column for one in each for column in one}
            if len(columns) == 1 and not _tests_other_column(item.get("args", ()), columns):
                return {columns.pop(): frozenset(value for one in each for values in one.values() for value in values)}
        return {}
    if kind != "A_Expr" or _last(item.get("name", ())) != "=":
        return {}
    column = _column(item.get("lexpr"))
    listed = item.get("rexpr", {})
    if item.get("kind") == "AEXPR_IN":
        values = _literals(listed.get("List", {}).get("items", ()) if isinstance(listed, dict) else ())
    elif item.get("kind") == "AEXPR_OP_ANY":
        values = _literals(_uncast(listed).get("A_ArrayExpr", {}).get("elements", ()))
    elif item.get("kind") == "AEXPR_OP":
        values = _literals([listed])
    else:
        values = None
    return {column: values} if column and values is not None else {}


def _both(each: list[Mapping[str, frozenset[str]]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for one in each:
        for column, values in one.items():
            found[column] = found[column] & values if column in found else values
    return found


def _is_null_test(tree: Any) -> bool:
    return isinstance(tree, dict) and tree.get("NullTest", {}).get("nulltesttype") == "IS_NULL"


def _tests_other_column(args: Any, columns: set[str]) -> bool:
    """Whether one of the IS NULL among *args* is about another column: then anything may be allowed."""
    return any(_is_null_test(arg) and _column(arg["NullTest"].get("arg")) not in columns for arg in args)


def _column(tree: Any) -> str:
    return _last(_uncast(tree).get("ColumnRef", {}).get("fields", ()))


def _uncast(tree: Any) -> dict[str, Any]:
    for _ in range(4):
        if not isinstance(tree, dict):
            return {}
        if "TypeCast" not in tree:
            return tree
        tree = tree["TypeCast"].get("arg")
    return {}


def _literals(items: Any) -> frozenset[str] | None:
    found = set()
    for item in items:
        const = _uncast(item).get("A_Const")
        if const is None:
            return None
        if const.get("isnull"):
            continue
        if "sval" in const:
            found.add(const["sval"].get("sval", ""))
        elif "ival" in const:
            found.add(str(const["ival"].get("ival", 0)))
        else:
            return None
    return frozenset(found) if items else None


# --- Text ---


class Words:
    """A statement's tokens without comments, read once for all the expressions in it."""

    __slots__ = ("_statement", "_tokens")

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._tokens: list[Token] | None = None

    def inside(self, location: int) -> str:
        """The SQL between the first parentheses behind a location in the tree, "" where there are none."""
        if location < 0:
            return ""
        start = next((i for i in range(self._first(location), len(self._read())) if self._sign(i) == "("), None)
        if start is None:
            return ""
        return self._slice(start + 1, self._end(start + 1, ""))

    def behind(self, location: int, stop: int = -1) -> str:
        """The SQL behind the word at a location, up to another location, a comma or the end of the parentheses."""
        if location < 0:
            return ""
        first = self._first(location) + 1
        last = self._first(stop) if stop >= 0 else len(self._read())
        return self._slice(first, min(last, self._end(first, ",")))

    def where(self, location: int) -> str:
        """The SQL behind the first WHERE outside of parentheses behind a location; "" where there is none."""
        depth = 0
        for index in range(self._first(location), len(self._read())):
            sign = self._sign(index)
            depth += (sign == "(") - (sign == ")")
            if depth < 0:
                return ""
            if depth == 0 and self._word(index) == "where":
                return self._slice(index + 1, self._end(index + 1, ","))
        return ""

    def default_of(self, column: str) -> str:
        """The SQL behind SET DEFAULT of the last ALTER COLUMN that names the column; "" where there is none."""
        tokens, found = self._read(), ""
        for index in range(len(tokens) - 2):
            if self._word(index) == "set" and self._word(index + 1) == "default" and index:
                before = tokens[index - 1]
                if unquoted(self._statement.text[before.start : before.end]) == column:
                    found = self._slice(index + 2, self._end(index + 2, ","))
        return found

    def _read(self) -> list[Token]:
        if self._tokens is None:
            self._tokens = [token for token in self._statement.tokens() if token.kind is not Kind.COMMENT]
        return self._tokens

    def _first(self, location: int) -> int:
        return bisect_left(self._read(), self._statement.at(location), key=_start)

    def _sign(self, index: int) -> str:
        token = self._read()[index]
        return self._statement.text[token.start : token.end] if token.kind is Kind.SIGN else ""

    def _word(self, index: int) -> str:
        token = self._read()[index]
        return self._statement.text[token.start : token.end].lower() if token.kind is Kind.WORD else ""

    def _end(self, first: int, stop: str) -> int:
        depth = 0
        for index in range(first, len(self._read())):
            sign = self._sign(index)
            if sign in ("(", "["):
                depth += 1
            elif sign in (")", "]"):
                if depth == 0:
                    return index
                depth -= 1
            elif sign and sign == stop and depth == 0:
                return index
        return len(self._read())

    def _slice(self, first: int, last: int) -> str:
        """The tokens as they are written, with one space where white space or a comment stands."""
        parts: list[str] = []
        end = -1
        for token in self._read()[first:last]:
            if parts and token.start > end:
                parts.append(" ")
            parts.append(self._statement.text[token.start : token.end])
            end = token.end
        return "".join(parts)


def _start(token: Token) -> int:
    return token.start
