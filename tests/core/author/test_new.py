from __future__ import annotations

from dataclasses import replace

import pytest

from mig_lsp.core.author import AuthorError
from mig_lsp.core.author.new import insert_header, new
from mig_lsp.core.author.register import register
from mig_lsp.core.change import CreateFile, SourceChange
from mig_lsp.core.check import check_document
from mig_lsp.core.rollback.section import Says, fullest, rollbacks
from mig_lsp.core.runner.profile import RDS_DATA_API
from mig_lsp.core.runner.split import read as chunks
from mig_lsp.core.snapshot import File
from mig_lsp.core.sql.statement import read
from tests.support.workspace import changed, snapshot

TODAY = "2026-01-02"
WORLD = {
    "db/schema/010-a.sql": "-- Migration 010: a\nSELECT 1;\n",
    "db/handler.ts": "const MIGRATION_FILES = [\n  '010-a.sql',\n];\n",
}


def after(world: dict[str, str], change: SourceChange) -> dict[str, str]:
    return changed(world, change.files)


def test_a_new_migration_is_a_file_with_a_header_and_an_entry() -> None:
    change = new(snapshot(WORLD), "Add é-mail, quickly!", TODAY)
    assert "New migration 011-add-mail-quickly.sql" == change.title
    world = after(WORLD, change)
    assert "const MIGRATION_FILES = [\n  '010-a.sql',\n  '011-add-mail-quickly.sql',\n];\n" == world["db/handler.ts"]
    assert """\
-- Migration 011: Add é-mail, quickly!
-- Created: 2026-01-02
--
-- REQUIREMENTS OF THE RUNNER:
-- - No CONCURRENTLY: the runner refuses the whole file before anything runs
-- - One statement per call: end each with ; at the end of a line, and no inner line with it
-- - No BEGIN, COMMIT or ROLLBACK: every statement commits at once, and no session outlives it
-- - IF NOT EXISTS and IF EXISTS everywhere: a failed file runs again from its first statement
--
-- ROLLBACK PROCEDURE:
--   1. Run the rollback SQL:
--        TODO: write the SQL that undoes this migration
--   2. Forget that it ran:
--        DELETE FROM migration_log WHERE description = '011-add-mail-quickly.sql';
--   3. Take '011-add-mail-quickly.sql' out of MIGRATION_FILES in handler.ts
--   4. Deploy again

""" == world["db/schema/011-add-mail-quickly.sql"]


def test_a_new_header_is_sent_to_nobody_and_still_to_be_completed() -> None:
    world = after(WORLD, new(snapshot(WORLD), "x", TODAY))
    text = world["db/schema/011-x.sql"]
    assert [] == [chunk.sql for chunk in chunks(RDS_DATA_API, text).items if chunk.sql]
    section = fullest(rollbacks(read(text)))
    assert section is not None
    assert Says.TODO == section.says
    world["db/schema/011-x.sql"] += "DROP TABLE IF EXISTS t;\n"
    found = {finding.rule for finding in check_document(snapshot(world), "db/schema/011-x.sql")}
    assert {"missing-rollback"} == found & {"missing-header", "missing-rollback", "broken-rollback", "header-number"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("", "db/schema/011-x.sql"),
        ("[migrations]\nfirst-number = 100\nnumber-width = 4\n", "db/schema/0100-x.sql"),
        ('[migrations]\nimmutable = ["011-012", "013", "20"]\n', "db/schema/014-x.sql"),
    ],
)
def test_the_next_number(config: str, expected: str) -> None:
    world = {**WORLD, "mig-lsp.toml": config} if config else WORLD
    assert expected in after(world, new(snapshot(world), "x", TODAY))


def test_a_directory_without_a_manifest_gets_the_file_alone() -> None:
    world = {"migrations/010-a.sql": "SELECT 1;\r\n"}
    text = after(world, new(snapshot(world), "x", TODAY))["migrations/011-x.sql"]
    assert text.count("\n") == text.count("\r\n")
    assert "Take" not in text


