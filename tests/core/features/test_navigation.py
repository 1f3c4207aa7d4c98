from __future__ import annotations

from collections.abc import Mapping

import pytest

from mig_lsp.core.features.navigation import Target, definition, links, references
from mig_lsp.core.text import Span
from tests.core.features.cursor import everywhere, marked
from tests.support.workspace import snapshot

SET = {
    "db/handler.ts": (
        "export const MIGRATION_FILES = [\n  '010-users.sql', // é 😀\n  '011-more.sql',\n  '012-gone.sql',\n];\n"
    ),
    "db/schema/010-users.sql": "-- Migration 010: users\n\nSELECT 1;\n",
    "db/schema/011-more.sql": "-- Migration 011: more\n-- é 😀 after 010-users.sql, not x010-users.sql\n\nSELECT 1;\n",
    "db/schema/011-more-rollback.sql": "DELETE FROM migration_log WHERE description = '011-more.sql';\n",
}


def linked(texts: Mapping[str, str], path: str) -> list[tuple[str, str]]:
    found = links(snapshot(texts), path)
    return [(texts[path][link.span.start : link.span.end], link.target_path) for link in found]


def at_targets(texts: Mapping[str, str], targets: tuple[Target, ...]) -> list[tuple[str, str, int]]:
    return [(each.path, texts[each.path][each.span.start : each.span.end], each.span.start) for each in targets]


def test_entries_lead_to_the_files_that_exist() -> None:
    expected = [("010-users.sql", "db/schema/010-users.sql"), ("011-more.sql", "db/schema/011-more.sql")]
    assert expected == linked(SET, "db/handler.ts")


def test_a_link_says_when_the_file_runs() -> None:
    assert ["runs 1st of 3", "runs 2nd of 3"] == [each.tooltip for each in links(snapshot(SET), "db/handler.ts")]


def test_an_entry_outside_the_directory_leads_nowhere() -> None:
    texts = {
        **SET,
        "db/handler.ts": "export const MIGRATION_FILES = ['010-users.sql', '../../etc/passwd', '/etc/x.sql'];\n",
    }
    assert [("010-users.sql", "db/schema/010-users.sql")] == linked(texts, "db/handler.ts")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("db/schema/011-more.sql", [("010-users.sql", "db/schema/010-users.sql")]),
        ("db/schema/011-more-rollback.sql", [("011-more.sql", "db/schema/011-more.sql")]),
        ("db/schema/010-users.sql", []),
        ("README.md", []),
    ],
)
def test_mentions_of_other_files_lead_to_them(path: str, expected: list[tuple[str, str]]) -> None:
    assert expected == linked(SET, path)


def test_mentions_stand_right_behind_wide_characters_and_crlf() -> None:
    texts = {**SET, "db/schema/010-users.sql": "-- Migration 010: users\n-- 😀 see 011-more{|}.sql.\nSELECT 1;\n"}
    for at in everywhere(texts):
        (link,) = links(at.snapshot, at.path)
        assert "011-more.sql" == at.text[link.span.start : link.span.end]
        assert Target("db/schema/011-more.sql", Span(0, 0)) == definition(at.snapshot, at.path, at.offset)


def test_the_configuration_leads_to_its_files() -> None:
    text = (
        '[migrations]\nmanifest = "db/handler.ts"\ntemplate = "../x.sql"\ndirectory = "db/schema"\n'
        '[log.dev]\nsource = "file"\npath = "logs/é.csv"\n'
    )
    expected = [("db/handler.ts", "db/handler.ts"), ("logs/é.csv", "logs/é.csv")]
    assert expected == linked({**SET, "mig-lsp.toml": text}, "mig-lsp.toml")


def test_a_configuration_in_a_folder_counts_from_there() -> None:
    texts = {**SET, "db/mig-lsp.toml": '[migrations]\nmanifest = "handler.ts"\n'}
    assert [("handler.ts", "db/handler.ts")] == linked(texts, "db/mig-lsp.toml")


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "db/handler.ts",
            "export const MIGRATION_FILES = ['010-users.sql', '011-{|}more.sql'];",
            "db/schema/011-more.sql",
        ),
        ("db/schema/010-users.sql", "-- Mig{|}ration 010: users\nSELECT 1;\n", "db/handler.ts"),
        ("db/schema/010-users.sql", "-- Migration 010: users\n-- 010-us{|}ers.sql\nSELECT 1;\n", "db/handler.ts"),
        ("db/schema/010-users.sql", "-- Migration 010: users\n\nSELECT {|}1;\n", None),
        ("db/schema/013-new.sql", "-- {|}Migration 013: new\n\nSELECT 1;\n", None),
    ],
)
def test_definition(path: str, text: str, expected: str | None) -> None:
    at = marked({**SET, path: text})
    found = definition(at.snapshot, at.path, at.offset)
    assert expected == (found.path if found else None)


def test_references_are_entries_and_mentions() -> None:
    at = marked({**SET, "db/schema/010-users.sql": "-- Migr{|}ation 010: users\n-- é 010-users.sql\nSELECT 1;\n"})
    more = SET["db/schema/011-more.sql"].index("010-users.sql")
    expected = [
        ("db/handler.ts", "010-users.sql", SET["db/handler.ts"].index("010-users.sql")),
        ("db/schema/010-users.sql", "010-users.sql", at.text.index("010-users.sql")),
        ("db/schema/011-more.sql", "010-users.sql", more),
    ]
    assert expected == at_targets(at.texts, references(at.snapshot, at.path, at.offset))


def test_references_of_an_entry_leave_stale_manifests_out() -> None:
    texts = {
        **SET,
        "db/handler.ts": SET["db/handler.ts"].replace("'011-more", "'{|}011-more"),
        "db/old.js": "const MIGRATION_FILES = ['011-more.sql'];\n",
    }
    at = marked(texts)
    expected = ["db/handler.ts", "db/schema/011-more-rollback.sql"]
    assert expected == [each.path for each in references(at.snapshot, at.path, at.offset)]


def test_other_places_have_no_references() -> None:
    at = marked({**SET, "db/schema/010-users.sql": "-- Migration 010: users\n\nSELECT{|} 1;\n"})
    assert () == references(at.snapshot, at.path, at.offset)


def test_hostile_names_cost_nothing() -> None:
    text = "-- " + "a" * 200_000 + ".sql" + ".sql" * 50_000 + "\nSELECT 1;\n"
    assert () == links(snapshot({**SET, "db/schema/010-users.sql": text}), "db/schema/010-users.sql")


def test_a_name_may_have_any_letters() -> None:
    texts = {**SET, "db/schema/013-é😀.sql": "SELECT 1;\n", "db/schema/010-users.sql": "-- “013-é😀.sql”\nSELECT 1;\n"}
    assert [("013-é😀.sql", "db/schema/013-é😀.sql")] == linked(texts, "db/schema/010-users.sql")


def test_a_file_that_is_all_names_is_read_to_a_point() -> None:
    texts = {**SET, "db/schema/010-users.sql": "-- " + "011-more.sql " * 100_000 + "\nSELECT 1;\n"}
    assert 10_000 == len(links(snapshot(texts), "db/schema/010-users.sql"))
