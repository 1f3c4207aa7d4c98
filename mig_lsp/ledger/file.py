"""migration_log read from a file that somebody exported."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import NamedTuple

from mig_lsp.core.config.model import FileLog, inside
from mig_lsp.core.log import LogEntry, parse_csv, parse_json
from mig_lsp.ledger.fetching import FetchError

MAX_BYTES = 64 * 1024 * 1024
"""The largest file that is read."""


class Exported(NamedTuple):
    """What a file holds: the entries, oldest first, and one problem per row that is none."""

    entries: tuple[LogEntry, ...]
    problems: tuple[str, ...]


def fetch(root: Path, source: FileLog) -> Exported:
    """The rows of the exported file, which lies in *root*, also behind its links. Raises FetchError."""
    try:
        file = _locate(root, source.path)
        if file.stat().st_size > MAX_BYTES:
            raise FetchError(f"{source.path} is larger than {MAX_BYTES >> 20} MiB: it is not read")
        text = _decode(file.read_bytes())
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        reason = error.strerror if isinstance(error, OSError) else None
        raise FetchError(f"{source.path} cannot be read: {reason or 'its links lead in a circle'}") from None
    parse = parse_json if text.lstrip("\ufeff \t\r\n")[:1] in ("[", "{") else parse_csv
    return Exported(*parse(text))


def _locate(root: Path, path: str) -> Path:
    relative = inside(path)
    file = (root / (relative or "")).resolve(strict=True)
    if relative is None or not file.is_relative_to(root.resolve(strict=True)):
        raise FetchError(f"{path} lies outside the workspace: it is not read")
    if not file.is_file():
        raise FetchError(f"{path} is not a file")
    return file


def _decode(data: bytes) -> str:
    """Text of an export: UTF-8, or UTF-16 as a Windows shell redirects it."""
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if utf16 else "utf-8-sig", "replace")
