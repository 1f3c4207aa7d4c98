"""A real PostgreSQL for the tests: one server per test process, one fresh database per test that asks for one.

`PG_BIN` chooses the server's programs. Where no PostgreSQL is to be had the tests that need one fail.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from mig_lsp import shadow

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[shadow.Server]:
    """A running server; its databases are for `database` to make."""
    with shadow.start() as server:
        yield server


@pytest.fixture
def database(postgres: shadow.Server) -> Iterator[str]:
    """The connection string of the superuser in an empty database of the test's own."""
    name = sql.Identifier(f"test_{next(_numbers)}")
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        yield postgres.dsn(name.as_string().strip('"'))
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
