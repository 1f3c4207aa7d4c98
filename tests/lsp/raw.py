"""A client that speaks raw JSON-RPC over the pipes of a real server process: it can also say what no library would."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mig_lsp.lsp import uris, wire

COMMAND = [sys.executable, "-m", "mig_lsp", "serve", "--stdio"]
TIMEOUT = 30.0
Message = dict[str, Any]

WINDOWS = sys.platform == "win32"


class SilenceError(AssertionError):
    """Nothing that was waited for came."""


class RawClient:
    """One server process. Messages are kept in the order in which they came; `log` has all of them."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.process = process
        self._in = process.stdin
        self._out = process.stdout
        self._arrived: queue.Queue[Message | None] = queue.Queue()
        self.log: list[Message] = []
        self._next = 0
        self.answers: dict[str, Callable[[Any], Any]] = {}
        threading.Thread(target=self._collect, daemon=True).start()

    def write(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self._in.write(data)
        self._in.flush()

    def send(self, message: object) -> None:
        """Sends one message."""
        body = json.dumps(message).encode()
        self.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def tell(self, method: str, params: object) -> None:
        """Sends a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: object) -> int:
        """Sends a request; the result is its id."""
        self._next += 1
        self.send({"jsonrpc": "2.0", "id": self._next, "method": method, "params": params})
        return self._next

    def call(self, method: str, params: object, timeout: float = TIMEOUT) -> Any:
        """The result of a request; an error is raised as AssertionError."""
        answer = self.answer(self.ask(method, params), timeout)
        assert "error" not in answer, answer
        return answer["result"]

    def error(self, method: str, params: object) -> Message:
        """The error of a request that must fail."""
        answer = self.answer(self.ask(method, params))
        assert "error" in answer, answer
        error: Message = answer["error"]
        return error

    def answer(self, identity: object, timeout: float = TIMEOUT) -> Message:
        """The whole answer to the request with that id."""
        return self.until(lambda m: "method" not in m and m.get("id") == identity, timeout)

    def until(self, wanted: Callable[[Message], bool], timeout: float = TIMEOUT) -> Message:
        """The first message not yet taken that is *wanted*; the server's own requests are answered meanwhile."""
        for index, message in enumerate(self.log):
            if not message.get("taken") and wanted(message):
                self.log[index] = {**message, "taken": True}
                return message
        end = time.monotonic() + timeout
        while True:
            try:
                arrived = self._arrived.get(timeout=max(end - time.monotonic(), 0.001))
            except queue.Empty:
                raise SilenceError(f"nothing came within {timeout} s; so far: {self.log[-5:]}") from None
            if arrived is None:
                raise SilenceError(f"the server has ended; so far: {self.log[-5:]}")
            self._serve(arrived)
            found = wanted(arrived)
            self.log.append({**arrived, "taken": found})
            if found:
                return arrived

    def quiet(self, seconds: float) -> list[Message]:
        """Whatever comes within some time; all of it counts as taken."""
        found: list[Message] = []

        def never(message: Message) -> bool:
            found.append(message)
            return False

        with suppress(SilenceError):
            self.until(never, seconds)
        self.log = [{**message, "taken": True} for message in self.log]
        return found

    def start(self, capabilities: Mapping[str, Any], *folders: Path, **more: Any) -> Message:
        """`initialize` and `initialized`; the result is the answer to the first."""
        listed = [{"uri": uri(folder), "name": folder.name} for folder in folders] or None
        params = {"processId": None, "capabilities": capabilities, "rootUri": None, "workspaceFolders": listed, **more}
        result: Message = self.call("initialize", params)
        self.tell("initialized", {})
        return result

    def open(self, path: Path, text: str | None = None, version: int = 1, language: str = "sql") -> str:
        """Opens a document with a text, by default with that on the disk; the result is its URI."""
        name = uri(path)
        text = path.read_bytes().decode() if text is None else text
        document = {"uri": name, "languageId": language, "version": version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return name

    def change(self, name: str, version: int, *changes: Any) -> None:
        """Changes an open document; a text stands for the whole of it."""
        listed = [{"text": change} if isinstance(change, str) else change for change in changes]
        self.tell(
            "textDocument/didChange", {"textDocument": {"uri": name, "version": version}, "contentChanges": listed}
        )

    def pushed(self, name: str, version: int | None = None, timeout: float = TIMEOUT) -> list[Message]:
        """The next diagnostics that are pushed for a document, of a version when one is given."""

        def wanted(message: Message) -> bool:
            params = message.get("params")
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and isinstance(params, dict)
                and params["uri"] == name
                and version in (None, params.get("version"))
            )

        found: list[Message] = self.until(wanted, timeout)["params"]["diagnostics"]
        return found

    def pulled(self, name: str, previous: str | None = None) -> Message:
        """What a pull of a document says."""
        params: Message = {"textDocument": {"uri": name}}
        if previous is not None:
            params["previousResultId"] = previous
        report: Message = self.call("textDocument/diagnostic", params)
        return report

    def stop(self) -> int:
        """`shutdown` and `exit`; the result is the exit code."""
        self.call("shutdown", None)
        self.tell("exit", None)
        return self.process.wait(TIMEOUT)

    def _serve(self, message: Message) -> None:
        method = message.get("method")
        if method is None or "id" not in message:
            return
        make = self.answers.get(method)
        params: Any = message.get("params")
        result = make(params) if make else None
        if make is None and method == "workspace/configuration":
            result = [None for _ in params["items"]]
        self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _collect(self) -> None:
        for frame in wire.frames(lambda size: self._out.read1(size)):  # type: ignore[attr-defined]  # a BufferedReader
            assert isinstance(frame, bytes), frame
            self._arrived.put(json.loads(frame))
        self._arrived.put(None)


@contextmanager
def running(*command: str, **more: Any) -> Iterator[RawClient]:
    """A server process that is gone afterwards, whatever happens."""
    process = subprocess.Popen([*(command or COMMAND)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more)
    try:
        yield RawClient(process)
    finally:
        process.kill()
        process.wait()


def uri(path: Path) -> str:
    """The URI of a file."""
    return uris.from_native(str(path), windows=WINDOWS)


def rules(diagnostics: list[Message]) -> list[str]:
    """The rules of diagnostics, in their order."""
    return [each["code"] for each in diagnostics]


def profile(name: str) -> Message:
    """What an editor said of itself, recorded from the running program with its default settings."""
    recorded: Message = json.loads((Path(__file__).parent / "clients" / f"{name}.json").read_text("utf-8"))
    return recorded
