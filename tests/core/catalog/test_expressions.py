"""What expressions mention, and where."""

from __future__ import annotations

import pytest
from msgspec import Raw

from mig_lsp.core.catalog.expressions import columns_of, constant, is_too_deep, load, walk
from mig_lsp.core.catalog.outputs import title
from mig_lsp.core.sql.statement import Statement

DEEP = Raw(b'{"A":' * 100_000 + b"1" + b"}" * 100_000)


def expression(sql: str) -> object:
    tree = load(Statement(f"SELECT {sql}").parsed.trees[0].body)
    return tree["targetList"][0]["ResTarget"]["val"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("1", ()),
        ("a", ("a",)),
        ("a + t.b * public.t.a", ("a", "b")),
        ('lower("É 😀") || coalesce(a, b)', ("É 😀", "a", "b")),
        ("CASE WHEN a > 1 THEN b ELSE c END", ("a", "b", "c")),
        ("a IN (b, 1) AND NOT c IS NULL", ("a", "b", "c")),
        ("(ARRAY[a, b])[c]", ("a", "b", "c")),
        ("row(a, b) < row(c, 1)", ("a", "b", "c")),
        ("sum(a) OVER (PARTITION BY b ORDER BY c)", ("a", "b", "c")),
        ("count(*) FILTER (WHERE a)", ("a",)),
        ("count(t.*)", None),
        ("(SELECT a)", None),
        ("a IN (SELECT 1)", None),
    ],
)
def test_the_columns_of_an_expression(sql: str, expected: tuple[str, ...] | None) -> None:
    assert expected == columns_of(expression(sql))


def test_what_is_mentioned_has_its_place() -> None:
    sql = "SELECT 'é 😀', u.a::mood, f(b) FROM public.users u WHERE c IN (SELECT 1 FROM t)"
    statement = Statement(sql)
    found = [(each.kind, each.name, statement.at(each.location)) for each in walk(statement.parsed.trees[0].body)]
    assert [
        ("type", ("mood",), sql.index("mood")),
        ("column", ("u", "a"), sql.index("u.a")),
        ("function", ("f",), sql.index("f(b)")),
        ("column", ("b",), sql.index("b)")),
        ("relation", ("public", "users"), sql.index("public")),
        ("query", (), sql.index("IN")),
        ("column", ("c",), sql.index("c IN")),
        ("relation", ("t",), sql.index("t)")),
    ] == found


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("NULL", ("null", "")),
        ("'é 😀'", ("string", "é 😀")),
        ("''", ("string", "")),
        ("0", ("number", "0")),
        ("12", ("number", "12")),
        ("1.50", ("number", "1.50")),
        ("99999999999", ("number", "99999999999")),
        ("false", ("boolean", "false")),
        ("true", ("boolean", "true")),
        ("b'01'", ("bits", "b01")),
        ("a", None),
        ("-1", ("number", "-1")),
    ],
)
def test_literals(sql: str, expected: tuple[str, str] | None) -> None:
    found = constant(expression(sql))
    assert expected == (None if found is None else found[:2])


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a", "a"),
        ("t.a", "a"),
        ("(t).a", "a"),
        ("a[1]", "a"),
        ("lower(a)", "lower"),
        ("a::text", "a"),
        ("1::text", "text"),
        ("'x'::text::mood", "mood"),
        ("lower(a)::text", "lower"),
        ("CASE WHEN a THEN 1 END", "case"),
        ("CASE WHEN a THEN 1 ELSE b END", "b"),
        ("coalesce(a, b)", "coalesce"),
        ("greatest(a, b)", "greatest"),
        ("ARRAY[a]", "array"),
        ("row(a)", "row"),
        ("a + 1", "?column?"),
        ("-1", "?column?"),
        ("nullif(a, b)", "nullif"),
        ("current_date", "current_date"),
        ("current_user", "current_user"),
        ('a COLLATE "C"', "a"),
        ("extract(year FROM a)", "extract"),
        ("EXISTS (SELECT 1)", "exists"),
        ("(SELECT 1 AS x)", "x"),
        ("(SELECT a FROM t)", "a"),
        ("(VALUES (1))", "column1"),
        ("ARRAY(SELECT 1)", "array"),
        ("a IN (SELECT 1)", "?column?"),
        ("date '2020-01-01'", "date"),
        ("json_value('{}', '$')", "json_value"),
    ],
)
def test_the_names_of_columns_that_have_none(sql: str, expected: str) -> None:
    assert expected == title(expression(sql))


def test_a_tree_that_is_too_deep_tells_nothing() -> None:
    assert is_too_deep(DEEP)
    assert load(DEEP) is None
    assert columns_of(DEEP) is None
    assert [] == [*walk(DEEP)]
    assert not is_too_deep(Raw())
