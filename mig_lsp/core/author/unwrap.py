"""DO blocks of older drizzle-kit versions: plain statements in a guard against running twice."""

from __future__ import annotations

import re

from mig_lsp.core.sql import commands, nodes
from mig_lsp.core.sql.names import option
from mig_lsp.core.sql.statement import Statement, read

# BEGIN statements EXCEPTION WHEN duplicate_object THEN null; END
_GUARD = re.compile(
    r"\s*BEGIN\s(?P<sql>.*)\bEXCEPTION\s+WHEN\s+(?:duplicate_(?:object|table)(?:\s+OR\s+(?=duplicate_))?)+\s+THEN"
    r"\s+NULL\s*;\s*END\s*;?\s*",
    re.I | re.S,
)
_LONGEST = 100_000  # characters of a body; no generated one comes near


def unwrapped(statement: Statement) -> tuple[Statement, ...] | None:
    """The statements in a DO block that does nothing but forgive that they ran before; None for any other statement."""
    tree = statement.tree(commands.DoStmt)
    body = option(tree.args, "as") if tree else None
    text = body.arg.string.sval if body and body.arg and body.arg.string else ""
    match = _GUARD.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    inner = tuple(Statement(item.code + ";") for item in read(match["sql"]).items if not item.blank)
    return inner if inner and all(_is_plain(item) for item in inner) else None


def _is_plain(statement: Statement) -> bool:
    """Whether the statement is one that the guard was made for: a new type, or a new constraint with a name."""
    if statement.tree(nodes.CreateEnumStmt) is not None:
        return True
    tree = statement.tree(nodes.AlterTableStmt)
    if tree is None:
        return False
    parts = [node.alter_table_cmd.def_ for node in tree.cmds if node.alter_table_cmd]
    return all(part is not None and part.constraint is not None and part.constraint.conname for part in parts)
