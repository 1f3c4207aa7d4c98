"""What the core says and proposes: findings, edits, fixes and changes of files, as inert values.

A `SourceChange` is the only way to change anything: an editor carries it out with `workspace/applyEdit`,
the command line with `mig_lsp.disk.write.write`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from mig_lsp.core.text import Span


class Severity(IntEnum):
    """How bad a finding is; the numbers are the protocol's, so a smaller one is worse.

    An error means that the deploy fails or data is lost for certain; a warning, that it will under a
    condition the message states.
    """

    ERROR = 1
    WARNING = 2
    INFO = 3
    HINT = 4

    @property
    def word(self) -> str:
        """The name users write: "error", "warning", "info" or "hint"."""
        return self.name.lower()


class Edit(NamedTuple):
    """Replaces the text at *span* (offsets in the text before any edit) by *text*."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class EditFile:
    """Edits one existing file; the edits do not overlap."""

    path: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class CreateFile:
    """Makes a new file; it must not exist yet."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class RenameFile:
    """Moves a file; *new* must not exist yet. Edits of the same change name the file by its new path after this."""

    old: str
    new: str


FileChange = EditFile | CreateFile | RenameFile


@dataclass(frozen=True, slots=True)
class SourceChange:
    """What to do with files, in order. Paths are relative to the root of the workspace, with `/`."""

    title: str
    files: tuple[FileChange, ...]


class Fix(NamedTuple):
    """A way to remove a finding: edits of the finding's own file, and changes of others where it needs them.

    A safe fix keeps the meaning of the migration; only safe ones are part of fix-all.
    """

    title: str
    edits: tuple[Edit, ...] = ()
    safe: bool = True
    others: tuple[FileChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a finding."""

    path: str
    span: Span
    message: str


class Finding(NamedTuple):
    """One thing that one rule says about one stretch of one file.

    *severity* is None until the rule's own or the configured one is filled in by `mig_lsp.core.check`.
    """

    rule: str
    span: Span
    message: str
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    severity: Severity | None = None

    def shifted(self, by: int) -> Finding:
        """The same finding in a file where its statement stands *by* code points later."""
        fix, (start, end) = self.fix, self.span
        if fix is not None and fix.edits:
            edits = tuple(Edit(edit.span.shifted(by), edit.text) for edit in fix.edits)
            fix = Fix(fix.title, edits, fix.safe, fix.others)
        return Finding(self.rule, Span(start + by, end + by), self.message, fix, self.related, self.severity)


class Placed(NamedTuple):
    """A finding that is relative to a text that begins at *start*: it need not be made anew when that text moves."""

    start: int
    finding: Finding

    @property
    def shown(self) -> Finding:
        """The finding as it stands in the file."""
        return self.finding.shifted(self.start) if self.start else self.finding


def apply(text: str, edits: Iterable[Edit]) -> str:
    """*text* after *edits*; insertions at one offset keep their order. Raises ValueError when edits overlap."""
    out: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if edit.span.start < done:
            raise ValueError(f"overlapping edits at offset {edit.span.start}")
        out += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join((*out, text[done:]))
