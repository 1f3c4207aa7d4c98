from __future__ import annotations

import pytest

from mig_lsp.core.runner import policy, split
from mig_lsp.core.runner.profile import DRIZZLE_MIGRATOR, PROFILES, PSQL, RDS_DATA_API, Runner


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CREATE INDEX concurrently i ON t (a);", "concurrently"),
        ("a;\n-- CONCURRENTLY\nb;", None),
        ("a;\nb; -- Concurrently\n", "Concurrently"),
        ("a;\nINSERT INTO t VALUES ('éCONCURRENTLYé');", "CONCURRENTLY"),
        ("x_CONCURRENTLY;", None),
        ("CONCURRENTLY2;", None),
        ("CONCU\u0280RENTLY;", None),
    ],
)
def test_refusal(text: str, found: str | None) -> None:
    chunks = split.read(RDS_DATA_API, text)
    refused = policy.refusal(RDS_DATA_API, chunks)
    assert found == (refused and chunks.items[refused.chunk].sql[slice(*refused.span)])
    assert policy.refusal(DRIZZLE_MIGRATOR, split.read(DRIZZLE_MIGRATOR, text)) is None


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("ALTER TABLE t ADD COLUMN c int;", ("t", "c")),
        ("alter\ttable\xa0T\nadd column if  not exists C int", ("T", "C")),
        ('ALTER TABLE t ADD COLUMN IF NOT EXISTS "c" int', ("t", "IF")),
        ("ALTER TABLE t DROP COLUMN a; ALTER TABLE u ADD COLUMN b int", ("u", "b")),
        ("ALTER TABLE t ADD COLUMN a int, ADD COLUMN b int", ("t", "a")),
        ("ALTER TABLE t ADD c int", None),
        ("ALTER TABLE public.t ADD COLUMN c int", None),
        ('ALTER TABLE "t" ADD COLUMN c int', None),
        ("ALTER TABLE IF EXISTS t ADD COLUMN c int", None),
        ("ALTER TABLE t DROP COLUMN c", None),
    ],
)
def test_added_column(sql: str, column: tuple[str, str] | None) -> None:
    assert column == policy.added_column(sql)


@pytest.mark.parametrize(
    ("runner", "initial", "sql", "message", "column", "expected"),
    [
        (RDS_DATA_API, True, "CREATE TABLE t ();", 'relation "t" already exists', False, True),
        (RDS_DATA_API, True, "INSERT INTO t VALUES (1);", "duplicate key value", False, True),
        (RDS_DATA_API, True, "SELEC;", "syntax error", False, False),
        (RDS_DATA_API, True, "ALTER TABLE t ADD COLUMN c int;", "syntax error", True, False),
        (RDS_DATA_API, False, "CREATE TABLE t ();", 'relation "t" already exists', False, False),
        (RDS_DATA_API, False, "\ufeffcreate type x AS ENUM ();", 'type "x" already exists', False, True),
        (RDS_DATA_API, False, "/* x */ CREATE TYPE x;", 'type "x" already exists', False, False),
        (RDS_DATA_API, False, "CREATE TYPE x;", "permission denied", False, False),
        (RDS_DATA_API, False, "alter table t ADD COLUMN c int;", "anything", True, True),
        (RDS_DATA_API, False, "alter table t ADD COLUMN c int;", 'column "c" already exists', False, False),
        (RDS_DATA_API, False, "ALTER  TABLE t ADD COLUMN c int;", "anything", True, False),
        (PSQL, False, "CREATE TYPE x;", 'type "x" already exists', True, False),
    ],
)
def test_tolerated(runner: Runner, initial: bool, sql: str, message: str, column: bool, expected: bool) -> None:
    assert expected == policy.tolerated(runner, sql, message, initial=initial, column_exists=column)


def test_too_large_counts_characters() -> None:
    assert not policy.too_large(RDS_DATA_API, "é" * 65_536)
    assert policy.too_large(RDS_DATA_API, "é" * 65_537)
    assert not policy.too_large(PSQL, "é" * 65_537)


def test_profiles_are_named_as_the_configuration_names_them() -> None:
    assert {"rds-data-api", "drizzle-migrator", "psql", "psql-single-transaction"} == set(PROFILES)
    assert all(name == runner.name for name, runner in PROFILES.items())
