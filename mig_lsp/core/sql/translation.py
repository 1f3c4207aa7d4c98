"""Other databases' statements through sqlglot: whether they are that database's, and what they are in PostgreSQL.

sqlglot is imported only here, when a statement gives reason for it; what it makes is believed only where PostgreSQL's
parser takes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.parse import parse

if TYPE_CHECKING:
    from sqlglot import Expr

_DIALECTS = {"MySQL": "mysql", "SQLite": "sqlite", "SQL Server": "tsql", "Oracle": "oracle"}
_DEEPEST = 40  # parentheses; sqlglot's parser is recursive
_OPENING = re.compile(r"[(\[{]|\bcase\b", re.I)
# What sqlglot would leave out or turn into something else without a word.
_LOST = re.compile(
    r"\bon\s+update\s+(?:current_timestamp|now)|\b(?:fulltext|spatial|comment|zerofill|after|clustered|nolock)\b|--|/\*|\#",
    re.I,
)
# Text of any kind goes to sqlglot, and it does not foresee all of it.
_UNFORESEEN = (RecursionError, ValueError, TypeError, AttributeError, LookupError, AssertionError)
_TABLE_OPTIONS = (
    "EngineProperty",
    "AutoIncrementProperty",
    "CharacterSetProperty",
    "CollateProperty",
    "RowFormatProperty",
)


def confirmed(code: str, database: str) -> bool:
    """Whether the grammar of *database* takes *code*."""
    return _parsed(code, database) is not None


def translation(code: str, database: str) -> str | None:
    """*code* in PostgreSQL's words, statements apart by `;`; None where nothing sound comes out."""
    if _LOST.search(code):
        return None
    trees = _parsed(code, database)
    if not trees:
        return None
    statements = _generated(trees)
    if not statements or any(parse(statement).fault or not parse(statement).trees for statement in statements):
        return None
    return ";\n".join(statements)


def _parsed(code: str, database: str) -> Sequence[Expr] | None:
    """The trees that sqlglot makes of *code*; None where it does not understand it."""
    if len(_OPENING.findall(code)) > _DEEPEST and _depth(code) > _DEEPEST:
        return None
    import sqlglot
    from sqlglot.errors import SqlglotError
    from sqlglot.helper import logger

    # sqlglot writes what it does not understand to standard error, which is nobody's business here.
    logger.disabled = True
    try:
        trees = sqlglot.parse(code, read=_DIALECTS[database])
    except (SqlglotError, *_UNFORESEEN):
        return None
    return [tree for tree in trees if tree is not None]


def _generated(trees: Sequence[Expr]) -> list[str]:
    """PostgreSQL's statements for the trees; none where one of them has no equal."""
    from sqlglot import exp
    from sqlglot.errors import ErrorLevel, SqlglotError

    statements: list[str] = []
    try:
        for tree in trees:
            if tree.find(exp.Command):
                return []
            for name in tree.find_all(exp.Identifier):
                name.set("quoted", name.args.get("quoted") and quoted(name.this) != name.this)
            indexes = _plain_table(tree) if isinstance(tree, exp.Create) and tree.kind == "TABLE" else []
            pretty = isinstance(tree, exp.Create)
            statements += (tree.sql("postgres", pretty=pretty, unsupported_level=ErrorLevel.RAISE), *indexes)
    except (SqlglotError, *_UNFORESEEN):
        return []
    return statements


def _plain_table(create: Expr) -> list[str]:
    """Takes from a CREATE TABLE what PostgreSQL has no place for; the indexes among it come back as statements."""
    from sqlglot import exp

    properties = create.args.get("properties")
    if properties is not None:
        kept = [option for option in properties.expressions if type(option).__name__ not in _TABLE_OPTIONS]
        create.set("properties", exp.Properties(expressions=kept) if kept else None)
    for kind in list(create.find_all(exp.DataType)):
        _plain_type(kind)
    schema = create.this
    if not isinstance(schema, exp.Schema):
        return []
    table = schema.this.sql("postgres")
    indexes = []
    for item in list(schema.expressions):
        if isinstance(item, exp.IndexColumnConstraint):
            columns = ", ".join(column.sql("postgres").removesuffix(" NULLS LAST") for column in item.expressions)
            name = item.this.sql("postgres") + " " if item.this else ""
            indexes.append(f"CREATE INDEX {name}ON {table} ({columns})")
            item.pop()
        elif isinstance(item, exp.UniqueColumnConstraint) and isinstance(item.this, exp.Schema) and item.this.this:
            name = item.this.this.pop()
            item.replace(exp.Constraint(this=name, expressions=[item.copy()]))
    return indexes


def _plain_type(kind: Expr) -> None:
    """A type without MySQL's signs and widths, and without SQL Server's MAX."""
    from sqlglot import exp

    assert isinstance(kind, exp.DataType)
    wider = {"UTINYINT": "SMALLINT", "USMALLINT": "INT", "UMEDIUMINT": "INT", "UINT": "BIGINT", "UBIGINT": "BIGINT"}
    name = kind.this.name
    if name in wider:
        kind.set("this", exp.DType[wider[name]])
    if kind.this.name in {"TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT"}:
        kind.set("expressions", [])
    elif kind.sql("postgres").upper().endswith("VARCHAR(MAX)"):
        kind.replace(exp.DataType.build("text"))


def _depth(code: str) -> int:
    depth = deepest = 0
    for char in code:
        depth += 1 if char in "([{" else -1 if char in ")]}" else 0
        deepest = max(deepest, depth)
    return max(deepest, len(re.findall(r"\bcase\b", code, re.I)))
