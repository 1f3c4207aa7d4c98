from __future__ import annotations

import pytest

from mig_lsp.core.change import Edit, apply
from mig_lsp.core.features.completion import complete
from tests.core.features.cursor import everywhere, marked
from tests.support.workspace import snapshot

TODAY = "2026-01-02"
SET = {
    "m.json": '{"migrationFiles": ["010-a.sql", "011-b.sql", "012-c.sql", "013-d.sql"]}',
    "migrations/010-a.sql": (
        "CREATE TYPE mood AS ENUM ('a', 'é');\n"
        'CREATE TABLE users (id bigint PRIMARY KEY, name text, "E-Mail" text);\n'
        "CREATE TABLE IF NOT EXISTS public.teams (id uuid);\nCREATE TABLE old (id int);\n"
    ),
    "migrations/011-b.sql": (
        "ALTER TABLE users ADD COLUMN age integer, DROP COLUMN name;\nALTER TABLE users RENAME age TO years;\n"
        "ALTER TABLE teams ALTER COLUMN id TYPE bigint;\n"
        "DROP TABLE old;\nALTER TABLE teams RENAME TO groups;\nCREATE VIEW app.people (a, b) AS SELECT 1, 2;\n"
    ),
    "migrations/012-c.sql": "SELECT 1;\n",
    "migrations/013-d.sql": "CREATE TABLE later (id int);\n",
}
USERS = ["id", "E-Mail", "years"]
TABLES = ["app.people", "groups", "users"]


def labels(sql: str) -> list[str]:
    found: list[list[str]] = []
    for at in everywhere({**SET, "migrations/012-c.sql": f"-- head\n\n{sql}"}):
        items = complete(at.snapshot, at.path, at.offset, TODAY)
        assert all(each.span.start <= at.offset <= each.span.end for each in items)
        found.append([each.label for each in items])
    assert [found[0]] * len(found) == found
    return found[0]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM {|};",
        "SELECT 1 FROM users JOIN {|};",
        "INSERT INTO {|}",
        "UPDATE {|} SET a = 1;",
        "DELETE FROM {|};",
        "ALTER TABLE {|}",
        "ALTER TABLE IF EXISTS {|}",
        "ALTER TABLE ONLY {|}",
        "DROP TABLE IF EXISTS {|};",
        "CREATE INDEX i ON {|}",
        "CREATE TABLE x (a bigint REFERENCES {|}",
        "CREATE TRIGGER g BEFORE UPDATE ON {|}",
        "GRANT SELECT ON {|}",
        "COMMENT ON COLUMN {|}",
        "TRUNCATE {|}",
    ],
)
def test_tables(sql: str) -> None:
    assert TABLES == labels(sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("INSERT INTO users ({|}", USERS),
        ("INSERT INTO users (id, {|}) VALUES (1, 2);", USERS),
        ("INSERT INTO app.people ({|}", ["a", "b"]),
        ("CREATE INDEX i ON users ({|});", USERS),
        ("CREATE INDEX i ON users USING gin ({|});", USERS),
        ("CREATE TABLE x (a bigint REFERENCES users({|}));", USERS),
        ("ALTER TABLE users DROP COLUMN {|};", USERS),
        ("ALTER TABLE users DROP COLUMN IF EXISTS {|};", USERS),
        ("ALTER TABLE public.users ALTER COLUMN {|}", USERS),
        ("ALTER TABLE users ADD CONSTRAINT c UNIQUE ({|});", USERS),
        ("INSERT INTO users (id) VALUES (1) ON CONFLICT ({|}) DO NOTHING;", USERS),
        ("UPDATE users SET {|}", USERS),
        ("SELECT u.{|} FROM users u;", USERS),
        ("SELECT users.ye{|} FROM users;", ["years"]),
        ("SELECT 1 FROM app.{|};", ["people"]),
        ("SELECT 1 FROM public.{|};", ["groups", "users"]),
        ("SELECT yea{|} FROM users;", ["years"]),
        ("SELECT years FROM users WHERE e{|}", ["E-Mail"]),
    ],
)
def test_columns(sql: str, expected: list[str]) -> None:
    assert expected == labels(sql)


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("ALTER TABLE users ADD COLUMN m {|};", "mood"),
        ("ALTER TABLE users ADD COLUMN IF NOT EXISTS m {|};", "mood"),
        ("ALTER TABLE users ADD m {|};", "mood"),
        ("ALTER TABLE users ALTER COLUMN years TYPE {|};", "mood"),
        ("CREATE TABLE x (id {|}", "mood"),
        ("CREATE TABLE x (a int, b te{|}", "text"),
        ("SELECT 'a'::{|}", "mood"),
        ("SELECT CAST('a' AS {|}", "mood"),
        ("DROP TYPE {|};", "mood"),
        ("ALTER TYPE mo{|}", "mood"),
    ],
)
def test_types(sql: str, first: str) -> None:
    assert first == labels(sql)[0]


