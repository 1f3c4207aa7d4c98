"""Which rule tells of a statement that cannot run again, and which statement is to blame."""

from __future__ import annotations

import pytest

from mig_lsp.core.rerun import second_run
from mig_lsp.core.snapshot import File, Snapshot
from tests.support.workspace import snapshot

_BEFORE = """
CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE TABLE users (id int PRIMARY KEY, name text UNIQUE, seen int NOT NULL DEFAULT 0);
CREATE TABLE parts (id int) PARTITION BY LIST (id);
CREATE TABLE one (id int);
CREATE DOMAIN amount AS int CONSTRAINT positive CHECK (value > 0);
"""


def _file(text: str, before: str = _BEFORE) -> tuple[Snapshot, File]:
    world = snapshot({"001-a.sql": before, "002-b.sql": text})
    return world, next(file for path, file in world.files.items() if path.endswith("002-b.sql"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE TABLE t (a int); SELECT 1;", [(0, "unguarded-create", 0)]),
        ("ALTER TABLE parts ATTACH PARTITION one FOR VALUES IN (1);", [(0, "unguarded-create", 0)]),
        ("ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0);", [(0, "unguarded-constraint", 0)]),
        ("ALTER TABLE one ADD PRIMARY KEY (id);", [(0, "unguarded-constraint", 0)]),
        ("ALTER DOMAIN amount DROP CONSTRAINT positive;", [(0, "unguarded-drop", 0)]),
        ("ALTER TABLE users DROP CONSTRAINT users_name_key;", [(0, "unguarded-drop", 0)]),
        ("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';", [(0, "unguarded-rename", 0)]),
        ("ALTER TABLE users RENAME CONSTRAINT users_name_key TO k;", [(0, "unguarded-rename", 0)]),
        ("SELECT name FROM users; ALTER TABLE users RENAME name TO nick;",
         [(0, "reads-what-it-drops", 1), (1, "unguarded-rename", 1)]),
        ("ALTER TABLE users ALTER seen DROP DEFAULT; ALTER TABLE users ALTER seen ADD GENERATED ALWAYS AS IDENTITY;",
         [(0, "reads-what-it-drops", 1), (1, "unguarded-create", 1)]),
        ("ALTER TABLE users DROP CONSTRAINT IF EXISTS c; ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0);", []),
        ("ALTER TABLE users ALTER COLUMN name TYPE varchar(20);", []),
    ],
)  # fmt: skip
def test_one_rule_tells_of_what_is_refused(text: str, expected: list[tuple[int, str, int]]) -> None:
    world, file = _file(text)
    found = second_run(world, file).refused
    assert expected == sorted((each.statement, each.rule, each.cause) for each in found)


def test_of_two_reasons_the_one_that_comes_first_is_told() -> None:
    text = "SELECT u.name FROM one, users u; ALTER TABLE users DROP COLUMN IF EXISTS name; DROP TABLE IF EXISTS one;"
    world, file = _file(text)
    assert [(0, 1)] == [(each.statement, each.cause) for each in second_run(world, file).refused]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE INDEX ON users (seen);", [("index", "users_seen_idx", "users_seen_idx1")]),
        ("ALTER TABLE users ADD CHECK (seen > 0);", [("constraint", "users_seen_check", "users_seen_check1")]),
        ("ALTER TABLE users ADD COLUMN IF NOT EXISTS a int UNIQUE;", []),
        ("CREATE INDEX IF NOT EXISTS i ON users (seen);", []),
        ("DROP TABLE IF EXISTS t; CREATE TABLE t (a serial UNIQUE);", []),
    ],
)
def test_what_is_made_once_more(text: str, expected: list[tuple[str, str, str]]) -> None:
    world, file = _file(text)
    found = second_run(world, file).copies
    assert expected == [(each.what, each.first[-1], each.second[-1]) for each in found]
