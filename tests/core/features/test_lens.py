from __future__ import annotations

import pytest

from mig_lsp.core.features.lens import Lens, lenses
from mig_lsp.core.features.standing import ordinal
from mig_lsp.core.log import Ledger
from mig_lsp.core.text import Span
from tests.support.workspace import snapshot

SET = {
    "db/handler.ts": (
        "export const INITIAL_SETUP_FILES = ['001-a.sql'];\n"
        "export const MIGRATION_FILES = ['010-b.sql', '011-c.sql'];\n"
    ),
    "db/schema/001-a.sql": "SELECT 1;\n",
    "db/schema/010-b.sql": "SELECT 1;\n",
    "db/schema/011-c.sql": "SELECT 1;\n",
    "db/schema/011-c-rollback.sql": "SELECT 1;\n",
    "db/schema/012-é.sql": "SELECT 1;\n",
    "db/schema/notes.sql": "SELECT 1;\n",
}
CHUNKS = ("Show chunks", "migLsp.showChunks")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("db/schema/001-a.sql", [("initial file 1 of 1: runs on an empty database only", ""), CHUNKS]),
        ("db/schema/011-c.sql", [("runs 2nd of 2", ""), CHUNKS]),
        ("db/schema/011-c-rollback.sql", [("rolls back 011-c.sql", ""), CHUNKS]),
        (
            "db/schema/012-é.sql",
            [("never runs: not in handler.ts", ""), ("Register in handler.ts", "migLsp.register"), CHUNKS],
        ),
        ("db/handler.ts", [("2 migrations", ""), ("Register 1 unregistered file", "migLsp.register")]),
        ("README.md", []),
    ],
)
def test_lenses(path: str, expected: list[tuple[str, str]]) -> None:
    assert expected == [(each.title, each.command) for each in lenses(snapshot(SET), path)]


def test_they_stand_on_the_first_line_and_on_the_array() -> None:
    assert {Span(0, 0)} == {each.span for each in lenses(snapshot(SET), "db/schema/012-é.sql")}
    array = SET["db/handler.ts"].index("['010")
    assert {Span(array, array)} == {each.span for each in lenses(snapshot(SET), "db/handler.ts")}


def test_commands_name_the_file() -> None:
    found = [each.arguments for each in lenses(snapshot(SET), "db/schema/012-é.sql") if each.command]
    assert [("db/schema/012-é.sql",)] * 2 == found
    assert [("db/schema/012-é.sql",)] == [
        each.arguments for each in lenses(snapshot(SET), "db/handler.ts") if each.command
    ]


def test_a_set_without_a_manifest_registers_nothing() -> None:
    texts = {"migrations/010-a.sql": "SELECT 1;\n"}
    assert [("runs 1st of 1", ""), CHUNKS] == [
        (each.title, each.command) for each in lenses(snapshot(texts), "migrations/010-a.sql")
    ]


def test_the_state_in_every_environment() -> None:
    log = "step_number,description,status,error_message\n"
    texts = {
        **SET,
        "dev.log.csv": log + "1,010-b.sql,completed,\n",
        "prod.log.csv": log + '1,010-b.sql,failed,"ERROR: \x1b[31mno\n' + "x" * 100 + '"\n',
        "qa.log.csv": log,
    }
    error = "ERROR: \\u001b[31mno " + "x" * 44 + "…"
    expected = Lens(Span(0, 0), f"dev: completed · prod: failed ({error}) · qa: pending")
    assert expected == lenses(snapshot(texts), "db/schema/010-b.sql")[1]


def test_a_log_that_was_never_read_is_unknown() -> None:
    world = snapshot(SET)
    world = type(world)(world.plan, world.files, world.documents, (Ledger("dev", problem="no answer"),))
    assert "dev: unknown" == lenses(world, "db/schema/010-b.sql")[1].title


def test_a_file_that_never_runs_has_no_state() -> None:
    texts = {**SET, "dev.log.csv": "step_number,description,status\n1,010-b.sql,completed\n"}
    assert "dev" not in " ".join(each.title for each in lenses(snapshot(texts), "db/schema/012-é.sql"))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_ordinals(number: int, expected: str) -> None:
    assert expected == ordinal(number)
