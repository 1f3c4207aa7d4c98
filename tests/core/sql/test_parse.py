from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mig_lsp.core.sql.parse import Fault, parse


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("SELECT 1", None),
        ("SELECT FROM t", None),
        ("SELEC 1", Fault('syntax error at or near "SELEC"', 0)),
        ("SELECT 'é😀', FROM t", Fault('syntax error at or near "FROM"', 13)),
        ("SELECT (1", Fault("syntax error at end of input", 9)),
        ("SELECT 'é", Fault('unterminated quoted string at or near "\'é"', 7)),
        ("SELECT '\0'", Fault('invalid byte sequence for encoding "UTF8": 0x00', 8)),
        ("SELECT '\ud800' x y", Fault('syntax error at or near "y"', 13)),
    ],
)
def test_the_fault_stands_where_the_server_puts_it(text: str, fault: Fault | None) -> None:
    assert fault == parse(text).fault


def test_trees_and_their_places_count_code_points() -> None:
    text = "SELECT 'é😀'; ;\n CREATE TABLE é (a int)"
    found = parse(text)
    assert [("SelectStmt", "SELECT 'é😀'"), ("CreateStmt", "CREATE TABLE é (a int)")] == [
        (tree.kind, text[tree.start : tree.end].strip(" ;\n")) for tree in found.trees
    ]
    assert 11 == found.offset(len("SELECT 'é😀'".encode()))


@pytest.mark.parametrize(
    "text",
    ["SELECT " + " + ".join("1" * 5_000), " UNION ".join(["SELECT 1"] * 5_000), "SELECT " + "*/" * 3_000],
    ids=["sum", "union", "operators"],
)
@pytest.mark.timeout(30)
def test_what_is_too_deep_or_endless_is_unknown(text: str) -> None:
    found = parse(text)
    assert (True, None, ()) == (found.unknown, found.fault, found.trees)


def test_the_servers_own_limit_is_a_fault() -> None:
    assert 'memory exhausted at or near "("' == parse("SELECT " + "(" * 20_000).fault.message  # type: ignore[union-attr]


@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    found = parse(text)
    assert found.fault is None or 0 <= found.fault.offset <= len(text)
