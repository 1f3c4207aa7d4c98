from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mig_lsp.core.change import apply
from mig_lsp.core.sql.hints.explain import Explained, explain
from mig_lsp.core.sql.parse import Fault, parse
from mig_lsp.core.sql.statement import read
from tests.core.sql.samples import FRAGMENTS, STATEMENTS

WORDS = st.sampled_from(
    (
        *FRAGMENTS,
        *(
            "CREATE ",
            "TABLE ",
            "ALTER ",
            "ADD ",
            "COLUMN ",
            "CONSTRAINT ",
            "IF ",
            "NOT ",
            "EXISTS ",
            "TYPE ",
            "OR ",
            "REPLACE ",
        ),
        *(
            "ON ",
            "CONFLICT ",
            "DO ",
            "UPDATE ",
            "SET ",
            "INSERT ",
            "INTO ",
            "VALUES ",
            "DROP ",
            "user ",
            ", ",
            "`a` ",
            "‘a’ ",
        ),
        *("${A} ", "42153 ", "ENUM ", '"x" ', "POLICY ", "INDEX ", "FROM "),
    )
)
BROKEN = st.one_of(
    st.lists(WORDS, max_size=12).map("".join),
    st.tuples(st.sampled_from(STATEMENTS), st.integers(0, 200), st.integers(0, 9), WORDS).map(
        lambda parts: parts[0][: parts[1]] + parts[3] + parts[0][parts[1] + parts[2] :]
    ),
)
# One of the two edits of an expanded $$ alone, and a `;` before another mistake, do not make good SQL.
NOT_ALONE = {"Write $$ again", "Insert ;", "Delete the NUL characters"}


def explained(code: str) -> Explained:
    fault = parse(code).fault
    assert fault is not None
    return explain(code, fault)


@given(BROKEN)
def test_every_explanation_is_one_line_in_its_place_and_mends(text: str) -> None:
    for statement in read(text).items:
        fault = statement.fault
        if statement.blank or fault is None:
            continue
        code = statement.code
        found = explain(code, Fault(fault.message, fault.offset - statement.span.start))
        assert 0 <= found.span.start <= found.span.end <= len(code)
        assert found.message.isprintable()
        assert bool(found.edits) == bool(found.title)
        if found.edits and found.title not in NOT_ALONE:
            assert parse(apply(code, found.edits)).fault is None, found


@pytest.mark.parametrize(
    ("code", "place", "mended"),
    [
        ("SELECT '\0', '\0\0'", "\0", "SELECT '', ''"),
        (
            "ALTER TABLE é😀 ADD CONSTRAINT IF NOT EXISTS k CHECK (a), ADD CONSTRAINT IF NOT EXISTS l CHECK (b)",
            "EXISTS",
            "ALTER TABLE é😀 DROP CONSTRAINT IF EXISTS k, ADD CONSTRAINT k CHECK (a), "
            "DROP CONSTRAINT IF EXISTS l, ADD CONSTRAINT l CHECK (b)",
        ),
        (
            "CREATE OR REPLACE FUNCTION IF NOT EXISTS f() RETURNS int RETURN 1",
            "NOT",
            "CREATE OR REPLACE FUNCTION f() RETURNS int RETURN 1",
        ),
        ("CREATE TABLE IF EXISTS a (b int)", "EXISTS", "CREATE TABLE IF NOT EXISTS a (b int)"),
        ("CREATE OR REPLACE UNIQUE INDEX i ON a (b)", "UNIQUE", "CREATE UNIQUE INDEX IF NOT EXISTS i ON a (b)"),
        ("CREATE OR REPLACE TYPE a AS ENUM ('b')", "TYPE", "CREATE TYPE a AS ENUM ('b')"),
        ("ALTER TABLE a DROP COLUMN b IF EXISTS", "IF", "ALTER TABLE a DROP COLUMN IF EXISTS b"),
        ("CREATE INDEX i a (b)", "a", "CREATE INDEX i ON a (b)"),
        (
            "CREATE TRIGGER t BEFORE INSERT ON a EXECUTE f()",
            "f",
            "CREATE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION f()",
        ),
        (
            "INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE c = 1",
            "c",
            "INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET c = 1",
        ),
        (
            "INSERT INTO a VALUES (1) ON CONFLICT ON k DO NOTHING",
            "k",
            "INSERT INTO a VALUES (1) ON CONFLICT ON CONSTRAINT k DO NOTHING",
        ),
        ("SELECT a b c FROM d", "c", "SELECT a b, c FROM d"),
        ("SELECT E'a\\'", "E'", ""),
        ('COMMENT ON TABLE a IS "it\'s"', '"it\'s"', "COMMENT ON TABLE a IS 'it''s'"),
        ("SELECT a\u200b b c FROM d", "c", "SELECT a\u200b b, c FROM d"),
        ("CREATE TABLE a\u00a0(b int, c int, d int e int)", "e", "CREATE TABLE a\u00a0(b int, c int, d int, e int)"),
        ("ALTER\u2003TABLE a ADD b int", "\u2003", "ALTER TABLE a ADD b int"),
        ("SELECT %(name)s", "%(name)s", ""),
        ("INSERT INTO a VALUES (:name)", ":name", ""),
        ("DO 42153", "42153", "DO $$"),
        ("<<<<<<< HEAD", "<<<<<<< HEAD", ""),
        ("RAISE NOTICE 'x'", "RAISE", ""),
        ("CREATE TABLE (", "(", ""),
    ],
)
def test_the_mistake_is_found_and_mended(code: str, place: str, mended: str) -> None:
    found = explained(code)
    assert (place, mended) == (code[slice(*found.span)], apply(code, found.edits) if found.edits else "")


@pytest.mark.parametrize("code", ["CREATE TABEL " + "x" * 500, "SELECT 1 \n\r\f\x1b[31m x", "SELECT 'a" + "\n" * 1000])
def test_messages_are_short_and_printable(code: str) -> None:
    message = explained(code).message
    assert message.isprintable()
    assert len(message) < 400


@pytest.mark.parametrize(
    "code",
    [
        "CREATE TABLE t (x int int, " + "`a`," * 4_900 + ")",
        "SELECT (" + "{{" * 9_000,
        "SELECT ‘" + "‘a ’ ," * 2_800,
        "ALTER TABLE t ADD COLUMN a int" + ", b int" * 2_500,
        "CREATE TYPE t AS ENUM (" + ",".join(['"a"'] * 4_000) + ")",
        "SELECT (" + "a," * 500_000,
        "SELECT '" + "a\n" * 500_000,
        "IF EXISTS " * 1_900,
        "'it's " * 3_001,
    ],
    ids=["backticks", "braces", "curly", "columns", "labels", "long", "unterminated", "words", "strings"],
)
@pytest.mark.timeout(30)
def test_hostile_statements_are_explained_quickly(code: str) -> None:
    fault = parse(code).fault
    assert fault is not None
    explain(code, fault)
