from __future__ import annotations

import pytest

from mig_lsp.core.features.symbols import Symbol, document_symbols, workspace_symbols
from tests.core.features.cursor import everywhere
from tests.support.workspace import snapshot

FILE = "migrations/010-é.sql"


def outline(text: str) -> list[tuple[str, str, str]]:
    return [(each.name, each.detail, each.kind) for each in document_symbols(snapshot({FILE: text}), FILE)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("create table if not exists Public.Users (id int)", ("CREATE TABLE Public.Users", "", "table")),
        ('CREATE TABLE "a b" (id int)', ('CREATE TABLE "a b"', "", "table")),
        ("CREATE UNIQUE INDEX i ON t (a)", ("CREATE INDEX i", "on t", "index")),
        ("CREATE INDEX ON t (a)", ("CREATE INDEX ON t", "", "index")),
        ("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", ("CREATE FUNCTION f", "", "routine")),
        (
            "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()",
            ("CREATE TRIGGER g", "on t", "object"),
        ),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", ("CREATE MATERIALIZED VIEW v", "", "table")),
        ("CREATE TYPE mood AS ENUM ('é')", ("CREATE TYPE mood", "", "type")),
        ("ALTER TABLE ONLY t ADD COLUMN a int", ("ALTER TABLE t", "", "statement")),
        ("DROP INDEX CONCURRENTLY IF EXISTS i", ("DROP INDEX i", "", "statement")),
        ("INSERT INTO t VALUES (1)", ("INSERT INTO t", "", "statement")),
        ("UPDATE ONLY s.t SET a = 1", ("UPDATE s.t", "", "statement")),
        ("DELETE FROM t", ("DELETE FROM t", "", "statement")),
        ("COMMENT ON COLUMN t.a IS 'x'", ("COMMENT ON COLUMN t.a", "", "statement")),
        ("CREATE TABEL t (a int)", ("CREATE TABEL t", "", "statement")),
        ("BEGIN", ("BEGIN", "", "statement")),
        ("CREATE TABLE é😀 (id int)", ("CREATE TABLE é😀", "", "table")),
        ("SELECT é,\n 2", ("SELECT é,", "", "statement")),
    ],
)
def test_statements_are_named_by_what_they_do(sql: str, expected: tuple[str, str, str]) -> None:
    assert [expected] == outline(f"{sql};\n")


def test_an_outline_has_header_statements_and_rollback_in_place() -> None:
    text = (
        '{|}-- Migration 010: é 😀\n\nCREATE TABLE users (\n  id int,\n  "É" text\n);\n\n'
        "-- ROLLBACK\n-- DROP TABLE users;\n"
    )
    for at in everywhere({FILE: text}):
        found = document_symbols(at.snapshot, FILE)

        def said(symbol: Symbol, text: str = at.text) -> tuple[str, str, str]:
            whole, chosen = symbol.span, symbol.selection
            assert whole.start <= chosen.start <= chosen.end <= whole.end
            return symbol.kind, text[whole.start : whole.end][:12], text[chosen.start : chosen.end]

        assert ("table", "CREATE TABLE", "users") == said(found[1])
        assert [("column", "id", "id"), ("column", '"É"', '"É"')] == [said(each) for each in found[1].children]
        assert [("id", "integer"), ("É", "text")] == [(each.name, each.detail) for each in found[1].children]
        assert ("section", "ROLLBACK\n-- "[:8], "ROLLBACK") == (
            said(found[2])[0],
            said(found[2])[1][:8],
            said(found[2])[2],
        )
    assert ["é 😀", "CREATE TABLE users", "ROLLBACK"] == [
        each.name for each in document_symbols(snapshot({FILE: text.removeprefix("{|}")}), FILE)
    ]


def test_a_rollback_section_in_the_header_is_part_of_it() -> None:
    text = "-- Migration 010: users\n-- ROLLBACK:\n-- DROP TABLE users;\nCREATE TABLE users (id int);\n"
    header, statement = document_symbols(snapshot({FILE: text}), FILE)
    assert ["ROLLBACK:"] == [each.name for each in header.children]
    assert header.span.end <= statement.span.start


def test_a_broken_statement_hides_no_other() -> None:
    assert ["CREATE TABLE a", "CREATE TABLE b"] == [
        each[0] for each in outline("CREATE TABLE a (;\nCREATE TABLE b (c int);\n")
    ]


def test_a_manifest_lists_its_entries() -> None:
    texts = {"m.json": '{"migrationFiles": ["010-é.sql", "011-x.sql"]}', FILE: "SELECT 1;", "migrations/011-x.sql": ""}
    assert [("010-é.sql", "runs 1st of 2", "entry"), ("011-x.sql", "runs 2nd of 2", "entry")] == [
        (each.name, each.detail, each.kind) for each in document_symbols(snapshot(texts), "m.json")
    ]


SET = {
    "migrations/010-users.sql": "CREATE TABLE users (id int);\nCREATE INDEX users_id_idx ON users (id);\n",
    "migrations/011-user-roles.sql": "CREATE TABLE public.user_roles (id int);\nCREATE TYPE \"Mood\" AS ENUM ('a');\n",
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["010-users.sql", "011-user-roles.sql"]),
        ("users", ["users", "users_id_idx", "010-users.sql", "user_roles", "011-user-roles.sql"]),
        ("USERS_I", ["users_id_idx"]),
        ("011", ["011-user-roles.sql"]),
        ("usrro", ["user_roles", "011-user-roles.sql"]),
        ("user roles", ["user_roles", "011-user-roles.sql"]),
        ("mood", ['"Mood"']),
        ("nothing", []),
        (".*", []),
    ],
)
def test_search(query: str, expected: list[str]) -> None:
    found = [each.name for each in workspace_symbols(snapshot(SET), query)]
    assert expected == found


def test_what_is_found_stands_where_it_says() -> None:
    (found,) = workspace_symbols(snapshot(SET), "users_id")
    assert ("010-users.sql", "index", "migrations/010-users.sql") == (found.detail, found.kind, found.path)
    assert "users_id_idx" == SET[found.path][found.span.start : found.span.end]


def test_at_most_200_are_found() -> None:
    texts = {f"migrations/{number:03}-t.sql": f"CREATE TABLE t{number} (id int);\n" for number in range(10, 260)}
    assert 200 == len(workspace_symbols(snapshot(texts), "t"))
    assert 200 == len(workspace_symbols(snapshot(texts), ""))
