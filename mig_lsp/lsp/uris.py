"""URIs of documents as paths below a folder, and back; pure text, the same for every operating system that is named.

Editors spell one file in several ways (`file:///c%3A/x`, `file:///C:/x`). Two URIs are compared by what they decode
to, and the URI of a file that no editor has named is made from the spelling of its folder.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

_FILE = re.compile(r"file:(?://(?P<host>[^/?#]*))?(?P<path>/[^?#]*)", re.I)
_DRIVE = re.compile(r"/(?P<letter>[A-Za-z])[:|](?=/|\Z)")
_HALF = re.compile("[\ud800-\udfff]")
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_SAFE = "/-._~"


class Location(NamedTuple):
    """Where a `file:` URI points: a host for network shares (else ""), a drive with its colon (else ""), and names."""

    host: str
    drive: str
    names: tuple[str, ...]


def locate(uri: str, *, windows: bool) -> Location | None:
    """Where *uri* points, or None when it names no file: another scheme, a relative path, NUL, or a `/` inside a name.

    Half of a surrogate pair is no character, and a URI that has one names nothing that there could be.
    Bytes that are not UTF-8 become the lone surrogates that `os.fsdecode` makes of them. Drives and hosts are in lower
    case, as nothing tells them apart by case.
    """
    match = _FILE.fullmatch(uri)
    if match is None or (not uri.isascii() and _HALF.search(uri)):
        return None
    host = unquote(match["host"] or "").lower()
    raw, drive = match["path"], ""
    if windows:
        # Only the colon may be escaped; an escaped separator would change which file is meant.
        raw = re.sub(r"\A(/[A-Za-z])%3a", r"\1:", raw, flags=re.I)
        found = _DRIVE.match(raw)
        if found is not None:
            drive, raw = f"{found['letter'].lower()}:", raw[found.end() :]
    names: list[str] = []
    for part in raw.split("/"):
        name = unquote(part, errors="surrogateescape")
        if "\0" in name or "/" in name or (windows and "\\" in name):
            return None
        if name == "..":
            if not names:
                return None
            names.pop()
        elif name not in ("", "."):
            names.append(name)
    return Location("" if host == "localhost" else host, drive, tuple(names))


def native(uri: str, *, windows: bool) -> str | None:
    r"""The path that the operating system knows: `/home/x`, `C:\x` or `\\host\share\x`; None when there is none."""
    found = locate(uri, windows=windows)
    if found is None:
        return None
    if not windows:
        return None if found.host else "/" + "/".join(found.names)
    if found.host:
        return "\\\\" + "\\".join((found.host, *found.names)) if found.names else None
    if not found.drive:
        return None
    return found.drive.upper() + "\\" + "\\".join(found.names)


def relative(folder: str, uri: str, *, windows: bool) -> str | None:
    """The path of *uri* from *folder* (a URI too), with `/`; None when it is not below it.

    On Windows the folder's names are compared without case; the names below it keep theirs.
    """
    base, found = locate(folder, windows=windows), locate(uri, windows=windows)
    if base is None or found is None or (base.host, base.drive) != (found.host, found.drive):
        return None
    depth = len(base.names)
    above, below = found.names[:depth], found.names[depth:]
    if not below or not _same(base.names, above, windows):
        return None
    return "/".join(below)


def join(folder: str, path: str) -> str:
    """The URI of *path* (relative, with `/`) below the URI *folder*, in the folder's own spelling."""
    return folder.rstrip("/") + "/" + _quoted(path)


def from_native(path: str, *, windows: bool) -> str:
    r"""The URI of an absolute path of the operating system, as VS Code spells it."""
    if not windows:
        return "file://" + _quoted(path)
    path = path.replace("\\", "/")
    if path.startswith("//"):
        return "file:" + _quoted(path)
    drive, rest = path[:2], path[2:]
    return f"file:///{drive[0].lower()}%3A{_quoted(rest)}"


def _quoted(path: str) -> str:
    """The path as a part of a URI; halves of characters that no name on a disk can have become U+FFFD."""
    return quote(_NO_BYTE.sub("\ufffd", path), safe=_SAFE, errors="surrogateescape")


def _same(one: tuple[str, ...], other: tuple[str, ...], windows: bool) -> bool:
    if one == other:
        return True
    return windows and [name.casefold() for name in one] == [name.casefold() for name in other]
