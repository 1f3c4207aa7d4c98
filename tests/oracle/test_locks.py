"""The table of facts about locks against the server: every row is carried out and measured.

The lock is what `pg_locks` shows, a rewrite is another `relfilenode`, a build is another index or one with another
`relfilenode`, a scan is a counted one. What cannot run in a transaction is observed while it waits for its lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest

from mig_lsp import shadow
from mig_lsp.core.locks.columns import VOLATILE, keeps_rows
from mig_lsp.core.locks.effects import Effect, effects
from mig_lsp.core.locks.facts import FACTS, Fact, Mode
from mig_lsp.core.sql.statement import read

Connection = psycopg.Connection[Any]

BEFORE = """
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE elsewhere LOCATION '';
RESET allow_in_place_tablespaces;
CREATE DOMAIN positive AS int CONSTRAINT sign CHECK (VALUE > 0);
CREATE DOMAIN late AS int;
ALTER DOMAIN late ADD CONSTRAINT later CHECK (VALUE > 0) NOT VALID;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE r (id int PRIMARY KEY);
INSERT INTO r SELECT generate_series(1, 50);
CREATE TABLE t (
  id int PRIMARY KEY, a int NOT NULL, b text, c varchar(10), n numeric(10, 2), nullable int, proven int, p positive,
  l late, stored int GENERATED ALWAYS AS (a + 1) STORED,
  CONSTRAINT proof CHECK (proven IS NOT NULL), CONSTRAINT known FOREIGN KEY (a) REFERENCES r
);
INSERT INTO t (id, a, b, c, n, nullable, proven, p, l) SELECT i, i, i, i, i, i, i, i, i FROM generate_series(1, 50) i;
CREATE INDEX t_b ON t (b);
CREATE UNIQUE INDEX t_a ON t (a);
ALTER TABLE t ADD CONSTRAINT unproven CHECK (a > 0) NOT VALID;
ALTER TABLE t ADD CONSTRAINT unchecked FOREIGN KEY (id) REFERENCES r NOT VALID;
CREATE SCHEMA s;
CREATE TABLE s.inside (a int);
CREATE TABLE k (id int NOT NULL);
CREATE UNIQUE INDEX k_i ON k (id);
CREATE UNLOGGED TABLE u (a int);
INSERT INTO u VALUES (1);
CREATE TABLE e (a int);
CREATE TABLE parent (at int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE part PARTITION OF parent FOR VALUES FROM (0) TO (10);
CREATE TABLE loose (at int NOT NULL);
INSERT INTO loose VALUES (20);
CREATE TABLE base (a int);
CREATE TABLE child (a int);
CREATE TABLE heir () INHERITS (base);
CREATE VIEW v AS SELECT id FROM t;
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
CREATE UNIQUE INDEX m_id ON m (id);
CREATE FUNCTION touch() RETURNS trigger AS 'BEGIN RETURN NEW; END' LANGUAGE plpgsql;
CREATE TRIGGER trig BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
CREATE RULE rule AS ON DELETE TO t WHERE OLD.id < 0 DO INSTEAD NOTHING;
CREATE POLICY policy ON t USING (true);
"""


class Row(NamedTuple):
    """One row of the table by example: the relation that the fact is about, and the one that *other* is about."""

    statement: str
    sql: str
    table: str = "t"
    other: str = ""


ROWS = (
    Row("CREATE INDEX", "CREATE INDEX i ON t (c)"),
    Row("CREATE INDEX", "CREATE UNIQUE INDEX i ON t (c) WHERE a > 3"),
    Row("CREATE INDEX CONCURRENTLY", "CREATE INDEX CONCURRENTLY i ON t (c)"),
    Row("DROP INDEX", "DROP INDEX t_b"),
    Row("DROP INDEX CONCURRENTLY", "DROP INDEX CONCURRENTLY t_b"),
    Row("REINDEX TABLE", "REINDEX TABLE t"),
    Row("REINDEX INDEX", "REINDEX INDEX t_b"),
    Row("REINDEX CONCURRENTLY", "REINDEX TABLE CONCURRENTLY t"),
    Row("REINDEX CONCURRENTLY", "REINDEX INDEX CONCURRENTLY t_b"),
    Row("ADD COLUMN", "ALTER TABLE t ADD COLUMN x int"),
    Row("ADD COLUMN", "ALTER TABLE t ADD COLUMN x text NOT NULL DEFAULT 'é'"),
    Row("ADD COLUMN", "ALTER TABLE t ADD COLUMN x timestamptz NOT NULL DEFAULT now()"),
    Row("ADD COLUMN", "ALTER TABLE t ADD COLUMN x timestamptz DEFAULT CURRENT_TIMESTAMP + interval '1 day'"),
    Row("ADD COLUMN", "ALTER TABLE t ADD COLUMN x int[] DEFAULT ARRAY[1, 2], ADD y jsonb DEFAULT '{}'::jsonb"),
    Row("ADD COLUMN", "ALTER TABLE t ADD COLUMN x text DEFAULT md5(current_setting('TimeZone'))"),
    *(
        Row("ADD COLUMN with a volatile default", f"ALTER TABLE t ADD COLUMN x text DEFAULT {default}")
        for default in ("gen_random_uuid()", "clock_timestamp()", "'a' || coalesce(random(), 1)", "timeofday()")
    ),
    Row("ADD COLUMN of a serial type", "ALTER TABLE t ADD COLUMN x serial"),
    Row("ADD COLUMN of a serial type", "ALTER TABLE t ADD COLUMN x bigserial NOT NULL"),
    Row("ADD COLUMN as IDENTITY", "ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS IDENTITY"),
    Row("ADD COLUMN GENERATED STORED", "ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (a + 1) STORED"),
    Row("ADD COLUMN GENERATED VIRTUAL", "ALTER TABLE t ADD COLUMN x int GENERATED ALWAYS AS (a + 1) VIRTUAL"),
    Row("ADD COLUMN NOT NULL without a default", "ALTER TABLE e ADD COLUMN x int NOT NULL", "e"),
    Row("ADD COLUMN with CHECK", "ALTER TABLE t ADD COLUMN x int CHECK (x > 0)"),
    Row("ADD COLUMN with UNIQUE", "ALTER TABLE t ADD COLUMN x int UNIQUE"),
    Row("ADD COLUMN with REFERENCES", "ALTER TABLE t ADD COLUMN x int REFERENCES r", "t", "r"),
    Row(
        "ADD COLUMN with REFERENCES and a default",
        "ALTER TABLE t ADD COLUMN x int DEFAULT 1 REFERENCES r",
        "t",
        "r",
    ),
    Row("DROP COLUMN", "ALTER TABLE t DROP COLUMN c"),
    Row("ALTER COLUMN TYPE", "ALTER TABLE t ALTER COLUMN nullable TYPE bigint"),
    Row("ALTER COLUMN TYPE", "ALTER TABLE t ALTER COLUMN c TYPE varchar(5)"),
    Row("ALTER COLUMN TYPE", "ALTER TABLE t ALTER COLUMN c TYPE text USING c || ''"),
    Row("SET DEFAULT", "ALTER TABLE t ALTER COLUMN c SET DEFAULT 'x'"),
    Row("SET DEFAULT", "ALTER TABLE t ALTER COLUMN c DROP DEFAULT"),
    Row("SET NOT NULL", "ALTER TABLE t ALTER COLUMN nullable SET NOT NULL"),
    Row("DROP NOT NULL", "ALTER TABLE e ALTER COLUMN a DROP NOT NULL", "e"),
    Row("SET EXPRESSION", "ALTER TABLE t ALTER COLUMN stored SET EXPRESSION AS (a + 2)"),
    Row("ADD GENERATED AS IDENTITY", "ALTER TABLE t ALTER COLUMN a ADD GENERATED BY DEFAULT AS IDENTITY"),
    Row("SET STATISTICS", "ALTER TABLE t ALTER COLUMN b SET STATISTICS 500"),
    Row("SET a column's options", "ALTER TABLE t ALTER COLUMN b SET (n_distinct = 5)"),
    Row("SET STORAGE", "ALTER TABLE t ALTER COLUMN b SET STORAGE EXTERNAL"),
    Row("SET COMPRESSION", "ALTER TABLE t ALTER COLUMN b SET COMPRESSION pglz"),
    Row("ADD CHECK", "ALTER TABLE t ADD CONSTRAINT x CHECK (a > 0)"),
    Row("ADD CHECK NOT VALID", "ALTER TABLE t ADD CONSTRAINT x CHECK (a > 0) NOT VALID"),
    Row("ADD NOT NULL", "ALTER TABLE t ADD CONSTRAINT x NOT NULL nullable"),
    Row("ADD NOT NULL NOT VALID", "ALTER TABLE t ADD CONSTRAINT x NOT NULL nullable NOT VALID"),
    Row("ADD FOREIGN KEY", "ALTER TABLE t ADD CONSTRAINT x FOREIGN KEY (nullable) REFERENCES r", "t", "r"),
    Row(
        "ADD FOREIGN KEY NOT VALID",
        "ALTER TABLE t ADD CONSTRAINT x FOREIGN KEY (nullable) REFERENCES r NOT VALID",
        "t",
        "r",
    ),
    Row("ADD UNIQUE", "ALTER TABLE t ADD CONSTRAINT x UNIQUE (c)"),
    Row("ADD PRIMARY KEY", "ALTER TABLE e ADD PRIMARY KEY (a)", "e"),
    Row("ADD UNIQUE USING INDEX", "ALTER TABLE t ADD CONSTRAINT x UNIQUE USING INDEX t_a"),
    Row("ADD PRIMARY KEY USING INDEX", "ALTER TABLE k ADD PRIMARY KEY USING INDEX k_i", "k"),
    Row("ADD EXCLUDE", "ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING btree (c WITH =)"),
    Row("VALIDATE CONSTRAINT", "ALTER TABLE t VALIDATE CONSTRAINT unproven"),
    Row("ALTER CONSTRAINT", "ALTER TABLE t ALTER CONSTRAINT known DEFERRABLE"),
    Row("DROP CONSTRAINT", "ALTER TABLE t DROP CONSTRAINT proof"),
    Row("SET LOGGED", "ALTER TABLE u SET LOGGED", "u"),
    Row("SET UNLOGGED", "ALTER TABLE e SET UNLOGGED", "e"),
    Row("SET TABLESPACE", "ALTER TABLE t SET TABLESPACE elsewhere"),
    Row("SET ACCESS METHOD", "ALTER TABLE t SET ACCESS METHOD heap2"),
    Row("SET a table's options", "ALTER TABLE t SET (fillfactor = 70, autovacuum_enabled = off)"),
    Row("SET a table's options", "ALTER TABLE t RESET (fillfactor)"),
    Row("CLUSTER ON", "ALTER TABLE t CLUSTER ON t_b"),
    Row("CLUSTER ON", "ALTER TABLE t SET WITHOUT CLUSTER"),
    Row("INHERIT", "ALTER TABLE child INHERIT base", "child", "base"),
    Row("NO INHERIT", "ALTER TABLE heir NO INHERIT base", "heir", "base"),
    Row("ENABLE or DISABLE TRIGGER", "ALTER TABLE t DISABLE TRIGGER trig"),
    Row("ENABLE or DISABLE TRIGGER", "ALTER TABLE t ENABLE ALWAYS TRIGGER trig"),
    Row("ENABLE or DISABLE TRIGGER", "ALTER TABLE t DISABLE TRIGGER USER"),
    Row("ENABLE or DISABLE RULE", "ALTER TABLE t DISABLE RULE rule"),
    Row("ENABLE or DISABLE ROW LEVEL SECURITY", "ALTER TABLE t ENABLE ROW LEVEL SECURITY"),
    Row("ENABLE or DISABLE ROW LEVEL SECURITY", "ALTER TABLE t NO FORCE ROW LEVEL SECURITY"),
    Row("REPLICA IDENTITY", "ALTER TABLE t REPLICA IDENTITY FULL"),
    Row("OWNER TO", "ALTER TABLE t OWNER TO CURRENT_USER"),
    Row("SET SCHEMA", "ALTER TABLE t SET SCHEMA s"),
    Row("RENAME", "ALTER TABLE t RENAME TO x"),
    Row("RENAME", "ALTER TABLE t RENAME COLUMN c TO x"),
    Row("RENAME", "ALTER TABLE t RENAME CONSTRAINT proof TO x"),
    Row("RENAME", "ALTER TRIGGER trig ON t RENAME TO x"),
    Row("RENAME", "ALTER VIEW v RENAME TO x", "v"),
    Row(
        "ATTACH PARTITION", "ALTER TABLE parent ATTACH PARTITION loose FOR VALUES FROM (20) TO (30)", "loose", "parent"
    ),
    Row("DETACH PARTITION", "ALTER TABLE parent DETACH PARTITION part", "parent", "part"),
    Row("DETACH PARTITION CONCURRENTLY", "ALTER TABLE parent DETACH PARTITION part CONCURRENTLY", "parent"),
    Row("DROP TABLE", "DROP TABLE e", "e"),
    Row("DROP SCHEMA", "DROP SCHEMA s CASCADE", "s.inside"),
    Row("RENAME SCHEMA", "ALTER SCHEMA s RENAME TO x", "s.inside"),
    Row("TRUNCATE", "TRUNCATE u", "u"),
    Row("CLUSTER", "CLUSTER t USING t_b"),
    Row("VACUUM FULL", "VACUUM FULL t"),
    Row("VACUUM FULL", "VACUUM (FULL, ANALYZE) t"),
    Row("VACUUM", "VACUUM t"),
    Row("VACUUM", "VACUUM (FULL off) t"),
    Row("ANALYZE", "ANALYZE t (a)"),
    Row("CREATE TABLE with REFERENCES", "CREATE TABLE x (a int REFERENCES r)", "r"),
    Row("CREATE TABLE with REFERENCES", "CREATE TABLE x (a int, FOREIGN KEY (a) REFERENCES r)", "r"),
    Row("CREATE TABLE PARTITION OF", "CREATE TABLE x PARTITION OF parent FOR VALUES FROM (50) TO (60)", "parent"),
    Row("CREATE TABLE INHERITS", "CREATE TABLE x () INHERITS (base)", "base"),
    Row("CREATE TRIGGER", "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION touch()"),
    Row("DROP TRIGGER", "DROP TRIGGER trig ON t"),
    Row("CREATE RULE", "CREATE RULE x AS ON UPDATE TO e DO INSTEAD NOTHING", "e"),
    Row("DROP RULE", "DROP RULE rule ON t"),
    Row("CREATE POLICY", "CREATE POLICY x ON t USING (true)"),
    Row("ALTER POLICY", "ALTER POLICY policy ON t USING (false)"),
    Row("DROP POLICY", "DROP POLICY policy ON t"),
    Row("CREATE STATISTICS", "CREATE STATISTICS x ON a, b FROM t"),
    Row("COMMENT", "COMMENT ON TABLE t IS 'x'"),
    Row("COMMENT", "COMMENT ON COLUMN t.a IS 'x'"),
    Row("CREATE OR REPLACE VIEW", "CREATE OR REPLACE VIEW v AS SELECT id, a FROM t", "v"),
    Row("DROP VIEW", "DROP VIEW v", "v"),
    Row("DROP MATERIALIZED VIEW", "DROP MATERIALIZED VIEW m", "m"),
    Row("REFRESH MATERIALIZED VIEW", "REFRESH MATERIALIZED VIEW m", "m"),
    Row("REFRESH MATERIALIZED VIEW CONCURRENTLY", "REFRESH MATERIALIZED VIEW CONCURRENTLY m", "m"),
    Row("ALTER DOMAIN ADD CONSTRAINT", "ALTER DOMAIN positive ADD CONSTRAINT x CHECK (VALUE < 1000)"),
    Row("ALTER DOMAIN ADD CONSTRAINT NOT VALID", "ALTER DOMAIN positive ADD CONSTRAINT x CHECK (VALUE < 9) NOT VALID"),
    Row("ALTER DOMAIN SET NOT NULL", "ALTER DOMAIN positive SET NOT NULL"),
    Row("ALTER DOMAIN VALIDATE CONSTRAINT", "ALTER DOMAIN late VALIDATE CONSTRAINT later"),
    Row("ALTER TYPE ADD VALUE", "ALTER TYPE mood ADD VALUE 'great'"),
    Row("ALTER TYPE RENAME VALUE", "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'"),
    Row("INSERT", "INSERT INTO t (id, a, proven) VALUES (99, 1, 1) ON CONFLICT DO NOTHING"),
    Row("UPDATE", "UPDATE t SET b = 'x'"),
    Row("DELETE", "DELETE FROM t WHERE n < 0"),
)

# What the text alone does not tell: the fact holds of these statements in this database.
BY_CATALOG = (
    Row("ALTER COLUMN TYPE to one that stores the same", "ALTER TABLE t ALTER COLUMN c TYPE varchar(20)"),
    Row("ALTER COLUMN TYPE to one that stores the same", "ALTER TABLE t ALTER COLUMN c TYPE text"),
    Row("SET NOT NULL behind a valid CHECK", "ALTER TABLE t ALTER COLUMN proven SET NOT NULL"),
    Row("VALIDATE CONSTRAINT of a foreign key", "ALTER TABLE t VALIDATE CONSTRAINT unchecked", "t", "r"),
    Row("DROP CONSTRAINT of a foreign key", "ALTER TABLE t DROP CONSTRAINT known", "t", "r"),
)

# The statement names an index, a type or a schema, not the table.
OF_OTHERS = (
    "ALTER DOMAIN",
    "ALTER TYPE",
    "DROP INDEX",
    "REINDEX INDEX",
    "REINDEX CONCURRENTLY",
    "DROP SCHEMA",
    "RENAME S",
)


class Measured(NamedTuple):
    """What the server did, in the words of the table of facts; *work* is "" where it was only seen waiting."""

    mode: Mode
    work: str
    other: Mode


@pytest.fixture(scope="module")
def dsn(postgres: shadow.Server) -> Iterator[str]:
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE locks TEMPLATE template0")
    name = postgres.dsn("locks")
    with psycopg.connect(name, autocommit=True) as connection:
        for sql in BEFORE.strip().split(";\n"):
            connection.execute(sql.encode())
        connection.execute("CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler")
    yield name
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE locks WITH (FORCE)")
        connection.execute("DROP TABLESPACE elsewhere")


@pytest.mark.parametrize("row", (*ROWS, *BY_CATALOG), ids=lambda row: row.sql[:70])
def test_what_the_server_does(dsn: str, row: Row) -> None:
    said = _fact(row.statement)
    measured = _measure(dsn, row)
    assert (said.mode, said.other if row.other else Mode.NONE) == (measured.mode, measured.other)
    if measured.work:
        assert said.work == measured.work


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sql[:70])
def test_what_the_text_tells(row: Row) -> None:
    found = [each for each in _effects(row.sql) if each.fact.statement == row.statement]
    assert found, _effects(row.sql)
    if not row.statement.startswith(OF_OTHERS):
        assert row.table in {each.table[-1] for each in found}
    if row.other:
        assert [((row.other,),)] == [each.others for each in found]


def test_every_fact_is_measured() -> None:
    assert {fact.statement for fact in FACTS} == {row.statement for row in (*ROWS, *BY_CATALOG)}


_TYPES = """
    varchar(10) varchar(20) varchar(5) varchar text char(10) integer bigint smallint oid regclass numeric(10,2)
    numeric(12,2) numeric(12,4) numeric(8,2) numeric timestamp timestamp(3) timestamptz timestamptz(3) timestamptz(6)
    date time time(0) bit(4) varbit(4) varbit(8) varbit cidr inet xml jsonb json uuid bytea boolean
"""
TYPES = _TYPES.split()
_INTERNAL = {
    "varchar": "varchar",
    "char": "bpchar",
    "integer": "int4",
    "bigint": "int8",
    "smallint": "int2",
    "boolean": "bool",
}


@pytest.mark.parametrize("utc", [True, False])
def test_which_types_store_the_same(dsn: str, utc: bool) -> None:
    """Every pair of types that PostgreSQL converts at all."""
    wrong = []
    with psycopg.connect(dsn) as connection:
        connection.execute(f"SET TimeZone = '{'UTC' if utc else 'Europe/Berlin'}'".encode())
        connection.commit()
        for old in TYPES:
            for new in TYPES:
                connection.execute(f"CREATE TABLE c (a {old})".encode())
                before = _files(connection, "c")
                try:
                    connection.execute(f"ALTER TABLE c ALTER a TYPE {new}".encode())
                except psycopg.Error:
                    connection.rollback()
                    continue
                kept = before == _files(connection, "c")
                connection.rollback()
                if kept != keeps_rows(*_type(old), *_type(new), utc=utc):
                    wrong.append(f"{old} -> {new}: {'kept' if kept else 'written anew'}")
    assert not wrong, "; ".join(wrong)


def test_volatile_functions(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        known = connection.execute(
            "SELECT proname, bool_and(provolatile = 'v') FROM pg_proc WHERE proname = ANY(%s) GROUP BY 1",
            [[*VOLATILE]],
        ).fetchall()
    extensions = {"gen_random_bytes", "gen_salt", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4"}
    assert dict.fromkeys(VOLATILE - extensions, True) == dict(known)


def _fact(statement: str, version: int = 18) -> Fact:
    return [fact for fact in FACTS if fact.statement == statement and fact.since <= version][-1]


def _effects(sql: str) -> tuple[Effect, ...]:
    return effects(read(sql).items[0], 18)


def _type(written: str) -> tuple[str, tuple[str, ...]]:
    name, _, typmods = written.rstrip(")").partition("(")
    return _INTERNAL.get(name, name), tuple(typmods.split(",")) if typmods else ()


def _measure(dsn: str, row: Row) -> Measured:
    with psycopg.connect(dsn) as connection:
        before = _files(connection, row.table)
        indexes = _indexes(connection, row.table)
        oids = {name: _oid(connection, name) for name in (row.table, row.other) if name}
        connection.rollback()
        try:
            connection.execute(row.sql.encode())
        except psycopg.errors.ActiveSqlTransaction:
            connection.rollback()
            return _waiting(dsn, row, oids[row.table], _fact(row.statement).mode)
        modes = {name: _mode(connection, oid) for name, oid in oids.items()}
        scans = connection.execute("SELECT pg_stat_get_xact_numscans(%s)", [oids[row.table]]).fetchone()
        work = "none"
        if scans is not None and scans[0]:
            work = "scan" if _indexes(connection, row.table, oids[row.table]) <= indexes else "build"
        # What is dropped has no file any more, and TRUNCATE makes an empty one.
        after = _files(connection, row.table, oids[row.table])
        if after not in (before, None) and row.statement != "TRUNCATE":
            work = "rewrite"
        connection.rollback()
    return Measured(modes[row.table], work, modes.get(row.other, Mode.NONE))


def _waiting(dsn: str, row: Row, oid: int, expected: Mode) -> Measured:
    """The lock that a statement waits for while another session holds the weakest one that is in *expected*'s way."""
    held = Mode.ACCESS_SHARE if expected is Mode.ACCESS_EXCLUSIVE else Mode.SHARE_UPDATE_EXCLUSIVE
    with psycopg.connect(dsn) as holder, psycopg.connect(dsn, autocommit=True) as waiter:
        holder.execute(f"LOCK TABLE {row.table} IN {held.words} MODE".encode())
        pid = waiter.info.backend_pid
        thread = threading.Thread(target=_swallow, args=(waiter, row.sql))
        thread.start()
        mode = None
        deadline = time.monotonic() + 30
        while mode is None and time.monotonic() < deadline:
            found = holder.execute(
                "SELECT mode FROM pg_locks WHERE pid = %s AND relation = %s AND NOT granted", [pid, oid]
            ).fetchone()
            mode = found[0] if found else None
        holder.execute("SELECT pg_cancel_backend(%s)", [pid])
        thread.join()
    assert mode is not None, "the statement did not wait"
    return Measured(_named(mode), "", Mode.NONE)


def _swallow(connection: Connection, sql: str) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute(sql.encode())


def _mode(connection: Connection, oid: int) -> Mode:
    """The strongest lock of this transaction on the relation."""
    rows = connection.execute(
        "SELECT mode FROM pg_locks WHERE locktype = 'relation' AND relation = %s AND pid = pg_backend_pid()", [oid]
    ).fetchall()
    return max((_named(mode) for (mode,) in rows), default=Mode.NONE)


def _named(mode: str) -> Mode:
    """PostgreSQL's "ShareRowExclusiveLock" as a mode."""
    words = "".join("_" + char if char.isupper() else char for char in mode.removesuffix("Lock"))
    return Mode[words.strip("_").upper()]


def _oid(connection: Connection, name: str) -> int:
    found = connection.execute("SELECT %s::regclass::oid", [name]).fetchone()
    assert found is not None
    oid: int = found[0]
    return oid


def _files(connection: Connection, name: str, oid: int | None = None) -> object:
    oid = _oid(connection, name) if oid is None else oid
    return connection.execute("SELECT relfilenode, reltablespace FROM pg_class WHERE oid = %s", [oid]).fetchone()


def _indexes(connection: Connection, name: str, oid: int | None = None) -> set[object]:
    oid = _oid(connection, name) if oid is None else oid
    return set(
        connection.execute(
            "SELECT indexrelid, relfilenode FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = %s",
            [oid],
        ).fetchall()
    )
