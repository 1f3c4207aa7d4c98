"""Hints about words: missing, misspelt, reserved, or of PL/pgSQL."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache

from pglast.keywords import COL_NAME_KEYWORDS, RESERVED_KEYWORDS, TYPE_FUNC_NAME_KEYWORDS, UNRESERVED_KEYWORDS

from mig_lsp.core.sql.hints.faulty import Faulty, Hint
from mig_lsp.core.sql.lexer import Kind

_PLPGSQL = frozenset(
    {"IF", "ELSE", "ELSIF", "ELSEIF", "RAISE", "RETURN", "LOOP", "WHILE", "FOR", "FOREACH", "PERFORM", "EXCEPTION"}
    | {"EXIT", "CONTINUE", "ASSERT"}
)
# What people forget, by the word that the statement begins with.
_FORGOTTEN: Mapping[str, tuple[str, ...]] = {
    "INSERT": ("INTO", "VALUES", "DO", "SET", "DEFAULT"),
    "DELETE": ("FROM",),
    "UPDATE": ("SET",),
    "GRANT": ("TO", "ON"),
    "REVOKE": ("FROM", "ON"),
    "COMMENT": ("ON", "IS"),
    "CREATE": ("ON", "AS", "TO", "FUNCTION", "KEY", "EACH", "FOR EACH ROW", "TABLE", "IN", "BY"),
    "ALTER": ("TO", "TYPE", "SET", "TABLE", "COLUMN", "KEY", "CONSTRAINT"),
    "DROP": ("ON",),
    "SELECT": ("FROM", "BY", "AS"),
}
_SIMILAR = 0.7  # difflib's ratio; TABEL and TABLE have 0.8, COLUM and COLUMN 0.91


def plpgsql(faulty: Faulty) -> Hint | None:
    """A statement of PL/pgSQL outside a function's body."""
    word = faulty.word(0)
    ends_block = word == "END" and faulty.word(1) in {"IF", "LOOP", "CASE"}
    if faulty.index > 4 or not (ends_block or (word in _PLPGSQL and faulty.index == 0)):
        return None
    shown = f"END {faulty.word(1)}" if ends_block else word
    return Hint(f"{shown} is PL/pgSQL, which works only inside the body of a function, a procedure or a DO block")


def missing(faulty: Faulty) -> Hint | None:
    """`INSERT users`: a word that the statement cannot do without."""
    for index in (faulty.index, faulty.index - 1):
        if not 0 < index < len(faulty.tokens):
            continue
        for word in _FORGOTTEN.get(faulty.word(0), ()):
            edit = faulty.insert(index, word)
            if not faulty.mended(edit):
                continue
            return Hint(f"{word} is missing before {faulty.text(index)}", f"Insert {word}", (edit,))
    return None


def misspelt(faulty: Faulty) -> Hint | None:
    """`CREATE TABEL`, `VALUE (1)`."""
    for index in (faulty.index, faulty.index - 1, faulty.index - 2):
        if faulty.kind(index) is not Kind.WORD:
            continue
        word = faulty.word(index)
        further = None
        for keyword in _similar(word):
            edit = faulty.replace(index, keyword if faulty.text(index).isupper() else keyword.lower())
            fault = faulty.fault_after(edit)
            if fault is None:
                return Hint(f"did you mean {keyword}?", f"Write {keyword}", (edit,))
            grown = len(keyword) - len(word)
            behind = faulty.tokens[min(faulty.index + 1, len(faulty.tokens) - 1)]
            if further is None and fault.offset - grown >= behind.end and word.lower() not in _keywords():
                further = Hint(f"did you mean {keyword}?")
        if further is not None:
            return further
    return None


def reserved(faulty: Faulty) -> Hint | None:
    """`CREATE TABLE user`: a name that has to be quoted."""
    index = faulty.index
    name = faulty.text(index).lower()
    if name not in RESERVED_KEYWORDS and name not in TYPE_FUNC_NAME_KEYWORDS and name not in COL_NAME_KEYWORDS:
        return None
    edit = faulty.replace(index, f'"{name}"')
    if not faulty.mended(edit):
        return None
    text = f'{name} is a reserved word: quote it wherever it is a name ("{name}"), or choose another name'
    return Hint(text, f'Write "{name}"', (edit,))


def _similar(word: str) -> list[str]:
    if word.lower() in RESERVED_KEYWORDS or len(word) < 3 or len(word) > 30:
        return []
    found = difflib.get_close_matches(word.lower(), _keywords(), 4, _SIMILAR)
    return [keyword.upper() for keyword in found if keyword != word.lower()]


@cache
def _keywords() -> frozenset[str]:
    return frozenset(COL_NAME_KEYWORDS | RESERVED_KEYWORDS | TYPE_FUNC_NAME_KEYWORDS | UNRESERVED_KEYWORDS)
