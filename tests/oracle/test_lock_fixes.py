"""The fixes of the rules about locks: they lead to the same schema as what was written."""

from __future__ import annotations

import psycopg
import pytest

from mig_lsp.core.change import apply
from mig_lsp.core.check import check_document
from mig_lsp.core.sql.statement import read
from tests.support.catalog import catalog
from tests.support.workspace import snapshot

PATH = "migrations/043-x.sql"
BEFORE = """
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
CREATE TABLE users (id int PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, total int, user_id int, "Né" text);
INSERT INTO users VALUES (1);
INSERT INTO orders VALUES (1, 1, 1, 'x');
"""
LONG = "a_name_that_says_everything_there_is_to_say_about_the_table_it_is_on"


@pytest.mark.parametrize(
    ("profile", "rule", "sql"),
    [
        ("rds-data-api", "validation-scan", "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);"),
        (
            "rds-data-api",
            "validation-scan",
            'ALTER TABLE orders ADD CONSTRAINT "Ç" FOREIGN KEY (user_id) REFERENCES users, ALTER total SET DEFAULT 1;',
        ),
        ("rds-data-api", "not-null-scan", "ALTER TABLE orders ALTER total SET NOT NULL;"),
        ("rds-data-api", "not-null-scan", 'ALTER TABLE public.orders ALTER COLUMN "Né" SET NOT NULL'),
        ("psql", "index-blocks-writes", "CREATE UNIQUE INDEX i ON orders (total) WHERE total > 3;"),
        ("rds-data-api", "identifier-too-long", f"CREATE TABLE {LONG} (a int);"),
        ("rds-data-api", "identifier-too-long", f'ALTER TABLE orders ADD "{LONG.replace("a", "é")}" int;'),
    ],
)
def test_a_fix_leads_to_the_same_schema(database: str, profile: str, rule: str, sql: str) -> None:
    world = snapshot({PATH: sql, "mig-lsp.toml": f'[runner]\nprofile = "{profile}"\n'})
    (fix,) = [finding.fix for finding in check_document(world, PATH) if finding.rule == rule]
    assert fix is not None
    after = apply(sql, fix.edits)
    left = snapshot({PATH: after, "mig-lsp.toml": f'[runner]\nprofile = "{profile}"\n'})
    assert [] == [finding for finding in check_document(left, PATH) if finding.rule == rule]
    assert _schema(database, sql) == _schema(database, after)


def _schema(database: str, sql: str) -> list[str]:
    """What is there after the statements, each sent by itself."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(BEFORE.encode())
        for statement in read(sql).items:
            if not statement.blank:
                connection.execute(statement.code.encode())
        return catalog(connection)
