"""Messages as the wire carries them: a header with the length, then that many bytes.

Only the standard library is imported here: the first message is answered before anything heavier is loaded.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mig_lsp.lsp.pipe import Pipe

MAX_BODY = 1 << 30
"""Bytes; what says that it is longer is no message."""

_MAX_HEADER = 1 << 16
_BLANK = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*([0-9]{1,18})[ \t]*\r?(?=\n|\Z)", re.I)
_HEADER = re.compile(rb"[A-Za-z-]+[ \t]*:.*")
_PIECE = 1 << 16
_MOST_UNREAD = 1 << 28  # bytes that wait for a client to read them

Read = Callable[[int], bytes]
"""Gives some bytes, at most as many as asked for; b"" at the end."""


class Unreadable(NamedTuple):
    """A stretch of the stream that is no message, and why."""

    why: str


def frames(read: Read) -> Iterator[bytes | Unreadable]:
    """The bodies of the messages of a stream, until it ends. After rubbish it goes on at the next readable header."""
    stream = _Stream(read)
    lost = False
    while True:
        head = stream.head()
        if head is None:
            return
        found = list(_LENGTH.finditer(head))
        if not found:
            if head.strip() and not lost:
                yield Unreadable("a header without a usable Content-Length")
            continue
        before, behind = head[: found[-1].start()], head[found[-1].end() :]
        if not _are_headers(behind):
            yield Unreadable("a header that ends in rubbish")
            continue
        if not lost and not _are_headers(before):
            yield Unreadable("rubbish in front of a header")
        length = int(found[-1][1])
        # Nobody sends that much. JSON holds no blank line, so the next header is found whether or not it was true.
        lost = length > MAX_BODY
        if lost:
            yield Unreadable(f"a message of {length} bytes, which is more than this server reads")
            continue
        body = stream.take(length)
        if body is None:
            return
        yield body


def parse(body: bytes) -> object:
    """The JSON of a message. Raises ValueError for anything else, and RecursionError for what is nested too deep."""
    return _JSON.decode(body.decode())


class Writer:
    """Writes whole messages, from any thread, and waits for nobody to read them."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._pipe = Pipe(write, _MOST_UNREAD)

    def send(self, body: bytes) -> None:
        """Sends one message, after those that were sent before."""
        self._pipe.put(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def close(self, timeout: float) -> None:
        """Sends nothing more; returns when all is written or the other side has gone, or after *timeout* seconds."""
        self._pipe.close(timeout)


def _are_headers(head: bytes) -> bool:
    return all(_HEADER.fullmatch(line) for line in head.splitlines() if line.strip())


class _Stream:
    def __init__(self, read: Read) -> None:
        self._read = read
        self._bytes = bytearray()

    def head(self) -> bytes | None:
        """What stands before the next blank line; None at the end of the stream."""
        searched = 0
        while True:
            match = _BLANK.search(self._bytes, max(searched - 3, 0))
            if match is not None:
                head = bytes(self._bytes[: match.start()])
                del self._bytes[: match.end()]
                return head
            searched = len(self._bytes)
            if searched > _MAX_HEADER:
                # No header is that long: keep only what may be the beginning of one.
                del self._bytes[: searched - 64]
                searched = 0
            if not self._more():
                return None

    def take(self, length: int) -> bytes | None:
        while len(self._bytes) < length:
            if not self._more():
                return None
        body = bytes(self._bytes[:length])
        del self._bytes[:length]
        return body

    def _more(self) -> bool:
        piece = self._read(_PIECE)
        self._bytes += piece
        return bool(piece)


def _finite(number: str) -> float:
    found = float(number)
    if math.isinf(found):
        raise ValueError("a number beyond reason")
    return found


def _no_json(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


_JSON = json.JSONDecoder(parse_constant=_no_json, parse_float=_finite)
