"""What is derived, and that it always parses; that it undoes is proved on a server in tests/oracle/test_rollback.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mig_lsp.core.rollback.derive import Undo, derive
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.statement import read


def undo(sql: str) -> Undo:
    return derive(read(sql).items)


def test_the_last_statement_is_undone_first() -> None:
    expected = (
        "DROP VIEW IF EXISTS v;",
        'ALTER TABLE IF EXISTS public."User" DROP COLUMN IF EXISTS b;',
        'ALTER TABLE IF EXISTS public."User" DROP COLUMN IF EXISTS "select";',
        "DROP TABLE IF EXISTS t;",
    )
    up = """
        CREATE TABLE t (a int);
        ALTER TABLE public."User" ADD COLUMN "select" int, ADD b int;
        CREATE VIEW v AS SELECT 1
    """
    assert Undo(expected, ()) == undo(up)


NOTES = (
    ("ALTER TABLE t DROP COLUMN a", "column t.a and its values are gone"),
    ("ALTER TABLE t DROP CONSTRAINT c", "constraint c of t is gone, and how it was defined is not in this file"),
    ("ALTER TABLE t ALTER a TYPE text", "the former type of t.a is not in this file"),
    ("ALTER TABLE t ALTER a DROP DEFAULT", "the former default of t.a is not in this file"),
    (
        "ALTER TABLE t ALTER a SET NOT NULL",
        "if t.a was nullable before, ALTER TABLE IF EXISTS t ALTER COLUMN a DROP NOT NULL;",
    ),
    ("ALTER TABLE t ALTER a SET STORAGE plain", "set storage of t.a is not undone"),
    ("ALTER TABLE t OWNER TO me", "change owner of t is not undone"),
    ("ALTER TABLE t ADD UNIQUE (a)", "the new constraint of t has no name here: look it up to drop it"),
    ("CREATE INDEX ON t (a)", "the new index of t has no name here: look it up to drop it"),
    ("DROP TABLE t", "table t and its rows are gone"),
    ("DROP INDEX i", "index i is gone, and how it was defined is not in this file"),
    ("DROP TRIGGER IF EXISTS g ON t", "an earlier trigger t.g, if there was one, is gone for good"),
    ("ALTER TYPE m ADD VALUE 'it''s'", "PostgreSQL cannot remove the label 'it''s' from type m"),
    ("INSERT INTO t VALUES (1)", "the rows inserted into t stay as this migration leaves them"),
    ("UPDATE t SET a = 1", "the rows updated in t stay as this migration leaves them"),
    ("DELETE FROM t", "the rows deleted from t stay as this migration leaves them"),
    ("TRUNCATE t", "the rows of t are gone"),
    ("COMMENT ON COLUMN s.t.a IS 'é'", "the former comment on s.t.a is not in this file"),
    ("GRANT SELECT ON t TO me", "the privileges granted on t stay so"),
    ("REVOKE ALL ON t FROM me", "the privileges revoked on t stay so"),
    ("DO $$ BEGIN END $$", "DO $$ BEGIN END is not undone"),
    ("SELECT setval('s', 1)", "what the functions in SELECT setval('s', 1) changed is not undone"),
    ("CREATE TABEL t (a int)", "CREATE TABEL t (a cannot be read, so it is not undone"),
    ("CREATE CAST (int AS text) WITH INOUT", "CREATE CAST (int AS is not undone"),
    (
        "CREATE TABLE IF NOT EXISTS t (a int)",
        "table t may have been there before: if this migration made it, DROP TABLE IF EXISTS t;",
    ),
    (
        "CREATE FUNCTION f(t.a%TYPE) RETURNS int AS 'SELECT 1' LANGUAGE sql",
        "the types of the arguments of f are not in this file: look it up to drop it",
    ),
)


@pytest.mark.parametrize(("up", "note"), NOTES)
def test_what_cannot_be_undone_is_said(up: str, note: str) -> None:
    found = undo(up)
    assert ((), (note,)) == (found.sql, found.notes)


OWN = (
    "CREATE INDEX i ON t (a)",
    "ALTER TABLE t ADD COLUMN b int, DROP COLUMN a, ALTER a SET NOT NULL, ADD UNIQUE (a)",
    "INSERT INTO t VALUES (1)",
    "COMMENT ON TABLE t IS 'x'",
    "COMMENT ON COLUMN t.a IS 'x'",
    "GRANT SELECT ON t TO me",
    "CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()",
    "CREATE POLICY p ON t; DROP POLICY p ON t",
    "ALTER TABLE t RENAME COLUMN a TO b",
    "TRUNCATE t",
)


@pytest.mark.parametrize("more", OWN)
def test_what_befalls_a_new_table_goes_with_it(more: str) -> None:
    assert Undo(("DROP TABLE IF EXISTS t;",), ()) == undo(f"CREATE TABLE t (a int); {more}")


def test_a_name_with_a_line_end_stays_on_one_line_in_notes() -> None:
    assert ('the rows inserted into "a b" stay as this migration leaves them',) == undo(
        'INSERT INTO "a\nb" VALUES (1)'
    ).notes


_NAMES = st.one_of(
    st.sampled_from(
        ["users", "select", "user", "Order", "é", "😀", 'a"b', "a b", "int", "$x", "1", "between", "a\nb", "''"]
    ),
    st.text(min_size=1, max_size=12).filter(lambda name: "\0" not in name and name.isprintable()),
)
_TYPES = st.sampled_from(
    ["int", "text[]", "varchar(3)", "timestamp", "bit varying", "double precision", "numeric(4,2)[]"]
)
_TEMPLATES = st.sampled_from(
    [
        "CREATE TABLE {s}.{a} ({b} int)",
        "CREATE TABLE {a} AS SELECT 1",
        "ALTER TABLE {s}.{a} ADD COLUMN {b} int, ADD CONSTRAINT {c} CHECK (true)",
        "ALTER TABLE ONLY {a} ADD CONSTRAINT {c} UNIQUE ({b})",
        "ALTER TABLE {a} ALTER {b} SET NOT NULL, ALTER {c} ADD GENERATED ALWAYS AS IDENTITY",
        "CREATE INDEX {c} ON {s}.{a} ({b})",
        "CREATE VIEW {a} AS SELECT 1",
        "CREATE MATERIALIZED VIEW {s}.{a} AS SELECT 1",
        "CREATE SEQUENCE {s}.{a}",
        "CREATE TYPE {s}.{a} AS ENUM ('x')",
        "CREATE TYPE {a} AS ({b} int)",
        "CREATE DOMAIN {a} AS int",
        "CREATE SCHEMA {s}",
        "CREATE EXTENSION {a}",
        "CREATE ROLE {a}",
        "CREATE FUNCTION {s}.{a}({b} {t}, OUT {c} {t}, {t}, {s}.{b}) AS 'x' LANGUAGE sql",
        "CREATE PROCEDURE {a}({t}) AS 'x' LANGUAGE sql",
        "CREATE TRIGGER {c} AFTER INSERT ON {s}.{a} EXECUTE FUNCTION f()",
        "CREATE POLICY {c} ON {a}",
        "CREATE RULE {c} AS ON INSERT TO {a} DO NOTHING",
        "CREATE STATISTICS {s}.{c} ON a, b FROM {a}",
        "CREATE PUBLICATION {a}",
        "CREATE COLLATION {a} (locale = 'C')",
        "ALTER TABLE {s}.{a} RENAME TO {b}",
        "ALTER TABLE {a} RENAME COLUMN {b} TO {c}",
        "ALTER TABLE {a} RENAME CONSTRAINT {b} TO {c}",
        "ALTER INDEX {s}.{a} RENAME TO {b}",
        "ALTER TYPE {s}.{a} RENAME TO {b}",
        "ALTER TYPE {a} RENAME VALUE 'it''s' TO '\\'",
        "ALTER SCHEMA {a} RENAME TO {b}",
        "ALTER FUNCTION {s}.{a}({t}) RENAME TO {b}",
        "ALTER TRIGGER {a} ON {s}.{b} RENAME TO {c}",
        "ALTER POLICY {a} ON {b} RENAME TO {c}",
        "ALTER TABLE {s}.{a} SET SCHEMA {b}",
    ]
)


@given(st.lists(_TEMPLATES, min_size=1, max_size=4), _NAMES, _NAMES, _NAMES, _NAMES, _TYPES)
def test_all_derived_sql_parses(templates: list[str], s: str, a: str, b: str, c: str, t: str) -> None:
    names = {key: quoted(name) for key, name in (("s", s), ("a", a), ("b", b), ("c", c))}
    up = [template.format(**names, t=t) for template in templates]
    statements = read(";\n".join(up)).items
    assert [] == [(item.code, item.fault) for item in statements if item.fault]
    found = derive(statements)
    for sql in (*found.sql, *found.maybe):
        (item,) = read(sql).items
        assert item.terminated
        assert None is item.fault, sql
    assert all(note.splitlines() == [note] for note in found.notes)


@given(st.text(alphabet="CREATEDROPTABLEcreate table;'\"$-/*\n é😀(),.1", max_size=120))
def test_no_text_breaks_it(text: str) -> None:
    found = undo(text)
    assert all(read(sql).items[0].fault is None for sql in found.sql)
