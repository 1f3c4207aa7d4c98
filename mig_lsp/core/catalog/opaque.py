"""Statements that nobody can read from outside: DO blocks, syntax errors, what is too deep for the parser.

Every name in them may have been made, changed or dropped; with dynamic SQL, anything may.
"""

from __future__ import annotations

import re

from mig_lsp.core.catalog.moment import Moment, unquoted
from mig_lsp.core.catalog.values import extension_key, relation_key, role_key, routine_key, schema_key, type_key
from mig_lsp.core.sql.commands import DoStmt
from mig_lsp.core.sql.lexer import NAME

DYNAMIC = re.compile(r"\bexecute\b(?!\s+(?:on\s|(?:function|procedure)\s+[\w.\"]+\s*\())", re.I)
"""What begins dynamic SQL. CREATE TRIGGER ... EXECUTE FUNCTION name() does not, nor does GRANT EXECUTE ON."""

_WORD = re.compile(NAME)
_MOST_NAMES = 2_000


def unread(moment: Moment) -> None:
    """A statement with a syntax error, or one that is too deep to be read."""
    if not moment.statement.blank:
        taint(moment.statement.code, moment)


def do_block(tree: DoStmt, moment: Moment) -> None:
    """DO."""
    code = moment.statement.code
    if DYNAMIC.search(code):
        moment.doubt_everything()
    else:
        taint(code, moment)


def taint(code: str, moment: Moment) -> None:
    """Leaves open what became of everything that *code* names."""
    names = {unquoted(match[0]) for match in _WORD.finditer(code)}
    if len(names) > _MOST_NAMES:
        moment.doubt_everything()
        return
    schemas = {*moment.setting.search_path, *(name for name in names if moment.has(schema_key(name)))}
    for name in names:
        moment.doubt(schema_key(name), extension_key(name), role_key(name))
        for schema in schemas:
            moment.doubt(relation_key(schema, name), type_key(schema, name), routine_key(schema, name))


APPLY = ((DoStmt, do_block),)
