"""A client that watches what a server may never do: anything but messages on its output, a traceback in its log."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.lsp.raw import COMMAND, Message, RawClient, SilenceError
from tests.support.files import environment

_HEADER = re.compile(rb"Content-Length: ([0-9]+)\r\n")


class Watcher(RawClient):
    """One server process. What came on its output and was no message is kept in `rubbish`."""

    rubbish: bytes = b""
    _deaf = False
    _reading = True

    def rest(self) -> list[Message]:
        """The answers that nobody has taken, up to the end of the output."""
        with suppress(SilenceError):
            self.until(lambda message: False)
        return [message for message in self.log if not message["taken"] and "method" not in message]

    def deaf(self) -> None:
        """Closes the client's end of the output: whatever the server says now, nobody can hear."""
        self._deaf = True
        self.ask("nonsense", None)  # wakes who reads
        while self._reading:
            time.sleep(0.01)

    def _collect(self) -> None:
        self._reading = True
        self._read()
        self._out.close()
        self._reading = False

    def _read(self) -> None:
        while line := self._out.readline():
            head = _HEADER.fullmatch(line)
            if head is None or self._out.readline() != b"\r\n":
                self.rubbish = line + self._out.read()
                break
            body = self._out.read(int(head[1]))
            if len(body) < int(head[1]):
                break  # the process was killed
            self._arrived.put(json.loads(body.decode(), parse_constant=_no_json))
            if self._deaf:
                break
        self._arrived.put(None)


@contextmanager
def watched(*command: str, **more: Any) -> Iterator[Watcher]:
    """A server process that is gone afterwards; it has printed messages alone, and logged no traceback."""
    with tempfile.TemporaryFile() as log:
        env = {**environment(), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            command or COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **{"stderr": log, "env": env, **more}
        )
        client = Watcher(process)
        try:
            yield client
        finally:
            process.kill()
            process.wait()
            log.seek(0, os.SEEK_SET)
            logged = log.read().decode("utf-8", "replace")
        assert b"" == client.rubbish
        failed = logged.find("Traceback")
        assert -1 == failed, logged[max(failed - 200, 0) : failed + 4000]


def frame(message: object) -> bytes:
    """A message as the wire carries it."""
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def place(name: str, line: int = 0, character: int = 0) -> Message:
    """The parameters of most requests about a document."""
    return {"textDocument": {"uri": name}, "position": {"line": line, "character": character}}


def still_right(client: Watcher) -> int:
    """A request that has nothing to do with anything is answered right; the result is its id."""
    identity = client.ask("workspace/executeCommand", {"command": "migLsp.nonsense"})
    assert "there is no command" in client.answer(identity)["error"]["message"]
    return identity


def sent(client: Watcher, name: str) -> list[str]:
    """What the runner would send of the document."""
    answer = client.call("workspace/executeCommand", {"command": "migLsp.showChunks", "arguments": [name]})
    return [each["sql"] for each in answer["chunks"]]


def all_answered_once(client: Watcher, owed: Counter[Any]) -> None:
    """All that is owed is answered once and nothing else is; what the server keeps open is cancelled first."""
    missing = Counter(owed)
    missing.subtract(message["id"] for message in client.log if "method" not in message)
    client.log.clear()
    for identity in +missing:
        client.tell("$/cancelRequest", {"id": identity})
    while +missing:
        missing[client.until(lambda message: "method" not in message)["id"]] -= 1
    assert not -missing
    client.log.clear()


def _no_json(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
