"""migration_log read from a file that somebody exported."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from pathlib import Path
from typing import NamedTuple

from mig_lsp.core.config.model import FileLog, inside
from mig_lsp.core.log import LogEntry, parse_csv, parse_json
from mig_lsp.ledger.fetching import FetchError

MAX_BYTES = 32 * 1024 * 1024
"""The largest file that is read."""

_CIRCLE = "cannot be read: its links lead in a circle"
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Exported(NamedTuple):
    """What a file holds: the entries, oldest first, and one problem per row that is none."""

    entries: tuple[LogEntry, ...]
    problems: tuple[str, ...]


def fetch(root: Path, source: FileLog) -> Exported:
    """The rows of the exported file, which lies in *root*, also behind its links. Raises FetchError."""
    try:
        data = _read(_locate(root, source.path))
    except RuntimeError:  # how Python before 3.13 says that links go round in circles
        raise FetchError(f"{source.path} {_CIRCLE}") from None
    except OSError as error:
        reason = _CIRCLE if error.errno == errno.ELOOP else f"cannot be read: {error.strerror}"
        raise FetchError(f"{source.path} {reason}") from None
    if data is None:
        raise FetchError(f"{source.path} is not a file")
    if len(data) > MAX_BYTES:
        raise FetchError(f"{source.path} is larger than {MAX_BYTES >> 20} MiB: it is not read")
    text = _decode(data)
    parse = parse_json if text.lstrip("\ufeff \t\r\n")[:1] in ("[", "{") else parse_csv
    return Exported(*parse(text))


def _locate(root: Path, path: str) -> Path:
    relative = inside(path)
    file = (root / (relative or "")).resolve(strict=True)
    if relative is None or not file.is_relative_to(root.resolve(strict=True)):
        raise FetchError(f"{path} lies outside the workspace: it is not read")
    return file


def _read(file: Path) -> bytes | None:
    """What a regular file holds, or more than `MAX_BYTES` of it; None for anything else, which is not waited for."""
    if file.is_dir():
        return None
    handle = os.open(file, _FLAGS)
    with os.fdopen(handle, "rb") as opened:
        if not stat.S_ISREG(os.fstat(handle).st_mode):  # asked of what is open: the name may lead elsewhere by now
            return None
        return opened.read(MAX_BYTES + 1)


def _decode(data: bytes) -> str:
    """Text of an export: UTF-8, or UTF-16 as a Windows shell redirects it."""
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if utf16 else "utf-8-sig", "replace")
