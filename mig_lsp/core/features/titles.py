"""A statement in a few words: "CREATE TABLE users"."""

from __future__ import annotations

import re
from typing import NamedTuple

from mig_lsp.core.sql.lexer import NAME
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span
from mig_lsp.core.visible import one_line


class Title(NamedTuple):
    """What a statement does, in upper case, and the name it does it to.

    *span* is the name's, relative to the statement's text; for what has no name of its own *name* is "" and *span* the
    whole first line. *on* is the table that it belongs to.
    """

    verb: str
    name: str
    span: Span
    on: str = ""

    @property
    def words(self) -> str:
        """Verb and name."""
        return f"{self.verb} {self.name}".rstrip()


def title(statement: Statement) -> Title:
    """The title of a statement that is not blank, read from its words alone: broken SQL has one too. Kept with it."""
    known: Title | None = statement.__dict__.get("_title")
    if known is None:
        known = statement.__dict__["_title"] = _read(statement)
    return known


_NAME = rf"{NAME}(?:\s*\.\s*{NAME})*"
_ADJECTIVES = (
    r"OR\s+REPLACE|UNIQUE|TEMP|TEMPORARY|UNLOGGED|GLOBAL|LOCAL|RECURSIVE|CONSTRAINT|TRUSTED|DEFAULT|EVENT|FOREIGN"
    r"|MATERIALIZED|TEXT\s+SEARCH"
)
_DEFINITION = re.compile(
    rf"""(?P<verb>CREATE|ALTER|DROP)\s+(?P<adjectives>(?:(?:{_ADJECTIVES})\s+)*)(?P<object>[A-Za-z]+)
         (?:\s+CONCURRENTLY)?(?:\s+IF\s+(?:NOT\s+)?EXISTS)?(?:\s+ONLY)?
         (?:\s+(?!(?:ON|FOR|AS)\b)(?P<name>{_NAME}))?""",
    re.I | re.X,
)
_SHOWN_ADJECTIVE = re.compile(r"MATERIALIZED|FOREIGN|EVENT", re.I)
_ON = re.compile(
    rf"\s+(?:ON|(?:BEFORE|AFTER|INSTEAD\s+OF)\s[^;()]{{1,200}}?\sON)\s+(?:ONLY\s+)?(?P<table>{_NAME})", re.I
)
_OWNED = {"INDEX", "TRIGGER", "POLICY", "RULE"}
_ROWS = re.compile(
    rf"""(?P<verb>INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|COPY|REFRESH\s+MATERIALIZED\s+VIEW|REINDEX\s+\w+
       |COMMENT\s+ON\s+(?:MATERIALIZED\s+VIEW|\w+)|VACUUM|ANALYZE|CLUSTER|CALL|EXECUTE|LOCK(?:\s+TABLE)?|SET|RESET)
       (?:\s+(?:CONCURRENTLY|ONLY))?\s+(?P<name>{_NAME})""",
    re.I | re.X,
)
_LONGEST = 60
_FAR = 2000  # code points from the start of a statement; its name stands before
_SPACE = re.compile(r"\s+")


def _read(statement: Statement) -> Title:
    text, (start, end) = statement.text, statement.span
    end = min(end, start + _FAR)
    match = _DEFINITION.match(text, start, end)
    if match is not None:
        return _definition(text, match, end)
    match = _ROWS.match(text, start, end)
    if match is not None:
        return Title(_SPACE.sub(" ", match["verb"]).upper(), _shown(match["name"]), Span(*match.span("name")))
    line = re.compile(r"[^\r\n]*").match(text, start, end)
    assert line is not None
    return Title(one_line(line[0], _LONGEST), "", Span(start, line.end()))


def _definition(text: str, match: re.Match[str], end: int) -> Title:
    kind = match["object"].upper()
    adjective = _SHOWN_ADJECTIVE.search(match["adjectives"])
    words = [match["verb"].upper(), *([adjective[0].upper()] if adjective else []), kind]
    on = _ON.match(text, match.end(), end) if kind in _OWNED else None
    table = _shown(on["table"]) if on else ""
    if match["name"] is None:
        return Title(" ".join(words), f"ON {table}" if table else "", Span(*match.span()))
    return Title(" ".join(words), _shown(match["name"]), Span(*match.span("name")), table)


def _shown(name: str) -> str:
    return one_line(_SPACE.sub("", name) if '"' not in name else name, _LONGEST)
