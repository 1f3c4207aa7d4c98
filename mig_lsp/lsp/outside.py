"""What a session knows from outside the files, and the questions that it has there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mig_lsp.core.branches import Branches
from mig_lsp.core.config.model import LogSource
from mig_lsp.core.log import Ledger


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


@dataclass
class Outside:
    """What is known from outside the files: the logs of the environments, and other branches."""

    ledgers: dict[LogKey, Ledger] = field(default_factory=dict)
    branches: dict[GitKey, Branches] = field(default_factory=dict)
