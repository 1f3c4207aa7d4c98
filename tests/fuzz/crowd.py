"""A client with many threads: it knows which text each of its messages was about, and holds answers against it."""

from __future__ import annotations

import importlib
import itertools
import json
import random
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mig_lsp.core.text import Encoding, Lines
from mig_lsp.lsp import wire
from tests.fuzz.document import Asked, Document, Shape, as_checked, lies_in, ranges, shape_of
from tests.lsp.editor import Editor
from tests.lsp.raw import COMMAND, Message, uri

CANCELLED, REFUSED = -32800, -32803
ASKED = (
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/codeAction",
    "textDocument/codeLens",
    "textDocument/documentSymbol",
    "textDocument/definition",
    "textDocument/diagnostic",
)
_KEPT = 3000  # how many versions of a text are remembered


class Crowd:
    """The client. Any thread may use it; what comes is looked at on a thread of its own."""

    def __init__(self, process: subprocess.Popen[bytes], root: Path, capabilities: Mapping[str, Any]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.process = process
        self.root = root
        self.documents: dict[str, Document] = {}
        self.waiting: dict[int, Asked] = {}
        self.wrong: list[str] = []
        self.edits = self.requests = self.cancelled = self.published = 0
        self._in, self._out = process.stdin, process.stdout
        self._lock = threading.RLock()
        self._ids = itertools.count(1)
        self._on_disk: dict[str, deque[Shape]] = {}
        self._pushed: dict[str, list[Message]] = {}
        self._reported: dict[str, tuple[str, list[Message]]] = {}
        self._held: int | None = None
        self._answered: set[int] = set()
        self._cancels: set[int] = set()
        self._closing = False
        self._greeting: Message = {}
        self.encoding: Encoding = "utf-16"
        self.pulls = self.pulls_workspace = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._start(capabilities)

    @classmethod
    @contextmanager
    def running(cls, root: Path, capabilities: Mapping[str, Any]) -> Iterator[Crowd]:
        """A client with a server of its own, which is gone afterwards."""
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen([*COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
            try:
                yield cls(process, root, capabilities)
            finally:
                process.kill()
                process.wait()
                log.seek(0)
                said = log.read().decode("utf-8", "replace")
        # A defect in the background is answered to nobody: only the log has it.
        assert "Traceback" not in said, said[:5000]

    # What goes on

    def live(self, lives: Iterable[Callable[[random.Random], None]], seconds: float, seed: int) -> list[int]:
        """Lets each life go on in a thread of its own; the result is the server's memory in MB at each tenth."""
        end = time.monotonic() + seconds

        def go_on(life: Callable[[random.Random], None], number: int) -> None:
            chance = random.Random(f"{seed} {number}")
            try:
                while time.monotonic() < end and not self.wrong:
                    life(chance)
            except Exception as error:
                self.wrong.append(f"thread {number}: {error!r}")

        threads = [
            threading.Thread(target=go_on, args=(life, number), daemon=True) for number, life in enumerate(lives)
        ]
        for thread in threads:
            thread.start()
        memory = []
        for _ in range(10):
            time.sleep(seconds / 10)
            memory.append(self.memory())
        for thread in threads:
            thread.join(seconds + 60)
            assert not thread.is_alive(), "a thread of the client is stuck: the server reads no more"
        self.fail_if_anything_was_wrong()
        return memory

    def memory(self) -> int:
        """What the server's process holds, in MB."""
        process = importlib.import_module("psutil").Process(self.process.pid)
        return int(process.memory_info().rss) // 1_000_000

    # What an editor does

    def add(self, path: str, chance: random.Random) -> None:
        """Opens a file of the disk for the first time."""
        text = (self.root / path).read_bytes().decode()
        document = Document(path, uri(self.root / path), Editor(text, self.encoding, chance))
        self.documents[path] = document
        self.open(document, text)

    def begin_like(self, other: Crowd) -> None:
        """Has the same documents open as another client."""
        for path, there in other.documents.items():
            self.remember(path, (self.root / path).read_bytes())
            self.documents[path] = Document(path, there.uri, Editor(there.text, self.encoding, random.Random(0)))
            self.open(self.documents[path], there.text)
        self._on_disk = other._on_disk

    def open(self, document: Document, text: str) -> None:
        with document.lock:
            document.editor.text = text
            document.is_open = True
            self._next(document)
            item = {"uri": document.uri, "languageId": "sql", "version": document.version, "text": text}
            self.tell("textDocument/didOpen", {"textDocument": item})

    def close(self, document: Document) -> None:
        with document.lock:
            document.is_open = False
            document.pulled = (0, None, [])
            self.tell("textDocument/didClose", {"textDocument": {"uri": document.uri}})

    def retype(self, document: Document, text: str) -> None:
        """Replaces the whole text."""
        with document.lock:
            document.editor.text = text
            self._changed(document, [{"text": text}])

    def type(self, document: Document, chance: random.Random) -> None:
        """A few random edits in one message."""
        with document.lock:
            self._changed(document, [document.editor.edit() for _ in range(chance.choice((1, 1, 1, 2, 4)))])

    def remember(self, path: str, data: bytes) -> None:
        """The file is going to have this content: diagnostics may be about it from now on."""
        known = self._on_disk.setdefault(path, deque(maxlen=200))
        known.append(shape_of(data.decode(), self.encoding))

    def cancel(self, chance: random.Random) -> None:
        """Cancels something that waits, has been answered, or was never asked."""
        with self._lock:
            some = [*self.waiting, 10**9]
            chosen = chance.choice(some)
            self._cancels.add(chosen)
        self.tell("$/cancelRequest", {"id": chosen})

    # What it asks

    def ask_about(self, document: Document, chance: random.Random) -> None:
        """One of the questions that editors ask about a place in a document."""
        method = chance.choice(ASKED[: 7 if self.pulls else 6])
        with document.lock:
            if not document.is_open:
                return
            lines = document.shapes[document.version]
            line = chance.randrange(len(lines))
            place = {"line": line, "character": chance.randrange(lines[line] + 1)}
            params: Message = {"textDocument": {"uri": document.uri}, "position": place}
            if method == "textDocument/codeAction":
                params |= {"range": {"start": place, "end": place}, "context": {"diagnostics": []}}
            self._ask(method, params, document)

    def pull_what_is_old(self) -> None:
        """What an editor that pulls does after edits, and when the server says that something has changed."""
        if not self.pulls:
            return
        for document in list(self.documents.values()):
            with document.lock:
                if document.old and document.is_open:
                    document.old = False
                    params: Message = {"textDocument": {"uri": document.uri}}
                    if document.pulled[1] is not None:
                        params["previousResultId"] = document.pulled[1]
                    self._ask("textDocument/diagnostic", params, document)
        if self.pulls_workspace:
            with self._lock:
                if self._held is None:
                    known = [{"uri": name, "value": each[0]} for name, each in self._reported.items()]
                    self._held = self._ask("workspace/diagnostic", {"previousResultIds": known}, None)

    def ask(self, method: str, params: object) -> int:
        """Sends a request; `waiting` has its id until it is answered."""
        return self._ask(method, params, None)

    def tell(self, method: str, params: object) -> None:
        """Sends a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    # What it waits for, and shows

    def until(self, reached: Callable[[], bool], seconds: float, otherwise: str) -> None:
        """Waits until something is so; fails with *otherwise* after some seconds."""
        end = time.monotonic() + seconds
        while not reached():
            self.fail_if_anything_was_wrong()
            assert self._reader.is_alive(), "the server has ended"
            assert time.monotonic() < end, f"{otherwise}; waiting: {self.waiting}"
            time.sleep(0.02)

    def until_answered(self, seconds: float) -> None:
        """Waits until every request is answered but the one that the server keeps open."""
        self.until(lambda: self.waiting.keys() <= {self._held}, seconds, "not every request was answered")

    def fail_if_anything_was_wrong(self) -> None:
        """Raises AssertionError with the first thing that the server said and must not have said."""
        assert not self.wrong, self.wrong[0]

    def shown(self) -> dict[str, list[Any]]:
        """What the editor shows, by path: spans in code points, rule, severity, message."""
        found: dict[str, list[Message]] = {}
        with self._lock:
            for name in {*self._pushed, *self._reported}:
                found[self._path(name)] = [*self._pushed.get(name, []), *self._reported.get(name, ("", []))[1]]
        for path, document in self.documents.items():
            if document.is_open and self.pulls:
                found[path] = document.pulled[2]
        out = {}
        for path, items in found.items():
            if items:
                lines = Lines((self.root / path).read_bytes().decode())
                out[path] = sorted(as_checked(item, lines, self.encoding) for item in items)
        return out

    # Helpers

    def _start(self, capabilities: Mapping[str, Any]) -> None:
        folders = [{"uri": uri(self.root), "name": "crowd"}]
        params = {"processId": None, "capabilities": capabilities, "rootUri": None, "workspaceFolders": folders}
        asked = self._ask("initialize", params, None)
        self.until(lambda: asked not in self.waiting, 60, "no answer to initialize")
        told = self._greeting["capabilities"]
        self.encoding = told["positionEncoding"]
        self.pulls = "diagnosticProvider" in told
        self.pulls_workspace = self.pulls and told["diagnosticProvider"]["workspaceDiagnostics"]
        self.tell("initialized", {})

    def _next(self, document: Document) -> None:
        document.version += 1
        document.shapes[document.version] = shape_of(document.text, self.encoding)
        document.shapes.pop(document.version - _KEPT, None)
        document.old = True

    def _changed(self, document: Document, changes: list[Message]) -> None:
        self._next(document)
        self.edits += 1
        identifier = {"uri": document.uri, "version": document.version}
        self.tell("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})

    def _ask(self, method: str, params: object, document: Document | None) -> int:
        with self._lock:
            identity = next(self._ids)
            version, known = (0, (0, None, [])) if document is None else (document.version, document.pulled)
            self.waiting[identity] = Asked(method, document, version, known)
            self.requests += 1
            self._send({"jsonrpc": "2.0", "id": identity, "method": method, "params": params})
            return identity

    def _send(self, message: object) -> None:
        body = json.dumps(message).encode()
        with self._lock:
            self._in.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self._in.flush()

    def _path(self, name: str) -> str:
        return name.removeprefix(f"{uri(self.root)}/")

    # What comes

    def _read(self) -> None:
        try:
            for frame in wire.frames(lambda size: self._out.read1(size)):  # type: ignore[attr-defined]  # a BufferedReader
                assert isinstance(frame, bytes), frame
                self._arrived(json.loads(frame))
        except Exception as error:
            if not self._closing:
                self.wrong.append(f"what came could not be used: {error!r}")

    def _arrived(self, message: Message) -> None:
        method = message.get("method")
        if method is None:
            self._answer(message)
        elif "id" in message:
            if method == "workspace/diagnostic/refresh":
                for document in list(self.documents.values()):
                    document.old = True
            result = [None for _ in message["params"]["items"]] if method == "workspace/configuration" else None
            threading.Thread(
                target=self._send, args=({"jsonrpc": "2.0", "id": message["id"], "result": result},), daemon=True
            ).start()
        elif method == "textDocument/publishDiagnostics":
            self._publish(message["params"])

    def _publish(self, params: Message) -> None:
        self.published += 1
        name, version, items = params["uri"], params.get("version"), params["diagnostics"]
        path = self._path(name)
        if version is None:
            self._expect_on_disk(path, items)
        else:
            document = self.documents[path]
            if version < document.pushed:
                self.wrong.append(f"{path}: version {version} was published after {document.pushed}")
            document.pushed = version
            self._expect_in(document, version, items, "publishDiagnostics")
        with self._lock:
            self._pushed[name] = items

    def _answer(self, message: Message) -> None:
        identity = message["id"]
        with self._lock:
            asked = self.waiting.pop(identity, None)
            if asked is None:
                self.wrong.append(f"an answer to nothing, or a second one: {message}")
                return
            if identity == self._held:
                self._held = None
        error = message.get("error")
        if error is not None:
            if asked.document is not None and asked.method == "textDocument/diagnostic":
                asked.document.old = True
            self.cancelled += 1
            cancelled = error["code"] == CANCELLED and (identity in self._cancels or self._closing)
            # There is no log while the configuration is only half written.
            if not cancelled and not (asked.method == "workspace/executeCommand" and error["code"] == REFUSED):
                self.wrong.append(f"{asked} failed: {error}")
            return
        result = message["result"]
        if asked.method == "initialize":
            self._greeting = result
        elif asked.method == "textDocument/diagnostic":
            self._pulled(asked, result)
        elif asked.method == "workspace/diagnostic":
            for item in result["items"]:
                self._expect_on_disk(self._path(item["uri"]), item["items"])
                with self._lock:
                    self._reported[item["uri"]] = (item["resultId"], item["items"])
        elif asked.document is not None:
            self._expect_in(asked.document, asked.version, result, asked.method)

    def _pulled(self, asked: Asked, report: Message) -> None:
        document = asked.document
        assert document is not None
        if report["kind"] == "unchanged":
            if report["resultId"] != asked.known[1]:
                self.wrong.append(f"{document.path}: unchanged since what was never said")
            items = asked.known[2]
        else:
            items = report["items"]
            self._expect_in(document, asked.version, items, asked.method)
        if document.is_open and asked.version >= document.pulled[0]:
            document.pulled = (asked.version, report["resultId"], items)

    def _expect_in(self, document: Document, version: int, said: object, method: str) -> None:
        shape = document.shapes.get(version)
        if shape is None:
            self.wrong.append(f"{document.path}: {method} of version {version}, which there never was")
            return
        for each in ranges(said, document.uri):
            if not lies_in(each, shape):
                self.wrong.append(f"{document.path}: {method}: {each} is not in version {version} ({shape})")

    def _expect_on_disk(self, path: str, items: list[Message]) -> None:
        shapes = self._on_disk.get(path, ())
        for item in items:
            if not any(lies_in(item["range"], shape) for shape in tuple(shapes)):
                self.wrong.append(f"{path}: {item['range']} is in none of the texts that it had")


def ended(crowd: Crowd) -> int:
    """The exit code after `shutdown`, which answers all that waits, and `exit`."""
    for _ in range(3):
        for document in crowd.documents.values():
            crowd.ask_about(document, random.Random(0))
    crowd._closing = True
    crowd.ask("shutdown", None)
    crowd.until(lambda: not crowd.waiting, 60, "not every request was answered before the end")
    crowd.tell("exit", None)
    code = crowd.process.wait(60)
    crowd.fail_if_anything_was_wrong()
    return code
