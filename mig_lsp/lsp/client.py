"""What the editor can do, read once from its `initialize`; everything unknown or malformed counts as "cannot"."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mig_lsp.lsp.uris import from_native

Encoding = Literal["utf-8", "utf-16", "utf-32"]
_ENCODINGS: Mapping[object, Encoding] = {"utf-8": "utf-8", "utf-16": "utf-16", "utf-32": "utf-32"}


@dataclass(frozen=True, slots=True)
class Client:
    """The editor's capabilities, as the questions that the server asks.

    *pull*: open documents are pulled, and never pushed. *workspace_pull*: all others are pulled too, by requests that
    the server keeps open. *folders* are the URIs of the workspace folders; *single_files* tells that there are none
    because no folder is open. *trusted* is False when the user has not said that the workspace may be acted for.
    *process* is the id of the editor's process, when it has one on this machine.
    """

    encoding: Encoding = "utf-16"
    pull: bool = False
    workspace_pull: bool = False
    refresh: bool = False
    lens_refresh: bool = False
    related: bool = False
    tags: frozenset[int] = frozenset()
    data: bool = False
    configuration: bool = False
    register_configuration: bool = False
    register_watchers: bool = False
    apply_edit: bool = False
    document_changes: bool = False
    resources: frozenset[str] = frozenset()
    action_literals: bool = False
    action_preferred: bool = False
    action_resolve: bool = False
    hierarchical_symbols: bool = False
    markdown: bool = True
    completion_markdown: bool = False
    link_tooltips: bool = False
    folding_limit: int | None = None
    folders: tuple[str, ...] = ()
    single_files: bool = False
    trusted: bool = True
    settings: Any = None
    process: int | None = None


def resolve(params: Mapping[str, Any]) -> Client:
    """The client that the parameters of `initialize` describe."""
    told = _Told(params.get("capabilities"))
    pull = told.has("textDocument.diagnostic")
    push = told.has("textDocument.publishDiagnostics")
    refresh = told.true("workspace.diagnostics.refreshSupport")
    # A refresh must reach open documents and all others. Neovim 0.12 answers it with a pull of the workspace alone,
    # drops what that says of open documents, and never pulls one that is open and not on the screen. Clients made with
    # VS Code's library do it all, and only they say that they cancel stale requests.
    everything = pull and refresh and told.true("general.staleRequestSupport.cancel")
    # Who takes pushes and cannot be relied on to pull would show stale findings after a change of another file.
    pull = pull and (everything or not push)
    options = params.get("initializationOptions")
    folders = _folders(params)
    return Client(
        encoding=_encoding(told.items("general.positionEncodings")),
        pull=pull,
        workspace_pull=everything,
        refresh=refresh,
        lens_refresh=told.true("workspace.codeLens.refreshSupport"),
        related=told.either("relatedInformation"),
        tags=frozenset(tag for tag in told.either_list("tagSupport.valueSet") if isinstance(tag, int)),
        data=told.either("dataSupport"),
        configuration=told.true("workspace.configuration"),
        register_configuration=told.true("workspace.didChangeConfiguration.dynamicRegistration"),
        register_watchers=told.true("workspace.didChangeWatchedFiles.dynamicRegistration"),
        apply_edit=told.true("workspace.applyEdit"),
        document_changes=told.true("workspace.workspaceEdit.documentChanges"),
        resources=frozenset(
            word for word in told.items("workspace.workspaceEdit.resourceOperations") if isinstance(word, str)
        ),
        action_literals=told.has("textDocument.codeAction.codeActionLiteralSupport"),
        action_preferred=told.true("textDocument.codeAction.isPreferredSupport"),
        action_resolve="edit" in told.items("textDocument.codeAction.resolveSupport.properties")
        and told.true("textDocument.codeAction.dataSupport"),
        hierarchical_symbols=told.true("textDocument.documentSymbol.hierarchicalDocumentSymbolSupport"),
        markdown="markdown" in (told.items("textDocument.hover.contentFormat") or ["markdown"]),
        completion_markdown="markdown" in told.items("textDocument.completion.completionItem.documentationFormat"),
        link_tooltips=told.true("textDocument.documentLink.tooltipSupport"),
        folding_limit=told.number("textDocument.foldingRange.rangeLimit"),
        folders=folders,
        single_files=not folders,
        trusted=not (isinstance(options, Mapping) and options.get("trusted") is False),
        settings=options,
        process=_process(params.get("processId")),
    )


class _Told:
    """Looks things up in what the client said, whatever shape that has."""

    def __init__(self, capabilities: object) -> None:
        self._capabilities = capabilities

    def get(self, path: str) -> Any:
        found: Any = self._capabilities
        for name in path.split("."):
            if not isinstance(found, Mapping):
                return None
            found = found.get(name)
        return found

    def has(self, path: str) -> bool:
        return isinstance(self.get(path), Mapping)

    def true(self, path: str) -> bool:
        return self.get(path) is True

    def items(self, path: str) -> list[object]:
        found = self.get(path)
        return found if isinstance(found, list) else []

    def number(self, path: str) -> int | None:
        found = self.get(path)
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None

    def either(self, name: str) -> bool:
        """What the client says of diagnostics, for pushed or for pulled ones: editors declare it for one of the two."""
        return self.true(f"textDocument.publishDiagnostics.{name}") or self.true(f"textDocument.diagnostic.{name}")

    def either_list(self, name: str) -> list[object]:
        pushed = self.items(f"textDocument.publishDiagnostics.{name}")
        return pushed or self.items(f"textDocument.diagnostic.{name}")


def _encoding(offered: list[object]) -> Encoding:
    """The client's first choice that is known; UTF-16 is the protocol's default."""
    for word in offered:
        if isinstance(word, str) and word in _ENCODINGS:
            return _ENCODINGS[word]
    return "utf-16"


def _process(told: object) -> int | None:
    return told if isinstance(told, int) and not isinstance(told, bool) and 0 < told < 2**31 else None


def _folders(params: Mapping[str, Any]) -> tuple[str, ...]:
    listed = params.get("workspaceFolders")
    if isinstance(listed, list) and listed:
        uris = (folder.get("uri") for folder in listed if isinstance(folder, Mapping))
        return tuple(dict.fromkeys(uri for uri in uris if isinstance(uri, str)))
    root = params.get("rootUri")
    if isinstance(root, str) and root:
        return (root,)
    path = params.get("rootPath")
    if isinstance(path, str) and path:
        return (from_native(str(Path(path).absolute()), windows=os.name == "nt"),)
    return ()
