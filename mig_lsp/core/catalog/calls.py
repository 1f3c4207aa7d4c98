"""SELECT and CALL: the table that SELECT INTO makes, and what the functions that are called may change."""

from __future__ import annotations

import re

import msgspec

from mig_lsp.core.catalog import opaque
from mig_lsp.core.catalog.expressions import load, walk
from mig_lsp.core.catalog.moment import Moment, unquoted
from mig_lsp.core.catalog.rows import statement
from mig_lsp.core.catalog.values import Routines
from mig_lsp.core.catalog.views import make_from_query
from mig_lsp.core.sql.commands import CallStmt, SelectStmt
from mig_lsp.core.sql.lexer import NAME
from mig_lsp.core.sql.parts import IntoClause

_CALLED = re.compile(rf"({NAME})\s*\(")
_CHANGES = re.compile(r"\b(?:create|alter|drop|import)\b", re.I)
_MOST_CALLS = 100

_MAKERS = frozenset(
    {"addgeometrycolumn", "create_distributed_table", "create_hypertable", "create_parent", "dblink", "dblink_exec"}
)
"""Functions of extensions that make or change what their arguments name."""


def select(tree: SelectStmt, moment: Moment) -> None:
    """SELECT, VALUES, TABLE."""
    if tree.into_clause:
        into = msgspec.json.decode(tree.into_clause, type=IntoClause)
        query = load(moment.statement.parsed.trees[0].body)
        if query is None:
            opaque.unread(moment)
            return
        make_from_query(moment, into, {"SelectStmt": query}, materialized=False, lax=False)
    else:
        statement(tree, moment)
    _follow(moment)


def call(tree: CallStmt, moment: Moment) -> None:
    """CALL."""
    _follow_call(tree.funccall.name, moment)
    _follow(moment)


def _follow(moment: Moment) -> None:
    for mention in walk(moment.statement.parsed.trees[0].body):
        if mention.kind == "function":
            _follow_call(mention.name, moment)


def _follow_call(name: tuple[str, ...], moment: Moment) -> None:
    if name[-1] == "set_config" and moment.setting.keeps_session and "search_path" in moment.statement.code:
        moment.doubt_everything()
        return
    key, value = moment.routine(name)
    if name[-1] in _MAKERS and not isinstance(value, Routines):
        opaque.unread(moment)
        return
    todo, seen = [key], {key}
    while todo and len(seen) <= _MOST_CALLS:
        found = moment.get(todo.pop())
        for routine in found.overloads if isinstance(found, Routines) else ():
            if opaque.DYNAMIC.search(routine.body):
                moment.doubt_everything()
            elif _CHANGES.search(routine.body):
                opaque.taint(routine.body, moment)
            for word in _CALLED.finditer(routine.body):
                called, _ = moment.routine((unquoted(word[1]),))
                if called not in seen:
                    seen.add(called)
                    todo.append(called)


APPLY = (
    (SelectStmt, select),
    (CallStmt, call),
)
