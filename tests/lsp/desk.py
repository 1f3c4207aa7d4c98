"""An editor at work on a folder: a real client, its open documents, and the files that it changes."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient

from tests.lsp.raw import COMMAND, TIMEOUT, profile, uri

_PATIENCE = 0.05  # seconds in which the server says what it has to say, if anything
_LINE_END = re.compile(r"\r\n|\r|\n")
_WIDTHS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
_LANGUAGES = {".sql": "sql", ".ts": "typescript", ".json": "json", ".toml": "toml"}


@asynccontextmanager
async def at_work(root: Path, editor: str) -> AsyncIterator[Desk]:
    """An editor that has a folder open, with a server of its own."""
    client = await ClientServerConfig(COMMAND, server_env={**os.environ, "MIG_LSP_NO_CACHE": "1"}).start()
    assert isinstance(client, LanguageClient)
    try:
        desk = Desk(client, root, editor)
        await desk.start()
        yield desk
        await client.shutdown_session()
    finally:
        if client._server is not None and client._server.returncode is None:
            client._server.kill()
        await client.stop()  # type: ignore[no-untyped-call]  # it has no types


class Desk:
    """One editor. A place is written as text with `{|}` where the cursor stands; paths are relative to the root."""

    def __init__(self, client: LanguageClient, root: Path, editor: str) -> None:
        self.client = client
        self.root = root
        self.editor = editor
        self.open: dict[str, tuple[int, str]] = {}
        self.encoding = ""
        self.pulls = False
        self.pulls_workspace = False
        self._reported: dict[str, lsp.WorkspaceFullDocumentDiagnosticReport] = {}
        self._held: asyncio.Future[lsp.WorkspaceDiagnosticReport] | None = None

    async def start(self) -> None:
        """Opens the folder; what the server asks for is done."""
        for method in (lsp.CLIENT_REGISTER_CAPABILITY, lsp.WORKSPACE_CODE_LENS_REFRESH):
            self.client.feature(method)(_accept)
        self.client.feature(lsp.WORKSPACE_APPLY_EDIT)(lambda params: self._asked_to_apply(params))  # pygls marks it
        recorded = profile(self.editor)["capabilities"]
        started = await self.client.initialize_session(
            lsp.InitializeParams(
                capabilities=self.client.protocol._converter.structure(recorded, lsp.ClientCapabilities),
                workspace_folders=[lsp.WorkspaceFolder(uri=uri(self.root), name="demo")],
            )
        )
        told = started.capabilities
        assert isinstance(told.position_encoding, str)
        self.encoding = told.position_encoding
        self.pulls = told.diagnostic_provider is not None
        self.pulls_workspace = told.diagnostic_provider is not None and told.diagnostic_provider.workspace_diagnostics

    # Texts and places

    def text(self, path: str) -> str:
        """What the editor shows of a file."""
        return self.open[path][1] if path in self.open else (self.root / path).read_bytes().decode()

    def identifier(self, path: str) -> lsp.TextDocumentIdentifier:
        """The file as a document."""
        return lsp.TextDocumentIdentifier(uri=uri(self.root / path))

    def place(self, path: str, cursor: str) -> lsp.Position:
        """The position of `{|}` in the first stretch of the file that reads as *cursor*."""
        before, after = cursor.split("{|}")
        return self._position(path, self.text(path).index(before + after) + len(before))

    def whole(self, path: str) -> lsp.Range:
        """All of the file."""
        return lsp.Range(lsp.Position(0, 0), self._position(path, len(self.text(path))))

    def covered(self, path: str, covered: lsp.Range) -> str:
        """The text at a range."""
        text = self.text(path)
        return text[self._offset(text, covered.start) : self._offset(text, covered.end)]

    def path_of(self, name: str) -> str:
        """The path of a URI below the root."""
        prefix = f"{uri(self.root)}/"
        assert name.startswith(prefix), name
        return name.removeprefix(prefix)

    # What an editor does

    def show(self, *paths: str) -> None:
        """Opens files."""
        for path in paths:
            self.take(path, self.text(path))

    def type(self, path: str, old: str, new: str) -> None:
        """Replaces the first *old* of an open document."""
        assert old in self.text(path), old
        self._retype(path, self.text(path).replace(old, new, 1))

    def close(self, path: str) -> None:
        """Closes a document without saving it."""
        del self.open[path]
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(self.identifier(path)))

    def carry_out(self, edit: lsp.WorkspaceEdit | None) -> list[str]:
        """Does what an edit says, in the buffers of what is open and in the files of all else; the paths it touches."""
        assert edit is not None
        if edit.document_changes is None:
            steps: list[Any] = [
                lsp.TextDocumentEdit(lsp.OptionalVersionedTextDocumentIdentifier(uri=name), edits)
                for name, edits in (edit.changes or {}).items()
            ]
        else:
            steps = list(edit.document_changes)
        touched = [self._step(step) for step in steps]
        events = [lsp.FileEvent(uri(self.root / path), lsp.FileChangeType.Changed) for path in touched]
        self.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(events))
        return list(dict.fromkeys(touched))

    async def run(self, command: str, *arguments: Any) -> Any:
        """The answer to a command."""
        params = lsp.ExecuteCommandParams(command, list(arguments))
        return await self.client.workspace_execute_command_async(params)

    async def actions(self, path: str, cursor: str | None = None) -> dict[str, lsp.CodeAction]:
        """What can be done at a place, or with the whole file, by title."""
        place = self.place(path, cursor) if cursor is not None else None
        where = lsp.Range(place, place) if place is not None else self.whole(path)
        context = lsp.CodeActionContext(diagnostics=await self.diagnostics(path))
        params = lsp.CodeActionParams(self.identifier(path), where, context)
        found = await self.client.text_document_code_action_async(params)
        return {each.title: each for each in found or () if isinstance(each, lsp.CodeAction)}

    # What an editor shows

    async def diagnostics(self, path: str) -> list[lsp.Diagnostic]:
        """What is marked in a file at this moment."""
        if path in self.open and self.pulls:
            params = lsp.DocumentDiagnosticParams(self.identifier(path))
            report = await self.client.text_document_diagnostic_async(params)
            assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
            assert not self.client.diagnostics.get(uri(self.root / path)), "pushed and pulled"
            return list(report.items)
        if self.pulls_workspace:
            await self._pull_workspace()
            known = self._reported.get(path)
            return [] if known is None else list(known.items)
        return list(self.client.diagnostics.get(uri(self.root / path), ()))

    async def marks(self, path: str) -> list[str]:
        """What is marked in a file: line (from 1), severity and rule."""
        words = {1: "error", 2: "warning", 3: "info", 4: "hint"}
        found = sorted(
            await self.diagnostics(path), key=lambda each: (each.range.start.line, each.range.start.character)
        )
        return [f"{each.range.start.line + 1} {words[each.severity or 1]} {each.code}" for each in found]

    async def rules(self, path: str) -> list[str]:
        """The rules that find something in a file."""
        return [mark.split()[-1] for mark in await self.marks(path)]

    async def until(self, path: str, wanted: Callable[[list[str]], bool]) -> None:
        """Waits until the rules that find something in a file are as *wanted*."""
        end = time.monotonic() + TIMEOUT
        while not wanted(found := await self.rules(path)):
            assert time.monotonic() < end, f"{path} still has {found}"
            await asyncio.sleep(0.05)

    # Helpers

    async def _pull_workspace(self) -> None:
        """Takes what the server has to say of what is not open; while nothing is new it keeps the request open."""
        if self._held is None:
            known = [
                lsp.PreviousResultId(each.uri, each.result_id)
                for each in self._reported.values()
                if each.result_id is not None
            ]
            params = lsp.WorkspaceDiagnosticParams(previous_result_ids=known)
            self._held = asyncio.ensure_future(self.client.workspace_diagnostic_async(params))
        await asyncio.wait((self._held,), timeout=_PATIENCE)
        if self._held.done():
            for each in self._held.result().items:
                if isinstance(each, lsp.WorkspaceFullDocumentDiagnosticReport):
                    self._reported[self.path_of(each.uri)] = each
            self._held = None

    def _asked_to_apply(self, params: lsp.ApplyWorkspaceEditParams) -> lsp.ApplyWorkspaceEditResult:
        self.carry_out(params.edit)
        return lsp.ApplyWorkspaceEditResult(applied=True)

    def _step(self, step: Any) -> str:
        if isinstance(step, lsp.CreateFile):
            path = self.path_of(step.uri)
            (self.root / path).touch(exist_ok=False)
            return path
        if isinstance(step, lsp.RenameFile):
            old, new = self.path_of(step.old_uri), self.path_of(step.new_uri)
            assert not (self.root / new).exists()
            (self.root / old).rename(self.root / new)
            if old in self.open:
                text = self.text(old)
                self.close(old)
                self.take(new, text)
            return new
        assert isinstance(step, lsp.TextDocumentEdit)
        path = self.path_of(step.text_document.uri)
        if path in self.open:
            assert step.text_document.version in (None, self.open[path][0]), "an edit of an older text"
        text = self.text(path)
        edits = [
            (self._offset(text, each.range.start), self._offset(text, each.range.end), number, each)
            for number, each in enumerate(step.edits)
        ]
        for start, end, _, each in sorted(edits, key=lambda edit: edit[:3], reverse=True):
            assert isinstance(each, lsp.TextEdit)
            text = text[:start] + each.new_text + text[end:]
        if path in self.open:
            self._retype(path, text)
        else:
            (self.root / path).write_bytes(text.encode())
        return path

    def take(self, path: str, text: str) -> None:
        self.open[path] = (1, text)
        language = _LANGUAGES[Path(path).suffix]
        item = lsp.TextDocumentItem(uri(self.root / path), language, 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def _retype(self, path: str, text: str) -> None:
        version = self.open[path][0] + 1
        self.open[path] = (version, text)
        document = lsp.VersionedTextDocumentIdentifier(uri=uri(self.root / path), version=version)
        changes = [lsp.TextDocumentContentChangeWholeDocument(text)]
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, changes))

    def _position(self, path: str, offset: int) -> lsp.Position:
        encoding, width = _WIDTHS[self.encoding]
        lines = _LINE_END.split(self.text(path)[:offset])
        return lsp.Position(len(lines) - 1, len(lines[-1].encode(encoding)) // width)

    def _offset(self, text: str, place: lsp.Position) -> int:
        encoding, width = _WIDTHS[self.encoding]
        line = _LINE_END.split(text)[place.line].encode(encoding)
        assert place.character * width <= len(line), place
        start = [0, *(end.end() for end in _LINE_END.finditer(text))][place.line]
        return start + len(line[: place.character * width].decode(encoding))


def _accept(_: Any) -> None:
    return None
