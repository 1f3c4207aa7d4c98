"""A person with an editor works on the demo: actions, commands, renames, and what changes elsewhere because of them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types as lsp

from tests.lsp.desk import Desk, at_work
from tests.lsp.raw import uri
from tests.test_demo import DEMO, HANDLER, SCHEMA

pytestmark = pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning")  # the client checks what it gets

EDITORS = ["vscode-1.139", "neovim-0.12", "emacs-30"]
TOML = "mig-lsp.toml"
OUTPUT = "drizzle/migrations/0003_quiet_librarian.sql"


def sql(name: str) -> str:
    """The path of a migration."""
    return f"{SCHEMA}{name}.sql"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shutil.copytree(DEMO, tmp_path / "démo 😀")


@pytest_asyncio.fixture(params=EDITORS)
async def desk(request: pytest.FixtureRequest, root: Path) -> AsyncIterator[Desk]:
    """The demo in each editor."""
    async with at_work(root, request.param) as desk:
        yield desk


@pytest_asyncio.fixture
async def able(root: Path) -> AsyncIterator[Desk]:
    """The demo in an editor that can make and rename files."""
    async with at_work(root, "vscode-1.139") as desk:
        yield desk


def has(*rules: str) -> Callable[[list[str]], bool]:
    """All of the rules find something."""
    return lambda found: set(rules) <= set(found)


def lacks(*rules: str) -> Callable[[list[str]], bool]:
    """None of the rules finds anything."""
    return lambda found: set(rules).isdisjoint(found)


# What changes elsewhere


async def test_the_manifest_in_the_editor(desk: Desk) -> None:
    desk.show(HANDLER, sql("033-waiting-list"))
    await desk.until(sql("033-waiting-list"), has("unregistered-migration"))
    await desk.until(sql("035-club-meetings"), has("unregistered-migration"))
    desk.type(HANDLER, '"033-study-rooms.sql",', '"033-study-rooms.sql", "033-waiting-list.sql",')
    desk.type(HANDLER, "035-club-meeting.sql", "035-club-meetings.sql")
    for path in (sql("033-waiting-list"), sql("035-club-meetings")):
        await desk.until(path, lacks("unregistered-migration"))
    await desk.until(HANDLER, lacks("missing-file"))
    desk.close(HANDLER)  # without saving it
    for path in (sql("033-waiting-list"), sql("035-club-meetings")):
        await desk.until(path, has("unregistered-migration"))


async def test_the_manifest_on_the_disk(desk: Desk) -> None:
    """Written behind the server's back: no editor says anything."""
    desk.show(sql("033-waiting-list"))
    await desk.until(sql("033-waiting-list"), has("unregistered-migration"))
    manifest = desk.root / HANDLER
    listed = manifest.read_text("utf-8").replace(
        '"033-study-rooms.sql",', '"033-study-rooms.sql", "033-waiting-list.sql",'
    )
    manifest.write_text(listed, "utf-8")
    await desk.until(sql("033-waiting-list"), lacks("unregistered-migration"))


async def test_files_on_the_disk(desk: Desk) -> None:
    """Made, changed and deleted behind the server's back."""
    desk.show(HANDLER)
    await desk.until(HANDLER, has("missing-file"))
    (desk.root / sql("035-club-meetings")).rename(desk.root / sql("035-club-meeting"))
    await desk.until(HANDLER, lacks("missing-file"))
    await desk.until(sql("035-club-meetings"), lambda found: not found)
    (desk.root / sql("038-quiet-hours")).write_text("-- Migration 038\nBEGIN;\n", "utf-8")
    await desk.until(sql("038-quiet-hours"), has("transaction-control"))
    (desk.root / sql("039-donations")).unlink()
    await desk.until(HANDLER, has("missing-file"))


async def test_the_configuration_in_the_editor(desk: Desk) -> None:
    desk.show(TOML, sql("029-faster-counter"))
    await desk.until(sql("029-faster-counter"), has("concurrently"))
    await desk.until(sql("030-merge-members"), has("do-block"))
    desk.type(
        TOML, "[rules.missing-rolback]", '[rules]\ndo-block.severity = "off"\nconcurrently.severity = "off"\n[rules.x]'
    )
    await desk.until(sql("029-faster-counter"), lacks("concurrently"))
    await desk.until(sql("030-merge-members"), lacks("do-block"))
    await desk.until(TOML, has("config-error"))


