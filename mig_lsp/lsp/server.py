"""Starts the server, and reads its messages.

The answer to `initialize` needs neither pygls nor the core, so it is given before they are loaded: no editor waits
half a second for imports.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import socket
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeGuard

from mig_lsp.lsp import capabilities, client, wire
from mig_lsp.lsp.pipe import Pipe

if TYPE_CHECKING:
    from mig_lsp.lsp.application import Server

# Nearly all of the server's values are trees that go by themselves; looking for cycles in a large set takes as long as
# several keystrokes.
_COLLECT = (50_000, 20, 50)
_SWITCH = 0.001  # seconds; how long the analysis may keep the interpreter from a message that has come
_MOST_LOGGED = 1 << 20  # bytes that wait for somebody to read the log; what comes then is not logged
_GOODBYE = 1.0  # seconds in which the client may read what was said last


def serve_stdio() -> int:
    """Serves one client on standard input and output; the exit code is 0 only after `shutdown` and `exit`."""
    # Whatever else prints must not end up between the messages.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    source = sys.stdin.fileno()
    with out:
        return _serve(lambda size: os.read(source, size), wire.Writer(lambda data: _write_all(out.fileno(), data)))


def serve_tcp(host: str, port: int) -> int:
    """Waits for one client on an address, says the address on standard error, and serves it. Raises OSError."""
    with socket.create_server((host, port)) as listener:
        address = listener.getsockname()
        sys.stderr.write(f"mig-lsp listens on {address[0]}:{address[1]}\n")
        sys.stderr.flush()
        connection, _ = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _serve(connection.recv, wire.Writer(connection.sendall))


def build() -> Server:
    """A server with all its handlers."""
    from mig_lsp.lsp import checking, commands, notifications, requests
    from mig_lsp.lsp.application import Server

    server = Server()
    server.feature("initialize")(_initialize)
    server.feature("shutdown")(_shutdown)
    notifications.register(server)
    requests.register(server)
    commands.register_all(server)
    checking.register(server)
    return server


def _serve(read: wire.Read, out: wire.Writer) -> int:
    _log()
    sys.setswitchinterval(_SWITCH)
    gc.set_threshold(*_COLLECT)
    try:
        return _talk(wire.frames(_quietly(read)), out)
    finally:
        out.close(_GOODBYE)
        logging.shutdown()


def _talk(frames: Iterator[bytes | wire.Unreadable], out: wire.Writer) -> int:
    first = next(frames, None)
    greeted = _greet(first, out)
    server = build()
    server.wire.connect(out)
    try:
        if greeted is not None:
            server.welcome(greeted)
            server.wire.begin()
        elif first is not None:
            _receive(server, first)
        while server.wire.exit_code is None and (frame := next(frames, None)) is not None:
            _receive(server, frame)
    except KeyboardInterrupt:
        return 130
    finally:
        server.end()
    return server.wire.exit_code if server.wire.exit_code is not None else int(server.wire.state != "shut")


def _greet(first: bytes | wire.Unreadable | None, out: wire.Writer) -> client.Client | None:
    """Answers a first message that is a faultless `initialize`; any other is left to the protocol."""
    if not isinstance(first, bytes):
        return None
    try:
        message: Any = wire.parse(first)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or message.get("method") != "initialize":
        return None
    identity: object = message.get("id")
    params: object = message.get("params")
    if isinstance(identity, bool) or not isinstance(identity, int | str) or not _is_initialize(params):
        return None
    found = client.resolve(params)
    answer = {"jsonrpc": "2.0", "id": identity, "result": capabilities.answer(found)}
    out.send(json.dumps(answer, separators=(",", ":")).encode())
    return found


def _initialize(ls: Server, params: object) -> dict[str, Any]:
    if not _is_initialize(params):
        from pygls.exceptions import JsonRpcInvalidParams

        raise JsonRpcInvalidParams("the parameters of initialize are malformed")
    found = client.resolve(params)
    ls.welcome(found)
    return capabilities.answer(found)


def _shutdown(ls: Server, _params: object) -> None:
    ls.close_reports()


def _is_initialize(params: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(params, dict) and isinstance(params.get("capabilities"), dict)


class _Log(logging.Handler):
    """Writes to standard error, and waits for nobody to read it."""

    def __init__(self) -> None:
        super().__init__()
        self._pipe = Pipe(lambda data: _write_all(sys.stderr.fileno(), data), _MOST_LOGGED)

    def emit(self, record: logging.LogRecord) -> None:
        self._pipe.offer(f"{self.format(record)}\n".encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        self._pipe.close(_GOODBYE)
        super().close()


def _log() -> None:
    logging.basicConfig(handlers=[_Log()], level=logging.WARNING, format="mig-lsp: %(levelname)s: %(message)s")
    logging.getLogger("pygls").setLevel(logging.WARNING)


def _receive(server: Server, frame: bytes | wire.Unreadable) -> None:
    if isinstance(frame, wire.Unreadable):
        server.wire.unreadable(frame.why)
    else:
        server.wire.receive(frame)


def _quietly(read: wire.Read) -> wire.Read:
    def piece(size: int) -> bytes:
        try:
            return read(size)
        except OSError:  # the other side broke off: the stream ends here
            return b""

    return piece


def _write_all(target: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]
