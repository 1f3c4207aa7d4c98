"""What queries give and read, from the files alone. What they are refused for is proved in tests/oracle."""

from __future__ import annotations

import pytest

from mig_lsp.core.catalog.expressions import load
from mig_lsp.core.catalog.moment import Moment, Setting
from mig_lsp.core.catalog.query import Read, read_expression, read_query
from mig_lsp.core.catalog.replay import Source, replay
from mig_lsp.core.catalog.scope import source_of
from mig_lsp.core.catalog.values import relation_key
from mig_lsp.core.sql.statement import read

SETUP = """
    CREATE TABLE users (id int PRIMARY KEY, name text, email text);
    CREATE TABLE orders (id int PRIMARY KEY, user_id int, total numeric);
    CREATE VIEW names AS SELECT id, name FROM users;
    DO $$ BEGIN CREATE TABLE made (id int); END $$;
"""
USERS, ORDERS, NAMES = (relation_key("public", name) for name in ("users", "orders", "names"))


def moment_of(sql: str) -> Moment:
    """The last statement of a file that begins with the setup."""
    found = [each for each in replay(Setting(), [Source("a.sql", read(SETUP + sql).items)]).files[0].moments if each]
    return found[-1]


def reading(sql: str) -> Read:
    """What a query gives and reads."""
    moment = moment_of(sql)
    return read_query({moment.statement.kind: load(moment.statement.parsed.trees[0].body)}, moment)


def objections(sql: str) -> list[tuple[str, str, str]]:
    """What is objected to: the SQLSTATE, the name, and the text at its place."""
    moment = moment_of(sql)
    text = moment.statement.text
    return [(each.sqlstate, ".".join(each.name), text[each.span.start : each.span.end]) for each in moment.objections]