async def test_another_open_file(desk: Desk) -> None:
    """A file that was never saved takes the number of one that nobody opened."""
    new = sql("038-night")
    desk.take(new, "-- Migration 038: night\nCREATE TABLE night (id int);\n")
    await desk.until(new, has("duplicate-number", "unregistered-migration"))
    desk.close(new)
    await desk.until(new, lambda found: not found)


async def test_the_log(desk: Desk) -> None:
    """026 is completed in dev by now, so its number cannot change any more."""
    path = sql("026-audit-trail")
    desk.show(path)
    await desk.run("migLsp.refreshLog")
    assert "- **dev**: failed" in await hover(desk, path, "Migration {|}026")
    log = desk.root / "logs/dev.csv"
    log.write_text(f"{log.read_text('utf-8')}21,21,026-audit-trail.sql,x,completed,,2026-02-03 09:00:00\n", "utf-8")
    await desk.run("migLsp.refreshLog", "dev")
    assert "- **dev**: completed `2026-02-03 09:00:00`, step 21, 2 attempts" in await hover(
        desk, path, "Migration {|}026"
    )


async def hover(desk: Desk, path: str, cursor: str) -> str:
    """What the editor shows at a place."""
    params = lsp.HoverParams(desk.identifier(path), desk.place(path, cursor))
    found = await desk.client.text_document_hover_async(params)
    assert found is not None and isinstance(found.contents, lsp.MarkupContent)
    return found.contents.value


# What can be done

ACTIONS = [
    # file, cursor, title, the rule that finds one thing less afterwards, what the file reads then
    (HANDLER, '"02{|}5-shelf-marks.sql",\n  "030', "Remove the second entry", "duplicate-entry", ""),
    (HANDLER, '"036-e-books-{|}rollback.sql"', "Remove the entry", "rollback-registered", ""),
    (
        HANDLER,
        '"035-club-{|}meeting.sql"',
        "Write 035-club-meetings.sql",
        "missing-file",
        '  "035-club-meetings.sql",\n',
    ),
    (sql("024-fine-limits"), "ignore {|}session", "Remove what silences nothing", "unused-suppression", ""),
    (
        sql("026-audit-trail"),
        "to_jsonb(OLD)){|};",
        "Quote the body the way the runner needs it",
        "split-statement",
        "AS '\nBEGIN\n",
    ),
    (
        sql("027-media-kinds"),
        "DROP {|}TYPE IF EXISTS media_kind CASCADE",
        "Let each statement end its own line",
        "merged-statements",
        "DROP\n  TYPE IF",
    ),
    (
        sql("028-book-tags"),
        "--> {|}statement-breakpoint\nCREATE",
        "Let each statement end its own line",
        "merged-statements",
        "",
    ),
    (
        sql("028-book-tags"),
        "CREA{|}TE TABLE",
        "Insert rollback header in 028-book-tags.sql",
        "missing-header",
        "DELETE FROM migration_log WHERE description = '028-book-tags.sql';",
    ),
    (sql("029-faster-counter"), "ignore {|}lock", "Remove what silences nothing", "unknown-suppression", ""),
    (sql("029-faster-counter"), "CONC{|}URRENTLY", "Remove CONCURRENTLY", "concurrently", "CREATE INDEX IF NOT EXISTS"),
    (
        sql("029-faster-counter"),
        "SET {|}lock",
        "Ignore session-state on this line",
        "session-state",
        "ignore session-state --",
    ),
    (sql("030-merge-members"), "BEG{|}IN;", "Remove BEGIN", "transaction-control", "\n\nLOCK TABLE"),
    (
        sql("030-merge-members"),
        "DO {|}$$",
        "Ignore do-block in this file",
        "do-block",
        "-- mig-lsp: ignore-file do-block -- reason",
    ),
    (
        sql("031-letters"),
        "never to the member{|};",
        "Remove the ';' that ends the comment",
        "split-statement",
        "to the member\n",
    ),
    (
        sql("031-letters"),
        "book is overdue{|};",
        "Write the string on one line",
        "split-statement",
        "E'Dear member,\\nyour",
    ),
    (
        sql("031-letters"),
        "-- Your{|} librarians",
        "Write the string on one line",
        "dropped-comment-line",
        "📚\\n-- Your",
    ),
    (sql("032-raise-fines"), "Migration 03{|}1", "Write 032", "header-number", "-- Migration 032"),
    (
        sql("032-raise-fines"),
        "-- per{|} day",
        "Let each statement end its own line",
        "merged-statements",
        ";\n-- per day\n",
    ),
    (sql("033-study-rooms"), "has_{|}projector", "Insert the comma", "syntax-error", "CHECK (seats > 0),\n"),
    (
        sql("033-study-rooms"),
        "IF NOT EX{|}ISTS study_rooms_name",
        "Drop the constraint first",
        "syntax-error",
        "DROP CONSTRAINT IF EXISTS study_rooms_name_key, ADD",
    ),
    (sql("034_import_catalogue"), "AUTO_{|}INCREMENT", "Translate from MySQL", "foreign-dialect", "GENERATED"),
    (sql("035-club-meetings"), "'035-club-{|}meeting.sql'", "Write the name of this file", "broken-rollback", ""),
]


