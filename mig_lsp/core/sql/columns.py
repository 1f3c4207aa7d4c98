"""The columns that a statement defines, wherever it does so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.sql.lexer import tokens
from mig_lsp.core.sql.nodes import AlterTableStmt, CreateStmt
from mig_lsp.core.sql.parts import ColumnDef
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span


class Defined(NamedTuple):
    """A column of CREATE TABLE, ADD COLUMN or ALTER COLUMN TYPE, and the first word of its type in the text.

    *type* is the type's name as the grammar has it ("pg_catalog.int4", "text"), *limited* tells that it has something
    in parentheses, and *key* that the column alone is the primary key.
    """

    column: str
    type: str
    limited: bool
    span: Span
    key: bool


def defined_columns(statement: Statement) -> Iterator[Defined]:
    """The columns in the order of the text, those without a type left out."""
    columns: list[tuple[str, ColumnDef]] = []
    keys: set[str] = set()
    if (table := statement.tree(CreateStmt)) is not None:
        columns = [(node.column_def.colname, node.column_def) for node in table.table_elts if node.column_def]
        constraints = [node.constraint for node in (*table.table_elts, *table.constraints) if node.constraint]
        keys = {
            each.keys[0].string.sval
            for each in constraints
            if each.contype == "CONSTR_PRIMARY" and len(each.keys) == 1 and each.keys[0].string
        }
    elif (alter := statement.tree(AlterTableStmt)) is not None:
        for action in (node.alter_table_cmd for node in alter.cmds):
            if action is not None and action.def_ is not None and action.def_.column_def is not None:
                columns.append((action.def_.column_def.colname or action.name, action.def_.column_def))
    for name, column in columns:
        if column.type_name is not None:
            own = any(node.constraint and node.constraint.contype == "CONSTR_PRIMARY" for node in column.constraints)
            span = _word(statement, statement.at(column.type_name.location))
            kind = column.type_name
            yield Defined(name, ".".join(kind.name), bool(kind.typmods), span, own or name in keys)


def _word(statement: Statement, start: int) -> Span:
    for token in tokens(statement.text, start, statement.span.end):
        return Span(token.start, token.end)
    return statement.word()
