from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from mig_lsp.core.change import SourceChange
from mig_lsp.core.check import check_document
from mig_lsp.core.features.actions import Action, actions
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.text import Span
from tests.core.features.cursor import everywhere, marked
from tests.support.workspace import changed, snapshot

TODAY = "2026-01-02"
OFF = '[rules.missing-header]\nseverity = "off"\n[rules.missing-rollback]\nseverity = "off"\n'
SET = {
    "migrations.json": '{\n  "migrationFiles": [\n    "010-users.sql"\n  ]\n}\n',
    "migrations/010-users.sql": "-- Migration 010: users\n-- ROLLBACK: none needed\n\nSELECT 1;\n",
    "mig-lsp.toml": OFF,
}
FILE = "migrations/010-users.sql"


def offered(texts: Mapping[str, str], only: tuple[str, ...] | None = None) -> list[Action]:
    at = marked({**SET, **texts})
    return list(actions(at.snapshot, at.path, at.span, TODAY, at.findings, only))


def titles(texts: Mapping[str, str], only: tuple[str, ...] | None = None) -> list[str]:
    return [each.title for each in offered(texts, only)]


def after(texts: Mapping[str, str], title: str) -> dict[str, str]:
    """The files that differ after the action."""
    at = marked({**SET, **texts})
    (action,) = [each for each in actions(at.snapshot, at.path, at.span, TODAY, at.findings) if each.title == title]
    assert isinstance(action.change, SourceChange)
    new = changed(at.texts, action.change.files)
    return {path: text for path, text in new.items() if at.texts.get(path) != text}


def test_a_fix_is_offered_with_its_finding() -> None:
    fix, *_ = offered({FILE: "-- Migration 010: a\n-- ROLLBACK: none needed\n\nSELECT 1; SEL{|}ECT 2;\n"})
    assert ("Let each statement end its own line", "quickfix", True) == (fix.title, fix.kind, fix.preferred)
    assert ["merged-statements"] == [each.rule for each in fix.findings]
    assert isinstance(fix.change, SourceChange)


def test_an_unsafe_fix_is_never_preferred() -> None:
    found = offered({FILE: "-- a\n\nCREATE INDEX CON{|}CURRENTLY i ON t (a);\n"})
    (fix,) = [each for each in found if each.title == "Remove CONCURRENTLY"]
    assert ("quickfix", False) == (fix.kind, fix.preferred)


def test_of_two_fixes_none_is_preferred() -> None:
    found = offered({FILE: "-- a\n\n{|}BEGIN;\nSELECT 1;\nCOMMIT;{|}\n"}, ("quickfix",))
    assert {"Remove BEGIN": False, "Remove COMMIT": False} == {
        each.title: each.preferred for each in found if each.title.startswith("Remove")
    }


def test_a_fix_may_change_another_file() -> None:
    texts = {"migrations/011-é.sql": "{|}-- Migration 011: é\n-- ROLLBACK: none needed\n\nSELECT 1;\n"}
    expected = {"migrations.json": '{\n  "migrationFiles": [\n    "010-users.sql",\n    "011-é.sql"\n  ]\n}\n'}
    assert expected == after(texts, "Register in migrations.json")


def test_registering_is_offered_everywhere_in_the_file_and_once() -> None:
    text = "-- Migration 011: x\n-- ROLLBACK: none needed\n\nSELECT {|}1;\n"
    assert ["Register in migrations.json"] == titles({"migrations/011-x.sql": text}, ("refactor",))
    found = titles({"migrations/011-x.sql": "{|}" + text.replace("{|}", "")})
    assert 1 == found.count("Register in migrations.json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1;\nSELECT 2; SEL{|}ECT 3;\n", "-- mig-lsp: ignore merged-statements -- reason\n"),
        ("  SELECT 2; SEL{|}ECT 3;\n", "  -- mig-lsp: ignore merged-statements -- reason\n"),
    ],
)
def test_ignoring_a_line(text: str, expected: str) -> None:
    for at in everywhere({**SET, FILE: text}):
        (action,) = [
            each
            for each in actions(at.snapshot, at.path, at.span, TODAY, at.findings)
            if each.title.endswith("merged-statements on this line")
        ]
        assert ("quickfix", False) == (action.kind, action.preferred)
        assert action.change is not None
        new = changed(at.texts, action.change.files)
        eol = "\r\n" if "\r\n" in at.text else "\n"
        assert expected.replace("\n", eol) in new[FILE]
        assert "merged-statements" not in [each.rule for each in check_document(snapshot(new), FILE)]


