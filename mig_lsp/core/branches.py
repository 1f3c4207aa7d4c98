"""What git says of other branches, as a value: which migrations they have, and what the base ref's files hold.

Texts are known by the ids that git gives to contents, so thousands of files are compared without reading any.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Branches:
    """One directory of migrations on other refs. Without git, and before it has answered, nothing is known.

    *names* are the SQL files of each ref, by its short name; *rivals* those refs whose work is not in the present
    branch, the base ref first. *base* is the short name of the base ref, "" when there is none, and *listed* what its
    manifest lists. *blobs* are the ids of each file of the base ref by path: the one it has there, then the one where
    the present branch left it, if that is another. *texts* are the base ref's texts of the files that differed from
    it when git was asked.
    """

    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rivals: tuple[str, ...] = ()
    base: str = ""
    listed: frozenset[str] = frozenset()
    blobs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def has(self, path: str, text: str) -> bool:
        """Whether the base ref has a file at *path* that the present branch did not edit; line ends and BOM aside."""
        known = self.blobs.get(path)
        return bool(known) and _is_one_of(text, frozenset(known or ()))

    def other_paths(self, text: str) -> tuple[str, ...]:
        """The paths under which the base ref has this very text, line ends and BOM aside."""
        if not self._paths:
            return ()
        digits = len(next(iter(self._paths)))
        return next((self._paths[each] for each in _ids(text, digits) if each in self._paths), ())

    @cached_property
    def _paths(self) -> Mapping[str, tuple[str, ...]]:
        """The paths of each content on the base ref."""
        found: dict[str, tuple[str, ...]] = {}
        for path, ids in self.blobs.items():
            found[ids[0]] = (*found.get(ids[0], ()), path)
        return MappingProxyType(found)


NO_BRANCHES = Branches()


def blob_id(data: bytes, digits: int) -> str:
    """The id that git gives to a content, in a repository whose ids have so many hexadecimal *digits*."""
    algorithm: Callable[..., hashlib._Hash] = hashlib.sha1 if digits == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _is_one_of(text: str, known: frozenset[str]) -> bool:
    return any(each in known for each in _ids(text, len(next(iter(known)))))


def _ids(text: str, digits: int) -> Iterator[str]:
    """The ids of *text* as it is, and with the other line ends and with a BOM; the most likely ones first."""
    data = text.encode("utf-8", "surrogatepass")
    plain = data.replace(b"\r\n", b"\n")
    for each in dict.fromkeys((data, plain, plain.replace(b"\n", b"\r\n"))):
        yield blob_id(each, digits)
        yield blob_id(_BOM + each, digits)
