"""The core's values as the protocol's JSON, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mig_lsp.core.change import CreateFile, Edit, EditFile, RenameFile, SourceChange
from mig_lsp.core.text import Encoding, Lines, Span
from mig_lsp.lsp.client import Client
from mig_lsp.lsp.diagnostics import range_of

Json = dict[str, Any]
UriOf = Callable[[str], str]
LinesOf = Callable[[str], Lines]
VersionOf = Callable[[str], "int | None"]

# The protocol has no words of its own for most of what a database is made of: these are the nearest icons.
SYMBOLS: Mapping[str, int] = {
    "file": 1,
    "section": 3,
    "statement": 24,
    "table": 23,
    "column": 8,
    "type": 10,
    "index": 20,
    "routine": 12,
    "object": 19,
    "entry": 15,
}
COMPLETIONS: Mapping[str, int] = {
    "file": 17,
    "header": 15,
    "rule": 12,
    "key": 10,
    "value": 12,
    "table": 22,
    "column": 5,
    "type": 13,
    "keyword": 14,
}


class UnsupportedEditError(Exception):
    """The client cannot carry out a change; the message says which part, and what to do instead."""


def text_edits(edits: Iterable[Edit], lines: Lines, encoding: Encoding) -> list[Json]:
    """Edits of one text."""
    return [{"range": range_of(lines, edit.span, encoding), "newText": edit.text} for edit in edits]


def location(uri: str, lines: Lines, span: Span, encoding: Encoding) -> Json:
    """A stretch of a file."""
    return {"uri": uri, "range": range_of(lines, span, encoding)}


def workspace_edit(
    change: SourceChange, client: Client, uri_of: UriOf, lines_of: LinesOf, version_of: VersionOf
) -> Json:
    """A change of files; raises UnsupportedEditError when the client cannot make or rename files and must.

    *version_of* gives the version of an open document, and None for others: an edit of an older text is then refused
    by the client instead of landing in the wrong place.
    """
    _check(change, client)
    # Neovim says what it can do with files and not that it takes documentChanges, which it does.
    if not client.document_changes and not client.resources:
        return {"changes": _plain(change, client, uri_of, lines_of)}
    texts: dict[str, Lines] = {}
    moved: set[str] = set()
    steps: list[Json] = []
    for file in change.files:
        match file:
            case CreateFile(path, text):
                options = {"overwrite": False, "ignoreIfExists": False}
                steps.append({"kind": "create", "uri": uri_of(path), "options": options})
                steps.append(_edit(uri_of(path), None, [Edit(Span(0, 0), text)], Lines(""), client.encoding))
                texts[path] = Lines(text)
                moved.add(path)
            case RenameFile(old, new):
                options = {"overwrite": False, "ignoreIfExists": False}
                steps.append({"kind": "rename", "oldUri": uri_of(old), "newUri": uri_of(new), "options": options})
                texts[new] = texts.pop(old) if old in texts else lines_of(old)
                moved.add(new)
            case EditFile(path, edits):
                version = None if path in moved else version_of(path)
                lines = texts.get(path) or lines_of(path)
                steps.append(_edit(uri_of(path), version, edits, lines, client.encoding))
    return {"documentChanges": steps}


def _edit(uri: str, version: int | None, edits: Iterable[Edit], lines: Lines, encoding: Encoding) -> Json:
    return {"textDocument": {"uri": uri, "version": version}, "edits": text_edits(edits, lines, encoding)}


def _plain(change: SourceChange, client: Client, uri_of: UriOf, lines_of: LinesOf) -> Mapping[str, list[Json]]:
    changes: dict[str, list[Json]] = {}
    for file in change.files:
        if isinstance(file, EditFile):
            edits = text_edits(file.edits, lines_of(file.path), client.encoding)
            changes.setdefault(uri_of(file.path), []).extend(edits)
    return changes


def _check(change: SourceChange, client: Client) -> None:
    for file in change.files:
        if isinstance(file, CreateFile) and "create" not in client.resources:
            raise UnsupportedEditError(f"this editor cannot create {file.path}: run mig-lsp on the command line")
        if isinstance(file, RenameFile) and "rename" not in client.resources:
            raise UnsupportedEditError(f"this editor cannot rename {file.old}: run mig-lsp on the command line")
