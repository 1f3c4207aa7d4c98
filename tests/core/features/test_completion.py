"""Completion in the manifest, in comments and headers, and in the configuration."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mig_lsp.core.change import Edit, apply
from mig_lsp.core.features.completion import complete
from mig_lsp.core.rules import by_name
from tests.core.features.cursor import everywhere, marked
from tests.support.workspace import snapshot

TODAY = "2026-01-02"
SET = {
    "migrations/010-a.sql": "SELECT 1;\n",
    "migrations/011-é.sql": "SELECT 1;\n",
    "migrations/012-c.sql": "SELECT 1;\n",
    "migrations/012-c-rollback.sql": "SELECT 1;\n",
    "migrations/013-d.sql": "SELECT 1;\n",
}


def check(texts: Mapping[str, str], *expected: str) -> None:
    """The labels are the expected ones, in order; "LABEL -> LINE" also says what its line is after taking it."""
    for at in everywhere({**SET, **texts}):
        found = complete(at.snapshot, at.path, at.offset, TODAY)
        for item in found:
            assert item.span.start <= at.offset <= item.span.end
        said = []
        for item, claim in zip(found, [*expected, *[""] * len(found)], strict=False):
            taken = apply(at.text, [Edit(item.span, item.insert)])
            line = taken[taken.rfind("\n", 0, item.span.start) + 1 :].split("\n")[0].rstrip("\r")
            said.append(f"{item.label} -> {line}" if " -> " in claim else item.label)
        assert list(expected) == said


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            "['010-a.sql', '{|}']",
            [
                "011-é.sql -> export const MIGRATION_FILES = ['010-a.sql', '011-é.sql'];",
                "012-c.sql",
                "013-d.sql",
                "014-",
            ],
        ),
        ("['012-c.sql', '{|}']", ["013-d.sql", "010-a.sql", "011-é.sql", "014-"]),
        (
            '["012-c.sql", "01{|}0"]',
            [
                "013-d.sql",
                '010-a.sql -> export const MIGRATION_FILES = ["012-c.sql", "010-a.sql"];',
                "011-é.sql",
                "014-",
            ],
        ),
        ("[`012-c.sql`, `{|}`] as const", ["013-d.sql", "010-a.sql", "011-é.sql", "014-"]),
        (
            "['012-c.sql', {|}]",
            [
                "013-d.sql -> export const MIGRATION_FILES = ['012-c.sql', '013-d.sql'];",
                "010-a.sql",
                "011-é.sql",
                "014- -> export const MIGRATION_FILES = ['012-c.sql', '014-];",
            ],
        ),
        ('["012-c.sql",\n {|}]', ['013-d.sql ->  "013-d.sql"];', "010-a.sql", "011-é.sql", "014-"]),
        ("[{|}'012-c.sql']", []),
        ("['012-c.sql'{|}]", []),
        ("['012-c.sql', // '{|}\n]", []),
        ("['012-c.sql',\n '01{|}\n]", ["013-d.sql ->  '013-d.sql", "010-a.sql", "011-é.sql", "014-"]),
        ("['010-a.sql', '011-é.sql', '012-c.sql', '013-d.sql', '{|}']", ["014-"]),
    ],
)
def test_a_list_in_code(manifest: str, expected: list[str]) -> None:
    check({"db/handler.ts": f"export const MIGRATION_FILES = {manifest};\nfoo('a', b);\n"}, *expected)


@pytest.mark.parametrize("text", ["const x{|} = 1;\n", "foo('{|}');\n", "const MIGRATION_FILES{|} = [];\n"])
def test_code_outside_of_the_list(text: str) -> None:
    check({"db/handler.ts": f"export const MIGRATION_FILES = ['010-a.sql'];\n{text}"})


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            '{\n "migrationFiles": [\n  "010-a.sql",\n  "{|}"\n ]\n}',
            ['011-é.sql ->   "011-é.sql"', "012-c.sql", "013-d.sql", "014-"],
        ),
        (
            '{\n "migrationFiles": [\n  "010-a.sql",\n  {|}\n ]\n}',
            ['011-é.sql ->   "011-é.sql"', "012-c.sql", "013-d.sql", '014- ->   "014-'],
        ),
        (
            '{\n "schemaDir": "migrations", "migrationFiles": [{|}]\n}',
            [
                '010-a.sql ->  "schemaDir": "migrations", "migrationFiles": ["010-a.sql"]',
                "011-é.sql",
                "012-c.sql",
                "013-d.sql",
                "014-",
            ],
        ),
        ('{\n "migrationFiles": ["010-a.sql"], "x{|}": 1\n}', []),
    ],
)
def test_a_list_in_json(manifest: str, expected: list[str]) -> None:
    check({"db/migrations.json": manifest}, *expected)


def test_a_journal_has_names_without_suffix() -> None:
    texts = {
        "drizzle/meta/_journal.json": (
            '{"version": "7", "entries": [\n'
            '{"idx": 0, "when": 1, "tag": "0000_a"},\n{"idx": 1, "when": 2, "tag": "{|}"}\n]}'
        ),
        "drizzle/0000_a.sql": "SELECT 1;\n",
        "drizzle/0001_é.sql": "SELECT 1;\n",
    }
    at = marked(texts)
    found = complete(at.snapshot, at.path, at.offset, TODAY)
    assert "0001_é" == found[0].label


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-- {|}\nSELECT 1;\n", ["Migration 012: c -> -- Migration 012: c", "012-c.sql -> -- 012-c.sql"]),
        ("--{|}\nSELECT 1;\n", ["Migration 012: c", "012-c.sql"]),
        ("-- Mig{|}\nSELECT 1;\n", ["Migration 012: c -> -- Migration 012: c"]),
        ("-- 01{|}\nSELECT 1;\n", ["012-c.sql -> -- 012-c.sql"]),
        ("{|}\nSELECT 1;\n", ["Migration 012: c -> -- Migration 012: c", "012-c.sql"]),
        ("-- words {|}\nSELECT 1;\n", []),
        ("SELECT 1;\n-- {|}\n", []),
    ],
)
def test_the_first_line_of_a_migration(text: str, expected: list[str]) -> None:
    at = marked({**SET, "migrations/012-c.sql": text})
    found = complete(at.snapshot, at.path, at.offset, TODAY)
    lines = [apply(at.text, [Edit(each.span, each.insert)]).split("\n")[0] for each in found]
    said = [
        f"{each.label} -> {line}" if " -> " in claim else each.label
        for each, line, claim in zip(found, lines, [*expected, *[""] * len(found)], strict=False)
    ]
    assert expected == said


def test_a_file_without_a_number_gets_the_next_one() -> None:
    at = marked({**SET, "migrations/new.sql": "-- {|}\nSELECT 1;\n"})
    assert ["Migration 014: "] == [each.label for each in complete(at.snapshot, at.path, at.offset, TODAY)]


@pytest.mark.parametrize("text", ["{|}", "\r\n{|}", "--{|}", "-- {|}\n\n"])
def test_an_empty_file_gets_a_whole_header(text: str) -> None:
    at = marked({**SET, "migrations/012-c.sql": text})
    header = complete(at.snapshot, at.path, at.offset, TODAY)[0]
    new = apply(at.text, [Edit(header.span, header.insert)])
    assert ("Migration header", "header") == (header.label, header.kind)
    assert ["-- Migration 012: c", f"-- Created: {TODAY}"] == new.splitlines()[:2]
    assert "DELETE FROM migration_log WHERE description = '012-c.sql';" in new


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "SELECT 1;\n-- DELETE FROM migration_log WHERE description = '{|}\n",
            ["012-c.sql -> -- DELETE FROM migration_log WHERE description = '012-c.sql'"],
        ),
        (
            "SELECT 1;\n--  delete from migration_log where description='{|}';\n",
            ["012-c.sql -> --  delete from migration_log where description='012-c.sql';"],
        ),
        (
            "SELECT 1;\nDELETE FROM migration_log\nWHERE description IN ('01{|}0-x.sql');\n",
            ["012-c.sql -> WHERE description IN ('012-c.sql');"],
        ),
        ("SELECT 1;\nDELETE FROM other WHERE description = '{|}';\n", []),
        ("SELECT 1;\nSELECT 'migration_log'; UPDATE t SET description = '{|}';\n", []),
    ],
)
def test_the_own_name_in_a_delete_from_the_log(text: str, expected: list[str]) -> None:
    check({"migrations/012-c.sql": text}, *expected)


def test_a_rollback_file_forgets_its_migration() -> None:
    check({"migrations/012-c-rollback.sql": "DELETE FROM migration_log WHERE description = '{|}';\n"}, "012-c.sql")


def test_suppressions_name_rules_those_found_first() -> None:
    at = marked({**SET, "migrations/012-c.sql": "-- a\n\n-- mig-lsp: ignore {|}\nSELECT 1; SELECT 2;\n"})
    found = complete(at.snapshot, at.path, at.offset, TODAY)
    assert set(by_name()) == {each.label for each in found}
    first = [each.label for each in found if "here" in each.detail]
    assert "merged-statements" in first
    assert first == [each.label for each in found][: len(first)]
    assert by_name()["merged-statements"].summary == next(
        e.documentation for e in found if e.label == "merged-statements"
    )


@pytest.mark.parametrize(
    ("path", "text", "there"),
    [
        ("migrations/012-c.sql", "SELECT 1; -- mig-lsp: ignore-file do-block, {|}", True),
        ("migrations/012-c.sql", "-- mig-lsp: ignore do-block -- {|}\nSELECT 1;", False),
        ("mig-lsp.toml", "# mig-lsp: ignore mer{|}\n", True),
        ("h.ts", "const MIGRATION_FILES = ['010-a.sql']; // mig-lsp: ignore {|}\n", True),
    ],
)
def test_where_rules_are_named(path: str, text: str, there: bool) -> None:
    at = marked({**SET, path: text})
    found = [each.label for each in complete(at.snapshot, at.path, at.offset, TODAY)]
    assert there == ("merged-statements" in found)
    assert "do-block" not in found or "do-block" not in text


def test_the_word_behind_the_sign() -> None:
    check({"migrations/012-c.sql": "SELECT 1;\n-- mig-lsp: {|}\n"}, "ignore -> -- mig-lsp: ignore ", "ignore-file")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[runner]\n{|}\n", ["profile -> profile = ", "postgres-version"]),
        ('[runner]\nprofile = "psql"\npost{|}\n', ["postgres-version -> postgres-version = "]),
        (
            "[runner]\nprofile = {|}\n",
            ['rds-data-api -> profile = "rds-data-api"', "drizzle-migrator", "psql", "psql-single-transaction"],
        ),
        ('[runner]\nprofile = "psql{|}"\n', ['psql -> profile = "psql"', "psql-single-transaction"]),
        ("[runner]\npostgres-version = {|}\n", ["15 -> postgres-version = 15"]),
        ("[rules.do-block]\n{|}\n", ["severity"]),
        ("[rules.do-block]\nseverity = '{|}\n", ['error -> severity = "error"', "warning", "info", "hint", "off"]),
        ("[rules]\ndo-block.severity = {|}\n", ["error", "warning", "info", "hint", "off"]),
        ("[rules]\ndo-b{|}\n", ["do-block.severity -> do-block.severity = "]),
        ("[log.dev]\n{|}\n", ["source"]),
        ('[log.dev]\nsource = "file"\n{|}\n', ["path"]),
        ('[log.dev]\nsource = "postgres"\n{|}\n', ["url-env", "service"]),
        ("[log.dev]\nsource = {|}\n", ["postgres", "rds-data-api", "file"]),
        ("[dri{|}\n", ["drizzle -> [drizzle]"]),
        ("[rules.do-b{|}]\n", ["rules.do-block -> [rules.do-block]"]),
        ("dri{|}\n", ["[drizzle] -> [drizzle]"]),
        ("[migrations]\ndirectory = {|}\n", ['migrations -> directory = "migrations"', "db/schema"]),
        ('[migrations]\nimmutable = ["001-005", "{|}"]\n', ["001-005", '017 -> immutable = ["001-005", "017"]']),
        ("[unknown]\n{|}\n", []),
        ("[runner] # {|}\n", []),
        ('[runner]\nprofile = "psql" # {|}\n', []),
    ],
)
def test_the_configuration(text: str, expected: list[str]) -> None:
    check({"mig-lsp.toml": text}, *expected)


def test_keys_are_documented() -> None:
    at = marked({**SET, "mig-lsp.toml": "[migrations]\nfirst{|}"})
    (found,) = complete(at.snapshot, at.path, at.offset, TODAY)
    assert ("default 10", "The lowest number that a new migration may get.") == (found.detail, found.documentation)


def test_a_foreign_file_has_no_completion() -> None:
    assert () == complete(snapshot(SET), "README.md", 0, TODAY)
