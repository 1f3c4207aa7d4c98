from __future__ import annotations

from collections.abc import Mapping

import pytest

from mig_lsp.core.features.rename import will_rename
from tests.support.workspace import changed, snapshot

HANDLER = "export const MIGRATION_FILES = [\n  '010-users.sql', // é 😀\n  '011-more.sql',\n  '012-last.sql',\n];\n"
SET = {
    "db/handler.ts": HANDLER,
    "db/schema/010-users.sql": (
        "-- Migration 010: users é 😀\n-- DELETE FROM migration_log WHERE description = '010-users.sql';\nSELECT 1;\n"
    ),
    "db/schema/011-more.sql": "-- after 010-users.sql\nSELECT 1;\n",
    "db/schema/012-last.sql": "SELECT 1;\n",
    "db/schema/010-users-rollback.sql": (
        "-- undoes 010-users.sql\nDELETE FROM migration_log WHERE description = '010-users.sql';\n"
    ),
}


def check(old: str, new: str, expected: Mapping[str, str], texts: Mapping[str, str] = SET) -> None:
    for sent in (dict(texts), {path: text.replace("\n", "\r\n") for path, text in texts.items()}):
        change = will_rename(snapshot(sent), old, new)
        after = changed(sent, change.files if change else ())
        different = {path: text.replace("\r\n", "\n") for path, text in after.items() if text != sent[path]}
        assert dict(expected) == different


def test_entry_header_and_own_name_follow() -> None:
    check(
        "db/schema/010-users.sql",
        "db/schema/013-people.sql",
        {
            "db/handler.ts": (
                "export const MIGRATION_FILES = [\n"
                "  '011-more.sql',\n  '012-last.sql',\n  '013-people.sql', // é 😀\n];\n"
            ),
            "db/schema/010-users.sql": (
                "-- Migration 013: users é 😀\n"
                "-- DELETE FROM migration_log WHERE description = '013-people.sql';\nSELECT 1;\n"
            ),
            "db/schema/010-users-rollback.sql": (
                "-- undoes 013-people.sql\nDELETE FROM migration_log WHERE description = '013-people.sql';\n"
            ),
        },
    )


def test_another_description_keeps_the_place() -> None:
    check(
        "db/schema/011-more.sql",
        "db/schema/011-much-more.sql",
        {"db/handler.ts": HANDLER.replace("011-more", "011-much-more")},
    )


def test_a_header_with_the_file_name_is_written_once() -> None:
    texts = {**SET, "db/schema/012-last.sql": "-- 012-last.sql: é\nSELECT 1;\n"}
    check(
        "db/schema/012-last.sql",
        "db/schema/014-é.sql",
        {
            "db/handler.ts": HANDLER.replace("012-last", "014-é"),
            "db/schema/012-last.sql": "-- 014-é.sql: é\nSELECT 1;\n",
        },
        texts,
    )


def test_a_header_that_already_says_another_number_stays() -> None:
    texts = {**SET, "db/schema/012-last.sql": "-- Migration 099: x\nSELECT 1;\n"}
    check(
        "db/schema/012-last.sql", "db/schema/014-x.sql", {"db/handler.ts": HANDLER.replace("012-last", "014-x")}, texts
    )


@pytest.mark.parametrize(
    "new", ["db/old/011-more.sql", "011-more.sql", "db/schema/011-more.sql.bak", "db/schema/011-more-rollback.sql"]
)
def test_what_is_no_migration_any_more_leaves_the_manifest(new: str) -> None:
    check("db/schema/011-more.sql", new, {"db/handler.ts": HANDLER.replace("  '011-more.sql',\n", "")})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("db/schema/099-gone.sql", "db/schema/100-gone.sql"),
        ("drizzle/0001_x.sql", "db/schema/013-x.sql"),
        ("README.md", "LICENSE.md"),
        ("db/schema/010-users.sql", "db/schema/010-users.sql"),
    ],
)
def test_other_moves_change_nothing(old: str, new: str) -> None:
    assert will_rename(snapshot(SET), old, new) is None


def test_an_unregistered_file_is_not_registered() -> None:
    texts = {**SET, "db/schema/013-new.sql": "-- Migration 013: new\nSELECT 1;\n"}
    check(
        "db/schema/013-new.sql",
        "db/schema/014-new.sql",
        {"db/schema/013-new.sql": "-- Migration 014: new\nSELECT 1;\n"},
        texts,
    )


def test_an_entry_that_is_there_twice_is_left_to_its_finding() -> None:
    texts = {
        **SET,
        "db/handler.ts": "export const MIGRATION_FILES = ['010-users.sql', '012-last.sql', '012-last.sql'];\n",
    }
    check("db/schema/012-last.sql", "db/old.sql", {}, texts)


def test_the_configuration_follows_its_files() -> None:
    config = '[migrations]\nmanifest = "db/handler.ts" # é\n[log.dev]\nsource = "file"\npath = "log.csv"\n'
    check(
        "db/handler.ts",
        "db/main.ts",
        {"mig-lsp.toml": config.replace("handler", "main")},
        {**SET, "mig-lsp.toml": config},
    )
    check(
        "log.csv",
        "logs/é.csv",
        {"mig-lsp.toml": config.replace("log.csv", "logs/é.csv")},
        {**SET, "mig-lsp.toml": config},
    )
    check("log.csv", 'a"b.csv', {}, {**SET, "mig-lsp.toml": config})


def test_the_only_title() -> None:
    change = will_rename(snapshot(SET), "db/schema/011-more.sql", "db/schema/013-x.sql")
    assert change is not None
    assert "Rename 011-more.sql to 013-x.sql" == change.title
