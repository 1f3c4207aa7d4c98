"""A migration that writes the runner's own log."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.commands import DeleteStmt, InsertStmt, MergeStmt, UpdateStmt
from mig_lsp.core.sql.parts import RangeVar
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span

CATEGORY: Category = "history"
SEVERITY = Severity.WARNING


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    log = plan.runner.log
    if log is None or log.name.rpartition(".")[2] not in statement.text.lower():
        return
    relation = _written(statement)
    if relation is None or relation.relname != log.name.rpartition(".")[2]:
        return
    start = statement.at(relation.location)
    end = next((token.end for token in statement.tokens() if token.start >= start), statement.span.end)
    yield Finding(
        "writes-migration-log",
        Span(start, end),
        f"the runner writes {log.name} itself: a row that marks this file completed makes the next deploy skip the "
        "rest of it after a failure; remove this statement",
    )


def _written(statement: Statement) -> RangeVar | None:
    tree = (
        statement.tree(InsertStmt)
        or statement.tree(UpdateStmt)
        or statement.tree(DeleteStmt)
        or statement.tree(MergeStmt)
    )
    return tree.relation if tree else None