def test_ignoring_a_second_rule_adds_to_the_comment() -> None:
    text = "-- a\n\n-- mig-lsp: ignore bind-parameter -- é\nSELECT 2; SEL{|}ECT 3;\n"
    expected = {FILE: "-- a\n\n-- mig-lsp: ignore bind-parameter, merged-statements -- é\nSELECT 2; SELECT 3;\n"}
    assert expected == after({FILE: text}, "Ignore merged-statements on this line")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "-- a 😀\n-- b\n\nSELECT 2; SEL{|}ECT 3;\n",
            "-- a 😀\n-- b\n-- mig-lsp: ignore-file RULE -- reason\n\nSELECT 2; SELECT 3;\n",
        ),
        ("SELECT 2; SEL{|}ECT 3;\n", "-- mig-lsp: ignore-file RULE -- reason\nSELECT 2; SELECT 3;\n"),
        ("/* a */ SELECT 2; SEL{|}ECT 3;\n", "-- mig-lsp: ignore-file RULE -- reason\n/* a */ SELECT 2; SELECT 3;\n"),
    ],
)
def test_ignoring_a_file(text: str, expected: str) -> None:
    new = after({FILE: text}, "Ignore merged-statements in this file")
    assert {FILE: expected.replace("RULE", "merged-statements")} == new
    assert "merged-statements" not in [each.rule for each in check_document(snapshot({**SET, **new}), FILE)]


def test_no_comment_is_put_into_a_string() -> None:
    text = "-- a\n\nCREATE PROCEDURE p() LANGUAGE sql AS '\nSELECT 1;{|}\nSELECT 2;';\n"
    found = [each for each in titles({FILE: text}) if each.startswith("Ignore split-statement")]
    assert ["Ignore split-statement in this file"] == found


def test_json_has_no_comments() -> None:
    text = '{"migrationFiles": ["010-users.sql", "01{|}2-gone.sql"]}'
    assert [] == [each for each in titles({"migrations.json": text}) if each.startswith("Ignore")]


def test_a_manifest_in_code_has_comments() -> None:
    texts = {
        "m.ts": "export const MIGRATION_FILES = [\n  '010-users.sql',\n  '01{|}2-gone.sql',\n];\n",
        FILE: SET[FILE],
        "migrations/013-x.sql": "SELECT 1;\n",
    }
    at = marked(texts)
    (action,) = [
        each
        for each in actions(at.snapshot, at.path, at.span, TODAY, at.findings)
        if each.title == "Ignore missing-file on this line"
    ]
    assert action.change is not None
    new = changed(at.texts, action.change.files)
    assert "  // mig-lsp: ignore missing-file -- reason\n  '012-gone.sql',\n" in new["m.ts"]


def test_comments_about_comments_are_not_ignored() -> None:
    text = "-- a\n\n-- mig-lsp: ignore do-bl{|}ock -- é\nSELECT 1;\n"
    assert [] == [each for each in titles({FILE: text}) if each.startswith("Ignore")]


def test_inserting_a_header() -> None:
    texts = {FILE: "CREATE TABLE users (id int);\n{|}", "mig-lsp.toml": ""}
    (action,) = [each for each in offered(texts) if each.title.startswith("Insert rollback header")]
    assert action.change is not None
    new = changed({**SET, FILE: "CREATE TABLE users (id int);\n"}, action.change.files)[FILE]
    assert new.startswith("-- Migration 010: users\n")
    assert "2026-01-02" in new.split("\n")[1]
    assert new.endswith("CREATE TABLE users (id int);\n")


def test_the_header_is_a_quick_fix_where_it_is_missed() -> None:
    texts = {FILE: "{|}CREATE TABLE users (id int);\n", "mig-lsp.toml": ""}
    (action,) = [each for each in offered(texts) if each.title.startswith("Insert rollback header")]
    assert "quickfix" == action.kind
    assert {"missing-header"} <= {each.rule for each in action.findings}


def test_renumbering_a_number_that_is_there_twice() -> None:
    texts = {
        "migrations.json": '{"migrationFiles": ["010-users.sql", "010-é.sql"]}',
        "migrations/010-é.sql": "-- Migration 01{|}0: é\n-- ROLLBACK: none needed\n\nSELECT 1;\n",
    }
    expected = {
        "migrations.json": '{"migrationFiles": ["010-users.sql", "011-é.sql"]}',
        "migrations/011-é.sql": "-- Migration 011: é\n-- ROLLBACK: none needed\n\nSELECT 1;\n",
    }
    assert expected == after(texts, "Renumber to 011")


def test_the_last_migration_is_not_renumbered() -> None:
    assert [] == [each for each in titles({FILE: "{|}" + SET[FILE]}) if each.startswith("Renumber")]


