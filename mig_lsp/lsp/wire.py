"""Messages as the wire carries them: a header with the length, then that many bytes.

Only the standard library is imported here: the first message is answered before anything heavier is loaded.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

MAX_BODY = 1 << 30
"""Bytes; a longer message is skipped unread."""

_MAX_HEADER = 1 << 16
_BLANK = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*([0-9]{1,18})[ \t]*\r?(?=\n|\Z)", re.I)
_HEADER = re.compile(rb"[A-Za-z-]+[ \t]*:.*")
_PIECE = 1 << 16

Read = Callable[[int], bytes]
"""Gives some bytes, at most as many as asked for; b"" at the end."""


class Unreadable(NamedTuple):
    """A stretch of the stream that is no message, and why."""

    why: str


def frames(read: Read) -> Iterator[bytes | Unreadable]:
    """The bodies of the messages of a stream, until it ends. After rubbish it goes on at the next readable header."""
    stream = _Stream(read)
    while True:
        head = stream.head()
        if head is None:
            return
        found = list(_LENGTH.finditer(head))
        if not found:
            if head.strip():
                yield Unreadable("a header without a usable Content-Length")
            continue
        before = head[: found[-1].start()]
        if not all(_HEADER.fullmatch(line) for line in before.splitlines() if line.strip()):
            yield Unreadable("rubbish in front of a header")
        length = int(found[-1][1])
        if length > MAX_BODY:
            stream.skip(length)
            yield Unreadable(f"a message of {length} bytes, which is more than this server reads")
            continue
        body = stream.take(length)
        if body is None:
            return
        yield body


class Writer:
    """Writes whole messages, from any thread. Once the other side is gone nothing is written any more."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self.broken = False

    def send(self, body: bytes) -> None:
        """Sends one message."""
        with self._lock:
            if self.broken:
                return
            try:
                self._write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            except (OSError, ValueError):  # the editor has gone: its end of the pipe is closed, and ours may be too
                self.broken = True


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

    def skip(self, length: int) -> None:
        while length > 0 and (self._bytes or self._more()):
            gone = min(length, len(self._bytes))
            del self._bytes[:gone]
            length -= gone

    def _more(self) -> bool:
        piece = self._read(_PIECE)
        self._bytes += piece
        return bool(piece)