def test_a_runner_with_a_transaction_asks_for_other_things() -> None:
    world = {"migrations/010-a.sql": "", "mig-lsp.toml": '[runner]\nprofile = "psql-single-transaction"\n'}
    text = after(world, new(snapshot(world), "x", TODAY))["migrations/011-x.sql"]
    assert "-- - No BEGIN, COMMIT or ROLLBACK: the runner opens the transaction itself\n--\n" in text
    assert "migration_log" not in text


def test_the_teams_template() -> None:
    world = {**WORLD, "mig-lsp.toml": '[migrations]\ntemplate = "db/header.sql"\n'}
    with pytest.raises(AuthorError, match=r"the template db/header\.sql of the configuration cannot be read"):
        new(snapshot(world), "x", TODAY)


def test_a_template_that_is_there() -> None:
    world = snapshot({**WORLD, "mig-lsp.toml": '[migrations]\ntemplate = "db/header.sql"\n'})
    template = File("db/header.sql", "-- {number} é: {description}\n-- {rollback}\n")
    change = new(replace(world, documents={**world.documents, template.path: template}), "x", TODAY)
    assert isinstance(change.files[0], CreateFile)
    assert change.files[0].text.startswith("-- 011 é: x\n--   1. Run the rollback SQL:\n--        TODO:")


FOOLISH = ("", "é 😀", "---", "x rollback", "\n\0")


@pytest.mark.parametrize("description", FOOLISH)
def test_a_description_that_makes_no_name(description: str) -> None:
    with pytest.raises(AuthorError) as error:
        new(snapshot(WORLD), description, TODAY)
    assert 1 == len(str(error.value).splitlines())


def test_a_manifest_that_cannot_be_edited_stops_everything() -> None:
    world = {"db/010-a.sql": "", "db/migrations.json": '{"initialSetupFiles": ["010-a.sql"]}'}
    with pytest.raises(AuthorError, match=r"add '011-x\.sql' by hand"):
        new(snapshot(world), "x", TODAY)


def test_insert_a_header() -> None:
    world = {
        **WORLD,
        "db/schema/011-add-mail.sql": "ALTER TABLE u ADD COLUMN a int;\r\nDROP TABLE v;\r\n",
        "db/handler.ts": "const MIGRATION_FILES = ['010-a.sql', '011-add-mail.sql'];",
    }
    path = "db/schema/011-add-mail.sql"
    change = insert_header(snapshot(world), path, TODAY)
    assert "Insert rollback header in 011-add-mail.sql" == change.title
    text = after(world, change)[path]
    assert text.startswith("-- Migration 011: add mail\r\n-- Created: 2026-01-02\r\n--\r\n")
    assert (
        "--   1. Run the rollback SQL:\r\n"
        "--        ALTER TABLE IF EXISTS u DROP COLUMN IF EXISTS a;\r\n"
        "--        Note: table v and its rows are gone\r\n"
    ) in text
    assert text.endswith("\r\n\r\nALTER TABLE u ADD COLUMN a int;\r\nDROP TABLE v;\r\n")
    assert text.count("\n") == text.count("\r\n")
    fresh = snapshot({**world, path: text})
    rules = {"missing-header", "missing-rollback", "broken-rollback", "header-number"}
    assert set() == {finding.rule for finding in check_document(fresh, path)} & rules
    with pytest.raises(AuthorError, match=r"011-add-mail\.sql has a header and a rollback section already"):
        insert_header(fresh, path, TODAY)


def test_a_numbered_header_gets_the_rollback_only() -> None:
    world = {"m/010-a.sql": "-- Migration 010: a é\n-- More.\n\n-- The table.\nCREATE TABLE t (a int);"}
    assert """\
-- Migration 010: a é
-- More.
--
-- ROLLBACK PROCEDURE:
--   1. Run the rollback SQL:
--        DROP TABLE IF EXISTS t;
--   2. Forget that it ran:
--        DELETE FROM migration_log WHERE description = '010-a.sql';
--   3. Deploy again

-- The table.
CREATE TABLE t (a int);""" == after(world, insert_header(snapshot(world), "m/010-a.sql", TODAY))["m/010-a.sql"]


