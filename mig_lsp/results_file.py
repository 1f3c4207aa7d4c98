"""The files of kept results: written whole or not at all, and read only when they are one's own and undamaged."""

from __future__ import annotations

import os
import stat
import sys
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

MAX_TOTAL = 128 * 1024 * 1024
"""How much is kept in all, in bytes; what was not used for the longest time goes first."""

_MAGIC = b"mig-lsp check 1 "
_DAY = 24 * 3600
_PART = ".part"
_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


class Entry(NamedTuple):
    """What a kept result depends on, and the exit code; fields with several parts separate them by NUL."""

    request: str
    root: str
    nearest: str
    ref: str
    program: str
    places: str
    marks: str
    git: str
    traces: str
    code: str


def read(file: Path) -> tuple[Entry, memoryview] | None:
    """The entry in a file of one's own that is whole, and the output as UTF-8; else None."""
    try:
        handle = os.open(file, os.O_RDONLY | _FLAGS)
    except OSError:
        return None
    try:
        status = os.fstat(handle)
        if not _is_own(status) or status.st_size > MAX_TOTAL:
            return None
        data = os.read(handle, status.st_size + 1)
    except OSError:
        return None
    finally:
        os.close(handle)
    start = data.find(b"\n") + 1
    body = memoryview(data)[start:]
    if data[:start] != _head(zlib.crc32(body)):
        return None
    if time.time() - status.st_mtime > _DAY:
        with suppress(OSError):
            os.utime(file)
    return _entry(body)


def write(file: Path, entry: Entry, out: bytes | memoryview) -> bool:
    """Whether the entry could be written, and is there now as a whole."""
    fields = (*map(encoded, entry), out)
    lengths = b" ".join(b"%d" % len(field) for field in fields) + b"\n"
    check = 0
    for piece in (lengths, *fields):
        check = zlib.crc32(piece, check)
    part = file.with_name(f"{file.name}.{os.urandom(8).hex()}{_PART}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600), "wb") as made:
            made.writelines((_head(check), lengths, *fields))
        part.replace(file)
    except OSError as error:  # a read-only home or a full disk is no reason to fail
        if os.environ.get("MIG_LSP_DEBUG"):
            sys.stderr.write(f"mig-lsp: the result is not kept: {error.strerror}\n")
        with suppress(OSError):
            part.unlink(missing_ok=True)
        return False
    _prune(file.parent)
    return True


def encoded(text: str) -> bytes:
    """The text as a file has it."""
    return text.encode("utf-8", "surrogatepass")


def _head(check: int) -> bytes:
    return _MAGIC + b"%08x\n" % check


def _entry(body: memoryview) -> tuple[Entry, memoryview] | None:
    end = bytes(body[:1000]).find(b"\n")
    lengths = [int(word) for word in bytes(body[: max(end, 0)]).split()]
    if len(lengths) != len(Entry._fields) + 1:
        return None
    at = end + 1
    fields = []
    for length in lengths[:-1]:
        fields.append(str(body[at : at + length], "utf-8", "surrogatepass"))
        at += length
    return Entry._make(fields), body[at:]


def _is_own(status: os.stat_result) -> bool:
    """Whether a file is a regular one that nobody else could have written."""
    if not stat.S_ISREG(status.st_mode):
        return False
    return not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _prune(folder: Path) -> None:
    """Removes what is too much, and what a run that was ended has left behind."""
    with suppress(OSError):
        found = [(entry.stat(follow_symlinks=False), entry.path) for entry in os.scandir(folder)]
        left = MAX_TOTAL
        for status, path in sorted(found, key=lambda item: -item[0].st_mtime):
            left -= status.st_size
            abandoned = path.endswith(_PART) and time.time() - status.st_mtime > _DAY
            if left < 0 or abandoned:
                Path(path).unlink(missing_ok=True)
