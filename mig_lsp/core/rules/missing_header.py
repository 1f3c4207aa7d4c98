"""A migration that does not begin with a comment: nobody sees what it is for, or how to undo it."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.config.model import immutable_numbers
from mig_lsp.core.migration import is_rollback, parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot

CATEGORY: Category = "header"
SEVERITY = Severity.HINT

_MESSAGE = (
    "no header says what this migration does and how it is undone: insert one with its number, description and rollback"
)


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    name = parse_name(file.name)
    if name is None or is_rollback(file.name) or file.header is not None:
        return
    if any(name.number in numbers for numbers in immutable_numbers(snapshot.plan.config)):
        return  # nobody may edit it
    first = next((placed for placed in file.statements.placed() if not placed.statement.blank), None)
    if first is not None:
        yield Finding("missing-header", first.statement.word().shifted(first.start), _MESSAGE)
