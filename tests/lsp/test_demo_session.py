"""A person with an editor looks around in the demo: every feature answers, in three editors and three encodings."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from lsprotocol import types as lsp

from tests.lsp.desk import Desk, at_work
from tests.lsp.raw import TIMEOUT
from tests.test_demo import DEMO, FINDINGS, HANDLER, SCHEMA, SETTLED

EDITORS = ["vscode-1.139", "neovim-0.12", "emacs-30"]
AUDIT, TAGS, QUIET = f"{SCHEMA}026-audit-trail.sql", f"{SCHEMA}028-book-tags.sql", f"{SCHEMA}038-quiet-hours.sql"
WAITING, MEETINGS = f"{SCHEMA}033-waiting-list.sql", f"{SCHEMA}035-club-meetings.sql"
TOML = "mig-lsp.toml"

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning"),  # the client checks what it gets
]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=EDITORS)
async def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """The demo in an editor, with five files open and the logs read. Nothing is changed in it for good."""
    root = shutil.copytree(DEMO, tmp_path_factory.mktemp("w") / "démo 😀")
    async with at_work(root, request.param) as desk:
        desk.show(HANDLER, TOML, AUDIT, WAITING, QUIET)
        await desk.run("migLsp.refreshLog")
        yield desk


async def test_every_finding_is_shown_also_in_files_that_nobody_opened(desk: Desk) -> None:
    expected: dict[str, list[str]] = {}
    for line in FINDINGS.strip().split("\n"):
        path, mark = line.split(" ", 1)
        expected.setdefault(path, []).append(mark)
    for name in SETTLED:  # it has run everywhere, so nobody can act on it
        del expected[f"{SCHEMA}{name}"]
    paths = [*(f"{SCHEMA}{each.name}" for each in (DEMO / SCHEMA).iterdir()), *expected]
    end = time.monotonic() + TIMEOUT
    while (found := {path: marks for path in paths if (marks := await desk.marks(path))}) != expected:
        assert time.monotonic() < end, found
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    ("path", "cursor", "covered", "said"),
    [
        pytest.param(
            HANDLER,
            '"026-audit{|}-trail.sql"',
            "026-audit-trail.sql",
            [
                "**`026-audit-trail.sql`** runs 18th of 35",
                "- **dev**: failed `2026-02-02 09:12:31`, step 20 (refreshed just now)",
                "ERROR: unterminated dollar-quoted string",
                "- **prod**: never ran (refreshed just now)",
            ],
            id="an entry of the manifest",
        ),
        pytest.param(
            HANDLER,
            '"018-sett{|}ings.sql"',
            "018-settings.sql",
            ["- **dev**: completed `2025-11-17 09:12:03`, step 11, 2 attempts"],
            id="an entry that needed two attempts",
        ),
        pytest.param(
            HANDLER,
            '"002-{|}tables.sql"',
            "002-tables.sql",
            ["initial file 2 of 5: runs on an empty database only"],
            id="an initial entry",
        ),
        pytest.param(
            HANDLER,
            '"035-club-{|}meeting.sql"',
            "035-club-meeting.sql",
            ["did you mean 035-club-meetings.sql?", "the file does not exist", "# missing-file"],
            id="an entry without its file",
        ),
        pytest.param(
            AUDIT,
            "-- Migration 02{|}6:",
            "-- Migration 026: who changed a loan, and when",
            ["runs 18th of 35", "- **dev**: failed"],
            id="the number",
        ),
        pytest.param(
            AUDIT,
            "--   DROP TABLE{|} IF EXISTS",
            "--   DROP TABLE IF EXISTS audit_trail;",
            ["runs 18th of 35", "- **dev**: failed"],
            id="the header",
        ),
        pytest.param(
            TAGS,
            'CREATE {|}TABLE IF NOT EXISTS "book_tags"',
            None,
            ["runs 20th of 35", "- **dev**: never ran"],
            id="the first line of a file without a header",
        ),
        pytest.param(
            AUDIT,
            "to_jsonb(OLD)){|};",
            ";",
            [
                "- **split-statement** `the runner cuts the statement at this ';'",
                "**Chunk 2 of 7**, lines 15 to 18",
                "# split-statement",
                "a PL/pgSQL function needs its body in single quotes",
            ],
            id="a finding",
        ),
        pytest.param(
            QUIET,
            "ALTER {|}TABLE opening_hours ADD COLUMN",
            "ALTER TABLE opening_hours ADD COLUMN IF NOT EXISTS quiet_from time",
            ["**Chunk 1 of 1**, line 18: one statement, 67 characters."],
            id="a statement",
        ),
        pytest.param(TOML, "sev{|}erity", "severity", ["How bad the findings of the rule are"], id="a setting"),
    ],
)
async def test_hover(desk: Desk, path: str, cursor: str, covered: str | None, said: list[str]) -> None:
    hover = await desk.client.text_document_hover_async(
        lsp.HoverParams(desk.identifier(path), desk.place(path, cursor))
    )
    assert hover is not None and hover.range is not None
    assert isinstance(hover.contents, lsp.MarkupContent)
    assert [each for each in said if each not in hover.contents.value] == []
    assert covered in (None, desk.covered(path, hover.range))


@pytest.mark.parametrize(
    ("path", "cursor", "target", "chosen"),
    [
        (HANDLER, '"010-book-{|}covers.sql"', f"{SCHEMA}010-book-covers.sql", ""),
        (AUDIT, "-- Migration {|}026", HANDLER, "026-audit-trail.sql"),
        (QUIET, "description = '038-{|}quiet", HANDLER, "038-quiet-hours.sql"),
        (f"{SCHEMA}036-e-books.sql", "036-e-books-{|}rollback.sql", f"{SCHEMA}036-e-books-rollback.sql", ""),
        (TOML, "logs/{|}dev.csv", "logs/dev.csv", ""),
    ],
)
async def test_definition(desk: Desk, path: str, cursor: str, target: str, chosen: str) -> None:
    found = await desk.client.text_document_definition_async(
        lsp.DefinitionParams(desk.identifier(path), desk.place(path, cursor))
    )
    assert isinstance(found, lsp.Location)
    assert (desk.path_of(found.uri), desk.covered(target, found.range)) == (target, chosen)


async def test_references(desk: Desk) -> None:
    found = await desk.client.text_document_references_async(
        lsp.ReferenceParams(
            lsp.ReferenceContext(include_declaration=True),
            desk.identifier(QUIET),
            desk.place(QUIET, "-- Migration {|}038"),
        )
    )
    assert [(desk.path_of(each.uri), desk.covered(desk.path_of(each.uri), each.range)) for each in found or ()] == [
        (HANDLER, "038-quiet-hours.sql"),
        (QUIET, "038-quiet-hours.sql"),
        (QUIET, "038-quiet-hours.sql"),
    ]


@pytest.mark.parametrize(
    ("path", "count", "some"),
    [
        (HANDLER, 39, {"001-enums.sql": f"{SCHEMA}001-enums.sql", "039-donations.sql": f"{SCHEMA}039-donations.sql"}),
        (TOML, 2, {"logs/dev.csv": "logs/dev.csv", "logs/prod.json": "logs/prod.json"}),
        (f"{SCHEMA}036-e-books.sql", 1, {"036-e-books-rollback.sql": f"{SCHEMA}036-e-books-rollback.sql"}),
    ],
)
async def test_links(desk: Desk, path: str, count: int, some: dict[str, str]) -> None:
    found = await desk.client.text_document_document_link_async(lsp.DocumentLinkParams(desk.identifier(path)))
    links = {desk.covered(path, each.range): desk.path_of(each.target or "") for each in found or ()}
    assert "035-club-meeting.sql" not in links
    assert links == {**links, **some}
    assert len(found or ()) == count


async def test_outline_of_a_migration(desk: Desk) -> None:
    found = await desk.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(desk.identifier(AUDIT)))
    assert {
        "who changed a loan, and when": ["Rollback:"],
        "CREATE TABLE audit_trail": ["id", "loan_id", "changed_at", "old_row"],
        "CREATE FUNCTION write_audit": [],
        "DROP TRIGGER loans_audit": [],
        "CREATE TRIGGER loans_audit": [],
    } == {
        each.name: [child.name for child in each.children or ()]
        for each in found or ()
        if isinstance(each, lsp.DocumentSymbol)
    }


async def test_outline_of_the_manifest(desk: Desk) -> None:
    found = await desk.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(desk.identifier(HANDLER)))
    symbols = [each for each in found or () if isinstance(each, lsp.DocumentSymbol)]
    assert len(symbols) == 40
    assert (symbols[0].name, symbols[-1].name) == ("001-enums.sql", "041-loan-archive.sql")
    assert all(each.name == desk.covered(HANDLER, each.selection_range) for each in symbols)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("audit_trail", [("audit_trail", AUDIT)]),
        ("donation_state", [("donation_state", f"{SCHEMA}039-donations.sql")]),
        ("038", [("038-quiet-hours.sql", QUIET)]),
        ("no such thing", []),
    ],
)
async def test_symbols_of_the_workspace(desk: Desk, query: str, expected: list[tuple[str, str]]) -> None:
    found = await desk.client.workspace_symbol_async(lsp.WorkspaceSymbolParams(query))
    assert expected == [(each.name, desk.path_of(each.location.uri)) for each in found or ()]


async def test_folding(desk: Desk) -> None:
    found = await desk.client.text_document_folding_range_async(lsp.FoldingRangeParams(desk.identifier(AUDIT)))
    assert [(each.start_line + 1, each.end_line + 1, each.kind) for each in found or ()] == [
        (1, 6, lsp.FoldingRangeKind.Comment),
        (3, 6, lsp.FoldingRangeKind.Region),
        (8, 13, None),
        (15, 21, None),
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            AUDIT,
            [
                "runs 18th of 35",
                "dev: failed (DatabaseErrorException: ERROR: unterminated dollar-quoted s…) · prod: pending",
                "migLsp.showChunks 026-audit-trail.sql",
            ],
        ),
        (
            WAITING,
            [
                "never runs: not in db-init-handler.ts",
                "migLsp.register 033-waiting-list.sql",
                "migLsp.showChunks 033-waiting-list.sql",
            ],
        ),
        (HANDLER, ["35 migrations", "migLsp.register 033-waiting-list.sql 035-club-meetings.sql"]),
    ],
)
async def test_lenses(desk: Desk, path: str, expected: list[str]) -> None:
    found = await desk.client.text_document_code_lens_async(lsp.CodeLensParams(desk.identifier(path)))
    shown = []
    for lens in found or ():
        assert lens.command is not None
        names = [desk.path_of(str(each)).removeprefix(SCHEMA) for each in lens.command.arguments or ()]
        shown.append(" ".join([lens.command.command, *names]) if lens.command.command else lens.command.title)
    assert expected == shown


@pytest.mark.parametrize(
    ("path", "old", "typed", "first"),
    [
        pytest.param(
            HANDLER,
            '  "039-donations.sql",\n',
            '  "039-donations.sql",\n  {|}\n',
            ["033-waiting-list.sql", "035-club-meetings.sql"],
            id="an empty line of the manifest",
        ),
        pytest.param(
            HANDLER,
            '"033-study-rooms.sql",',
            '"033-study-rooms.sql",\n  "03{|}",',
            ["033-waiting-list.sql", "035-club-meetings.sql", "042-"],
            id="a string of the manifest",
        ),
        pytest.param(
            WAITING,
            "-- Migration 033: everybody sees how long the waiting list is",
            "-- {|}",
            ["Migration 033: waiting list", "033-waiting-list.sql"],
            id="the first line of a migration",
        ),
        pytest.param(
            QUIET,
            "description = '038-quiet-hours.sql'",
            "description = '{|}'",
            ["038-quiet-hours.sql"],
            id="a delete from the log",
        ),
        pytest.param(AUDIT, "CREATE OR REPLACE FUNCTION", "CREA{|}", ["CREATE FUNCTION"], id="a keyword of SQL"),
        pytest.param(
            AUDIT,
            "DROP TRIGGER IF EXISTS loans_audit ON loans;",
            "-- mig-lsp: ignore {|}",
            ["failed-migration", "split-statement"],
            id="a rule in a comment",
        ),
        pytest.param(TOML, 'severity = "warning"', 'severity = "{|}"', ["error"], id="a value of a setting"),
    ],
)
async def test_completion(desk: Desk, path: str, old: str, typed: str, first: list[str]) -> None:
    before = desk.text(path)
    desk.type(path, old, typed.replace("{|}", ""))
    place = desk.place(path, typed)
    found = await desk.client.text_document_completion_async(lsp.CompletionParams(desk.identifier(path), place))
    desk.type(path, desk.text(path), before)
    assert isinstance(found, list)
    assert first == [each.label for each in found][: len(first)]