@pytest.mark.parametrize(
    ("sql", "columns", "reads"),
    [
        ("SELECT 1", ("?column?",), {}),
        ("SELECT * FROM users", ("id", "name", "email"), {USERS: {"id", "name", "email"}}),
        ("SELECT u.* FROM users u, orders", ("id", "name", "email"), {USERS: {"id", "name", "email"}, ORDERS: set()}),
        ("SELECT name AS n FROM users WHERE email = 'x'", ("n",), {USERS: {"name", "email"}}),
        ("SELECT a FROM users u (a, b)", ("a",), {USERS: {"id"}}),
        ("SELECT * FROM users JOIN names USING (id)", ("id", "name", "email", "name"), None),
        (
            "SELECT total FROM users u JOIN orders o ON o.user_id = u.id ORDER BY name",
            ("total",),
            {USERS: {"id", "name"}, ORDERS: {"total", "user_id"}},
        ),
        ("SELECT u.name FROM users u JOIN orders o USING (id)", ("name",), {USERS: {"id", "name"}, ORDERS: {"id"}}),
        ("SELECT s.n FROM (SELECT name AS n FROM users) s", ("n",), {USERS: {"name"}}),
        ("WITH a AS (SELECT id FROM users) SELECT * FROM a", ("id",), {USERS: {"id"}}),
        ("SELECT (SELECT count(total) FROM orders) FROM users", ("count",), {USERS: set(), ORDERS: {"total"}}),
        ("SELECT id FROM users UNION SELECT user_id FROM orders", ("id",), {USERS: {"id"}, ORDERS: {"user_id"}}),
        ("SELECT u FROM users u", ("u",), {USERS: set()}),
        ("SELECT name FROM names", ("name",), {NAMES: {"name"}}),
        ("VALUES (1, 2)", ("column1", "column2"), {}),
        ("SELECT g.n, g.* FROM generate_series(1, 2) AS g (n)", ("n", "n"), {}),
        (
            "WITH gone AS (DELETE FROM users WHERE name = 'x' RETURNING id) SELECT * FROM gone, names",
            None,
            {USERS: set(), NAMES: {"id", "name"}},
        ),
    ],
)
def test_what_a_query_gives_and_reads(
    sql: str, columns: tuple[str, ...] | None, reads: dict[tuple[str, ...], set[str]] | None
) -> None:
    found = reading(sql)
    assert columns == found.columns
    if reads is not None:
        assert reads == {key: set(names or ()) for key, names in found.reads.items()}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM made",
        "SELECT anything, made.thing FROM made",
        "SELECT * FROM users, made",
        "SELECT anything FROM users, made",
        "SELECT anything FROM jsonb_each('{}')",
        "SELECT * FROM some_function(1) AS f",
        "SELECT f.thing FROM some_function(1) AS f",
        "SELECT anything FROM users NATURAL JOIN made",
        "SELECT id FROM users NATURAL JOIN made",
        "SELECT * FROM (SELECT * FROM made) s WHERE s.thing",
        "WITH a AS (SELECT * FROM made) SELECT thing FROM a",
        "SELECT anything FROM pg_class",
        "UPDATE made SET thing = 1",
        "INSERT INTO made (thing) VALUES (1) ON CONFLICT (thing) DO NOTHING",
        "SELECT thing FROM pg_stat_activity ORDER BY thing",
    ],
)
def test_nothing_is_said_of_what_nobody_can_tell(sql: str) -> None:
    assert [] == objections(sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 'é 😀', wrong FROM users", [("42703", "wrong", "wrong")]),
        ("SELECT /* 😀 */\r\n\fu.wrong FROM users u", [("42703", "u.wrong", "u.wrong")]),
        ('SELECT u . "Ä" FROM users u', [("42703", "u.Ä", 'u . "Ä"')]),
        ("SELECT 'é' FROM public . nowhere", [("42P01", "public.nowhere", "public . nowhere")]),
        ("SELECT x.id, x.name FROM users", [("42P01", "x", "x")]),
        ("SELECT wrong, wrong, Wrong FROM users", [("42703", "wrong", "wrong")]),
        (
            "INSERT INTO users (id, name) VALUES ('é', 'x') ON CONFLICT (name) DO NOTHING",
            [("22P02", "é", "'é'")],
        ),
        ("INSERT INTO users (name) VALUES ('é') ON CONFLICT (name) DO NOTHING", [("42P10", "name", "(name)")]),
        ("INSERT INTO users (wrong, id) VALUES (1, 2)", [("42703", "wrong", "wrong")]),
        ("UPDATE users SET name = 'é 😀', wrong = 1", [("42703", "wrong", "wrong")]),
        ("INSERT INTO users (name, id) VALUES ('é 😀', NULL)", [("23502", "id", "NULL")]),
        ("INSERT INTO users (name) VALUES ('é 😀')", [("23502", "id", "INSERT")]),
    ],
)
def test_objections_have_their_place(sql: str, expected: list[tuple[str, str, str]]) -> None:
    assert expected == objections(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 200 + "SELECT id FROM users" + ")" * 200,
        "SELECT * FROM " + "(SELECT * FROM " * 60 + "users" + ") s" * 60,
        "SELECT id FROM users " + "UNION SELECT id FROM users " * 500,
        "SELECT u0.id FROM users u0 " + "".join(f"JOIN users u{n} USING (id) " for n in range(1, 400)),
        "SELECT 1 FROM " + "(" * 90 + "users u" + "".join(f" JOIN users u{n} ON u{n}.id = u.id)" for n in range(90)),
        "WITH c0 AS (SELECT id FROM users)"
        + "".join(f", c{n} AS (SELECT id FROM c{n - 1})" for n in range(1, 400))
        + " SELECT id FROM c399",
    ],
)
def test_no_query_is_too_deep_or_too_long(sql: str) -> None:
    assert [] == objections(sql)


def test_wrong_names_come_to_an_end() -> None:
    values = ", ".join(f"(1, 'x', wrong{n})" for n in range(3_000))
    assert 20 == len(objections(f"INSERT INTO users (id, name, email) VALUES {values}"))


def test_an_expression_over_a_table() -> None:
    moment = moment_of("SELECT new.name <> old.name AND wrong OR old.email IN (SELECT name FROM names)")
    tree = load(moment.statement.parsed.trees[0].body)["targetList"][0]["ResTarget"]["val"]
    moment.objections.clear()
    table = moment.get(USERS)
    found = read_expression(tree, moment, source_of(USERS, table, "old"), source_of(USERS, table, "new"))
    assert found is not None
    assert {USERS: {"name", "email"}, NAMES: {"name"}} == {key: set(names or ()) for key, names in found.items()}
    assert [("wrong",)] == [each.name for each in moment.objections]