def test_a_migration_that_ran_is_not_renumbered() -> None:
    texts = {
        FILE: "{|}" + SET[FILE],
        "migrations/011-x.sql": "SELECT 1;\n",
        "dev.log.csv": "step_number,description,status\n1,010-users.sql,completed\n",
    }
    assert [] == [each for each in titles(texts) if each.startswith("Renumber")]


def test_rollback_files_are_left_alone() -> None:
    assert [] == titles({"migrations/010-users-rollback.sql": "{|}SELECT 1;\n"}, ("refactor",))


def test_all_safe_fixes_at_once() -> None:
    text = "-- a\n\nBEGIN;\nSELECT 'é 😀'; SELECT 2;\nCREATE INDEX CONCURRENTLY i ON t (a);\nCOMMIT;\n{|}"
    (action,) = offered({FILE: text}, ("source",))
    assert "source.fixAll.mig-lsp" == action.kind
    assert action.change is not None
    new = changed({**SET, FILE: text.replace("{|}", "")}, action.change.files)[FILE]
    assert "-- a\n\nSELECT 'é 😀';\nSELECT 2;\nCREATE INDEX CONCURRENTLY i ON t (a);\n" == new
    assert {"transaction-control", "merged-statements"} == {each.rule for each in action.findings}


def test_nothing_to_fix_is_no_action() -> None:
    assert [] == offered({FILE: "{|}" + SET[FILE]}, ("source.fixAll",))


def test_a_thousand_fixes_are_quick() -> None:
    text = "SELECT 1; SELECT 2;\n" * 3000 + "{|}"
    (action,) = offered({FILE: text}, ("source.fixAll.mig-lsp",))
    assert action.change is not None
    assert "SELECT 1;\nSELECT 2;\n" * 3000 == changed({**SET, FILE: text.replace("{|}", "")}, action.change.files)[FILE]


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (None, {"quickfix", "refactor.rewrite", "source.fixAll.mig-lsp"}),
        (("",), {"quickfix", "refactor.rewrite", "source.fixAll.mig-lsp"}),
        (("quickfix",), {"quickfix"}),
        (("refactor",), {"refactor.rewrite"}),
        (("source",), {"source.fixAll.mig-lsp"}),
        (("source.fixAll",), {"source.fixAll.mig-lsp"}),
        (("source.fixAll.mig-lsp",), {"source.fixAll.mig-lsp"}),
        (("source.fix",), set()),
        (("source.organizeImports", "refactor.extract"), set()),
        ((), set()),
    ],
)
def test_only_the_kinds_that_are_wanted(only: tuple[str, ...] | None, expected: set[str]) -> None:
    texts = {"migrations/011-x.sql": "-- Migration 011: x\n\nSELECT 1; SEL{|}ECT 2;\n"}
    assert expected == {each.kind for each in offered(texts, only)}


def test_a_foreign_file_has_no_actions() -> None:
    at = marked({**SET, FILE: "{|}"})
    assert () == actions(at.snapshot, "README.md", at.span, TODAY, at.findings)


DRIZZLE = "drizzle/migrations/0003_add_é_roles.sql"


def with_output(text: str) -> Snapshot:
    world = snapshot(SET)
    return replace(world, documents={**world.documents, DRIZZLE: File(DRIZZLE, text)})


def test_preparing_what_drizzle_kit_wrote() -> None:
    text = (
        'CREATE TABLE "roles" (\n\t"id" serial PRIMARY KEY NOT NULL\n);\n--> statement-breakpoint\n'
        'ALTER TABLE "roles" ADD COLUMN "a" text;\n'
    )
    (action,) = actions(with_output(text), DRIZZLE, Span(5, 5), TODAY, (), ("refactor",))
    assert ("Prepare migration from 0003_add_é_roles.sql", "refactor.rewrite") == (action.title, action.kind)
    assert action.change is not None
    new = changed(SET, action.change.files)
    assert "011-add-roles.sql" in new["migrations.json"]
    assert 'ADD COLUMN IF NOT EXISTS "a" text;\n' in new["migrations/011-add-roles.sql"]


def test_what_cannot_be_prepared_leads_to_the_report() -> None:
    (action,) = actions(with_output("DROP INDEX CONCURRENTLY i;\n"), DRIZZLE, Span(0, 0), TODAY, ())
    assert (None, "migLsp.prepare", (DRIZZLE,)) == (action.change, action.command, action.arguments)


def test_an_empty_output_is_not_prepared() -> None:
    assert () == actions(with_output("-- nothing\n"), DRIZZLE, Span(0, 0), TODAY, ())


def test_what_is_not_shown_is_neither_fixed_nor_ignored() -> None:
    at = marked({**SET, FILE: "-- Migration 010: a\n-- ROLLBACK: none needed\n\nBE{|}GIN;\n"})
    assert [] == [each.title for each in actions(at.snapshot, at.path, at.span, TODAY, ())]