def test_a_comment_without_a_number_becomes_the_description() -> None:
    world = {"m/010-a.sql": "-- Adds é.\nCREATE TABLE t (a int);"}
    text = after(world, insert_header(snapshot(world), "m/010-a.sql", TODAY))["m/010-a.sql"]
    assert text.startswith("-- Migration 010: Adds é.\n")
    assert text.endswith("\n\n-- Adds é.\nCREATE TABLE t (a int);")


def test_a_rollback_section_without_a_header_is_pointed_to() -> None:
    world = {"m/010-a.sql": "CREATE TABLE t (a int);\n-- Rollback:\n-- DROP TABLE t;\n"}
    text = after(world, insert_header(snapshot(world), "m/010-a.sql", TODAY))["m/010-a.sql"]
    assert "-- ROLLBACK PROCEDURE:\n-- See the rollback section below\n\nCREATE" in text


def test_names_that_cannot_stand_in_a_comment() -> None:
    world = {"m/010-a.sql": 'CREATE TABLE "a\nDROP TABLE b;" (a int);'}
    text = after(world, insert_header(snapshot(world), "m/010-a.sql", TODAY))["m/010-a.sql"]
    assert "--        Note: a name with a line end in it cannot stand in a comment\n" in text
    assert 1 == sum(not item.blank for item in read(text).items)


@pytest.mark.parametrize("path", ["m/none.sql", "m/010-a-rollback.sql", "../x.sql"])
def test_no_header_for_what_is_no_migration(path: str) -> None:
    with pytest.raises(AuthorError):
        insert_header(snapshot({"m/010-a.sql": "", "m/010-a-rollback.sql": ""}), path, TODAY)


def test_register_files_each_at_its_place() -> None:
    world = {
        "db/010-a.sql": "",
        "db/011-b.sql": "",
        "db/012-é 😀.sql": "",
        "db/013-d.sql": "",
        "x.ts": 'export const MIGRATION_FILES = ["010-a.sql", "012-é 😀.sql"] as const;',
    }
    change = register(snapshot(world), ["db/013-d.sql", "db/011-b.sql", "db/011-b.sql"])
    assert "Register in x.ts" == change.title
    expected = 'export const MIGRATION_FILES = ["010-a.sql", "011-b.sql", "012-é 😀.sql", "013-d.sql"] as const;'
    assert expected == after(world, change)["x.ts"]


REFUSED: tuple[tuple[list[str], str], ...] = (
    (["db/010-a.sql"], "010-a.sql is registered already"),
    (["db/010-a-rollback.sql"], "010-a-rollback.sql undoes another migration"),
    (["elsewhere/011-b.sql"], "elsewhere/011-b.sql is not a migration file in db"),
    (["011-b.sql"], "011-b.sql is not a migration file in db"),
    (["db/../../etc/passwd"], "is not a migration file in db"),
    ([], "no file is named"),
)


@pytest.mark.parametrize(("paths", "message"), REFUSED)
def test_what_is_not_registered(paths: list[str], message: str) -> None:
    world = {
        "db/010-a.sql": "",
        "db/011-b.sql": "",
        "db/010-a-rollback.sql": "",
        "m.json": '{"migrations": ["010-a.sql"]}',
    }
    with pytest.raises(AuthorError, match=message):
        register(snapshot(world), paths)


def test_nothing_to_register_in() -> None:
    with pytest.raises(AuthorError, match=r"no manifest was found: there is nothing to register 010-a\.sql in"):
        register(snapshot({"m/010-a.sql": ""}), ["m/010-a.sql"])
