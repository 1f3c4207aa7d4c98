"""What a runner's files do to a real database."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from mig_lsp import replay
from mig_lsp.core.runner.profile import DRIZZLE_MIGRATOR, PSQL, PSQL_SINGLE_TRANSACTION, RDS_DATA_API, Runner
from mig_lsp.core.runner.verdict import judge_all
from mig_lsp.replay import File

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with psycopg.connect(database, autocommit=True, prepare_threshold=None) as opened:
        yield opened


def _rows(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql.encode()).fetchall()


_LOG = "SELECT step_number, description, status, error_message FROM migration_log ORDER BY id"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("CREATE TYPE x AS ENUM ('a');\nSELECT 1;", ["", ""]),
        ("DROP TYPE IF EXISTS x CASCADE;\nCREATE TABLE t (a int);\nSELECT 1;", ["42601"]),
        ("CREATE FUNCTION f() RETURNS int AS $$\nBEGIN\nRETURN 1;\nEND;\n$$ LANGUAGE plpgsql;", [""]),
        ("CREATE FUNCTION f() RETURNS int AS $$\nBEGIN\nRETURN 1;\nEND;\n$$ LANGUAGE plpgsql;\nSELECT 1;", ["42601"]),
        ("CREATE FUNCTION f() RETURNS date AS $$\nBEGIN\nRETURN now();\nEND;\n$$ LANGUAGE plpgsql;", ["42601"]),
        ("CREATE FUNCTION f() RETURNS int AS '\nBEGIN\nRETURN 1;\nEND;\n' LANGUAGE plpgsql;\nSELECT 1;", ["", ""]),
        ("CREATE FUNCTION f() RETURNS int AS '\nBEGIN\nRETURN abs(1);\nEND;\n' LANGUAGE plpgsql;", ["42601"]),
        ("CREATE FUNCTION f() RETURNS int AS '\nSELECT 1;\n' LANGUAGE sql;\nSELECT 1;", ["42601"]),
        ("CREATE FUNCTION f() RETURNS int AS 'BEGIN RETURN 1; END' LANGUAGE plpgsql;\nSELECT 1;", ["", ""]),
        ("DO $$\nBEGIN\nPERFORM 1;\nEND;\n$$;", ["42601"]),
        ("DO $$ BEGIN PERFORM 1; END $$;\nSELECT 1;", ["", ""]),
        ("SELECT 1; -- note\nSELECT 2;", ["42601"]),
        ("SELECT 1;--> statement-breakpoint\nSELECT 2;", ["42601"]),
        ("SELECT 1;\n--> statement-breakpoint\nSELECT 2;", ["", ""]),
        ("CREATE TABLE t (\na int, -- ends with;\nb int\n);", ["42601"]),
        ("SELECT 1; SELECT 2;", ["42601"]),
        ("SELECT 'a;\nb';", ["42601"]),
        ("/* a;\n*/ SELECT 1;", ["42601"]),
        ("SELECT 1;\nEND;", ["", ""]),
        ("BEGIN;\nCREATE TABLE t (a int);\nROLLBACK;\nSELECT * FROM t;", ["", "", "", ""]),
        ("SELECT $1;", ["08P01"]),
        ("COPY pg_am TO STDOUT;", [""]),
        ("SAVEPOINT a;", ["25P01"]),
        ("LOCK TABLE pg_am;", ["25P01"]),
        ("DECLARE c CURSOR FOR SELECT 1;", ["25P01"]),
        ("SET search_path = nothing;\nCREATE TABLE t (a int);", ["", ""]),
        ("CREATE TEMP TABLE t (a int);\nSELECT * FROM t;", ["", "42P01"]),
        ("PREPARE p AS SELECT 1;\nEXECUTE p;", ["", "26000"]),
        ("SELECT 1;\nSELEC;\nSELECT 2;", ["", "42601"]),
    ],
)
def test_one_file(connection: Connection, text: str, codes: list[str]) -> None:
    result = replay.replay_file(connection, RDS_DATA_API, text)
    assert codes == [step.answer.sqlstate for step in result.steps]
    verdicts = list(judge_all(RDS_DATA_API, result.chunks))
    # A table or a prepared statement that is not there is nothing that a text shows.
    refused = [step.answer.failed and step.answer.sqlstate not in {"42P01", "26000"} for step in result.steps]
    assert [verdicts[step.chunk] is not None for step in result.steps] == refused


def test_a_failed_file_leaves_what_it_did_and_starts_again(connection: Connection) -> None:
    files = [
        File("010-a.sql", "CREATE TABLE a (x int);\n"),
        File("011-é.sql", "CREATE TABLE b (x int);\nSELECT 'it''s' FROM nothing;\nCREATE TABLE c (x int);\n"),
        File("012-c.sql", "CREATE TABLE d (x int);\n"),
    ]
    first = replay.replay(connection, RDS_DATA_API, files)
    error = 'ERROR: relation "nothing" does not exist; Position: 21; SQLState: 42P01'
    assert [(result.name, result.skipped, result.error) for result in first] == [
        ("010-a.sql", False, ""),
        ("011-é.sql", False, error),
    ]
    assert first[1].failure == replay.Step(1, first[1].steps[1].answer)
    second = replay.replay(connection, RDS_DATA_API, files)
    again = 'ERROR: relation "b" already exists; SQLState: 42P07'
    assert [(result.skipped, result.error) for result in second] == [(True, ""), (False, again)]
    assert _rows(connection, _LOG) == [
        (1, "010-a.sql", "completed", None),
        (2, "011-é.sql", "failed", error),
        (3, "011-é.sql", "failed", again),
    ]


def test_the_first_deploy_runs_the_initial_files(connection: Connection) -> None:
    initial = [File("001-users.sql", "CREATE TABLE users (id int);\nCREATE TABLE users (id int);\n")]
    files = [File("010-a.sql", "SELECT 1;")]
    first = replay.replay(connection, RDS_DATA_API, files, initial=initial)
    assert [(result.name, result.error) for result in first] == [("001-users.sql", ""), ("010-a.sql", "")]
    assert [step.tolerated for step in first[0].steps] == [False, True]
    second = replay.replay(connection, RDS_DATA_API, files, initial=initial)
    assert [(result.name, result.skipped) for result in second] == [("010-a.sql", True)]


@pytest.mark.parametrize(
    ("text", "tolerated"),
    [
        ("CREATE TYPE x AS ENUM ('a');\nCREATE TYPE x AS ENUM ('b');", [False, True]),
        ("CREATE TABLE t (a int);\nALTER TABLE t ADD COLUMN a int;", [False, True]),
        ("CREATE TABLE t (a int);\nALTER TABLE t ADD COLUMN a int, ADD COLUMN b nothing;", [False, True]),
        ("CREATE TABLE t (a int);\nALTER TABLE t ADD COLUMN A int;", [False, False]),
        ("CREATE TABLE t (a int);\nALTER TABLE t ADD COLUMN b nothing;", [False, False]),
        ("CREATE TABLE t (a int);\nCREATE TABLE t (a int);", [False, False]),
    ],
)
def test_tolerances(connection: Connection, text: str, tolerated: list[bool]) -> None:
    result = replay.replay_file(connection, RDS_DATA_API, text)
    assert tolerated == [step.tolerated for step in result.steps]
    assert (result.failure is None, result.error == "") == (tolerated[-1], tolerated[-1])


def test_a_refused_file_does_not_start(connection: Connection) -> None:
    files = [File("010-a.sql", "CREATE TABLE t (a int);\nSELECT 'concurrently';")]
    (result,) = replay.replay(connection, RDS_DATA_API, files)
    assert (result.refused and result.refused.chunk, result.steps) == (1, ())
    assert _rows(connection, "SELECT to_regclass('t')") == [(None,)]
    assert [row[2] for row in _rows(connection, _LOG)] == ["failed"]


def test_a_quote_in_a_file_name_stops_the_run(connection: Connection) -> None:
    (result,) = replay.replay(connection, RDS_DATA_API, [File("010-it's.sql", "CREATE TABLE t (a int);")])
    assert "42601" in result.error
    assert _rows(connection, "SELECT to_regclass('t') IS NOT NULL") == [(True,)]
    assert _rows(connection, _LOG) == []


@pytest.mark.parametrize("runner", [DRIZZLE_MIGRATOR, PSQL_SINGLE_TRANSACTION, PSQL], ids=lambda runner: runner.name)
def test_what_a_failure_takes_back(connection: Connection, runner: Runner) -> None:
    files = [
        File("a", "CREATE TABLE a (x int);"),
        File("b", "CREATE TABLE b (x int);\n--> statement-breakpoint\nCREATE TABLE a (x int);"),
    ]
    assert [result.error != "" for result in replay.replay(connection, runner, files)] == [False, True]
    left = {row[0] for row in _rows(connection, "SELECT relname FROM pg_class WHERE relname IN ('a', 'b')")}
    assert left == {"run": set(), "file": {"a"}, "statement": {"a", "b"}}[runner.transaction]


def test_what_fails_at_the_commit(connection: Connection) -> None:
    text = "CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO t VALUES (1), (1);"
    for runner in (DRIZZLE_MIGRATOR, PSQL_SINGLE_TRANSACTION):
        assert "23505" in replay.replay_file(connection, runner, text).error
        assert _rows(connection, "SELECT to_regclass('t')") == [(None,)]


def test_psql_keeps_its_session_and_feeds_copy(connection: Connection) -> None:
    text = (
        "CREATE TEMP TABLE t (a text);\nBEGIN;\nSAVEPOINT s;\nCOPY t FROM STDIN;\né;1\n😀\n\\.\nCOMMIT;\n\\echo done\n"
    )
    result = replay.replay_file(connection, PSQL, text)
    assert result.error == ""
    assert _rows(connection, 'SELECT a FROM t ORDER BY a COLLATE "C"') == [("é;1",), ("😀",)]


def test_copy_without_a_client(connection: Connection) -> None:
    for sql in ("COPY pg_am TO STDOUT;", "CREATE TABLE t (a int);\nCOPY t FROM STDIN;"):
        result = replay.replay_file(connection, RDS_DATA_API, sql)
        assert result.failure is not None
        assert (result.failure.answer.sqlstate, result.failure.answer.message[:4]) == ("", "COPY")
    assert _rows(connection, "SELECT 1") == [(1,)]


def test_a_lost_connection_is_an_error(connection: Connection) -> None:
    with pytest.raises(psycopg.OperationalError):
        replay.replay_file(connection, RDS_DATA_API, "SELECT pg_terminate_backend(pg_backend_pid());\nSELECT 1;")
