from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mig_lsp.core.rollback.section import Says, fullest, rollbacks
from mig_lsp.core.sql.pieces import splice_between
from mig_lsp.core.sql.statement import read, read_again

HEADINGS = (
    "-- ROLLBACK",
    "-- Rollback:",
    "-- ROLLBACK SQL",
    "--ROLLBACK PROCEDURE:",
    "-- ROLLBACK PROCEDURE (if the migration fails):",
    "-- === Rollback ===",
    "-- Roll back:",
    "-- To roll back this migration, run:",
    "-- How to rollback:",
    "-- Manual rollback steps:",
    "-- 3. Rollback:",
    "-- Down",
    "-- +goose Down",
    "-- migrate:down",
    "-- Undo:",
    "/* Rollback:",
    "-- Rollback: é 😀",
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("heading", HEADINGS)
def test_headings(heading: str, newline: str) -> None:
    close = "*/" if heading.startswith("/*") else ""
    text = newline.join((heading, "--   DROP TABLE é;", f"--   DROP TYPE x; {close}", "SELECT 1;"))
    section = fullest(rollbacks(read(text)))
    assert section is not None
    assert (Says.SQL, "DROP TABLE é;\nDROP TYPE x;") == (section.says, section.sql)
    assert heading.lstrip("-/*=3. ").rstrip(" =") in text[slice(*section.heading)]
    for commented in section.statements:
        assert commented.sql == text[slice(*commented.span)]


NO_HEADINGS = (
    "-- ROLLBACK;",
    "-- so that a rollback is safe",
    "SELECT '\n-- ROLLBACK:\n-- DROP TABLE x;\n';",
    "CREATE FUNCTION f() RETURNS int AS $$\n-- Rollback:\nSELECT 1 $$ LANGUAGE sql;",
    "-- Download of files",
    "-- Scope additions are kept on rollback because removing them breaks clients.",
)


@pytest.mark.parametrize("text", NO_HEADINGS)
def test_no_headings(text: str) -> None:
    assert () == rollbacks(read(text + "\nSELECT 1;"))


SAYS = (
    ("-- Rollback:", Says.NOTHING, None),
    ("-- Rollback:\n-- ======", Says.NOTHING, None),
    ("-- Rollback: see end of file", Says.ELSEWHERE, None),
    ("-- ROLLBACK: See 043-x-rollback.sql", Says.ELSEWHERE, None),
    ("-- ROLLBACK SQL\n-- TODO: later\n-- DROP TABLE t;", Says.TODO, "DROP TABLE t;"),
    ("-- Rollback: DROP TABLE todo;", Says.SQL, "DROP TABLE todo;"),
    ("-- Rollback:\n-- TODOs go, and then\n-- DROP TABLE todo;", Says.SQL, "DROP TABLE todo;"),
    ("-- Rollback: not possible", Says.WORDS, None),
    ("-- This cannot be rolled back.", Says.WORDS, None),
    ("-- Irreversible: the rows are gone", Says.WORDS, None),
    ("-- No rollback needed", Says.WORDS, None),
    (
        "-- Rollback:\n-- 1. Connect\n-- 2. Run DELETE\n--    DELETE FROM migration_log WHERE description = 'x.sql';",
        Says.WORDS,
        "DELETE FROM migration_log WHERE description = 'x.sql';",
    ),
)


@pytest.mark.parametrize(("text", "says", "sql"), SAYS)
def test_what_a_section_says(text: str, says: Says, sql: str | None) -> None:
    section = fullest(rollbacks(read(text + "\nSELECT 1;")))
    assert section is not None
    assert (says, sql) == (section.says, section.sql)


SQL: tuple[tuple[str, list[str] | None], ...] = (
    ("DROP TABLE a;\nDROP TABLE b;", ["DROP TABLE a;", "DROP TABLE b;"]),
    ("DROP TABLE a; DROP TABLE b;", ["DROP TABLE a; DROP TABLE b;"]),
    ("ALTER TABLE a\n  DROP COLUMN b,\n  DROP COLUMN c;", ["ALTER TABLE a\nDROP COLUMN b,\nDROP COLUMN c;"]),
    ("1. Drop the table:\n   DROP TABLE a;\n2) DELETE FROM b;", ["DROP TABLE a;", "DELETE FROM b;"]),
    ("Drop table if needed:\nDROP TABLE a;", ["DROP TABLE a;"]),
    ("Drop table a; and then look.", []),
    ("Update the manifest;\nSelect a quiet hour;", []),
    ("UPDATE a SET b = 1;\nUPDATE a\nSET b = 2;", ["UPDATE a SET b = 1;", "UPDATE a\nSET b = 2;"]),
    ("DROP TABLE a\n\nDone.", ["DROP TABLE a"]),
    ("DROP TABLE a; -- and its rows", ["DROP TABLE a; -- and its rows"]),
    ("DROP TABEL a;", []),
    ("DROP TABLE a b;", ["DROP TABLE a b;"]),
    ("CREATE FUNCTION f() RETURNS int AS $$\nBEGIN;\nEND $$ LANGUAGE sql;", None),
    ("VERIFICATION QUERIES:\nDELETE FROM x;", []),
)


@pytest.mark.parametrize(("lines", "expected"), SQL)
def test_the_sql_among_the_words(lines: str, expected: list[str] | None) -> None:
    commented = "".join(f"--  {line}\n" for line in ("Rollback:", *lines.split("\n")))
    section = rollbacks(read("SELECT 1;\n" + commented))[0]
    assert (["\n".join(lines.split("\n"))] if expected is None else expected) == [
        each.sql for each in section.statements
    ]


def test_the_section_that_says_most_is_taken() -> None:
    text = "-- Rollback: see the end of the file\nSELECT 1;\n-- Rollback SQL\n\n-- DROP TABLE a;\n\n-- DROP TABLE b;\n"
    section = fullest(rollbacks(read(text)))
    assert section is not None
    assert "DROP TABLE a;\nDROP TABLE b;" == section.sql
    assert text[slice(*section.span)] == "Rollback SQL\n\n-- DROP TABLE a;\n\n-- DROP TABLE b;"


def test_a_section_in_front_of_a_statement_ends_at_an_empty_line() -> None:
    section = fullest(rollbacks(read("-- Rollback:\n-- DROP TABLE a;\n\n-- Next:\n-- DROP TABLE b;\nDROP TABLE b;")))
    assert section is not None
    assert "DROP TABLE a;" == section.sql


def test_what_stands_elsewhere_is_not_read_again() -> None:
    text = "-- Rollback:\n-- DROP TABLE a;\nSELECT 1;\nSELECT 2;"
    old = read(text)
    before = rollbacks(old)
    edited = text.replace("2", "3")
    new = read_again(old, edited, splice_between(text, edited))
    assert before == rollbacks(new)
    assert old.items[0] is new.items[0]


@given(st.text(alphabet="-/* \n\r\f;:ROLLBACKrollbackdown\0é😀DROPTABLE'$x1.", max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    for section in rollbacks(read(text)):
        assert 0 <= section.heading.start <= section.heading.end <= section.span.end <= len(text)
        for commented in section.statements:
            assert commented.sql == "\n".join(text[slice(*line)] for line in commented.lines)
            assert [text[commented.at(0)]] == [commented.sql[0]]


@pytest.mark.parametrize(
    "text",
    [
        "-- Rollback:\n" * 20_000,
        "-- Rollback:\n" + "-- DROP TABLE a\n" * 20_000,
        "-- Rollback:\n" + "-- DROP TABLE ;'\n" * 20_000,
        "/*" * 50_000 + "rollback",
        "-- roll back " + "x " * 50_000,
        "-- " + "rollback " * 20_000 + ":",
        "-- Rollback (" + "(" * 50_000,
        "-- to to " * 30_000,
        "-- Rollback: see " + "at " * 30_000,
    ],
    ids=range(9),
)
@pytest.mark.timeout(30)
def test_hostile_text_is_read_quickly(text: str) -> None:
    rollbacks(read(text))
