from __future__ import annotations

import pytest

from mig_lsp.core.header import Words, read, render
from mig_lsp.core.rollback.section import Says, fullest, rollbacks
from mig_lsp.core.sql import statement
from mig_lsp.core.sql.lexer import Kind, tokens
from mig_lsp.core.text import Span

TITLES = (
    ("-- Migration 043: add é 😀", 43, "043", "add é 😀"),
    ("-- Migration #43 - add", 43, "43", "add"),
    ("-- migration no. 7", 7, "7", None),
    ("-- 043-x.sql: add", 43, "043", "add"),
    ("-- 043_x.sql", 43, "043", None),
    ("-- Migration: 043-x.sql\n-- Description: add", 43, "043", "add"),
    ("-- File: 043-x.sql", 43, "043", None),
    ("-- 133: add", 133, "133", "add"),
    ("/* Migration 43: add */", 43, "43", "add"),
    ("/*\n * Migration 43\n * Purpose: add\n */", 43, "43", "add"),
    ("-- =====\n-- Migration: 043-x.sql", 43, "043", None),
    ("\f\n\ufeff-- Migration 043: add", 43, "043", "add"),
    ("-- Migration: add", None, None, "add"),
    ("-- Adds a thing.", None, None, "Adds a thing."),
    ("-- Migration 042 forgot the index.", None, None, "Migration 042 forgot the index."),
    ("-- Runs after 042-w.sql", None, None, "Runs after 042-w.sql"),
    ("-- Migration 9999999999999999999999", None, None, "Migration 9999999999999999999999"),
)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("text", "number", "digits", "description"), TITLES)
def test_what_a_header_says(
    text: str, number: int | None, digits: str | None, description: str | None, newline: str
) -> None:
    text = (text + "\nSELECT 1;\n").replace("\n", newline)
    header = read(text)
    assert header is not None
    assert (number, description) == (header.number, header.description)
    assert digits == (None if header.number_span is None else text[slice(*header.number_span)])


@pytest.mark.parametrize(
    "text", ["", "SELECT 1; -- Migration 043: x", "\n\n", "--\n--   \n", "-- ====\nSELECT 1;", "-- mig-lsp: ignore x"]
)
def test_no_header(text: str) -> None:
    assert None is read(text)


def test_a_header_ends_at_an_empty_line() -> None:
    text = "-- Migration 1: é\r\n--\r\n/* more\r\n\r\n*/ -- still\r\n\r\n-- The index.\r\nSELECT 1;"
    header = read(text)
    assert header is not None
    assert Span(0, text.index("\r\n\r\n-- The")) == header.span


WORDS = Words("043-it's-é.sql", "it's é 😀", "2026-01-02", "Created", ("- one", "- two"), ("1. DROP TABLE x;",))


def test_the_built_in_template() -> None:
    expected = """\
-- Migration 043: it's é 😀
-- Created: 2026-01-02
--
-- REQUIREMENTS OF THE RUNNER:
-- - one
-- - two
--
-- ROLLBACK PROCEDURE:
-- 1. DROP TABLE x;
"""
    assert expected == render(WORDS)
    assert expected.replace("\n", "\r\n") == render(WORDS, eol="\r\n")


def test_a_template_of_the_team() -> None:
    template = "/* {name} by {made_by} on {date}\r\n{rollback}\r\n*/\r\n-- {requirements}\n-- {unknown} {number}"
    assert """\
/* 043-it's-é.sql by Created on 2026-01-02
-- 1. DROP TABLE x;
*/
-- - one
-- - two
-- {unknown} 043
""" == render(WORDS, template)


@pytest.mark.parametrize("char", ["\n", "\r", "\r\n", "\0", "\u2028", "\x85", "\f", "\v", "\x1c", "\ud800"])
def test_nothing_leaves_its_comment(char: str) -> None:
    evil = f"x{char}DROP TABLE users;{char}"
    text = render(Words(f"043-{evil}.sql", evil, evil, evil, (evil,), (evil,)))
    assert {Kind.COMMENT} == {token.kind for token in tokens(text)}
    assert all(line.startswith("--") and line == line.rstrip() for line in text.removesuffix("\n").split("\n"))
    assert None is next((item for item in statement.read(text).items if not item.blank), None)


def test_the_header_reads_back() -> None:
    text = render(WORDS) + "\nSELECT 1;\n"
    header, section = read(text), fullest(rollbacks(statement.read(text)))
    assert header is not None
    assert section is not None
    assert (43, "it's é 😀") == (header.number, header.description)
    assert (Says.SQL, "DROP TABLE x;") == (section.says, section.sql)
