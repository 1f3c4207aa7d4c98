"""A header that says another number than the file's name."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.migration import is_rollback, parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot

CATEGORY: Category = "naming"
SEVERITY = Severity.INFO


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    name = parse_name(file.name)
    found = file.header if name is not None and not is_rollback(file.name) else None
    if name is None or found is None or found.number_span is None or found.number == name.number:
        return
    said = file.text[found.number_span.start : found.number_span.end]
    yield Finding(
        "header-number",
        found.number_span,
        f"the header says {said}, but the runner and migration_log know this file as {file.name}: write {name.digits}",
        Fix(f"Write {name.digits}", (Edit(found.number_span, name.digits),)),
    )
