from __future__ import annotations

import pytest

from mig_lsp.core.runner import split
from mig_lsp.core.runner.profile import DRIZZLE_MIGRATOR, PSQL, PSQL_SINGLE_TRANSACTION, RDS_DATA_API, Runner
from mig_lsp.core.runner.verdict import judge_all, verdict


@pytest.mark.parametrize(
    ("runner", "sql", "rule", "at"),
    [
        (RDS_DATA_API, "SELECT 'é😀' FROM t;", None, ""),
        (RDS_DATA_API, "/* é😀 */ SELECT 1;\r\n;", None, ""),
        (RDS_DATA_API, "SELECT 'é😀' FROM t WHERE;", "syntax-error", ";"),
        (RDS_DATA_API, "SELECT 'é😀'; SELEC 1;", "syntax-error", "SELEC 1;"),
        (RDS_DATA_API, "SELECT 'é😀'; /* é */ SELECT 2;", "merged-statements", "SELECT 2;"),
        (RDS_DATA_API, "SELECT 'é😀', $1;", "bind-parameter", "$1;"),
        (RDS_DATA_API, "SELECT 'é😀', :name;", "bind-parameter", ":name;"),
        (RDS_DATA_API, "SELECT 1; -- é😀\n\\copy t from 'x'", "client-command", "\\copy t from 'x'"),
        (RDS_DATA_API, "COPY t FROM STDIN;", "client-command", "COPY t FROM STDIN;"),
        (RDS_DATA_API, "COPY t TO STDOUT;", "client-command", "COPY t TO STDOUT;"),
        (RDS_DATA_API, "COPY t FROM '/x';", None, ""),
        (RDS_DATA_API, "COPY t FROM PROGRAM 'x';", None, ""),
        (RDS_DATA_API, "\0SELECT 1", "syntax-error", "\0SELECT 1"),
        (RDS_DATA_API, "/* é */ SAVEPOINT a;", "transaction-control", "SAVEPOINT a;"),
        (RDS_DATA_API, "COMMIT AND CHAIN;", "transaction-control", "COMMIT AND CHAIN;"),
        (RDS_DATA_API, "LOCK TABLE t;", "session-state", "LOCK TABLE t;"),
        (RDS_DATA_API, "DECLARE c CURSOR FOR SELECT 1;", "session-state", "DECLARE c CURSOR FOR SELECT 1;"),
        (RDS_DATA_API, "DECLARE c CURSOR WITH HOLD FOR SELECT 1;", None, ""),
        (RDS_DATA_API, "BEGIN;", None, ""),
        (RDS_DATA_API, "VACUUM;", None, ""),
        (RDS_DATA_API, "CREATE INDEX CONCURRENTLY i ON t (a);", None, ""),
        (PSQL, "COPY t FROM STDIN;", None, ""),
        (PSQL, "SELECT :name, :'x';", None, ""),
        (PSQL, "SELECT 1 \\gset", None, ""),
        (PSQL, "SELECT 1 1;", "syntax-error", "1;"),
        (PSQL, "SELECT $1;", "bind-parameter", "$1;"),
        (DRIZZLE_MIGRATOR, "COPY t TO STDOUT;", None, ""),
        (DRIZZLE_MIGRATOR, "COPY t FROM STDIN;", "client-command", "COPY t FROM STDIN;"),
        (DRIZZLE_MIGRATOR, "SELECT 1; LOCK TABLE t; DECLARE c CURSOR FOR SELECT 1;", None, ""),
        (DRIZZLE_MIGRATOR, "SELECT 1; SAVEPOINT a;", "transaction-control", "SAVEPOINT a;"),
        (DRIZZLE_MIGRATOR, "BEGIN; SAVEPOINT a; COMMIT;", None, ""),
        (DRIZZLE_MIGRATOR, "SELECT 1; VACUUM;", "transaction-control", "VACUUM;"),
        (DRIZZLE_MIGRATOR, "VACUUM;", None, ""),
    ],
)
def test_outside_a_transaction(runner: Runner, sql: str, rule: str | None, at: str) -> None:
    found = verdict(runner, sql, in_transaction=False)
    assert (rule, at) == ((found.rule, sql[found.offset :]) if found else (None, ""))


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("SAVEPOINT a;", None),
        ("LOCK TABLE t;", None),
        ("VACUUM t;", "transaction-control"),
        ("ANALYZE t;", None),
        ("CREATE INDEX CONCURRENTLY i ON t (a);", "concurrently"),
        ("REINDEX (CONCURRENTLY) TABLE t;", "concurrently"),
        ("REINDEX (CONCURRENTLY OFF) TABLE t;", None),
        ("REINDEX (CONCURRENTLY 0) TABLE t;", None),
        ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY;", "concurrently"),
        ("COMMIT; VACUUM;", "transaction-control"),
    ],
)
def test_inside_a_transaction(sql: str, rule: str | None) -> None:
    found = verdict(DRIZZLE_MIGRATOR, sql, in_transaction=True)
    assert rule == (found and found.rule)


_PSQL_RULES = [None, None, "transaction-control", None, "transaction-control"]


@pytest.mark.parametrize(
    ("runner", "text", "rules"),
    [
        (RDS_DATA_API, "BEGIN;\nSAVEPOINT a;\nCOMMIT;", [None, "transaction-control", None]),
        (PSQL, "BEGIN;SAVEPOINT a;VACUUM;COMMIT;SAVEPOINT b;", _PSQL_RULES),
        (PSQL, "BEGIN;COMMIT AND CHAIN;SAVEPOINT a;ROLLBACK;LOCK t;", [None, None, None, None, "session-state"]),
        (PSQL, "BEGIN;SELEC;SAVEPOINT a;\n-- end", [None, "syntax-error", None, None]),
        (PSQL_SINGLE_TRANSACTION, "VACUUM;COMMIT;VACUUM;", ["transaction-control", None, None]),
        (PSQL_SINGLE_TRANSACTION, "COMMIT AND CHAIN;VACUUM;", [None, "transaction-control"]),
    ],
)
def test_a_file(runner: Runner, text: str, rules: list[str | None]) -> None:
    found = [found and found.rule for found in judge_all(runner, split.read(runner, text))]
    assert rules == found


def test_too_deep_to_judge() -> None:
    assert verdict(RDS_DATA_API, "SELECT 1" + " + 1" * 50_000, in_transaction=False) is None
