"""What CREATE TABLE, ALTER TABLE and CREATE INDEX leave in the catalog, where the server cannot be asked."""

from __future__ import annotations

import pytest

from mig_lsp.core.catalog.choosing import joined, made_name, numbered
from mig_lsp.core.catalog.moment import Setting
from mig_lsp.core.catalog.ordinals import places
from mig_lsp.core.catalog.replay import Source, World, replay
from mig_lsp.core.catalog.types import display
from mig_lsp.core.catalog.values import UNKNOWN, Index, Table, Type, relation_key
from mig_lsp.core.sql import statement


def carried_out(sql: str, *, keeps_session: bool = False) -> World:
    return replay(Setting(keeps_session=keeps_session), [Source("010-a.sql", statement.read(sql).items)])


def objections(sql: str, *, keeps_session: bool = False) -> list[tuple[int, str, str]]:
    """The number, SQLSTATE and marked text of each objection."""
    return [
        (number, each.sqlstate, moment.statement.text[each.span.start : each.span.end])
        for number, moment in enumerate(carried_out(sql, keeps_session=keeps_session).files[0].moments)
        if moment is not None
        for each in moment.objections
    ]


def table(sql: str, name: str = "t") -> Table:
    world = carried_out(sql)
    found = world.at(len(world.files), relation_key("public", name))
    assert isinstance(found, Table)
    return found


@pytest.mark.parametrize(
    ("check", "values"),
    [
        ("a IN ('x', 'y')", {"a": {"x", "y"}}),
        ("a = ANY (ARRAY['x'::text, 'y'])", {"a": {"x", "y"}}),
        ("a::text = 'x' OR a = 'y'", {"a": {"x", "y"}}),
        ("a IS NULL OR a IN ('x', 'y')", {"a": {"x", "y"}}),
        ("a IN ('x', 'y') AND b IN (1, 2)", {"a": {"x", "y"}, "b": {"1", "2"}}),
        ("a IN ('x', 'y') AND a = 'x'", {"a": {"x"}}),
        ("a IN ('x', NULL)", {"a": {"x"}}),
        ("b IS NULL OR a IN ('x', 'y')", {}),
        ("a = 'x' OR b = 1", {}),
        ("lower(a) IN ('x')", {}),
        ("a NOT IN ('x')", {}),
        ("a IN ('x', c)", {}),
        ("a <> 'x'", {}),
    ],
)
def test_the_values_that_a_check_allows(check: str, values: dict[str, set[str]]) -> None:
    found = table(f"CREATE TABLE t (a text, b int, c text, CONSTRAINT k CHECK ({check}))").constraints["k"]
    assert {name: frozenset(allowed) for name, allowed in values.items()} == found.values


def test_the_sql_of_expressions_is_as_written() -> None:
    found = table(
        "CREATE TABLE t (a text DEFAULT 'é, 😀)' /* or */ || 'x' NOT NULL,\r\n"
        " b text CHECK (b <> '(' -- é\n AND a > ''), c int DEFAULT (1 + 2),"
        " d text GENERATED ALWAYS AS (lower(a)) STORED)"
    )
    assert ["'é, 😀)' || 'x'", "", "(1 + 2)", "lower(a)"] == [one.default for one in found.columns.values()]
    assert ["b <> '(' AND a > ''"] == [one.expression for one in found.constraints.values()]
    assert ("a",) == found.columns["d"].uses


def test_an_index_knows_its_predicate_and_columns() -> None:
    world = carried_out("CREATE TABLE t (a int, b text); CREATE INDEX i ON t (a, lower(b)) WHERE a > 0 AND b <> ')';")
    found = world.at(1, relation_key("public", "i"))
    assert isinstance(found, Index)
    assert (("a", ""), "a > 0 AND b <> ')'", ("a", "b")) == (found.columns, found.predicate, found.uses)


