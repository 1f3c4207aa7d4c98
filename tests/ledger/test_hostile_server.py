"""Something that speaks PostgreSQL's protocol and means no good, in the place of the database."""

from __future__ import annotations

import socket
import struct
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from mig_lsp.core.config.model import PostgresLog
from mig_lsp.ledger import postgres
from mig_lsp.ledger.fetching import FetchError

SOURCE = PostgresLog(url_env="TEST_LOG_URL")
COLUMNS = ("id", "step_number", "description", "status", "error_message", "executed_at")
SSL_REQUEST = 80877103
TEXT, NUMBER = 25, 23  # types by their number


def message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def row(*values: bytes) -> bytes:
    fields = b"".join(struct.pack("!i", len(value)) + value for value in values)
    return message(b"D", struct.pack("!h", len(values)) + fields)


READY = message(b"Z", b"I")
IN_TRANSACTION = message(b"Z", b"T")
DONE = message(b"C", b"SELECT 1\0")
ANSWERS = {
    b"P": message(b"1"),
    b"B": message(b"2"),
    b"Q": DONE + IN_TRANSACTION,
    b"S": IN_TRANSACTION,
}


def described() -> bytes:
    fields = b"".join(
        name.encode() + b"\0" + struct.pack("!ihihih", 0, 0, TEXT if at > 1 else NUMBER, -1, -1, 0)
        for at, name in enumerate(COLUMNS)
    )
    return message(b"T", struct.pack("!h", len(COLUMNS)) + fields)


@contextmanager
def server(rows: Callable[[], Iterator[bytes]]) -> Iterator[str]:
    """The address of one that greets everybody, and answers the question for the log with *rows*."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, rows), daemon=True).start()
        yield f"postgresql://me:s3cret-word@127.0.0.1:{listener.getsockname()[1]}/app"


def _serve(listener: socket.socket, rows: Callable[[], Iterator[bytes]]) -> None:
    with suppress(OSError, struct.error):
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError, struct.error):
                _greet(connection)
                _converse(connection, rows)


def _greet(connection: socket.socket) -> None:
    while True:
        size, code = struct.unpack("!ii", _exactly(connection, 8))
        _exactly(connection, size - 8)
        if code >> 16 == 3:
            break
        connection.sendall(b"N")  # neither SSL nor GSSAPI here
    settings = (b"server_version\x0015.0\0", b"client_encoding\0UTF8\0", b"standard_conforming_strings\0on\0")
    connection.sendall(message(b"R", bytes(4)) + b"".join(message(b"S", each) for each in settings) + READY)


def _converse(connection: socket.socket, rows: Callable[[], Iterator[bytes]]) -> None:
    asked = False
    while True:
        kind = _exactly(connection, 1)
        body = _exactly(connection, struct.unpack("!i", _exactly(connection, 4))[0] - 4)
        if kind == b"P":
            asked = b"migration_log" in body
        if kind == b"D":
            connection.sendall(described() if asked else message(b"n"))
        elif kind == b"E":
            for each in rows() if asked else ():
                connection.sendall(each)
            connection.sendall(DONE)
        elif kind != b"X":
            connection.sendall(ANSWERS.get(kind, b""))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise OSError("hung up")
        data += piece
    return data


def endless() -> Iterator[bytes]:
    many = row(b"1", b"1", b"x" * 10_000, b"completed", b"e" * 10_000, b"") * 50
    while True:
        yield many


def two() -> Iterator[bytes]:
    yield row(b"1", b"1", b"010-a.sql", b"completed", b"", b"")
    yield row(b"1", b"2", b"011-\x1b[31m](x).sql", b"failed", b"\x07", b"")


def test_a_server_that_keeps_to_the_protocol_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(two) as address:
        monkeypatch.setenv("TEST_LOG_URL", address)
        found = postgres.fetch(SOURCE, timeout=10)
    assert ["010-a.sql", "011-\x1b[31m](x).sql"] == [each.name for each in found]


def test_a_server_that_never_comes_to_an_end_costs_neither_time_nor_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "MAX_ROWS", 1000)
    with server(endless) as address:
        monkeypatch.setenv("TEST_LOG_URL", address)
        tracemalloc.start()
        try:
            with pytest.raises(FetchError) as caught:
                postgres.fetch(SOURCE, timeout=20)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert "rows: it is not read" in str(caught.value)
    assert "s3cret-word" not in str(caught.value)
    assert peak < 40_000_000
