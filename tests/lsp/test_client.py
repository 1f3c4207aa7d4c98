from __future__ import annotations

from typing import Any

import pytest

from mig_lsp.lsp.capabilities import capabilities
from mig_lsp.lsp.client import resolve
from mig_lsp.lsp.server import build
from tests.lsp.raw import profile

REFRESH = {"workspace": {"diagnostics": {"refreshSupport": True}}}
CANCEL: dict[str, Any] = {"general": {"staleRequestSupport": {"cancel": True}}}
PUSH: dict[str, Any] = {"publishDiagnostics": {}}

RUBBISH: list[object] = [
    None, 1, [], "x", {"general": []}, {"textDocument": {"codeAction": 5}}, {"general": {"positionEncodings": [1, {}]}}
]  # fmt: skip
TRUST = [(None, True), ({}, True), ({"trusted": True}, True), ({"trusted": False}, False), (5, True)]


def test_the_three_editors() -> None:
    vscode, neovim, emacs = (resolve(profile(name)) for name in ("vscode-1.139", "neovim-0.12", "emacs-30"))
    assert ("utf-16", "utf-8", "utf-32") == (vscode.encoding, neovim.encoding, emacs.encoding)
    assert (True, False, False) == (vscode.pull, neovim.pull, emacs.pull)
    assert (True, False, False) == (vscode.workspace_pull, neovim.workspace_pull, emacs.workspace_pull)
    assert (True, False, True) == (vscode.document_changes, neovim.document_changes, emacs.document_changes)
    assert (True, True, False) == tuple("create" in each.resources for each in (vscode, neovim, emacs))
    assert (True, False, True) == tuple(each.register_watchers for each in (vscode, neovim, emacs))


@pytest.mark.parametrize(
    ("told", "pull"),
    [
        ({}, False),
        ({"textDocument": {"diagnostic": {}}}, True),
        ({"textDocument": {"diagnostic": {}, **PUSH}}, False),
        ({"textDocument": {"diagnostic": {}, **PUSH}, **REFRESH}, False),
        ({"textDocument": {"diagnostic": {}, **PUSH}, **REFRESH, **CANCEL}, True),
        ({"textDocument": {"diagnostic": {}, **PUSH}, **CANCEL}, False),
        ({"textDocument": PUSH, **REFRESH}, False),
        ({"textDocument": {"diagnostic": True}, **REFRESH}, False),
    ],
)
def test_who_pulls_must_do_it_for_all_documents_or_take_no_push(told: Any, pull: bool) -> None:
    assert pull is resolve({"capabilities": told}).pull


@pytest.mark.parametrize(
    "rubbish",
    [
        None,
        1,
        [],
        "x",
        {"general": []},
        {"textDocument": {"codeAction": 5}},
        {"general": {"positionEncodings": [1, {}]}},
    ],
)
def test_rubbish_counts_as_nothing(rubbish: object) -> None:
    assert resolve({}) == resolve({"capabilities": rubbish})


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ()),
        ({"rootUri": "file:///a"}, ("file:///a",)),
        ({"rootUri": "file:///a", "workspaceFolders": [{"uri": "file:///b", "name": "b"}]}, ("file:///b",)),
        ({"workspaceFolders": [{"uri": 1}, 5, {"uri": "file:///b"}, {"uri": "file:///b"}]}, ("file:///b",)),
        ({"rootUri": None, "workspaceFolders": None}, ()),
        ({"rootUri": "file:///a", "workspaceFolders": []}, ("file:///a",)),
    ],
)
def test_folders(params: Any, expected: tuple[str, ...]) -> None:
    found = resolve(params)
    assert expected == found.folders
    assert found.single_files is not bool(expected)


@pytest.mark.parametrize(
    ("options", "trusted"),
    TRUST,
)
def test_trust(options: object, trusted: bool) -> None:
    assert trusted is resolve({"initializationOptions": options}).trusted


@pytest.mark.parametrize("name", ["vscode-1.139", "neovim-0.12", "emacs-30"])
def test_what_is_offered_has_a_handler(name: str) -> None:
    methods = {
        "hoverProvider": "textDocument/hover",
        "completionProvider": "textDocument/completion",
        "definitionProvider": "textDocument/definition",
        "referencesProvider": "textDocument/references",
        "documentLinkProvider": "textDocument/documentLink",
        "documentSymbolProvider": "textDocument/documentSymbol",
        "workspaceSymbolProvider": "workspace/symbol",
        "foldingRangeProvider": "textDocument/foldingRange",
        "codeLensProvider": "textDocument/codeLens",
        "codeActionProvider": "textDocument/codeAction",
        "executeCommandProvider": "workspace/executeCommand",
        "diagnosticProvider": "textDocument/diagnostic",
    }
    offered = capabilities(resolve(profile(name)))
    handlers = build().wire.fm.features
    providers = {key for key in offered if key.endswith("Provider")}
    assert providers <= methods.keys()
    assert [] == [key for key in providers if methods[key] not in handlers]
