from __future__ import annotations

import pytest

from mig_lsp.core.sql.nodes import CreateStmt, DropStmt
from mig_lsp.core.sql.parse import Fault
from mig_lsp.core.sql.statement import Statement, read
from mig_lsp.core.text import Span


@pytest.mark.parametrize(
    ("text", "code", "terminated", "blank"),
    [
        ("-- é 😀\n SELECT 1 ;", "SELECT 1", True, False),
        ("SELECT 1 -- end\n;", "SELECT 1 -- end", True, False),
        ("SELECT 1 /* x */ -- y", "SELECT 1", False, False),
        ("SELECT 1\u00a0;", "SELECT 1\u00a0", True, False),
        ("SELECT '1;", "SELECT '1;", False, False),
        ("\r\n/* only */ -- this\r", "", False, True),
        (";", "", True, True),
        ("", "", False, True),
    ],
)
def test_what_a_statement_is(text: str, code: str, terminated: bool, blank: bool) -> None:
    statement = Statement(text)
    assert (code, terminated, blank) == (statement.code, statement.terminated, statement.blank)


def test_offsets_count_from_the_text() -> None:
    statement = Statement("-- é 😀\f\r\nCREATE TABLE é (a TYPO int, b);")
    assert Fault('syntax error at or near "int"', statement.text.index("int")) == statement.fault
    assert ("", None) == (statement.kind, statement.tree(CreateStmt))


def test_a_tree_is_decoded_once_and_only_as_its_own_kind() -> None:
    statement = Statement("-- é\nCREATE TABLE IF NOT EXISTS é.😀 (a int);")
    tree = statement.tree(CreateStmt)
    assert tree is not None and tree is statement.tree(CreateStmt)
    assert ("CreateStmt", ("é", "😀"), True) == (statement.kind, tree.relation.name, tree.if_not_exists)
    assert "é.😀" == statement.text[statement.at(tree.relation.location) :][:3]
    assert statement.tree(DropStmt) is None


def test_words_skip_comments() -> None:
    statement = Statement(" /* a */ DROP -- b\n TABLE é")
    assert ["DROP", "TABLE", "é"] == [statement.text[slice(*statement.word(index))] for index in range(3)]
    assert statement.span == statement.word(3)


def test_placed_statements_stand_in_the_file() -> None:
    text = "-- é\nSELECT 1;\r\n -- 😀\r\nSELECT 2 ;"
    assert ["SELECT 1", "SELECT 2"] == [text[slice(*placed.span)] for placed in read(text).placed()]
    assert [Span(5, 13), Span(23, 31)] == [placed.span for placed in read(text).placed()]
