"""Bytes on their way to somebody who may read slowly, or never.

Who reads messages must not wait for them to be read at the other end: a client that first writes all its requests and
then reads the answers would wait for the server, and the server for the client.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Pipe:
    """Writes pieces in their order, on a thread of its own. Once the other side is gone nothing is written any more."""

    def __init__(self, write: Callable[[bytes], object], most: int) -> None:
        """*most* is how many bytes may wait."""
        self._write = write
        self._most = most
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._broken = False

    def put(self, piece: bytes) -> None:
        """Has *piece* written; waits only while too much is waiting already."""
        with self._changed:
            while self._size > self._most and not self._broken:
                self._changed.wait()
            self._add(piece)

    def offer(self, piece: bytes) -> None:
        """Has *piece* written, unless too much is waiting already."""
        with self._changed:
            if self._size <= self._most:
                self._add(piece)

    def close(self, timeout: float) -> None:
        """Takes nothing more; returns when all is written or the other side has gone, or after *timeout* seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout)

    def _add(self, piece: bytes) -> None:
        if self._broken or self._closed:
            return
        self._pieces.append(piece)
        self._size += len(piece)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="pipe", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._pieces and not self._closed:
                    self._changed.wait()
                if not self._pieces:
                    return
                piece = self._pieces.popleft()
            try:
                self._write(piece)
            except (OSError, ValueError):  # the other end of the pipe is closed, and ours may be too
                with self._changed:
                    self._broken = True
                    self._pieces.clear()
                    self._changed.notify_all()
                return
            with self._changed:
                self._size -= len(piece)
                self._changed.notify_all()
