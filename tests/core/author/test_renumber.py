from __future__ import annotations

import pytest

from mig_lsp.core.author import AuthorError
from mig_lsp.core.author.renumber import renumber
from tests.support.workspace import changed, snapshot

WORLD = {
    "db/010-a.sql": "",
    "db/011-b.sql": "",
    "db/011-é 😀.sql": """\
-- Migration 011: x
-- Rollback:
--   DELETE FROM migration_log WHERE description = '011-é 😀.sql';
-- Follows 010-a.sql and 1011-é 😀.sql.
SELECT '011-é 😀.sql'; -- 011-é 😀.sql
-- 011-é 😀.sql
""",
    "db/011-é 😀-rollback.sql": "-- Rollback of 011-é 😀.sql: 011-é 😀-rollback.sql\nSELECT 1;\n",
    "h.js": "module.exports = { MIGRATION_FILES: [\n  '010-a.sql',\n  '011-é 😀.sql', // new\n  '011-b.sql',\n] };\n",
}
PATH = "db/011-é 😀.sql"


@pytest.mark.parametrize(("number", "expected"), [(None, "012"), (12, "012"), (99, "099"), (1234, "1234")])
def test_file_header_names_entry_and_rollback_file_change_together(number: int | None, expected: str) -> None:
    change = renumber(snapshot(WORLD), PATH, number)
    assert f"Renumber to {expected}" == change.title
    assert {
        "db/010-a.sql": "",
        "db/011-b.sql": "",
        f"db/{expected}-é 😀.sql": f"""\
-- Migration {expected}: x
-- Rollback:
--   DELETE FROM migration_log WHERE description = '{expected}-é 😀.sql';
-- Follows 010-a.sql and 1011-é 😀.sql.
SELECT '011-é 😀.sql'; -- {expected}-é 😀.sql
-- {expected}-é 😀.sql
""",
        f"db/{expected}-é 😀-rollback.sql": f"""\
-- Rollback of {expected}-é 😀.sql: {expected}-é 😀-rollback.sql
SELECT 1;
""",
        "h.js": f"""\
module.exports = {{ MIGRATION_FILES: [
  '010-a.sql',
  '011-b.sql',
  '{expected}-é 😀.sql', // new
] }};
""",
    } == changed(WORLD, change.files)


def test_a_file_without_a_manifest_or_header() -> None:
    world = {"m/010-a.sql": "SELECT 1;", "m/10_b.sql": "-- 10_b.sql: é\nSELECT 1;"}
    assert {"m/010-a.sql": "SELECT 1;", "m/011_b.sql": "-- 011_b.sql: é\nSELECT 1;"} == changed(
        world, renumber(snapshot(world), "m/10_b.sql").files
    )


def test_a_file_without_a_number_gets_one() -> None:
    world = {"m/010-a.sql": "", "m/seed.sql": "", "m.json": '{"migrations": ["010-a.sql", "seed.sql"]}'}
    after = changed(world, renumber(snapshot(world), "m/seed.sql").files)
    assert {"m/010-a.sql": "", "m/011-seed.sql": "", "m.json": '{"migrations": ["010-a.sql", "011-seed.sql"]}'} == after


REFUSED = (
    (PATH, 10, "the number 10 is taken: choose 12"),
    (PATH, 11, "has the number 11 already"),
    (PATH, 3, "3 is one of the immutable numbers: choose 12"),
    (PATH, -1, "-1 is not a number for a migration"),
    ("db/011-é 😀-rollback.sql", 12, "is not a migration"),
    ("db/none.sql", 12, "is not a migration"),
    ("db/004-old.sql", 12, "004-old.sql is immutable: it keeps its number"),
    ("db/011-b.sql", 12, "011-b.sql has run on prod: under another name it would run there again"),
)


@pytest.mark.parametrize(("path", "number", "message"), REFUSED)
def test_what_keeps_its_number(path: str, number: int, message: str) -> None:
    log = "description,status\n011-b.sql,completed\n011-é 😀.sql,failed\n"
    with pytest.raises(AuthorError, match=message):
        renumber(snapshot({**WORLD, "db/004-old.sql": "", "prod.log.csv": log}), path, number)
