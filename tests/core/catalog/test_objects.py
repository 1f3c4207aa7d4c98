"""Where the catalog's objections stand, and what it leaves open."""

from __future__ import annotations

import pytest

from mig_lsp.core.catalog.moment import Setting
from mig_lsp.core.catalog.replay import Source, World, replay
from mig_lsp.core.catalog.values import UNKNOWN, Key, relation_key, schema_key, type_key
from mig_lsp.core.sql import statement


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/* é😀 */ CREATE VIEW é AS SELECT 1 AS a;\r\nCREATE VIEW é AS SELECT 1 AS a;", ["é"]),
        ("\ufeffCREATE TYPE m AS ENUM ('😀');\fALTER TYPE m ADD VALUE 'b' AFTER '😁';", ["ALTER"]),
        ("DROP TABLE /* 😀 */ public.nothing;", ["nothing"]),
        ("CREATE TABLE t (a int);\nCOMMENT ON COLUMN t.\"É\" IS 'x';", ['"É"']),
        ("COMMENT ON SCHEMA é IS '😀'", ["é"]),
        ("CREATE ROLE r; DROP ROLE r; GRANT r TO CURRENT_USER;", ["r"]),
    ],
)
def test_an_objection_stands_at_the_name(text: str, words: list[str]) -> None:
    world = _replayed(text)
    said = [
        moment.statement.text[objection.span.start : objection.span.end]
        for file in world.files
        for moment in file.moments
        if moment is not None
        for objection in moment.objections
    ]
    assert words == said


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("CREATE TABLE t (a int); DROP SCHEMA public CASCADE;", relation_key("public", "t")),
        ("CREATE SCHEMA s; DROP SCHEMA s;", schema_key("s")),
        ("CREATE TABLE t (a int); DROP OWNED BY CURRENT_USER;", relation_key("public", "t")),
        ("CREATE TABLE t (a int); ALTER ROLE app SET search_path = other;", relation_key("public", "t")),
        (
            "DO $$ BEGIN CREATE TABLE t (a int); END $$; CREATE VIEW v AS SELECT * FROM t; DROP TABLE t CASCADE;",
            relation_key("public", "v"),
        ),
        ("CREATE EXTENSION pg_stat_statements;", relation_key("public", "pg_stat_statements")),
        ("DO $$ BEGIN CREATE TYPE m AS ENUM (); END $$; ALTER TYPE m RENAME TO n;", type_key("public", "n")),
    ],
)
def test_what_cannot_be_told_is_unknown(text: str, key: Key) -> None:
    world = _replayed(text)
    assert UNKNOWN is world.at(len(world.files), key)


@pytest.mark.parametrize(
    "text",
    [
        "GRANT SELECT ON pg_class TO app;",
        "DROP ROLE somebody;",
        "COMMENT ON FUNCTION lower(text) IS 'x';",
        "CREATE EXTENSION something; DROP FUNCTION of_something(int);",
        "CREATE EXTENSION something; CREATE TRIGGER t BEFORE INSERT ON t EXECUTE FUNCTION its_own();",
        "DO $$ BEGIN CREATE TABLE t (); END $$; DROP TABLE t; DROP TYPE t;",
        "CREATE TEMP VIEW t AS SELECT 1 AS a; CREATE VIEW t AS SELECT 1 AS a;",
        "DROP TABLE IF EXISTS a, b.c CASCADE; DROP FUNCTION IF EXISTS f(nothing); DROP TRIGGER IF EXISTS x ON y;",
        "CREATE TABLE t (a int); SET search_path = other; SELECT a FROM t;",
    ],
)
def test_nothing_is_said_of_what_is_not_certain(text: str) -> None:
    world = _replayed(text.replace("ON t EXECUTE", "ON pg_class EXECUTE"))
    assert [] == [o for file in world.files for moment in file.moments if moment is not None for o in moment.objections]


@pytest.mark.parametrize(
    "drop",
    [
        "DROP TABLE nothing",
        "DROP TABLE nothing, nowhere.else_there CASCADE",
        "DROP VIEW nothing",
        "DROP MATERIALIZED VIEW nothing",
        "DROP INDEX nothing",
        "DROP SEQUENCE nothing",
        "DROP TYPE nothing",
        "DROP DOMAIN nothing",
        "DROP FUNCTION nothing",
        "DROP FUNCTION nothing(int)",
        "DROP SCHEMA nowhere CASCADE",
        "DROP TRIGGER nothing ON t",
        "DROP POLICY nothing ON t",
        "DROP RULE nothing ON nothing",
        "DROP EXTENSION nothing CASCADE",
        "DROP STATISTICS nothing",
    ],
)
def test_a_drop_of_what_is_missing_leaves_the_others_as_they_are(drop: str) -> None:
    world = _replayed(f"CREATE TABLE t (a int); {drop}; SELECT b FROM t;")
    assert ["DropStmt", "SelectStmt"] == list(dict.fromkeys(_refused(world)))


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ("CREATE TRIGGER x BEFORE UPDATE ON u EXECUTE FUNCTION f()", ["SelectStmt"]),
        ("GRANT EXECUTE ON FUNCTION f() TO app", ["SelectStmt"]),
        ("EXECUTE 'ALTER TABLE t ADD COLUMN b int'", []),
        ("EXECUTE format('ALTER TABLE t ADD COLUMN %I int', 'b')", []),
    ],
)
def test_only_dynamic_sql_may_change_anything(body: str, refused: list[str]) -> None:
    made = f"CREATE FUNCTION make() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN {body}; END $f$; SELECT make();"
    assert refused == _refused(_replayed(f"CREATE TABLE t (a int); {made} SELECT b FROM t;"))
    assert refused == _refused(_replayed(f"CREATE TABLE t (a int); DO $f$ BEGIN {body}; END $f$; SELECT b FROM t;"))


def _refused(world: World) -> list[str]:
    moments = [moment for file in world.files for moment in file.moments if moment is not None]
    return [moment.statement.kind for moment in moments if moment.objections]


def _replayed(text: str) -> World:
    return replay(Setting(), [Source("010-a.sql", statement.read(text).items)])
