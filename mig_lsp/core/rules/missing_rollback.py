"""A migration that does not say how it is undone, or only promises to."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.config.model import immutable_numbers
from mig_lsp.core.migration import is_rollback, parse_name
from mig_lsp.core.rollback.section import Says, fullest
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.text import Span

CATEGORY: Category = "header"
SEVERITY = Severity.HINT

_DO = "write the SQL that undoes it in comment lines, or that it cannot be undone"
_MESSAGES = {
    Says.NOTHING: f"nothing stands under this heading, so nobody knows how to undo the migration: {_DO}",
    Says.TODO: f"the rollback is still to be written, so nobody knows how to undo the migration: {_DO}",
    Says.ELSEWHERE: f"this points to rollback SQL that is not there: {_DO}",
}


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    name = parse_name(file.name)
    if name is None or is_rollback(file.name) or _has_file(snapshot, file.name):
        return
    if any(name.number in numbers for numbers in immutable_numbers(snapshot.plan.config)):
        return  # nobody may edit it
    section = fullest(file.rollbacks)
    if section is not None and section.says in _MESSAGES:
        yield Finding("missing-rollback", section.heading, _MESSAGES[section.says])
    elif section is None:
        yield from _without(file)


def _without(file: File) -> Iterator[Finding]:
    found = file.header
    # Without any header, missing-header says it all.
    if found is None or all(statement.blank for statement in file.statements.items):
        return
    line = file.lines.span(file.lines.line_at(found.span.start))
    message = f"the header does not say how to undo the migration: {_DO}"
    yield Finding("missing-rollback", Span(found.span.start, min(line.end, found.span.end)), message)


def _has_file(snapshot: Snapshot, name: str) -> bool:
    """Whether a file beside this one undoes it: "043-x-rollback.sql"."""
    stem = name.removesuffix(".sql")
    return any(f"{stem}{sign}{word}.sql" in _names(snapshot) for sign in "-_." for word in ("rollback", "down", "undo"))


def _names(snapshot: Snapshot) -> frozenset[str]:
    known: frozenset[str] | None = snapshot.plan.__dict__.get("_name_set")
    if known is None:
        known = snapshot.plan.__dict__["_name_set"] = frozenset(snapshot.plan.names)
    return known
