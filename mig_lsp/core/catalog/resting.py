"""Who rests on the functions and sequences that the SQL of a default, check or index names."""

from __future__ import annotations

import re

from mig_lsp.core.catalog.moment import Moment, unquoted
from mig_lsp.core.catalog.places import rest
from mig_lsp.core.catalog.values import Index, Key, Routines, Sequence, Table
from mig_lsp.core.sql.lexer import LETTER, NAME


def rest_on_called(moment: Moment, dependent: Key, *code: str) -> None:
    """Notes at the set's own functions that *code* calls, and the sequences it takes values from, who rests on them.

    A name in a literal may be taken for a call: who rests on an object is verified when it is dropped.
    """
    for sql in code:
        seen = set()
        for match in _CALLED.finditer(sql) if "(" in sql else ():
            name = _parts(match[1])
            if name in seen and name[-1] != "nextval":
                continue
            seen.add(name)
            key, value = moment.routine(name)
            if isinstance(value, Routines):
                rest(moment, key, dependent)
            elif name[-1] == "nextval":
                literal = _LITERAL.match(sql, match.end())
                key, value = moment.relation(_parts(literal[1].replace("''", "'")) if literal is not None else ("",))
                if isinstance(value, Sequence):
                    rest(moment, key, dependent)


def rest_expressions(moment: Moment, table: Table) -> None:
    """`rest_on_called` for all that a table's columns, constraints and indexes say."""
    rest_on_called(moment, table.key, *(column.default for column in table.columns.values()))
    rest_on_called(moment, table.key, *(one.expression for one in table.constraints.values()))
    for index in map(moment.get, sorted(table.indexes)):
        if isinstance(index, Index):
            rest_on_called(moment, table.key, *index.expressions, index.predicate)


_QUALIFIED = rf"(?>{NAME})(?:\s*\.\s*(?>{NAME})){{0,2}}"
_CALLED = re.compile(rf"(?<!{LETTER})(?<![0-9$])({_QUALIFIED})\s*\(")
_LITERAL = re.compile(rf"\s*'({_QUALIFIED})'")
_NAME = re.compile(NAME)


def _parts(name: str) -> tuple[str, ...]:
    return tuple(unquoted(match[0]) for match in _NAME.finditer(name))
