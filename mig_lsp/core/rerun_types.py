"""ALTER COLUMN ... TYPE ... USING that does not come to the same when it is carried out twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mig_lsp.core.catalog.expressions import load, walk
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import Table, Type
from mig_lsp.core.sql.nodes import AlterTableStmt
from mig_lsp.core.text import Span


class Converted(NamedTuple):
    """A statement (by number) that converts a column's values each time it runs; *why* is what differs then."""

    statement: int
    column: str
    why: str
    span: Span


def converted(number: int, first: Moment, second: Moment) -> Iterator[Converted]:
    """The columns whose new type is computed from the old value, and are of that type at the second run."""
    tree = first.statement.tree(AlterTableStmt)
    if tree is None or not any(each.alter_table_cmd and each.alter_table_cmd.subtype == _TYPE for each in tree.cmds):
        return
    key, _ = first.relation(tree.relation.name)
    before, after, again = first.before(key), first.get(key), second.before(key)
    if not (isinstance(before, Table) and isinstance(after, Table) and isinstance(again, Table)):
        return
    for node in tree.cmds:
        action = node.alter_table_cmd
        column = action.def_.column_def if action is not None and action.def_ is not None else None
        if action is None or column is None or action.subtype != _TYPE:
            continue
        name = action.name
        old, new, then = (
            table.columns[name].type if name in table.columns else None for table in (before, after, again)
        )
        if old is None or new is None or then != new:
            continue
        using = load(column.raw_default)
        if not _reads(using, name):
            continue
        if _is_computed(using):
            yield Converted(number, name, "", first.span((name,)))
        elif not _is_alike(old, new) and not _is_stable(using, new):
            yield Converted(number, name, f", which is of type {new.name} by then", first.span((name,)))


_TYPE = "AT_AlterColumnType"
_STRINGS = frozenset(("text", "varchar", "bpchar", "citext"))
_TRUE = frozenset(("1", "t", "true", "y", "yes", "on"))
_SIGNS = frozenset(("+", "-", "*", "/", "%", "||"))


def _reads(using: Any, column: str) -> bool:
    return any(each.kind == "column" and each.name[-1:] == (column,) for each in walk(using))


def _is_alike(old: Type, new: Type) -> bool:
    if old.array != new.array:
        return False
    return old.name == new.name or (old.name in _STRINGS and new.name in _STRINGS)


def _is_computed(using: Any) -> bool:
    """Whether the value is the outcome of an operator that changes it each time."""
    return _name(_uncast(using).get("A_Expr", {})) in _SIGNS


def _name(operator: dict[str, Any]) -> str:
    parts = operator.get("name")
    name: str = parts[-1].get("String", {}).get("sval", "") if parts else ""
    return name


def _is_stable(using: Any, new: Type) -> bool:
    """Whether what is computed from the outcome is the outcome again: a cast, COALESCE, a time told in UTC, or
    a comparison with a word for true.
    """
    tree = _uncast(using)
    if "ColumnRef" in tree or "A_Const" in tree:
        return True
    if "CoalesceExpr" in tree:
        return all("ColumnRef" in _uncast(each) or "A_Const" in _uncast(each) for each in tree["CoalesceExpr"]["args"])
    if "A_Expr" in tree:
        # 'yes' is true, so that a boolean may be compared with it as a text may.
        return (
            new.name == "bool" and _text(tree["A_Expr"].get("rexpr")).lower() in _TRUE and _name(tree["A_Expr"]) == "="
        )
    call = tree.get("FuncCall", {})
    name = call["funcname"][-1].get("String", {}).get("sval") if call.get("funcname") else ""
    arguments = call.get("args", ())
    return name == "timezone" and bool(arguments) and _text(arguments[0]).upper() == "UTC"


def _uncast(tree: Any) -> dict[str, Any]:
    while isinstance(tree, dict) and "TypeCast" in tree:
        tree = tree["TypeCast"].get("arg")
    return tree if isinstance(tree, dict) else {}


def _text(tree: Any) -> str:
    text: str = _uncast(tree).get("A_Const", {}).get("sval", {}).get("sval", "")
    return text
