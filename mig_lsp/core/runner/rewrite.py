"""Statements in a form that the `lambda-lines` splitter sends whole, and that mean the same."""

from __future__ import annotations

import re
from itertools import pairwise

from mig_lsp.core.sql.lexer import Kind, Token
from mig_lsp.core.sql.parse import parse
from mig_lsp.core.sql.statement import Statement

_FUNCTION = re.compile(r"create\s+(or\s+replace\s+)?function\b\s*", re.I)
_CLOSES_BLOCK = re.compile(r"\)(;[^\S\n]*)$", re.M)
_COMMENT_LINE = re.compile(r"^[^\S\n]*--[^\n]*\n", re.M)


def single_quoted_function(statement: Statement) -> str | None:
    """A PL/pgSQL function with its body in single quotes and `LANGUAGE plpgsql;` last, as the splitter wants it.

    Inside the body every line end `);` becomes `) ;`, which ends no chunk. None when *statement* is no PL/pgSQL
    function with a dollar-quoted body, or when the result would not parse.
    """
    words = [token for token in statement.tokens() if token.kind is not Kind.COMMENT]
    body = next((token for token in words if token.kind is Kind.DOLLAR), None)
    head = _FUNCTION.match(statement.code)
    if body is None or head is None:
        return None
    index = words.index(body)
    text = statement.text
    if index == 0 or text[words[index - 1].start : words[index - 1].end].lower() != "as":
        return None
    before = _without_language(text, words[: index - 1])
    after = _without_language(text, words[index + 1 :])
    if before is None and after is None:
        return None
    opening = text[statement.span.start : words[index - 1].start] if before is None else before
    closing = text[body.end : statement.span.end].strip() if after is None else after
    options = f"{closing}\n" if closing else ""
    create = "CREATE OR REPLACE FUNCTION " if head[1] else "CREATE FUNCTION "
    name = _FUNCTION.sub(create, opening.strip(), count=1)
    rewritten = f"{name}\n{options}AS '{_body(text, body)}' LANGUAGE plpgsql;"
    return None if parse(rewritten).fault else rewritten


def escape_string(token: str) -> str:
    r"""The string literal *token* (`'...'`) as `E'...'` on one line: no line of it can be cut or dropped."""
    inner = token[token.index("'") + 1 : -1]
    if token[:1] not in "eE":
        inner = inner.replace("\\", "\\\\")
    return "E'" + inner.replace("\r", "\\r").replace("\n", "\\n") + "'"


def line_comments(comment: str, eol: str) -> str:
    """The block comment *comment* (`/* ... */`) as line comments, which the runner drops; it may not nest."""
    lines = comment[2:-2].strip().splitlines()
    return eol.join(f"-- {line.strip().removeprefix('*').strip()}".rstrip() for line in lines)


def block_ends(text: str, body: Token) -> list[int]:
    """The offsets of each `;` in *body* that would end the runner's block mode; a space before it takes that away."""
    return [match.start(1) for match in _CLOSES_BLOCK.finditer(text, body.start, body.end)]


def _body(text: str, body: Token) -> str:
    quoted = text[body.start : body.end]
    tag = quoted[: quoted.index("$", 1) + 1]
    inner = quoted[len(tag) : -len(tag)].replace("'", "''")
    return _CLOSES_BLOCK.sub(r") \1", _COMMENT_LINE.sub("", inner))


def _without_language(text: str, words: list[Token]) -> str | None:
    """The text of *words* without its LANGUAGE plpgsql clause; None when it has no such clause."""
    for index, (clause, name) in enumerate(pairwise(words)):
        if text[clause.start : clause.end].lower() == "language":
            if text[name.start : name.end].strip("'\"").lower() != "plpgsql":
                return None
            before = text[words[0].start : clause.start].rstrip()
            after = text[name.end : words[-1].end].strip() if index + 2 < len(words) else ""
            return f"{before} {after}".strip()
    return None
