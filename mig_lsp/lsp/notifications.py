"""What the editor tells: its documents, its settings, its folders, and what became of files."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mig_lsp.lsp.application import Server, json_object
from mig_lsp.lsp.text_sync import SyncError
from mig_lsp.lsp.worker import Tick

if TYPE_CHECKING:
    from lsprotocol import types as lsp

log = logging.getLogger(__name__)

_WATCHED = ("**/*.sql", "**/mig-lsp.toml", "**/*.{json,ts,mts,cts,js,mjs,cjs}")


def register(server: Server) -> None:
    """Takes the notifications."""
    handlers: dict[str, Callable[..., Any]] = {
        "initialized": initialized,
        "textDocument/didOpen": did_open,
        "textDocument/didChange": did_change,
        "textDocument/didClose": did_close,
        "textDocument/didSave": files_changed,
        "workspace/didChangeConfiguration": did_change_configuration,
        "workspace/didChangeWatchedFiles": files_changed,
        "workspace/didChangeWorkspaceFolders": did_change_folders,
        "workspace/didCreateFiles": files_changed,
        "workspace/didRenameFiles": files_changed,
        "workspace/didDeleteFiles": files_changed,
    }
    for method, handler in handlers.items():
        server.feature(method)(handler)


def initialized(ls: Server, _params: object) -> None:
    """Begins to work, and asks for what the client can do on demand."""
    if ls.client.configuration:
        _fetch_settings(ls)
    registrations: list[dict[str, Any]] = []
    if ls.client.register_watchers:
        watchers = [{"globPattern": pattern} for pattern in _WATCHED]
        registrations.append(_registration("workspace/didChangeWatchedFiles", {"watchers": watchers}))
    if ls.client.register_configuration:
        registrations.append(_registration("workspace/didChangeConfiguration", {"section": "migLsp"}))
    if registrations:
        ls.wire.ask("client/registerCapability", {"registrations": registrations})
    ls.start()


def did_open(ls: Server, params: object) -> None:
    """Takes the text of a document."""
    document = json_object(json_object(params).get("textDocument"))
    uri, text, version = document.get("uri"), document.get("text"), document.get("version")
    if not isinstance(uri, str) or not isinstance(text, str):
        log.warning("didOpen without a uri or a text is ignored")
        return

    def work(_: Tick) -> None:
        ls.session.open(uri, text, version if isinstance(version, int) else 0)
        ls.reports.opened(uri)

    ls.start()
    ls.submit(work)


def did_change(ls: Server, params: object) -> None:
    """Changes the text of an open document."""
    told = json_object(params)
    document, changes = json_object(told.get("textDocument")), told.get("contentChanges")
    uri, version = document.get("uri"), document.get("version")
    if not isinstance(uri, str) or not isinstance(changes, list):
        log.warning("didChange without a uri or changes is ignored")
        return

    def work(_: Tick) -> None:
        try:
            others = ls.session.change(uri, version if isinstance(version, int) else None, changes)
        except SyncError as error:
            log.warning("didChange of %s is ignored: %s", uri, error)
            return
        ls.reports.edited(uri)
        if others:
            ls.reports.changed()

    ls.submit(work)


def did_close(ls: Server, params: object) -> None:
    """The document is what the disk has again."""
    uri = json_object(json_object(params).get("textDocument")).get("uri")
    if not isinstance(uri, str):
        log.warning("didClose without a uri is ignored")
        return

    def work(_: Tick) -> None:
        ls.session.close(uri)
        ls.reports.closed(uri)
        ls.ask_git()

    ls.submit(work)


def files_changed(ls: Server, _params: object) -> None:
    """Something happened on the disk, which says best itself what is there now."""

    def work(_: Tick) -> None:
        if ls.session.look(now=True):
            ls.disk_changed()

    ls.submit(work)


def did_change_configuration(ls: Server, params: object) -> None:
    """The settings are others now: the client either has sent them, or is asked for them."""
    if ls.client.configuration:
        _fetch_settings(ls)
        return
    settings = json_object(params).get("settings")
    _configure(ls, {None: settings})


def did_change_folders(ls: Server, params: lsp.DidChangeWorkspaceFoldersParams) -> None:
    """Folders come and go."""

    def work(_: Tick) -> None:
        for folder in params.event.removed:
            ls.session.remove_folder(folder.uri)
        for folder in params.event.added:
            ls.session.add_folder(folder.uri)
        ls.reports.changed()

    ls.submit(work)
    if ls.client.configuration and params.event.added:
        _fetch_settings(ls)


def _fetch_settings(ls: Server) -> None:
    def ask(_: Tick) -> None:
        folders = tuple(ls.session.folders)

        def answered(result: Any, error: Mapping[str, Any] | None) -> None:
            if error is not None or not isinstance(result, list) or len(result) != len(folders) + 1:
                log.warning("the client has not answered with its settings")
                return
            _configure(ls, dict(zip((None, *folders), result, strict=True)))

        items = [{"section": "migLsp"}, *({"section": "migLsp", "scopeUri": uri} for uri in folders)]
        ls.wire.ask("workspace/configuration", {"items": items}, answered)

    ls.submit(ask)


def _configure(ls: Server, settings: Mapping[str | None, Any]) -> None:
    """Takes settings by folder, None being all of them; where there are none, those of the start stay."""

    def work(_: Tick) -> None:
        problems: dict[str, None] = {}
        for folder, section in settings.items():
            problems.update(dict.fromkeys(ls.session.configure(section or ls.client.settings, folder)))
        ls.show_settings_problems(tuple(problems))
        ls.reports.changed()

    ls.submit(work)


def _registration(method: str, options: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"mig-lsp {method}", "method": method, "registerOptions": options}
