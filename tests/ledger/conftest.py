from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from mig_lsp.core.log import LogEntry

DDL = Path(__file__).parents[2] / "schema" / "migration_log.sql"
ENTRIES = (
    LogEntry(1, "010-a.sql", "completed", None, "2026-03-01 12:00:00"),
    LogEntry(2, "011-é😀.sql", "failed", 'ERROR: relation "x"\ndoes not exist', "2026-03-01 12:00:00.25"),
    LogEntry(3, "012-'; DROP TABLE x.sql", "pending", None, None),
)


@pytest.fixture
def logged(database: str) -> str:
    """The connection string of a database whose migration_log, made by the published DDL, holds ENTRIES."""
    with psycopg.connect(database) as connection:
        connection.execute(DDL.read_bytes())
        connection.cursor().executemany(
            "INSERT INTO migration_log (step_number, description, status, error_message, executed_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            [(entry.step, entry.name, entry.status, entry.error, entry.executed_at) for entry in ENTRIES],
        )
    return database
