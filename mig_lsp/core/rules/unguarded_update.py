"""UPDATE whose result is another one, or overwrites what came in between, when the file runs again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.catalog.expressions import Json, column_of, load, strings, walk
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import Column, Table
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.commands import InsertStmt, UpdateStmt
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.parts import Node, RangeVar
from mig_lsp.core.twice import Harm, harms

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    for step, harm in harms("unguarded-update", snapshot, file, _harm, "UpdateStmt", "InsertStmt"):
        if harm.severity is None or not step.is_last:
            yield step.number, harm.finding("unguarded-update", step)


def _harm(moment: Moment) -> Harm | None:
    change = _change(moment)
    if change is None or not change.targets:
        return None
    key, table = moment.relation(change.relation.name)
    if not isinstance(table, Table) or table.rules:
        return None
    found = _itself(change, table) or _overwriting(change, table, moment)
    if found is None:
        return None
    span = moment.span((found.target.column,), found.target.location)
    return Harm(key, span, found.message, severity=found.severity)


class _Target(NamedTuple):
    column: str
    value: Json
    location: int


class _Change(NamedTuple):
    """SET of an UPDATE or of DO UPDATE: *names* are those that the table's own columns are qualified with."""

    relation: RangeVar
    targets: tuple[_Target, ...]
    where: Json
    names: frozenset[str]
    is_update: bool


class _Found(NamedTuple):
    target: _Target
    message: str
    severity: Severity | None


def _change(moment: Moment) -> _Change | None:
    statement = moment.statement
    update = statement.tree(UpdateStmt)
    if update is not None:
        names = frozenset((_called(update.relation), ""))
        where = load(update.where_clause)
        return _Change(update.relation, _targets(update.target_list), where, names, True)
    insert = statement.tree(InsertStmt)
    clause = insert.on_conflict_clause if insert is not None else None
    if insert is None or clause is None or clause.action != "ONCONFLICT_UPDATE":
        return None
    # What it may run into is decided by the rows; a condition on the table's own is not read here.
    names = frozenset((_called(insert.relation),))
    if clause.where_clause is not None:
        return None
    return _Change(insert.relation, _targets(clause.target_list), None, names, False)


def _targets(items: tuple[Node, ...]) -> tuple[_Target, ...]:
    return tuple(
        _Target(item.res_target.name, load(item.res_target.val), item.res_target.location)
        for item in items
        if item.res_target is not None
    )


def _called(relation: RangeVar) -> str:
    return relation.alias.aliasname if relation.alias is not None else relation.relname


# --- What depends on what was there ---

_ADDS = frozenset(("+", "-", "*", "/", "||"))
_CALLS = frozenset(("array_append", "array_prepend", "array_cat", "concat", "repeat"))


def _itself(change: _Change, table: Table) -> _Found | None:
    """The column whose new value is made of its old one, so that a second run makes another."""
    for target in change.targets:
        column = table.columns.get(target.column)
        operator = _grows(target, column, change.names) if column is not None else ""
        if operator and not _is_done(change, operator, target.column):
            name = quoted(target.column)
            what = f"turns {name} round" if operator == "not" else f"changes {name} once more"
            advice = "add a condition that leaves out the rows that are done, or write the value itself"
            return _Found(target, f"{what}, because its new value is made of its old one; {advice}", None)
    return None


def _grows(target: _Target, column: Column, names: frozenset[str]) -> str:
    """The operator that makes another value each time, "not" for NOT, or ""."""
    if column.type is not None and column.type.name in ("json", "jsonb") and not column.type.array:
        return ""  # `||` puts the same key there again
    bare = _bare(target.value)
    test = bare.get("BoolExpr", {})
    if test.get("boolop") == "NOT_EXPR":
        return "not" if _is_own(_bare(test.get("args", [None])[0]), target.column, names) else ""
    operator = _operator(bare)
    # Of an unknown type these may do the same each time: `jsonb - 'key'`.
    if not operator or (column.type is None and operator in ("||", "-")):
        return ""
    stack = [bare]
    while stack:
        item = _bare(stack.pop())
        if _is_own(item, target.column, names):
            return operator
        if _operator(item):
            node = item.get("A_Expr") or item["FuncCall"]
            stack += [node.get("lexpr"), node.get("rexpr")] if "A_Expr" in item else node.get("args", ())
        elif "CoalesceExpr" in item:
            stack += item["CoalesceExpr"].get("args", ())[:1]
    return ""


def _operator(item: dict[str, Json]) -> str:
    node = item.get("A_Expr")
    if node is not None:
        name = strings(node.get("name", ()))[-1:] if node.get("kind") == "AEXPR_OP" and "lexpr" in node else ()
        return name[0] if name and name[0] in _ADDS else ""
    call = item.get("FuncCall")
    name = strings(call.get("funcname", ()))[-1:] if call is not None else ()
    return "||" if name and name[0] in _CALLS else ""


def _is_own(item: dict[str, Json], column: str, names: frozenset[str]) -> bool:
    name = column_of(item)
    return name is not None and name[-1] == column and (name[-2] if len(name) > 1 else "") in names


def _bare(tree: Json) -> dict[str, Json]:
    while isinstance(tree, dict) and "TypeCast" in tree:
        tree = tree["TypeCast"].get("arg")
    return tree if isinstance(tree, dict) else {}


def _is_done(change: _Change, operator: str, column: str) -> bool:
    """Whether the condition may leave out rows that were changed before."""
    if any(mention.kind == "query" for mention in walk(change.where)):
        return True
    others = {target.column for target in change.targets} - {column}
    if others & _mentioned(change.where):
        return True
    stack = [change.where]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack += item
        elif isinstance(item, dict):
            if _keeps(item, operator, column):
                continue
            if (column_of(item) or ("",))[-1] == column:
                return True
            stack += item.values()
    return False


def _keeps(item: dict[str, Json], operator: str, column: str) -> bool:
    """Whether a test of the column is passed as well by what becomes of it."""
    null = item.get("NullTest")
    if null is not None:
        return bool(null.get("nulltesttype") == "IS_NOT_NULL")
    test = item.get("A_Expr", {})
    name = strings(test.get("name", ()))[-1:]
    if test.get("kind") != "AEXPR_OP" or not name or (column_of(_bare(test.get("lexpr"))) or ("",))[-1] != column:
        return False
    if name[0] in (">", ">="):
        return operator in ("+", "*")
    return name[0] in ("<", "<=") and operator in ("-", "/")


def _mentioned(tree: Json) -> set[str]:
    return {mention.name[-1] for mention in walk(tree) if mention.kind == "column" and mention.name}


# --- What came in between ---


def _overwriting(change: _Change, table: Table, moment: Moment) -> _Found | None:
    """The column that is given the same value again, whatever it has become since."""
    if not change.is_update or table.made.path == moment.origin.path:
        return None
    mentioned = _mentioned(change.where)
    if any(target.column in mentioned for target in change.targets):
        return None
    if any(mention.kind == "query" for mention in walk(change.where)):
        return None
    for target in change.targets:
        column = table.columns.get(target.column)
        if column is None or target.column == "updated_at":
            continue
        message = (
            f"sets {quoted(target.column)} again, also where it was changed in between; "
            "add a condition that leaves out the rows that are done"
        )
        return _Found(target, message, Severity.HINT)
    return None
