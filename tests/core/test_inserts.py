"""What an INSERT gives, and what is kept of it while other files change."""

from __future__ import annotations

import pytest

from mig_lsp.core.check import check_document
from mig_lsp.core.inserts import insert, meets, rows, unique_keys
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.sql.commands import InsertStmt
from mig_lsp.core.sql.statement import Statement
from tests.support.workspace import snapshot

FIRST, SECOND = "migrations/042-a.sql", "migrations/043-x.sql"
RULES = {"unguarded-insert", "useless-on-conflict", "literal-key", "sequence-behind", "unguarded-update"}


@pytest.mark.parametrize(
    ("sql", "kinds"),
    [
        ("1", "constant"),
        ("-1", "constant"),
        ("'é😀'::text", "constant"),
        ("CAST('1' AS int)", "constant"),
        ("NULL", "null"),
        ("NULL::int", "null"),
        ("DEFAULT", "default"),
        ("now()", "fresh"),
        ("CURRENT_TIMESTAMP", "fresh"),
        ("now() - interval '1 day'", "fresh"),
        ("gen_random_uuid()::text", "fresh"),
        ("public.uuid_generate_v4()", "fresh"),
        ("nextval('s')", "fresh"),
        ("lower('A')", "other"),
        ("(SELECT now())", "other"),
        ("1 + 1", "other"),
    ],
)
def test_cells(sql: str, kinds: str) -> None:
    statement = Statement(f"/* é */ INSERT INTO t (a) VALUES ({sql});")
    tree = statement.tree(InsertStmt)
    assert tree is not None
    found = rows(statement, tree).rows
    assert found is not None
    assert [[kinds]] == [[cell.kind for cell in row] for row in found]


@pytest.mark.parametrize(
    ("sql", "guarded"),
    [
        ("SELECT 1", False),
        ("SELECT a FROM u WHERE a NOT IN (1, 2)", False),
        ("SELECT a FROM u WHERE NOT EXISTS (SELECT 1 FROM v)", True),
        ("SELECT a FROM u WHERE a NOT IN (SELECT a FROM t)", True),
        ("SELECT a FROM u LEFT JOIN t USING (a) WHERE t.a IS NULL", True),
        ("SELECT a FROM u WHERE (SELECT count(*) FROM t) = 0", True),
        ("SELECT 1 EXCEPT SELECT a FROM t", True),
        ("SELECT (SELECT a FROM t)", False),
        ("VALUES (1)", False),
    ],
)
def test_queries_that_leave_out_what_is_there(sql: str, guarded: bool) -> None:
    statement = Statement(f"INSERT INTO t (a) {sql};")
    tree = statement.tree(InsertStmt)
    assert tree is not None
    assert guarded == rows(statement, tree).guarded


def test_a_row_runs_into_a_key_only_with_values_of_its_own() -> None:
    table = (
        "CREATE TABLE t (id serial PRIMARY KEY, a int, b int DEFAULT 1, c uuid DEFAULT gen_random_uuid() UNIQUE, "
        "UNIQUE (a, b), UNIQUE NULLS NOT DISTINCT (b, a));\nCREATE UNIQUE INDEX ON t (lower(a::text));\n"
    )
    world = snapshot({FIRST: table, SECOND: "INSERT INTO t (a) VALUES (NULL);\nINSERT INTO t (a) VALUES (1);\n"})
    replayed = world.world.replayed(SECOND)
    assert replayed is not None
    answers = []
    for moment in replayed.moments:
        found = insert(moment) if moment is not None else None
        if moment is not None and found is not None:
            keys = unique_keys(moment, found.table)
            assert keys is not None
            answers.append(dict(zip((key.columns for key in keys), meets(found, keys), strict=True)))
    assert [
        {("id",): "never", ("c",): "never", ("a", "b"): "never", ("b", "a"): "always", ("",): "perhaps"},
        {("id",): "never", ("c",): "never", ("a", "b"): "always", ("b", "a"): "always", ("",): "perhaps"},
    ] == answers


def test_what_is_kept_follows_the_files_before() -> None:
    before = "CREATE TABLE t (id serial PRIMARY KEY, a int, r int);\n"
    text = (
        "INSERT INTO t (a) VALUES (1);\nINSERT INTO t (id) VALUES (5);\nUPDATE t SET a = a + 1;\n"
        "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING;\nUPDATE t SET r = 3;\nSELECT 1;\n"
    )
    world = snapshot({FIRST: before, SECOND: text})
    for after in (
        before.replace("a int", "a int UNIQUE"),
        before.replace("r int", "r int REFERENCES t"),
        before.replace("serial", "int"),
        before.replace("a int", "a jsonb"),
        before.replace("TABLE t", "TABLE u"),
        before,
    ):
        file = world.files[FIRST]
        world = world.with_text(file.edited(after, None))
        assert _said(snapshot({FIRST: after, SECOND: text})) == _said(world)


@pytest.mark.parametrize(
    "value",
    ["(" * 3000 + "1" + ")" * 3000, "-" + " -" * 3000 + "1", "a" + " || a" * 3000, "'\x00'", "NOT " * 3000 + "a"],
)
@pytest.mark.parametrize("code", ["INSERT INTO t (a) VALUES ({});", "UPDATE t SET a = {} WHERE {} IS NOT NULL;"])
def test_deep_and_odd_values_do_no_harm(code: str, value: str) -> None:
    text = code.replace("{}", value) + "\nSELECT 1;\n"
    world = snapshot({FIRST: "CREATE TABLE t (id serial PRIMARY KEY, a text);\n", SECOND: text})
    assert {each.rule for each in check_document(world, SECOND)}


def _said(world: Snapshot) -> list[tuple[int, str, str]]:
    found = check_document(world, SECOND)
    return [(each.span.start, each.rule, each.message) for each in found if each.rule in RULES]
