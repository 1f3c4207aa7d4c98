"""The verdicts against a real server: a chunk is refused for its text alone exactly when the verdict says so."""

from __future__ import annotations

from collections import Counter

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mig_lsp import replay
from mig_lsp.core.runner import split
from mig_lsp.core.runner.profile import DRIZZLE_MIGRATOR, PSQL, PSQL_SINGLE_TRANSACTION, RDS_DATA_API, Runner
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.runner.verdict import Verdict, judge
from tests.core.runner.generated import lines

# Syntax, several commands, a parameter without a value, a transaction block missing or in the way, a NUL.
_FROM_THE_TEXT = {"42601", "08P01", "42P02", "42P18", "25P01", "25001", "22021"}

_WITH_A_BODY = {"CreateFunctionStmt", "DoStmt"}

_SETUP = """
    CREATE TABLE t (a int PRIMARY KEY, b text);
    CREATE INDEX i ON t (b);
    CREATE VIEW v AS SELECT 1;
    CREATE TYPE mood AS ENUM ('a');
"""

_STATEMENTS = """
    SELECT 1
    SELECT 'é😀' || $$ ; $$ || E'\\''
    SELECT 'é😀' FROM
    SELEC 1
    SELECT 'x
    SELECT $$x
    SELECT "x
    /* x
    SELECT 1 2
    SELECT 1; SELECT 2
    SELECT 1;;
    ;
    CREATE TABLE u (a int); CREATE TABLE w (a int)
    SELECT (ARRAY[1, 2])[1:2]
    SELECT '$1', $$ $1 $$ -- $1
    SELECT a$1 FROM (SELECT 1 AS a$1) x
    PREPARE p AS SELECT $1::int
    CREATE FUNCTION one(int) RETURNS int LANGUAGE sql RETURN $1
    CREATE FUNCTION two() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END
    CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)
    DO $$ BEGIN NULL; END $$
    BEGIN
    START TRANSACTION
    COMMIT
    END
    ROLLBACK
    ABORT
    COMMIT AND CHAIN
    ROLLBACK AND CHAIN
    COMMIT AND NO CHAIN
    SAVEPOINT s
    RELEASE s
    ROLLBACK TO s
    PREPARE TRANSACTION 'x'
    COMMIT PREPARED 'x'
    ROLLBACK PREPARED 'x'
    BEGIN; SAVEPOINT s; RELEASE s; COMMIT
    SET LOCAL work_mem = '4MB'
    SET TRANSACTION READ WRITE
    SET CONSTRAINTS ALL DEFERRED
    LOCK TABLE t
    LOCK t IN ACCESS SHARE MODE
    DECLARE c CURSOR FOR SELECT 1
    DECLARE c BINARY SCROLL CURSOR WITHOUT HOLD FOR SELECT 1
    DECLARE c CURSOR WITH HOLD FOR SELECT 1
    LOCK TABLE t; SELECT 1
    SAVEPOINT s; SELECT 1
    CREATE DATABASE another TEMPLATE nothing
    DROP DATABASE IF EXISTS nothing
    ALTER DATABASE nothing SET TABLESPACE pg_default
    ALTER DATABASE nothing CONNECTION LIMIT 1
    CREATE TABLESPACE s LOCATION 'nowhere'
    DROP TABLESPACE IF EXISTS nothing
    CREATE INDEX i2 ON t (b)
    CREATE INDEX CONCURRENTLY i2 ON t (b)
    CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i2 ON t (b)
    DROP INDEX CONCURRENTLY IF EXISTS nothing
    DROP INDEX IF EXISTS nothing
    REINDEX TABLE t
    REINDEX INDEX i
    REINDEX TABLE CONCURRENTLY t
    REINDEX (CONCURRENTLY) INDEX i
    REINDEX (CONCURRENTLY true) INDEX i
    REINDEX (CONCURRENTLY 1) INDEX i
    REINDEX (CONCURRENTLY off) INDEX i
    REINDEX (CONCURRENTLY 0) INDEX i
    REINDEX (CONCURRENTLY false, VERBOSE) INDEX i
    REINDEX SCHEMA public
    REINDEX DATABASE
    REINDEX SYSTEM
    VACUUM t
    VACUUM (ANALYZE) t
    ANALYZE t
    CLUSTER t USING i
    CLUSTER t
    CLUSTER
    ALTER SYSTEM RESET work_mem
    DISCARD ALL
    DISCARD PLANS
    DISCARD TEMP
    TRUNCATE t
    REFRESH MATERIALIZED VIEW CONCURRENTLY nothing
    ALTER TYPE mood ADD VALUE 'b'
    ALTER TABLE nothing DETACH PARTITION nothing CONCURRENTLY
    ALTER TABLE nothing DETACH PARTITION nothing FINALIZE
    ALTER TABLE t ADD COLUMN c int
    LISTEN x
    CHECKPOINT
    SELECT * FROM nothing
    SELECT 1; VACUUM
    COMMIT; VACUUM
"""
_CASES = [line.strip() for line in _STATEMENTS.strip().split("\n")]

# Outside a block these need a publisher.
_SUBSCRIPTIONS = [
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=nothing' PUBLICATION p",
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=nothing' PUBLICATION p WITH (create_slot)",
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=nothing' PUBLICATION p WITH (connect = off, slot_name = NONE)",
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=nothing' PUBLICATION p WITH (create_slot = false, connect = false)",
]


def _send(connection: psycopg.Connection[object], runner: Runner, sql: str, *, in_transaction: bool) -> replay.Answer:
    if in_transaction:
        connection.execute("BEGIN")
    answer = replay.send(connection.pgconn, runner, _chunk(sql))
    replay.new_session(connection.pgconn)
    return answer