async def test_the_fixes_one_after_the_other(desk: Desk) -> None:
    desk.show(*dict.fromkeys(path for path, *_ in ACTIONS))
    for path, cursor, title, rule, reads in ACTIONS:
        await desk.until(path, has(rule))
        before = (await desk.rules(path)).count(rule)
        offered = await desk.actions(path, cursor)
        assert title in offered, (path, cursor, list(offered))
        assert (offered[title].kind, rule) == ("quickfix", *{each.code for each in offered[title].diagnostics or ()})
        assert path in desk.carry_out(offered[title].edit)
        await desk.until(path, lambda found, rule=rule, before=before: found.count(rule) == before - 1)  # type: ignore[misc]
        assert reads in desk.text(path), title


async def test_a_reason_can_be_given(able: Desk) -> None:
    path = sql("030-merge-members")
    able.show(path)
    able.carry_out((await able.actions(path, "LOCK {|}TABLE"))["Ignore session-state on this line"].edit)
    able.type(path, "-- reason", "-- nobody else writes at night")
    assert "-- mig-lsp: ignore session-state -- nobody else writes at night\nLOCK TABLE users" in able.text(path)
    assert (await able.marks(path)).count("8 error session-state") == 0
    assert "unused-suppression" not in await able.rules(path)


@pytest.mark.parametrize(
    ("path", "left"),
    [
        (HANDLER, ["25 info log-without-file", "38 warning entry-order", "53 error missing-file"]),
        (sql("026-audit-trail"), ["1 warning failed-migration"]),
        (sql("027-media-kinds"), []),
        (sql("030-merge-members"), ["6 error session-state", "8 warning session-state", "11 error do-block"]),
        (sql("031-letters"), []),
        (
            sql("032-raise-fines"),
            ["3 hint missing-rollback", "10 error bind-parameter", "12 warning writes-migration-log"],
        ),
        (sql("035-club-meetings"), []),
    ],
)
async def test_fix_all(able: Desk, path: str, left: list[str]) -> None:
    able.show(path)
    await able.until(path, bool)
    offered = await able.actions(path)
    action = offered["Fix all that is safe to fix in this file"]
    assert action.kind == "source.fixAll.mig-lsp"
    able.carry_out(action.edit)
    assert left == await able.marks(path)


async def test_register(desk: Desk) -> None:
    path = sql("033-waiting-list")
    desk.show(path)
    action = (await desk.actions(path, "-- Migr{|}ation"))["Register in db-init-handler.ts"]
    assert action.is_preferred
    assert [HANDLER] == desk.carry_out(action.edit)
    assert '  "033-study-rooms.sql",\n  "033-waiting-list.sql",\n  "034_import' in desk.text(HANDLER)
    await desk.until(path, lacks("unregistered-migration"))


async def test_renumber_changes_file_header_and_manifest_in_one_edit(able: Desk) -> None:
    old, new = sql("033-study-rooms"), sql("042-study-rooms")
    able.show(old)
    await able.until(sql("033-waiting-list"), has("duplicate-number"))
    action = (await able.actions(old, "-- Migr{|}ation"))["Renumber to 042"]
    assert {old, new, HANDLER} >= set(able.carry_out(action.edit)) >= {new, HANDLER}
    assert not (able.root / old).exists()
    assert able.text(new).startswith("-- Migration 042: study rooms\n")
    assert '"033-study-rooms.sql"' not in able.text(HANDLER)
    assert '  "041-loan-archive.sql",\n  "042-study-rooms.sql",\n];' in able.text(HANDLER)
    await able.until(sql("033-waiting-list"), lacks("duplicate-number"))
    await able.until(new, lambda found: found == ["syntax-error", "syntax-error"])


async def test_renumber_and_prepare_are_not_offered_to_an_editor_that_cannot_make_files(root: Path) -> None:
    async with at_work(root, "emacs-30") as desk:
        desk.show(sql("033-study-rooms"), OUTPUT)
        assert "Renumber to 042" not in await desk.actions(sql("033-study-rooms"), "-- Migr{|}ation")
        assert {} == await desk.actions(OUTPUT)


