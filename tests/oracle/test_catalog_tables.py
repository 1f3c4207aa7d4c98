"""Tables, columns, constraints and indexes: the catalog beside a real server, statement by statement."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from mig_lsp import shadow
from mig_lsp.core.catalog.types import BUILT_IN, PSEUDO
from mig_lsp.core.sql import statement
from tests.oracle.tables import SCRIPTS
from tests.support.oracle import connect
from tests.support.trial import Trial, wipe


@pytest.fixture(scope="module")
def server(postgres: shadow.Server) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with connect(postgres.dsn()) as connection:
        connection.execute("CREATE DATABASE catalog_tables TEMPLATE template0")
    with connect(postgres.dsn("catalog_tables")) as connection:
        yield connection


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script(server: psycopg.Connection[tuple[object, ...]], script: str) -> None:
    """Every statement meets in the catalog what it meets on the server, and leaves the same."""
    wipe(server)
    trial = Trial(server)
    for item in statement.read(script).items:
        if item.blank:
            continue
        outcome = trial.step(item.text)
        assert outcome.kind in ("carried out", "refused"), str(outcome)
        assert trial.differences() == [], item.code


def test_the_types_of_pg_catalog(server: psycopg.Connection[tuple[object, ...]]) -> None:
    query = """
        SELECT typname, typtype = 'p' FROM pg_type
         WHERE typnamespace = 'pg_catalog'::regnamespace AND typrelid = 0 AND NOT (typname ^@ '_' AND typelem <> 0)
    """
    found = {str(name): pseudo for name, pseudo in server.execute(query).fetchall()}
    assert set(found) == BUILT_IN
    assert {name for name, pseudo in found.items() if pseudo} == PSEUDO
