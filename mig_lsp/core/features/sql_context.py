"""What may stand at a place of a half-written statement, judged by the words in front of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from mig_lsp.core.sql.lexer import Kind, Token

Name = tuple[str, ...]
What = Literal["statement", "tables", "types", "own types", "columns", "members", "keywords", "anything", "nothing"]


class Word(NamedTuple):
    """A token: *upper* is its text in upper case, *name* the identifier it is, "" for signs and strings."""

    upper: str
    name: str


class Expected(NamedTuple):
    """What fits: *table* is the one whose columns are meant, or for "members" the name in front of the dot."""

    what: What
    table: Name = ()


def word(text: str, token: Token) -> Word:
    """The token of *text* as a word."""
    written = text[token.start : token.end]
    if token.kind is Kind.WORD:
        return Word(written.upper(), written.lower())
    if token.kind is Kind.QUOTED:
        return Word("", written[1:-1].replace('""', '"'))
    return Word(written if token.kind is Kind.SIGN else "'", "")


def expected(words: Sequence[Word]) -> Expected:
    """What may follow *words*, which begin at the start of a statement."""
    if not words:
        return Expected("statement")
    upper = [each.upper for each in words]
    last, first = upper[-1], upper[0]
    if last == ".":
        return Expected("members", (words[-2].name,) if len(words) > 1 else ())
    if last == "EXISTS" and "IF" in upper[-3:]:
        return _behind_exists(words, upper)
    if last == "::" or (last == "AS" and _in_cast(upper)):
        return Expected("types")
    if last == "TYPE":
        return Expected("nothing" if first == "CREATE" else "own types" if len(words) == 2 else "types")
    if last == "COLUMN":
        return _behind_column(words, upper)
    if last in _BEFORE_TABLES and not (last == "UPDATE" and upper[-2:-1] and upper[-2] in _BEFORE_UPDATE):
        return Expected("nothing" if last == "TABLE" and first == "CREATE" else "tables")
    if last == "ON" and (first in ("CREATE", "GRANT", "REVOKE", "DROP", "ALTER") and "JOIN" not in upper):
        return Expected("tables")
    if last == "SET" and first == "UPDATE":
        return Expected("columns", main_table(words))
    return _in_list(words, upper)


def main_table(words: Sequence[Word]) -> Name:
    """The table that the statement is about: the first name behind TABLE, INTO, UPDATE, FROM or ON; () for none."""
    for number, each in enumerate(words):
        if each.upper in _LEADING:
            start = number + 1
            while start < len(words) and words[start].upper in _FILLERS:
                start += 1
            return name_at(words, start)
    return ()


def name_at(words: Sequence[Word], start: int) -> Name:
    """The qualified name that begins at *start*, without the schema public; () when no name stands there."""
    parts: list[str] = []
    while start < len(words) and words[start].name:
        parts.append(words[start].name)
        if start + 1 >= len(words) or words[start + 1].upper != ".":
            break
        start += 2
    return tuple(parts[1:] if len(parts) > 1 and parts[0] == "public" else parts)


_BEFORE_TABLES = frozenset(("FROM", "JOIN", "INTO", "UPDATE", "REFERENCES", "TRUNCATE", "ONLY", "TABLE"))
_BEFORE_UPDATE = frozenset(("ON", "FOR", "DO", "BEFORE", "AFTER", "OR", "OF"))
_LEADING = frozenset(("TABLE", "INTO", "UPDATE", "FROM", "ON"))
_FILLERS = frozenset(("IF", "NOT", "EXISTS", "ONLY"))
_TABLE_CONSTRAINTS = frozenset(("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "LIKE", "EXCLUDE"))
_KEYS = frozenset(("KEY", "UNIQUE", "CONFLICT", "INCLUDE", "CHECK", "DISTINCT"))


def _open(upper: Sequence[str]) -> list[int]:
    """The places of the parentheses that are open at the end."""
    opened: list[int] = []
    for number, each in enumerate(upper):
        if each == "(":
            opened.append(number)
        elif each == ")" and opened:
            opened.pop()
    return opened


def _in_cast(upper: Sequence[str]) -> bool:
    opened = _open(upper)
    return bool(opened) and opened[-1] > 0 and upper[opened[-1] - 1] == "CAST"


def _behind_exists(words: Sequence[Word], upper: Sequence[str]) -> Expected:
    at = max(number for number, each in enumerate(upper) if each == "IF")
    of = upper[at - 1] if at else ""
    if upper[-2] == "NOT" or of not in ("TABLE", "VIEW", "TYPE", "COLUMN"):
        return Expected("nothing")
    if of == "COLUMN":
        return Expected("columns", main_table(words))
    return Expected("own types" if of == "TYPE" else "tables")


def _behind_column(words: Sequence[Word], upper: Sequence[str]) -> Expected:
    before = upper[-2] if len(upper) > 1 else ""
    if before == "ON":
        return Expected("tables")
    return Expected("nothing") if before == "ADD" else Expected("columns", main_table(words))


def _in_list(words: Sequence[Word], upper: Sequence[str]) -> Expected:
    """What the list, or the item of a list, that the place is in may hold."""
    opened = _open(upper)
    if len(opened) == 1 and upper[0] == "CREATE" and "TABLE" in upper[:4] and upper[opened[0] - 1] not in _KEYS:
        return _column_definition(upper[_item_start(upper, opened[0]) :])
    if opened:
        return _in_parentheses(words, upper, opened[-1])
    if upper[0] == "ALTER" and "TABLE" in upper[:2]:
        return _alter_action(words, upper)
    return Expected("anything")


def _column_definition(item: Sequence[str]) -> Expected:
    """Inside CREATE TABLE (...): a name that is new, its type, or what else may be said of a column."""
    if not item or item[0] in _TABLE_CONSTRAINTS or len(item) > 1:
        return Expected("keywords")
    return Expected("types")


def _in_parentheses(words: Sequence[Word], upper: Sequence[str], opened: int) -> Expected:
    head = upper[:opened]
    if not head or "VALUES" in head[-1:]:
        return Expected("anything")
    if head[-1] in _KEYS:
        return Expected("columns", main_table(words))
    for before in range(max(0, opened - 6), opened):
        if head[before] in ("INTO", "REFERENCES", "ON") and words[before + 1].name:
            table = name_at(words, before + 1)
            between = upper[before + 1 : opened]
            if len(between) <= 2 * len(table) + 3 and "(" not in between and "=" not in between:
                return Expected("columns", table)
    return Expected("anything")


def _alter_action(words: Sequence[Word], upper: Sequence[str]) -> Expected:
    """Behind ALTER TABLE name: the verb of an action, or the type of a column that is added."""
    start = 2
    while start < len(words) and upper[start] in _FILLERS:
        start += 1
    while start + 2 < len(words) and upper[start + 1] == ".":
        start += 2
    item = upper[max(start + 1, _item_start(upper, start)) :]
    if not item or item[-1] == ",":
        return Expected("keywords")
    if item[0] == "ADD" and item[1:2] and item[1] not in _TABLE_CONSTRAINTS:
        rest = [each for each in item[1:] if each not in (*_FILLERS, "COLUMN")]
        if len(rest) == 1:
            return Expected("types")
    if item[0] in ("DROP", "ALTER", "RENAME") and len(item) == 1:
        return Expected("columns", main_table(words))
    return Expected("anything")


def _item_start(upper: Sequence[str], opened: int) -> int:
    """Where the last item of the list that begins behind *opened* starts."""
    start, depth = opened + 1, 0
    for number in range(opened + 1, len(upper)):
        if upper[number] == "(":
            depth += 1
        elif upper[number] == ")":
            depth -= 1
        elif upper[number] == "," and depth == 0:
            start = number + 1
    return start
