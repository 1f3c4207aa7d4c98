"""The table of contents: each request of the protocol, and the function of the core that answers it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from mig_lsp.core.change import SourceChange
from mig_lsp.core.features import (
    actions,
    completion,
    folding,
    hover,
    lens,
    navigation,
    rename,
    symbols,
)
from mig_lsp.core.text import Span
from mig_lsp.core.visible import visible
from mig_lsp.lsp import convert, listing, uris
from mig_lsp.lsp.application import Server, json_object
from mig_lsp.lsp.convert import Json
from mig_lsp.lsp.diagnostics import range_of
from mig_lsp.lsp.session import Folder, Where
from mig_lsp.lsp.worker import Tick

if TYPE_CHECKING:
    from lsprotocol import types as lsp


def register(server: Server) -> None:
    """Takes the requests."""
    handlers: dict[str, Callable[..., Any]] = {
        "textDocument/hover": on_hover,
        "textDocument/completion": on_completion,
        "textDocument/definition": on_definition,
        "textDocument/references": on_references,
        "textDocument/documentLink": on_links,
        "textDocument/documentSymbol": on_document_symbols,
        "workspace/symbol": on_workspace_symbols,
        "textDocument/foldingRange": on_folding,
        "textDocument/codeLens": on_lens,
        "textDocument/codeAction": on_code_action,
        "codeAction/resolve": on_code_action_resolve,
        "textDocument/diagnostic": on_diagnostic,
        "workspace/diagnostic": on_workspace_diagnostic,
        "workspace/willRenameFiles": on_will_rename,
        "migLsp/documents": on_documents,
        "migLsp/migrations": on_migrations,
        "migLsp/chunks": on_chunks,
    }
    for method, handler in handlers.items():
        server.feature(method)(handler)


def on_hover(ls: Server, params: lsp.HoverParams) -> Future[Json | None]:
    """What is known about the place under the cursor."""

    def work(where: Where, tick: Tick) -> Json | None:
        shown = ls.reports.report(params.text_document.uri, tick).findings
        found = hover.hover(where.snapshot, where.path, _offset(ls, where, params.position), _now(), shown)
        if found is None:
            return None
        kind = "markdown" if ls.client.markdown else "plaintext"
        return {"contents": {"kind": kind, "value": found.markdown}, "range": _range(ls, where, found.span)}

    return ls.at(params.text_document.uri, work, None)


def on_completion(ls: Server, params: lsp.CompletionParams) -> Future[list[Json]]:
    """What may stand at the cursor."""

    def work(where: Where, _: Tick) -> list[Json]:
        offset = _offset(ls, where, params.position)
        return [
            {
                "label": item.label,
                "kind": convert.COMPLETIONS[item.kind],
                "textEdit": {"range": _range(ls, where, item.span), "newText": item.insert},
                **({"detail": visible(item.detail)} if item.detail else {}),
                **({"documentation": _documentation(ls, item.documentation)} if item.documentation else {}),
                **({"sortText": item.sort} if item.sort else {}),
            }
            for item in completion.complete(where.snapshot, where.path, offset, today())
        ]

    return ls.at(params.text_document.uri, work, [])


def _documentation(ls: Server, markdown: str) -> Json | str:
    return {"kind": "markdown", "value": markdown} if ls.client.completion_markdown else markdown


def on_definition(ls: Server, params: lsp.DefinitionParams) -> Future[Json | None]:
    """Where the thing under the cursor is made."""

    def work(where: Where, _: Tick) -> Json | None:
        found = navigation.definition(where.snapshot, where.path, _offset(ls, where, params.position))
        return None if found is None else _location(ls, where.folder, found.path, found.span)

    return ls.at(params.text_document.uri, work, None)


def on_references(ls: Server, params: lsp.ReferenceParams) -> Future[list[Json]]:
    """Every place that names the thing under the cursor."""

    def work(where: Where, _: Tick) -> list[Json]:
        found = navigation.references(where.snapshot, where.path, _offset(ls, where, params.position))
        return [_location(ls, where.folder, each.path, each.span) for each in found]

    return ls.at(params.text_document.uri, work, [])


def on_links(ls: Server, params: lsp.DocumentLinkParams) -> Future[list[Json]]:
    """The names of other files in a document."""

    def work(where: Where, _: Tick) -> list[Json]:
        links = []
        for link in navigation.links(where.snapshot, where.path):
            target = where.folder.uri_of(link.target_path)
            links.append({"range": _range(ls, where, link.span), "target": target})
            if ls.client.link_tooltips and link.tooltip:
                links[-1]["tooltip"] = link.tooltip
        return links

    return ls.at(params.text_document.uri, work, [])


def on_document_symbols(ls: Server, params: lsp.DocumentSymbolParams) -> Future[list[Json]]:
    """The outline of a document: a tree, or a flat list for a client that knows no trees."""

    def work(where: Where, _: Tick) -> list[Json]:
        found = symbols.document_symbols(where.snapshot, where.path)
        if ls.client.hierarchical_symbols:
            return [_symbol(ls, where, symbol) for symbol in found]
        return list(_flat(ls, where, found, None))

    return ls.at(params.text_document.uri, work, [])


def on_workspace_symbols(ls: Server, params: lsp.WorkspaceSymbolParams) -> Future[list[Json]]:
    """What the migrations of all sets make, by name."""

    def work(tick: Tick) -> list[Json]:
        found = []
        for folder, snapshot in ls.session.all_sets():
            for symbol in symbols.workspace_symbols(snapshot, params.query):
                tick()
                place = _location(ls, folder, symbol.path, symbol.span)
                kind = convert.SYMBOLS[symbol.kind]
                name = visible(symbol.name)
                found.append({"name": name, "kind": kind, "location": place, "containerName": symbol.path})
        return found

    return ls.ask(work)


def on_folding(ls: Server, params: lsp.FoldingRangeParams) -> Future[list[Json]]:
    """What of a document can be folded."""

    def work(where: Where, _: Tick) -> list[Json]:
        found = folding.folds(where.snapshot, where.path)[: ls.client.folding_limit]
        folds = [{"startLine": fold.start_line, "endLine": fold.end_line} for fold in found]
        return [{**fold, **({"kind": each.kind} if each.kind else {})} for fold, each in zip(folds, found, strict=True)]

    return ls.at(params.text_document.uri, work, [])


def on_lens(ls: Server, params: lsp.CodeLensParams) -> Future[list[Json]]:
    """What stands above a migration: its place in the order, its state, what can be done."""

    def work(where: Where, _: Tick) -> list[Json]:
        return [
            {
                "range": _range(ls, where, each.span),
                "command": _command(where.folder, each.title, each.command, each.arguments),
            }
            for each in lens.lenses(where.snapshot, where.path)
        ]

    return ls.at(params.text_document.uri, work, [])


def on_code_action(ls: Server, params: lsp.CodeActionParams) -> Future[list[Json]]:
    """What can be done at the selection."""
    only = tuple(str(getattr(kind, "value", kind)) for kind in params.context.only or ())

    def work(where: Where, tick: Tick) -> list[Json]:
        start, end = (_offset(ls, where, place) for place in (params.range.start, params.range.end))
        span = Span(min(start, end), max(start, end))
        shown = ls.reports.report(params.text_document.uri, tick).findings
        found = actions.actions(where.snapshot, where.path, span, today(), shown, only or None)
        answers = (_action(ls, where, action, params.context.diagnostics) for action in found)
        return [answer for answer in answers if answer is not None]

    return ls.at(params.text_document.uri, work, [])


def on_code_action_resolve(ls: Server, params: lsp.CodeAction) -> Json:
    """Every action is complete when it is offered, so it is given back as it came."""
    return dict(ls.wire.plain(params))


def on_diagnostic(ls: Server, params: object) -> Future[Json]:
    """The findings of one document."""
    told = json_object(params)
    uri = json_object(told.get("textDocument")).get("uri")
    if not isinstance(uri, str):
        raise JsonRpcInvalidParams("the parameters of textDocument/diagnostic are malformed")
    return ls.ask(lambda tick: ls.reports.pull(uri, told.get("previousResultId"), tick))


def on_workspace_diagnostic(ls: Server, params: object) -> Future[Json]:
    """The findings of all documents that are not open; the answer waits until there is something to say."""
    told = json_object(params)
    previous = told.get("previousResultIds")
    if not isinstance(previous, list):
        raise JsonRpcInvalidParams("the parameters of workspace/diagnostic are malformed")
    pairs = [json_object(each) for each in previous]
    has = {str(each["uri"]): str(each["value"]) for each in pairs if "uri" in each and "value" in each}
    token = told.get("partialResultToken")
    answer: Future[Json] = Future()
    return ls.begin(lambda tick: ls.reports.wait(has, token if isinstance(token, int | str) else None, answer), answer)


def on_will_rename(ls: Server, params: lsp.RenameFilesParams) -> Future[Json | None]:
    """What else must change when files are renamed."""

    def work(_: Tick) -> Json | None:
        edits: list[Json] = []
        for file in params.files:
            where = ls.session.where(file.old_uri)
            new = None if where is None else uris.relative(where.folder.uri, file.new_uri, windows=os.name == "nt")
            if where is None or new is None:
                continue
            change = rename.will_rename(where.snapshot, where.path, new)
            if change is not None:
                edits.append(edit_of(ls, where.folder, change))
        return _merged(edits)

    return ls.ask(work)


def on_documents(ls: Server, params: object) -> Future[Json]:
    """The documents that the server cares for; where no folder is open, also those in the projects of some files."""
    named = json_object(params).get("uris")
    files = [uri for uri in named if isinstance(uri, str)] if isinstance(named, list) else []

    def work(_: Tick) -> Json:
        for uri in files:
            ls.session.include(uri)
        return ls.documents()

    return ls.ask(work)


def on_migrations(ls: Server, _params: object) -> Future[Json]:
    """The sets in run order."""
    return ls.ask(ls.sets)


def on_chunks(ls: Server, params: object) -> Future[Json | None]:
    """What the runner would send of a document, and what would be refused."""
    uri = json_object(params).get("uri")
    if not isinstance(uri, str):
        raise JsonRpcInvalidParams("migLsp/chunks needs a uri")
    return ls.at(uri, lambda where, _: listing.chunks_of(where), None)


def edit_of(ls: Server, folder: Folder, change: SourceChange) -> Json:
    """A change as the client's `WorkspaceEdit`; raises UnsupportedEditError."""
    return convert.workspace_edit(
        change,
        ls.client,
        folder.uri_of,
        lambda path: ls.lines_of(folder, path),
        lambda path: ls.version_of(folder, path),
    )