async def test_prepare(able: Desk) -> None:
    able.show(OUTPUT)
    action = (await able.actions(OUTPUT))["Prepare migration from 0003_quiet_librarian.sql"]
    new = sql("042-quiet-librarian")
    assert [new, HANDLER] == able.carry_out(action.edit)
    text = able.text(new)
    assert text.startswith("-- Migration 042: quiet librarian\n-- Generated by drizzle-kit: ")
    assert "statement-breakpoint" not in text
    assert 'ALTER TABLE "announcements" ADD COLUMN IF NOT EXISTS "pinned" boolean' in text
    assert '  "041-loan-archive.sql",\n  "042-quiet-librarian.sql",\n];' in able.text(HANDLER)
    able.show(new)
    assert [] == await able.marks(new)
    sent = await able.run("migLsp.showChunks", uri(able.root / new))
    assert [1] * 6 == [chunk["statements"] for chunk in sent["chunks"]]


async def test_a_rename_in_the_editor(desk: Desk) -> None:
    old, new = sql("039-donations"), sql("043-gifts")
    renamed = lsp.FileRename(uri(desk.root / old), uri(desk.root / new))
    edit = await desk.client.workspace_will_rename_files_async(lsp.RenameFilesParams([renamed]))
    assert {HANDLER, old} == set(desk.carry_out(edit))
    (desk.root / old).rename(desk.root / new)
    desk.client.workspace_did_rename_files(lsp.RenameFilesParams([renamed]))
    assert "039-donations" not in desk.text(HANDLER) + desk.text(new)
    assert '  "043-gifts.sql",\n];' in desk.text(HANDLER)
    assert desk.text(new).startswith("-- Migration 043: books that people gave\n")
    await desk.until(HANDLER, lambda found: found.count("missing-file") == 1)
    await desk.until(new, lambda found: not found)


# What can be asked for


async def test_commands_that_change_files(able: Desk) -> None:
    able.show(HANDLER)
    made = await able.run("migLsp.new", "Lost & found")
    assert [uri(able.root / sql("042-lost-found"))] == made["created"]
    assert able.text(sql("042-lost-found")).startswith("-- Migration 042: Lost & found\n")
    made = await able.run("migLsp.prepare", "Book tags")
    assert [uri(able.root / sql("043-book-tags"))] == made["created"]
    await able.run("migLsp.register", uri(able.root / sql("033-waiting-list")))
    await able.run("migLsp.renumber", uri(able.root / sql("033-waiting-list")))
    await able.run("migLsp.insertHeader", uri(able.root / sql("028-book-tags")))
    assert '"042-lost-found.sql",\n  "043-book-tags.sql",\n  "044-waiting-list.sql",\n];' in able.text(HANDLER)
    assert able.text(sql("044-waiting-list")).startswith("-- Migration 044: everybody")
    assert able.text(sql("028-book-tags")).startswith("-- Migration 028: book tags\n")


async def test_the_lens_over_the_manifest_registers_what_it_says(able: Desk) -> None:
    able.show(HANDLER)
    found = await able.client.text_document_code_lens_async(lsp.CodeLensParams(able.identifier(HANDLER)))
    (command,) = [each.command for each in found or () if each.command and each.command.command == "migLsp.register"]
    assert command.title == "Register 2 unregistered files"
    await able.run(command.command, *command.arguments or ())
    assert {'"033-waiting-list.sql"', '"035-club-meetings.sql"'} <= set(able.text(HANDLER).replace(",", "").split())


async def test_commands_that_answer(desk: Desk) -> None:
    sent = await desk.run("migLsp.showChunks", uri(desk.root / sql("027-media-kinds")))
    assert [2, 1] == [each["statements"] for each in sent["chunks"]]
    sent = await desk.run("migLsp.showChunks", uri(desk.root / sql("029-faster-counter")))
    assert sent["refused"].startswith("the file contains CONCURRENTLY")
    logs = (await desk.run("migLsp.refreshLog"))["logs"]
    assert [("dev", 20, None), ("prod", 15, None)] == [
        (each["environment"], each["entries"], each["problem"]) for each in logs
    ]


async def test_verify(able: Desk) -> None:
    names = ["001-enums", "002-tables", "026-audit-trail"]
    ran = await able.run("migLsp.verify", *(uri(able.root / sql(name)) for name in names))
    assert ["completed", "completed", "failed"] == [each["outcome"] for each in ran["files"]]
    assert ("42601", 15) == (ran["files"][-1]["sqlstate"], ran["files"][-1]["position"]["line"])
