"""The offline copy of each environment's log, in the user's cache directory. It holds no address and no secret."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import msgspec

from mig_lsp import caches
from mig_lsp.core.config.model import LogSource
from mig_lsp.core.log import Ledger


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file's content. *key* is its own name: a copy of another workspace's file does not count."""

    version: int
    key: str
    ledger: Ledger


_VERSION = 1


def load(root: Path, environment: str, source: LogSource) -> Ledger | None:
    """The ledger that `store` kept for this workspace, environment and source; None when there is none to trust."""
    file = place(root, environment, source)
    if file is None:
        return None
    try:
        stored = msgspec.json.decode(file.read_bytes(), type=_Stored)
    except (OSError, ValueError, RecursionError):  # missing, unreadable, or damaged: as if it were not there
        return None
    if (stored.version, stored.key, stored.ledger.environment) != (_VERSION, file.stem, environment):
        return None
    return stored.ledger


def store(root: Path, ledger: Ledger, source: LogSource) -> None:
    """Keeps *ledger*, without its problem, for `load`; where the cache cannot be written nothing is kept."""
    file = place(root, ledger.environment, source)
    if file is None:
        return
    data = msgspec.json.encode(_Stored(_VERSION, file.stem, replace(ledger, problem=None)))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent)
    except OSError:  # a read-only home is no reason to have no log
        return
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except OSError:  # a full disk; on Windows also a reader of the old copy
        with contextlib.suppress(OSError):
            part.unlink()


def place(root: Path, environment: str, source: LogSource) -> Path | None:
    """The file of the copy, None when caches are turned off."""
    cache = caches.directory()
    if cache is None:
        return None
    key = "\0".join((str(root.resolve()), environment, repr(source)))
    return cache / "log" / f"{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"