def _action(ls: Server, where: Where, action: actions.Action, told: Iterable[lsp.Diagnostic]) -> Json | None:
    """An action as the client takes it, or None when the client cannot carry it out."""
    command = None
    if action.command:
        command = _command(where.folder, action.title, action.command, action.arguments)
    if not ls.client.action_literals:
        return command
    json: Json = {"title": visible(action.title), "kind": action.kind}
    if action.change is not None:
        try:
            json["edit"] = edit_of(ls, where.folder, action.change)
        except convert.UnsupportedEditError:
            return None
    if command is not None:
        json["command"] = command
    if action.preferred and ls.client.action_preferred:
        json["isPreferred"] = True
    fixed = {(each.rule, visible(each.message)) for each in action.findings}
    diagnostics = [each for each in told if (each.code, each.message) in fixed]
    if diagnostics:
        json["diagnostics"] = ls.wire.plain(diagnostics)
    return json


def _command(folder: Folder, title: str, name: str, arguments: Iterable[str]) -> Json:
    """A command; arguments that are paths of documents become URIs, which mean the same in every folder."""
    known = {path for snapshot in folder.known for path in (*snapshot.files, *snapshot.documents)}
    given = [folder.uri_of(each) if each in known else each for each in arguments]
    return {"title": visible(title), "command": name, "arguments": given}


