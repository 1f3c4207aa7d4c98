"""An UPDATE that gives one column two values."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.commands import InsertStmt, UpdateStmt
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.parts import Node
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span

CATEGORY: Category = "syntax"
SEVERITY = Severity.ERROR


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    seen: set[str] = set()
    for node in _targets(statement):
        target = node.res_target
        if target is None:
            continue
        name, (span, whole) = target.name, _written(statement, statement.at(target.location))
        if not whole:
            continue  # an element of an array or a field of a row: several of one column are fine
        if name in seen:
            message = f"{quoted(name)} is assigned twice, and the server refuses the statement: leave one of them"
            yield Finding("assigned-twice", span, message)
        seen.add(name)


def _targets(statement: Statement) -> tuple[Node, ...]:
    update = statement.tree(UpdateStmt)
    if update is not None:
        return update.target_list
    insert = statement.tree(InsertStmt)
    conflict = insert.on_conflict_clause if insert else None
    return conflict.target_list if conflict else ()


def _written(statement: Statement, start: int) -> tuple[Span, bool]:
    """The name that begins at *start*, and whether nothing of it is meant but the whole column."""
    span = None
    for token in statement.tokens():
        if token.start < start or token.kind is Kind.COMMENT:
            continue
        if span is not None:
            return span, statement.text[token.start : token.end] not in {"[", "."}
        span = Span(token.start, token.end)
    return span or statement.word(), False