def test_only_own_types_are_dropped() -> None:
    assert ["mood"] == labels("DROP TYPE IF EXISTS {|};")


def test_what_the_file_itself_made_before() -> None:
    assert ["here", *TABLES] == sorted(
        labels("CREATE TABLE here (a int);\nSELECT 1 FROM {|};\nCREATE TABLE there (a int);"), key=lambda e: e != "here"
    )
    assert ["a"] == labels("CREATE TABLE here (a int);\nINSERT INTO here ({|}")


def test_a_file_that_never_runs_knows_all_that_do() -> None:
    at = marked({**SET, "migrations/014-new.sql": "SELECT 1 FROM {|};"})
    assert "later" in [each.label for each in complete(at.snapshot, at.path, at.offset, TODAY)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "CR{|}",
            [
                "CREATE FUNCTION",
                "CREATE INDEX IF NOT EXISTS",
                "CREATE TABLE IF NOT EXISTS",
                "CREATE TRIGGER",
                "CREATE TYPE",
            ],
        ),
        ("SELECT 1;\nins{|}", ["INSERT INTO"]),
        ("ALTER TABLE users ren{|}", ["RENAME"]),
        ("CREATE TABLE x (id int prim{|}", ["PRIMARY"]),
        ("SELECT 1 FROM users ORDE{|}", ["ORDER"]),
    ],
)
def test_keywords_where_nothing_better_fits(sql: str, expected: list[str]) -> None:
    assert expected == labels(sql)[: len(expected)]


@pytest.mark.parametrize(
    "sql",
    [
        "{|}",
        "SELECT 1;\n{|}\nSELECT 2;",
        "SELECT {|}",
        "CREATE TABLE {|}",
        "CREATE TABLE IF NOT EXISTS us{|}",
        "CREATE TABLE x ({|}",
        "CREATE TYPE m{|}",
        "ALTER TABLE users ADD COLUMN us{|}",
        "ALTER TABLE users ADD COLUMN IF NOT EXISTS us{|}",
        "SELECT 'us{|}' FROM users;",
        "SELECT 'us{|} FROM users;",
        "SELECT 1 -- us{|}\nFROM users;",
        "SELECT 1 /* us{|} */ FROM users;",
        "SELECT $$ us{|} $$ FROM users;",
        'SELECT "us{|}" FROM users;',
        "SELECT 12{|} FROM users;",
        "SELECT $1{|} FROM users;",
        "SELECT 1 FROM users FOR UPDATE {|}",
    ],
)
def test_silence(sql: str) -> None:
    assert [] == labels(sql)


def test_names_are_written_as_sql_needs_them_over_the_whole_word() -> None:
    at = marked({**SET, "migrations/012-c.sql": "-- 😀\n\nINSERT INTO users (e{|}xx);"})
    (found,) = complete(at.snapshot, at.path, at.offset, TODAY)
    assert '-- 😀\n\nINSERT INTO users ("E-Mail");' == apply(at.text, [Edit(found.span, found.insert)])
    assert ("column", "text of users") == (found.kind, found.detail)


def test_types_say_what_they_are() -> None:
    at = marked({**SET, "migrations/012-c.sql": "DROP TYPE {|}"})
    assert ["enum a, é"] == [each.detail for each in complete(at.snapshot, at.path, at.offset, TODAY)]


@pytest.mark.timeout(30)
def test_a_huge_statement_is_not_looked_at() -> None:
    at = marked({**SET, "migrations/012-c.sql": "INSERT INTO users VALUES " + "(1, 'x'),\n" * 200_000 + "(us{|}"})
    assert () == complete(at.snapshot, at.path, at.offset, TODAY)


def test_tables_of_a_large_set_are_offered_while_typing() -> None:
    names = [f"{number:04}-t.sql" for number in range(1000)]
    texts = {f"migrations/{name}": f"CREATE TABLE t{name[:4]} (id int);\n" for name in names}
    text = "SELECT 1;\n" * 5000 + "SELECT 1 FROM t09;\n"
    world = snapshot({**texts, "migrations/1000-x.sql": text})
    file = world.files["migrations/1000-x.sql"]
    offset = len(text) - 2
    assert "t0999" in [each.label for each in complete(world, file.path, offset, TODAY)]
    for round_ in range(10):
        text = text[:offset] + str(round_) + text[offset + 1 :]
        file = file.edited(text, round_)
        world = world.with_text(file)
        assert "t0999" in [each.label for each in complete(world, file.path, offset, TODAY)]
