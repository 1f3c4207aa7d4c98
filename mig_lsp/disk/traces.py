"""How to tell cheaply whether files still say what they said when they were last read.

A trace is what the disk tells of a file without reading it, and what reading it came to. The first is enough while
nothing happens to the file; the second decides when it was written anew with the same content.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import NamedTuple

from mig_lsp.core.candidates import is_dull
from mig_lsp.disk.file import MAX_DOCUMENT, MAX_SQL, Stamp, UnreadableError, fetch
from mig_lsp.disk.listing import SETTLED

UNREAD = ""
"""The stamp of a file whose content does not matter."""

YOUNG = "?"
"""The stamp of a file that must be read: it had changed a moment before, or was a link, or could not be read."""

ODD = "!"
"""The stamp of what is no file that can be read; the content says why."""

_DULL = "-"


class Trace(NamedTuple):
    """What is known of one file: its *stamp* as text, and what its content came to."""

    stamp: str
    content: str


def stamp_text(stamp: Stamp | None) -> str:
    """A stamp as a trace has it."""
    return YOUNG if stamp is None else f"{stamp.modified} {stamp.changed} {stamp.size} {stamp.inode}"


def settled(stamp: Stamp, now: int) -> Stamp | None:
    """The stamp of a file that was read at *now*, None when the file may change again without another stamp."""
    return stamp if now - max(stamp.modified, stamp.changed) > SETTLED else None


def content_of(path: str, data: bytes) -> str:
    """What the content of a file comes to: a file of no use is like any other of no use."""
    import hashlib

    return _DULL if is_dull(path, data) else hashlib.blake2b(data, digest_size=16).hexdigest()


def renewed(root: str, files: Mapping[str, str | None], known: Mapping[str, Trace]) -> Mapping[str, Trace] | None:
    """The *known* traces with the stamps of today, when the listed *files* below *root* still say what they said.

    None when they do not; *known* itself when its stamps were good enough.
    """
    if files.keys() != known.keys():
        return None
    changed = []
    lstat = os.lstat
    for path, (stamp, content) in known.items():
        odd = files[path]
        if stamp == ODD or odd is not None:
            if stamp != ODD or content != odd:
                return None
        elif stamp == YOUNG:
            changed.append(path)
        elif stamp != UNREAD:
            try:
                now = lstat(f"{root}/{path}")
            except (OSError, ValueError):
                return None
            if stamp != f"{now.st_mtime_ns} {now.st_ctime_ns} {now.st_size} {now.st_ino}":
                changed.append(path)
    newer = {}
    for path in changed:
        trace = _trace(root, path)
        if trace.content != known[path].content:
            return None
        if trace.stamp not in (YOUNG, known[path].stamp):
            newer[path] = trace
    return {**known, **newer} if newer else known


def _trace(root: str, path: str) -> Trace:
    from pathlib import Path

    now = time.time_ns()
    try:
        data, stamp = fetch(Path(root), path, MAX_SQL if path.endswith(".sql") else MAX_DOCUMENT, found=True)
    except UnreadableError as error:
        return Trace(YOUNG, str(error))
    return Trace(stamp_text(settled(stamp, now)), content_of(path, data))
