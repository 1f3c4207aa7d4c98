"""SET, LOCK TABLE, temporary tables and their kin: the session they change is gone with the call."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.transactional import needs_block
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.commands import SelectStmt, VariableSetStmt
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.nodes import CreateStmt, CreateTableAsStmt
from mig_lsp.core.sql.parse import decode
from mig_lsp.core.sql.parts import IntoClause
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span

CATEGORY: Category = "runner"
SEVERITY = Severity.WARNING

_ADVISORY = ("pg_advisory_lock", "pg_try_advisory_lock", "pg_advisory_xact_lock", "pg_try_advisory_xact_lock")
_ADVISORY_SHARED = tuple(f"{name}_shared" for name in _ADVISORY)
_FUNCTIONS = frozenset((*_ADVISORY, *_ADVISORY_SHARED, "set_config"))


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    runner = plan.runner
    if runner.keeps_session:
        return
    need = needs_block(statement)
    if need is not None and not runner.opens_transaction:
        yield Finding(
            "session-state",
            statement.span,
            f"{need.command} fails here: every statement is a call of its own without a transaction around it; "
            "remove it",
            severity=Severity.ERROR,
        )
        return
    lost = _lost(statement)
    if lost is not None:
        what, way_out = lost
        yield Finding(
            "session-state",
            _shown(statement),
            f"{what} has no effect on the next statement, which is a call of its own in another session: {way_out}",
        )


def _lost(statement: Statement) -> tuple[str, str] | None:
    """What of the session the statement changes, and what to do instead."""
    match statement.kind:
        case "VariableSetStmt":
            tree = statement.tree(VariableSetStmt)
            name = tree.name if tree and tree.name else "a setting"
            if name == "search_path":
                return "SET search_path", "write the schema before every name"
            return f"SET {name}", "remove it, or set it for the role or the database with ALTER ROLE ... SET"
        case "CreateStmt" | "CreateTableAsStmt" | "SelectStmt" if _is_temporary(statement):
            return (
                "a temporary table",
                "use a common table expression in one statement, or an ordinary table dropped at the end",
            )
        case "PrepareStmt":
            return "PREPARE", "write the statement itself"
        case "DeclareCursorStmt":
            return "DECLARE CURSOR", "write the query into the statement that needs it"
        case "SelectStmt" if (function := _session_function(statement)) is not None:
            if function == "set_config":
                return "set_config", "set it for the role or the database with ALTER ROLE ... SET"
            return function, "the runner needs no lock of its own: remove it"
    return None


def _is_temporary(statement: Statement) -> bool:
    created = statement.tree(CreateStmt)
    if created is not None:
        return created.relation.relpersistence == "t"
    made = statement.tree(CreateTableAsStmt)
    if made is not None:
        return made.into.rel.relpersistence == "t"
    select = statement.tree(SelectStmt)
    if select is None or not select.into_clause:
        return False
    return decode(select.into_clause, IntoClause).rel.relpersistence == "t"


def _session_function(statement: Statement) -> str | None:
    """The function among those that change the session which the statement calls."""
    if not any(name in statement.text.lower() for name in ("advisory", "set_config")):
        return None
    words = [token for token in statement.tokens() if token.kind is not Kind.COMMENT]
    for token, following in pairwise(words):
        name = statement.text[token.start : token.end].lower()
        if name in _FUNCTIONS and statement.text[following.start] == "(":
            return name
    return None


def _shown(statement: Statement) -> Span:
    """The first line of the statement."""
    start, end = statement.span
    line = statement.text.find("\n", start, end)
    return Span(start, start + len(statement.text[start:line].rstrip()) if line >= 0 else end)