def test_a_dropped_column_is_remembered() -> None:
    found = table("CREATE TABLE t (a int, b int); ALTER TABLE t DROP COLUMN b;").dropped["b"]
    assert places(2)[1] == found.by.place


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("CREATE TABLE t (é int, a nothing)", [(0, "42704", "nothing")]),
        ('CREATE TABLE t (é int, "😀" app.nothing)', [(0, "3F000", "app")]),
        ("CREATE TABLE t (é int REFERENCES nothing)", [(0, "42P01", "nothing")]),
        ("CREATE TABLE t (é int); CREATE TABLE public.t (a int)", [(1, "42P07", "public.t")]),
        ("CREATE TABLE t (é int); ALTER TABLE t ADD é text", [(1, "42701", "é")]),
        ("CREATE TABLE t (é int); ALTER TABLE t DROP COLUMN a", [(1, "42703", "a")]),
        ("CREATE TABLE t (é int); CREATE INDEX i ON t (é, lower(a))", [(1, "42703", "a")]),
    ],
)
def test_an_objection_is_at_the_name(sql: str, found: list[tuple[int, str, str]]) -> None:
    assert found == objections(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (a int); CREATE TABLE t (b int); ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD a int;",
        "CREATE TABLE t (a nothing); INSERT INTO t (a) VALUES (1); ALTER TABLE t ALTER a TYPE int;",
        "CREATE TABLE t (a int REFERENCES p); ALTER TABLE t DROP CONSTRAINT t_a_fkey;",
        "CREATE TABLE t (a int); CREATE INDEX i ON t (b); DROP INDEX i;",
    ],
)
def test_one_error_causes_no_other(sql: str) -> None:
    assert 1 == len(objections(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "DO $$ BEGIN CREATE TABLE t (a int); END $$; CREATE TABLE t (a int); ALTER TABLE t ADD b int;",
        "DO $$ BEGIN CREATE TYPE mood AS ENUM ('a'); END $$; CREATE TABLE t (a mood);",
        "DO $$ BEGIN EXECUTE 'x'; END $$; CREATE TABLE t (a mood REFERENCES p); ALTER TABLE u ADD a int UNIQUE;",
        "CREATE EXTENSION vector; CREATE TABLE t (a vector(3), b halfvec);",
        "CREATE EXTENSION something_else; CREATE TABLE t (a something);",
        "DO $$ BEGIN ALTER TABLE t ADD b int; END $$; CREATE INDEX i ON t (b); ALTER TABLE t DROP CONSTRAINT x;",
    ],
)
def test_nothing_is_said_of_what_nobody_knows(sql: str) -> None:
    assert [] == objections(sql)


def test_a_temporary_table_is_gone_with_its_session() -> None:
    sql = "CREATE TEMP TABLE t (a int PRIMARY KEY); ALTER TABLE t ADD b int;"
    assert [(1, "42P01", "t")] == objections(sql)
    assert [] == objections(sql, keeps_session=True)
    world = carried_out(sql, keeps_session=True)
    assert world.at(1, relation_key("public", "t")) is UNKNOWN


def test_deep_expressions_are_survived() -> None:
    for depth in (50, 200, 400, 2_000, 20_000):
        deep = "(" * depth + "a" + " + 1)" * depth
        sql = (
            f"CREATE TABLE t (a int, b int DEFAULT ({'1 + ' * depth} 1), CHECK ({deep} > 0)); ALTER TABLE t ADD c int;"
        )
        assert [] == objections(sql)


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        (Type("pg_catalog", "int4"), "integer"),
        (Type("pg_catalog", "varchar", ("10",)), "character varying(10)"),
        (Type("pg_catalog", "timestamptz", ("3",), array=True), "timestamp(3) with time zone[]"),
        (Type("pg_catalog", "numeric", ("10",)), "numeric(10,0)"),
        (Type("public", "Mood"), '"Mood"'),
        (Type("app", "mood", (), array=True), "app.mood[]"),
        (Type("public", "vector", ("3",)), "vector(3)"),
    ],
)
def test_a_type_as_postgresql_writes_it(of: Type, shown: str) -> None:
    assert shown == display(of)


def test_chosen_names_are_names() -> None:
    assert "t_a_key" == made_name("t", "a", "key")
    assert "t_pkey" == made_name("t", "", "pkey")
    assert 63 == len(made_name("t" * 63, "a" * 63, "key"))
    assert ("é" * 14 + "_" + "b" * 29 + "_key") == made_name("é" * 31, "b" * 40, "key")
    assert "a_b_c" == joined(["a", "b", "c"])
    assert ["lower", "lower1", "a"] == numbered(["lower", "lower", "a"])