def _symbol(ls: Server, where: Where, symbol: symbols.Symbol) -> Json:
    return {
        "name": visible(symbol.name),
        "detail": visible(symbol.detail),
        "kind": convert.SYMBOLS[symbol.kind],
        "range": _range(ls, where, symbol.span),
        "selectionRange": _range(ls, where, symbol.selection),
        "children": [_symbol(ls, where, child) for child in symbol.children],
    }


def _flat(ls: Server, where: Where, found: Iterable[symbols.Symbol], parent: str | None) -> Iterable[Json]:
    for symbol in found:
        place = _location(ls, where.folder, where.path, symbol.span)
        yield {
            "name": visible(symbol.name),
            "kind": convert.SYMBOLS[symbol.kind],
            "location": place,
            **({"containerName": parent} if parent else {}),
        }
        yield from _flat(ls, where, symbol.children, symbol.name)


def _merged(edits: list[Json]) -> Json | None:
    if not edits:
        return None
    if "documentChanges" in edits[0]:
        return {"documentChanges": [step for edit in edits for step in edit["documentChanges"]]}
    changes: dict[str, list[Json]] = {}
    for edit in edits:
        for uri, steps in edit["changes"].items():
            changes.setdefault(uri, []).extend(steps)
    return {"changes": changes}


def _offset(ls: Server, where: Where, position: lsp.Position) -> int:
    return ls.offset(where, position.line, position.character)


def _range(ls: Server, where: Where, span: Span) -> Json:
    return range_of(where.file.lines, span, ls.client.encoding)


def _location(ls: Server, folder: Folder, path: str, span: Span) -> Json:
    return convert.location(folder.uri_of(path), ls.lines_of(folder, path), span, ls.client.encoding)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def today() -> str:
    """The date where the user is, in ISO-8601."""
    return datetime.datetime.now().astimezone().date().isoformat()
