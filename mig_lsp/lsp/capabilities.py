"""What the server offers to one client: the answer to `initialize`."""

from __future__ import annotations

from typing import Any

from mig_lsp import __version__
from mig_lsp.lsp.client import Client

NAME = "mig-lsp"
COMMANDS = (
    "migLsp.new",
    "migLsp.prepare",
    "migLsp.register",
    "migLsp.renumber",
    "migLsp.insertHeader",
    "migLsp.showChunks",
    "migLsp.refreshLog",
    "migLsp.verify",
)
ACTION_KINDS = ("quickfix", "refactor.rewrite", "source.fixAll.mig-lsp")

# Files and folders whose coming, going and renaming the server wants to hear of, as far as the client can filter.
_ANY_FILE = [{"scheme": "file", "pattern": {"glob": "**/*"}}]


def answer(client: Client) -> dict[str, Any]:
    """The result of `initialize`."""
    return {"capabilities": capabilities(client), "serverInfo": {"name": NAME, "version": __version__}}


def capabilities(client: Client) -> dict[str, Any]:
    """The server's capabilities, without what the client could not use."""
    offered: dict[str, Any] = {
        "positionEncoding": client.encoding,
        "textDocumentSync": {"openClose": True, "change": 2, "save": {"includeText": False}},
        "hoverProvider": True,
        "completionProvider": {"triggerCharacters": ["'", '"', "-", " "], "resolveProvider": False},
        "definitionProvider": True,
        "referencesProvider": True,
        "documentLinkProvider": {"resolveProvider": False},
        "documentSymbolProvider": {"label": NAME},
        "workspaceSymbolProvider": True,
        "foldingRangeProvider": True,
        "codeLensProvider": {"resolveProvider": False},
        "codeActionProvider": {"codeActionKinds": list(ACTION_KINDS), "resolveProvider": client.action_resolve}
        if client.action_literals
        else True,
        "executeCommandProvider": {"commands": list(COMMANDS), "workDoneProgress": True},
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
            "fileOperations": {
                "willRename": {"filters": _ANY_FILE},
                "didRename": {"filters": _ANY_FILE},
                "didCreate": {"filters": _ANY_FILE},
                "didDelete": {"filters": _ANY_FILE},
            },
        },
    }
    if client.pull:
        offered["diagnosticProvider"] = {
            "identifier": NAME,
            "interFileDependencies": True,
            "workspaceDiagnostics": client.workspace_pull,
        }
    return offered
