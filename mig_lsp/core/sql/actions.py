"""Where the actions of ALTER TABLE and its kin stand: the tree does not say."""

from __future__ import annotations

from mig_lsp.core.sql.lexer import Kind, Token
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span


def action_spans(statement: Statement) -> tuple[Span, ...]:
    """The stretch of each action, relative to `statement.text`: commas outside parentheses separate them.

    Empty when *statement* is no ALTER that names one object.
    """
    words = [token for token in statement.tokens() if token.kind is not Kind.COMMENT]
    first = _behind_name(statement.text, words)
    spans: list[Span] = []
    depth, start = 0, None
    for token in words[first:]:
        sign = statement.text[token.start : token.end] if token.kind is Kind.SIGN else ""
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            start = None
        elif start is None:
            start = token.start
            spans.append(Span(start, token.end))
        else:
            spans[-1] = Span(start, token.end)
    return tuple(spans)


_KINDS = {"TABLE", "INDEX", "VIEW", "SEQUENCE", "FOREIGN", "MATERIALIZED", "TYPE"}


def _behind_name(text: str, words: list[Token]) -> int:
    """The index of the first token behind the name of the object, or behind the last one."""
    said = [text[token.start : token.end].upper() for token in words[:16]]
    index = 1
    while index < len(said) and said[index] in _KINDS:
        index += 1
    if index == 1:
        return len(words)
    if said[index : index + 2] == ["IF", "EXISTS"]:
        index += 2
    opened = said[index : index + 2] == ["ONLY", "("]
    if said[index : index + 1] == ["ONLY"]:
        index += 1 + opened
    index += 1
    while said[index : index + 1] == ["."]:
        index += 2
    if said[index : index + 1] in (["*"], [")"]):
        index += 1
    return min(index, len(words))
