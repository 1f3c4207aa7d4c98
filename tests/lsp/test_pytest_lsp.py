"""Whole sessions with pytest-lsp's client, which checks every answer against the specification."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient

from tests.lsp.raw import COMMAND, profile, uri

TEXT = "-- Migration 010: é😀\nCREATE TABLE IF NOT EXISTS t (id int);\nBEGIN;\n"


@pytest.fixture(params=["vscode-1.139", "neovim-0.12", "emacs-30"])
def editor(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "db").mkdir()
    (tmp_path / "db/010-a.sql").write_text(TEXT, "utf-8")
    (tmp_path / "migrations.json").write_text(json.dumps({"migrationFiles": ["010-a.sql"], "schemaDir": "db"}))
    return tmp_path


@pytest_lsp.fixture(config=ClientServerConfig(server_command=COMMAND))  # type: ignore[untyped-decorator]  # it has no types
async def client(lsp_client: LanguageClient, editor: str, root: Path) -> AsyncIterator[None]:
    for method in (lsp.CLIENT_REGISTER_CAPABILITY, lsp.WORKSPACE_CODE_LENS_REFRESH):
        lsp_client.feature(method)(accept)
    recorded = profile(editor)
    converter = lsp_client.protocol._converter
    await lsp_client.initialize_session(
        lsp.InitializeParams(
            capabilities=converter.structure(recorded["capabilities"], lsp.ClientCapabilities),
            workspace_folders=[lsp.WorkspaceFolder(uri=uri(root), name="w")],
        )
    )
    yield
    await lsp_client.shutdown_session()


def accept(*_: object) -> None:
    """What the library's client does not know and every editor does."""


@pytest.mark.asyncio
async def test_a_session(client: LanguageClient, editor: str, root: Path) -> None:
    name = uri(root / "db/010-a.sql")
    document = lsp.TextDocumentItem(uri=name, language_id="sql", version=1, text=TEXT)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=document))
    identifier = lsp.TextDocumentIdentifier(uri=name)
    if editor == "emacs-30":
        await client.wait_for_notification(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        found = client.diagnostics[name]
    else:
        report = await client.text_document_diagnostic_async(lsp.DocumentDiagnosticParams(text_document=identifier))
        assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
        found = report.items
    assert "transaction-control" in [each.code for each in found]
    assert all(each.source == "mig-lsp" and each.code_description for each in found)
    place = lsp.Position(line=2, character=2)
    hover = await client.text_document_hover_async(lsp.HoverParams(identifier, place))
    assert hover is not None
    actions = await client.text_document_code_action_async(
        lsp.CodeActionParams(identifier, lsp.Range(place, place), lsp.CodeActionContext(diagnostics=list(found)))
    )
    assert actions
    assert await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(identifier))
    assert await client.text_document_folding_range_async(lsp.FoldingRangeParams(identifier)) is not None
    assert await client.text_document_code_lens_async(lsp.CodeLensParams(identifier))
    assert await client.workspace_symbol_async(lsp.WorkspaceSymbolParams(query="t"))
