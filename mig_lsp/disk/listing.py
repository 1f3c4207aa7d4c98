"""Which files of a workspace may belong to a migration set, by their names alone.

Nothing outside the root is looked at: folders are never entered through links. Nothing heavy is imported here, because
a check whose result is known needs no more than this.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import NamedTuple

from mig_lsp.core.candidates import CONFIG_NAME, could_be_manifest

IGNORED = frozenset(("node_modules", "dist", "build", "out", "cdk.out", "coverage", "vendor", "target", "__pycache__"))
"""Folders that are never entered; nor are hidden ones."""

MAX_ENTRIES = 200_000
"""How many files and folders are looked at."""

MAX_DEPTH = 40
"""How many folders deep the search goes."""

SETTLED = 2_000_000_000
"""Nanoseconds; what was changed so recently may change again without a new time stamp."""


class Folder(NamedTuple):
    """The content of one folder.

    *modified* is None when it must be listed again; *files* maps paths to what is wrong with them.
    """

    modified: int | None
    size: int
    folders: tuple[str, ...]
    files: Mapping[str, str | None]


class Listing(NamedTuple):
    """The folders that were listed, and the files in them that matter, in order, with what is wrong with each.

    Paths are relative to the root, with `/`. *truncated* tells that there was more to see.
    """

    folders: Mapping[str, Folder]
    files: Mapping[str, str | None]
    truncated: bool


def listing(root: str, known: Mapping[str, Folder] | None = None) -> Listing:
    """What lies below *root*; of the *known* folders those are listed again that may have changed."""
    known = known or {}
    top = os.path.realpath(root)  # the only folder that may be reached through a link
    folders: dict[str, Folder] = {}
    waiting = [("", 0)]
    left = MAX_ENTRIES
    truncated = False
    while waiting and left > 0:
        path, depth = waiting.pop()
        folder = _listed(top, path, known.get(path), left)
        if folder is None:
            continue
        folders[path] = folder
        left -= folder.size
        if left <= 0 or (folder.folders and depth == MAX_DEPTH):
            truncated = True
        elif depth < MAX_DEPTH:
            waiting += ((inner, depth + 1) for inner in reversed(folder.folders))
    files = dict(sorted(item for folder in folders.values() for item in folder.files.items()))
    return Listing(folders, files, truncated)


def _listed(root: str, path: str, known: Folder | None, most: int) -> Folder | None:
    """The content of a folder, None when it cannot be listed; *most* is how many of its entries are looked at."""
    target = f"{root}/{path}" if path else root
    prefix = f"{path}/" if path else ""
    now = time.time_ns()
    folders: list[str] = []
    files: dict[str, str | None] = {}
    size = 0
    try:
        modified = os.lstat(target).st_mtime_ns
        if known is not None and known.modified == modified:
            return known
        with os.scandir(target) as entries:
            for size, entry in enumerate(entries, 1):
                if size >= most:
                    break
                name = entry.name
                if _is_folder(entry):
                    if name.endswith(".sql"):
                        files[prefix + name] = "is a folder, not a file"
                    elif name not in IGNORED and not name.startswith("."):
                        folders.append(prefix + name)
                elif name.endswith(".sql") or name == CONFIG_NAME or could_be_manifest(prefix + name):
                    files[prefix + name] = _odd(entry)
    except OSError:
        return None
    return Folder(modified if now - modified > SETTLED else None, size, tuple(sorted(folders)), files)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _odd(entry: os.DirEntry[str]) -> str | None:
    """What is wrong with an entry that is not a folder, before it is opened."""
    try:
        entry.name.encode()
    except UnicodeEncodeError:
        return "has a name that is not UTF-8, so it is not read: rename it"
    try:
        regular = entry.is_symlink() or entry.is_file(follow_symlinks=False)
    except OSError:
        return None  # reading it will tell
    return None if regular else "is a device, a pipe or a socket, not a file"
