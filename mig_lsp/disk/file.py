"""Reads one file of a workspace: only a regular file below the root, never more than a limit, never waiting.

What is heavy to import is imported where it is used: a check whose result is known needs no more than bytes.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from mig_lsp.core.snapshot import File

MAX_SQL = 16 * 1024 * 1024
"""The longest SQL file that is read, in bytes."""

MAX_DOCUMENT = 10 * 1024 * 1024
"""The longest manifest or configuration that is read, in bytes."""

BOM = b"\xef\xbb\xbf"

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)


class Stamp(NamedTuple):
    """What changes when a file does: times in nanoseconds, size in bytes, inode."""

    modified: int
    changed: int
    size: int
    inode: int


class UnreadableError(Exception):
    """Why a file's content cannot be had, as the rest of a sentence that begins with the file."""


class TooLongError(UnreadableError):
    """The file is longer than what is read of it."""


def read(root: Path, path: str, limit: int = MAX_SQL) -> File:
    """The file at *path* below *root*; what cannot or must not be read is a `File` without text, and with a problem."""
    from mig_lsp.core.snapshot import File

    try:
        data, _ = fetch(root, path, limit)
    except UnreadableError as error:
        return File(path, "", problem=str(error))
    return decoded(path, data)


def stamp(path: Path) -> Stamp | None:
    """The file's stamp, None when there is no such file."""
    try:
        return _stamp(path.stat())
    except (OSError, ValueError):
        return None


def fetch(root: Path, path: str, limit: int, found: bool = False) -> tuple[bytes, Stamp]:
    """The content of a file and its stamp at that moment; raises `UnreadableError`.

    *found* promises that no folder of *path* is a link, which saves the look at each of them.
    """
    if found and _NO_LINKS:
        try:
            return _bytes(f"{root}/{path}", limit)
        except _LinkError:
            pass  # the one case that costs more: where does it lead?
    return _bytes(str(resolved(root, path)), limit)


def resolved(root: Path, path: str) -> Path:
    """Where an existing file really is, links followed: below *root*, or else `UnreadableError` is raised."""
    from mig_lsp.core.config.model import inside

    if inside(path) != path:
        raise UnreadableError("is not a path inside the workspace, so it is not read")
    try:
        top = root.resolve(strict=True)
        target = (root / path).resolve(strict=True)
    except (RuntimeError, ValueError):  # how Python before 3.13 says that links go round in circles
        raise UnreadableError("is a link that leads round in a circle") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnreadableError("is a link that leads round in a circle") from None
        if (root / path).is_symlink():
            raise UnreadableError("is a link to a file that does not exist") from None
        raise UnreadableError(f"cannot be read: {error.strerror}") from None
    if not target.is_relative_to(top):
        raise UnreadableError("is a link that leads out of the workspace, so it is not read")
    return target


def decoded(path: str, data: bytes) -> File:
    """The file whose content *data* is; bytes that are not UTF-8 become U+FFFD, and a problem that counts in bytes."""
    from mig_lsp.core.snapshot import File

    bom = data.startswith(BOM)
    if bom:
        data = data[len(BOM) :]
    try:
        return File(path, data.decode(), bom=bom)
    except UnicodeDecodeError as error:
        bad = error.start + len(BOM) * bom
        hint = (
            "it looks like UTF-16"
            if data[:2] in _UTF_16
            else f"first bad byte 0x{data[error.start]:02x} at offset {bad}"
        )
        return File(path, data.decode("utf-8", "replace"), bom=bom, problem=f"is not UTF-8 ({hint})")


class _LinkError(UnreadableError):
    """The file is a link."""


def _bytes(target: str, limit: int) -> tuple[bytes, Stamp]:
    """The content of a regular file that is no link; never waits, whatever *target* is."""
    try:
        handle = os.open(target, _FLAGS | _NO_LINKS)
    except OSError as error:
        if _NO_LINKS and error.errno in (errno.ELOOP, errno.EMLINK):
            raise _LinkError("is a link") from None
        raise UnreadableError(f"cannot be read: {error.strerror}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError("is a folder, a device, a pipe or a socket, not a file")
        if status.st_size > limit:
            raise TooLongError(f"is longer than {limit // 1024**2} MiB, so it is not read")
        data = _all(handle, status.st_size, limit)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from None
    finally:
        os.close(handle)
    if len(data) > limit:
        raise TooLongError(f"is longer than {limit // 1024**2} MiB, so it is not read")
    return data, _stamp(status)


def _all(handle: int, size: int, limit: int) -> bytes:
    """All there is to read, usually *size* bytes; of what grows meanwhile more than *limit*, which says enough."""
    data = os.read(handle, size + 1)
    if len(data) == size:
        return data
    pieces = [data]
    while data and sum(map(len, pieces)) <= limit:
        data = os.read(handle, limit + 1)
        pieces.append(data)
    return b"".join(pieces)


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