def _connect(database: str) -> psycopg.Connection[object]:
    connection: psycopg.Connection[object] = psycopg.connect(database, autocommit=True, prepare_threshold=None)
    connection.execute("SET client_min_messages = error")
    for statement in _SETUP.split(";"):
        connection.execute(statement.strip().encode())
    return connection


def _refused(answer: replay.Answer) -> bool:
    """Whether the server found fault with the text itself."""
    return answer.sqlstate in _FROM_THE_TEXT and not answer.context


@pytest.mark.parametrize(
    ("runner", "in_transaction"),
    [(RDS_DATA_API, False), (DRIZZLE_MIGRATOR, False), (DRIZZLE_MIGRATOR, True), (PSQL, False), (PSQL, True)],
    ids=lambda value: value.name if isinstance(value, Runner) else "in a block" if value else "autocommit",
)
def test_statements(database: str, runner: Runner, in_transaction: bool) -> None:
    said, expected = {}, {}
    with _connect(database) as connection:
        for sql in _CASES + (_SUBSCRIPTIONS if in_transaction else []):
            answer = _send(connection, runner, sql, in_transaction=in_transaction)
            found = judge(runner, _chunk(sql).statements, in_transaction=in_transaction)
            said[sql] = (found.sqlstate, found.message) if found else None
            expected[sql] = (answer.sqlstate, answer.message) if _refused(answer) else None
    assert said == expected


@pytest.mark.parametrize("runner", [RDS_DATA_API, PSQL], ids=lambda runner: runner.name)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT $1",
        "SELECT 'é😀', $1::int",
        "INSERT INTO t VALUES ($1)",
        "EXPLAIN SELECT $1",
        "CREATE VIEW vv AS SELECT $1::int",
        "CREATE TABLE u AS SELECT $1::int",
        "CREATE POLICY p ON t USING (a = $1)",
        "ALTER TABLE t ADD CHECK (a > $1)",
        "ALTER ROLE postgres PASSWORD $1",
        "SET work_mem TO $1",
    ],
)
def test_parameters(database: str, runner: Runner, sql: str) -> None:
    with _connect(database) as connection:
        answer = _send(connection, runner, sql, in_transaction=False)
    found = judge(runner, _chunk(sql).statements, in_transaction=False)
    assert _refused(answer), answer
    assert (found and found.rule, found and found.offset) == ("bind-parameter", sql.index("$"))


@pytest.mark.parametrize("runner", [RDS_DATA_API, DRIZZLE_MIGRATOR, PSQL], ids=lambda runner: runner.name)
@pytest.mark.parametrize(
    "sql",
    [
        "COPY t FROM STDIN",
        "COPY t (a, b) FROM STDIN WITH (FORMAT csv)",
        "COPY t TO STDOUT",
        "COPY (SELECT 1) TO STDOUT",
    ],
)
def test_copy(database: str, runner: Runner, sql: str) -> None:
    with _connect(database) as connection:
        answer = _send(connection, runner, sql, in_transaction=False)
    found = judge(runner, _chunk(sql).statements, in_transaction=False)
    assert (found is not None, "") == (answer.failed, answer.sqlstate)


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("SELECT 'é😀' \\gset", "client-command"),
        ("\\i file.sql", "client-command"),
        ("-- x\n\\copy t from 'x'", "client-command"),
        ("SELECT 'é😀', :name", "bind-parameter"),
        ("SELECT 'é😀' FROM t WHERE", "syntax-error"),
        ("CREATE TABEL é😀 ()", "syntax-error"),
        ("SELECT 'é😀', 'x", "syntax-error"),
        ("SELECT 'é😀', \0", "syntax-error"),
    ],
)
def test_the_server_points_at_the_same_place(database: str, sql: str, rule: str) -> None:
    with _connect(database) as connection:
        answer = _send(connection, RDS_DATA_API, sql, in_transaction=False)
    found = judge(RDS_DATA_API, _chunk(sql).statements, in_transaction=False)
    assert found == Verdict(rule, answer.sqlstate, answer.message, answer.offset or 0)


_texts = st.lists(
    st.one_of(
        lines,
        st.builds(
            "".join,
            st.tuples(st.sampled_from(_CASES), st.sampled_from((";\n", ";\r\n", ";\n", "\n", "; -- x\n", "; "))),
        ),
    ),
    max_size=8,
).map("".join)


def test_generated_files(database: str) -> None:
    """Every chunk of every file, as every runner would send it; the counts are shown by `pytest -s`."""
    seen: Counter[str] = Counter()
    with _connect(database) as connection:

        @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.sampled_from((RDS_DATA_API, DRIZZLE_MIGRATOR, PSQL, PSQL_SINGLE_TRANSACTION)), _texts)
        def agree(runner: Runner, text: str) -> None:
            inside = runner.opens_transaction
            for chunk in split.read(runner, text).items:
                if not chunk.sql:
                    continue
                found = judge(runner, chunk.statements, in_transaction=inside)
                answer = _send(connection, runner, chunk.sql, in_transaction=inside)
                if runner.client_commands and answer.message.endswith(('":"', '"\\"')):
                    continue  # psql itself would have taken care of it
                if any(item.kind in _WITH_A_BODY for item in chunk.statements.items) and found is None:
                    continue  # the server also reads the body, which is another language
                same = found and (found.sqlstate == answer.sqlstate or found.rule == "bind-parameter")
                seen["refused" if same else "refused for more" if found else "not refused"] += 1
                # Of several things that are wrong with a chunk the server names the one it meets first.
                assert answer.failed if found else not _refused(answer), (chunk.sql, found, answer)

        agree()
    print(f"\nverdicts and server agree on {seen.total()} chunks: {dict(seen)}")


def _chunk(sql: str) -> Chunk:
    return Chunk(sql, "whole-file")
