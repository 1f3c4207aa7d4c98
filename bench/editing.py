"""Scenarios of the servers, over real standard input and output."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from bench.client import Client, Message, answers, published
from bench.corpus import FOLDER
from bench.keys import Document, lone_quotes, typing
from bench.peers import Tool
from bench.record import Run

# An editor that takes what is pushed, and one that pulls everything and shows parts of the answer as they come.
_PUSH: Mapping[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
        "hover": {"contentFormat": ["markdown"]},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
    },
}
_PULL: Mapping[str, Any] = {
    "general": {"positionEncodings": ["utf-16"], "staleRequestSupport": {"cancel": True}},
    "textDocument": {"diagnostic": {}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}
_QUIET = 1.5  # seconds without a message after which a server has nothing more to do
_PAUSE = 0.01  # seconds between two keys
_RENAME = "ALTER TABLE users RENAME COLUMN name TO label;\n"


def start(tool: Tool, root: Path) -> Run:
    """From the start of the process to the answer to `initialize`."""
    with _client(tool, root) as client:
        answer = client.initialize(_PUSH)
        cpu = client.meter.cpu()
        client.quiet(0.5)
    return Run([answer.at - client.started], cpu, client.meter.peak())


def first_findings(tool: Tool, root: Path) -> Run:
    """From `initialized`, with a document opened at once, to the findings of that document."""
    with _client(tool, root) as client:
        pulls = _pulls(client.initialize(_PUSH))
        begun = time.perf_counter()
        document = _document(_middle(root))
        client.tell("textDocument/didOpen", document.opened())
        answer = _findings(client, document, pulls)
        return _measured(client, [answer.at - begun])


def whole_workspace(tool: Tool, root: Path) -> Run:
    """From `initialized` to the end of a pull of the whole workspace, with a document opened at once."""
    with _client(tool, root) as client:
        client.initialize(_PULL)
        begun = time.perf_counter()
        document = _document(_middle(root))
        client.tell("textDocument/didOpen", document.opened())
        pulled = client.send("textDocument/diagnostic", {"textDocument": {"uri": document.uri}})
        workspace = _Workspace(client, also=pulled)
        answer = workspace.pull()
        more = {
            "open_document": round((workspace.also_at - begun) * 1000, 3),
            "first_part": round((workspace.first_at - begun) * 1000, 3),
            "documents": len(workspace.has),
        }
        return _measured(client, [answer.at - begun], more)


def catalog_edit(tool: Tool, root: Path, times: int) -> Run:
    """From an edit that renames a column for all later files to the last finding that is different."""
    with _client(tool, root) as client:
        client.initialize(_PULL)
        document = _document(_middle(root))
        client.tell("textDocument/didOpen", document.opened())
        workspace = _Workspace(client)
        workspace.pull()
        last = len(document.lines) - 1
        took, changed, before = [], [], client.meter.cpu()
        for number in range(2 * times):
            if number % 2:
                edit = document.replace(last, 0, len(_RENAME) - 1, "")
            else:
                edit = document.replace(last, 0, 0, _RENAME.strip())
            begun = client.tell("textDocument/didChange", edit)
            answer = workspace.pull()
            took.append(answer.at - begun)
            changed.append(workspace.parts)
            client.quiet(0.3)
        return _measured(client, took, {"documents": min(changed)}, before)


def keys(tool: Tool, path: Path, times: int, seed: int) -> Run:
    """From a key to the findings of the text with it."""
    document = _document(path)
    return _edits(tool, path, document, islice(typing(document, seed), times))


def quotes(tool: Tool, path: Path, times: int) -> Run:
    """From a quote without its partner, and from its removal, to the findings of the text."""
    document = _document(path)
    return _edits(tool, path, document, islice(lone_quotes(document), times))


def long_session(tool: Tool, path: Path, times: int, seed: int) -> Run:
    """Many edits: the median of the first and of the last tenth, and the memory after each of these."""
    document = _document(path)
    with _client(tool, _root(path)) as client:
        pulls = _open(client, document)
        edits = typing(document, seed)
        tenth = max(1, times // 10)
        took = [_edit(client, document, edit, pulls) for edit in islice(edits, tenth)]
        early = client.meter.resident()
        took += [_edit(client, document, edit, pulls) for edit in islice(edits, times - tenth)]
        late = client.meter.resident()
        more = {"first_tenth": _median(took[:tenth]), "last_tenth": _median(took[-tenth:])}
        if early is not None and late is not None:
            more |= {"memory_after_first_tenth": early, "memory_at_the_end": late}
        return _measured(client, took, more)


def requests(tool: Tool, path: Path, method: str, times: int, seed: int) -> Run:
    """From a request about a place in an open document to its answer."""
    document = _document(path)
    chance = random.Random(f"{method} {seed}")
    with _client(tool, _root(path)) as client:
        pulls = _pulls(client.initialize(_PUSH))
        client.tell("textDocument/didOpen", document.opened())
        found = _items(_findings(client, document, pulls))
        client.quiet(_QUIET)
        before = client.meter.cpu()
        took = []
        for _ in range(times):
            begun = time.perf_counter()
            answer = client.ask(method, _place(document, found, method, chance))
            took.append(answer.at - begun)
            time.sleep(_PAUSE)
        return _measured(client, took, {}, before)


class _Workspace:
    """Pulls of the whole workspace: what the client has, and when the first part of the latest answer came."""

    def __init__(self, client: Client, also: int | None = None) -> None:
        self._client = client
        self._also = also
        self.also_at = self.first_at = 0.0
        self.has: dict[str, str] = {}
        self.parts = 0

    def pull(self) -> Message:
        """Waits for the complete answer, and for the other request that goes with it."""
        self.parts, self.first_at = 0, 0.0
        previous = [{"uri": uri, "value": value} for uri, value in self.has.items()]
        params = {"identifier": "mig-lsp", "previousResultIds": previous, "partialResultToken": "parts"}
        wanted = self._client.send("workspace/diagnostic", params)
        mine = answers(wanted)

        def accept(body: dict[str, Any]) -> bool:
            now = time.perf_counter()
            if body.get("method") == "$/progress" and body["params"]["token"] == "parts":
                self._take(body["params"]["value"]["items"], now)
            elif body.get("id") == self._also and "method" not in body:
                self.also_at = now
            elif mine(body):
                self._take(body["result"]["items"], now)
                return True
            return False

        return self._client.wait(accept)

    def _take(self, items: Iterable[dict[str, Any]], now: float) -> None:
        for item in items:
            self.parts += 1
            self.first_at = self.first_at or now
            self.has[item["uri"]] = item["resultId"]


def _edits(tool: Tool, path: Path, document: Document, edits: Iterator[dict[str, Any]]) -> Run:
    with _client(tool, _root(path)) as client:
        pulls = _open(client, document)
        before = client.meter.cpu()
        took = []
        for edit in edits:
            took.append(_edit(client, document, edit, pulls))
            time.sleep(_PAUSE)
        return _measured(client, took, {}, before)


def _open(client: Client, document: Document) -> bool:
    """Opens a document and waits until the server has nothing more to do; whether findings must be pulled."""
    pulls = _pulls(client.initialize(_PUSH))
    client.tell("textDocument/didOpen", document.opened())
    _findings(client, document, pulls)
    client.quiet(_QUIET)
    return pulls


def _edit(client: Client, document: Document, edit: dict[str, Any], pulls: bool) -> float:
    begun = client.tell("textDocument/didChange", edit)
    return _findings(client, document, pulls).at - begun


def _findings(client: Client, document: Document, pulls: bool) -> Message:
    if pulls:
        return client.ask("textDocument/diagnostic", {"textDocument": {"uri": document.uri}})
    return client.wait(published(document.uri, document.version))


def _items(message: Message) -> list[dict[str, Any]]:
    body = message.body
    items: list[dict[str, Any]] = body["params"]["diagnostics"] if "params" in body else body["result"]["items"]
    return items


def _place(document: Document, found: list[dict[str, Any]], method: str, chance: random.Random) -> dict[str, Any]:
    line = chance.choice([number for number in range(len(document.lines)) if document.lines[number].strip()])
    if method != "textDocument/codeAction":
        return document.position(line, chance.randint(0, len(document.lines[line])))
    marked = [chance.choice(found)] if found else []
    here = {"line": line, "character": 0}
    spot = marked[0]["range"] if marked else {"start": here, "end": here}
    return {"textDocument": {"uri": document.uri}, "range": spot, "context": {"diagnostics": marked}}


def _measured(
    client: Client, took: list[float], more: Mapping[str, float] | None = None, before: float | None = None
) -> Run:
    cpu = client.meter.cpu()
    spent = cpu - (before or 0.0) if cpu is not None else None
    return Run(took, spent, client.meter.peak(), more or {})


def _client(tool: Tool, root: Path) -> Client:
    return Client(tool.serve, root, tool.environment)


def _pulls(answer: Message) -> bool:
    return "diagnosticProvider" in answer.body["result"]["capabilities"]


def _document(path: Path) -> Document:
    return Document(path.as_uri(), path.read_text("utf-8"))


def _root(path: Path) -> Path:
    return path.parents[FOLDER.count("/") + 1]


def _middle(root: Path) -> Path:
    files = sorted((root / FOLDER).glob("*.sql"))
    return files[len(files) // 2]


def _median(took: list[float]) -> float:
    return round(sorted(took)[len(took) // 2] * 1000, 3)
