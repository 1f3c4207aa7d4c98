"""A migration whose content cannot be had."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.text import Span

CATEGORY: Category = "syntax"
SEVERITY = Severity.ERROR


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    if file.problem is None or file.text:
        return
    yield Finding(
        "unreadable-file",
        Span(0, 0),
        f"{file.name} {file.problem}: nothing in it is checked, and a runner that cannot read it either stops there; "
        "make it a readable file, or take it away",
    )
