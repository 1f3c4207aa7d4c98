"""What a session knows from outside the files, and the questions that it has there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mig_lsp.core.config.model import LogSource
from mig_lsp.core.log import Ledger
from mig_lsp.core.snapshot import File


class LogKey(NamedTuple):
    """One environment's log: the folder from which its paths count, the environment, and where the log is read."""

    root: Path
    environment: str
    source: LogSource


class GitKey(NamedTuple):
    """What to ask git about: a directory of migrations and its manifest, and the ref that counts as merged.

    Paths are relative to the root; *arrays* are the configured names of the manifest's arrays.
    """

    root: Path
    directory: str
    base_ref: str | None
    manifest: str | None
    arrays: tuple[str | None, str | None]


class Branches(NamedTuple):
    """What git says: the migrations of each ref by name, the files that are the same on the base ref, by path, and the
    names that the manifest lists there.
    """

    names: Mapping[str, frozenset[str]] = MappingProxyType({})
    merged: Mapping[str, File] = MappingProxyType({})
    listed: frozenset[str] = frozenset()

    def has_merged(self, file: File) -> bool:
        """Whether the file, as it is now, is the same on the base ref."""
        known = self.merged.get(file.path)
        return known is not None and known.text == file.text


@dataclass
class Outside:
    """What is known from outside the files: the logs of the environments, and other branches."""

    ledgers: dict[LogKey, Ledger] = field(default_factory=dict)
    branches: dict[GitKey, Branches] = field(default_factory=dict)
