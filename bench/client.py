"""A language client that only measures: messages as they are, and the moment at which each one has come."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from bench.process import Meter

PATIENCE = 120.0  # seconds
_PIECE = 1 << 16
_SAMPLE = 0.1  # seconds between two looks at the memory, so that looking does not slow answers down


class Message(NamedTuple):
    """A message of the server, and when its last byte had come (seconds on `time.perf_counter`)."""

    at: float
    body: dict[str, Any]


class NoAnswerError(Exception):
    """The server ended, or said nothing in time."""


class Client:
    """A server and the connection to it: what is sent never waits for what comes, and the other way round."""

    def __init__(self, command: Sequence[str], root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self._closing = contextlib.ExitStack()
        # A server of its own, even where servers find each other by a socket in the folder for temporary files.
        folder = tempfile.TemporaryDirectory(prefix="mig-lsp-bench-", ignore_cleanup_errors=True)
        apart = dict.fromkeys(("TMPDIR", "TEMP", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"), folder.name)
        self._closing.enter_context(folder)
        self._log = Path(folder.name) / "standard-error"
        self.meter = self._closing.enter_context(Meter(_SAMPLE))
        with self._log.open("wb") as log:
            self.started = time.perf_counter()
            self._process = subprocess.Popen(
                command,
                cwd=root,
                env=self.meter.environment({**apart, **environment}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout.fileno()
        self._writing = threading.Lock()
        self._come: SimpleQueue[Message | None] = SimpleQueue()
        self._last_id = 0
        # What the server says is taken off its hands at once, so that neither side waits for the other to read.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def initialize(self, capabilities: Mapping[str, Any]) -> Message:
        """Sends `initialize` and, once it is answered, `initialized`; returns the answer."""
        uri = self.root.as_uri()
        answer = self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": uri,
                "rootPath": str(self.root),
                "workspaceFolders": [{"uri": uri, "name": self.root.name}],
                "capabilities": capabilities,
            },
        )
        self.tell("initialized", {})
        return answer

    def ask(self, method: str, params: object) -> Message:
        """Sends a request and waits for its answer."""
        return self.wait(answers(self.send(method, params)))

    def send(self, method: str, params: object) -> int:
        """Sends a request; its id."""
        self._last_id += 1
        self._put({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return self._last_id

    def tell(self, method: str, params: object) -> float:
        """Sends a notification; the moment before its first byte left."""
        at = time.perf_counter()
        self._put({"jsonrpc": "2.0", "method": method, "params": params})
        return at

    def wait(self, accept: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE) -> Message:
        """The next message that *accept* takes; it sees each one, in order. Raises NoAnswerError."""
        end = time.perf_counter() + seconds
        while True:
            try:
                message = self._come.get(timeout=max(0.0, end - time.perf_counter()))
            except Empty:
                raise NoAnswerError("the server said nothing in time") from None
            if message is None:
                self._come.put(None)
                raise NoAnswerError("the server ended: " + self._log.read_text("utf-8", "replace")[-2000:])
            if accept(message.body):
                return message

    def quiet(self, seconds: float) -> None:
        """Waits until the server has said nothing for a while."""
        with contextlib.suppress(NoAnswerError):
            while True:
                self.wait(lambda _: True, seconds)

    def close(self) -> None:
        """Shuts the server down and ends what is left of its processes."""
        try:
            with contextlib.suppress(NoAnswerError, OSError, subprocess.TimeoutExpired):
                self.wait(answers(self.send("shutdown", None)), 10)
                self.tell("exit", None)
                self._process.wait(5)
        finally:
            for process in self.meter.family():  # a daemon that outlives its server
                with contextlib.suppress(OSError):
                    os.kill(process, signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._process.wait()
            self._reader.join(5)
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._closing.close()

    def _put(self, body: dict[str, Any]) -> None:
        data = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        left = memoryview(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        with self._writing:
            while left:
                left = left[self._in.write(left) or 0 :]

    def _read(self) -> None:
        unread = bytearray()
        while piece := os.read(self._out, _PIECE):
            at = time.perf_counter()
            unread += piece
            while (frame := _frame(unread)) is not None:
                body = json.loads(frame)
                if "method" in body and "id" in body:
                    self._answer(body)
                else:
                    self._come.put(Message(at, body))
        self._come.put(None)

    def _answer(self, request: dict[str, Any]) -> None:
        configuration = request["method"] == "workspace/configuration"
        result = [None] * len(request["params"]["items"]) if configuration else None
        with contextlib.suppress(OSError):  # it has ended in the meantime
            self._put({"jsonrpc": "2.0", "id": request["id"], "result": result})


def _frame(unread: bytearray) -> bytes | None:
    """Takes the first message off what was read; None while it is incomplete."""
    head = unread.find(b"\r\n\r\n")
    if head < 0:
        return None
    lines = bytes(unread[:head]).lower().split(b"\r\n")
    length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
    start, end = head + 4, head + 4 + length
    if len(unread) < end:
        return None
    frame = bytes(unread[start:end])
    del unread[:end]
    return frame


def answers(identity: int) -> Callable[[dict[str, Any]], bool]:
    """Takes the answer to the request with this id."""
    return lambda body: body.get("id") == identity and "method" not in body


def published(uri: str, version: int) -> Callable[[dict[str, Any]], bool]:
    """Takes the diagnostics that are pushed for this version of a document, or for one without a version."""

    def accept(body: dict[str, Any]) -> bool:
        if body.get("method") != "textDocument/publishDiagnostics" or body["params"]["uri"] != uri:
            return False
        return body["params"].get("version") in (None, version)

    return accept
