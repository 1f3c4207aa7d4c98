"""The names of migration files where texts mention them: in headers, rollback sections, deletes from the log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from mig_lsp.core.manifest.model import Entry
from mig_lsp.core.migration import base_name
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.text import Span

_SUFFIX = re.compile(r"\.sql(?!\w)", re.I)
_BACKWARDS = re.compile("[\\w.+@\U00010000-\U0010ffff-]+")
_LONGEST = 255  # no file system has longer names
_MOST = 10_000  # a file that mentions more does so to stall the editor


class Mention(NamedTuple):
    """A file name in a text, and where it stands."""

    name: str
    span: Span


def mentions(plan: Plan, file: File) -> Iterator[Mention]:
    """The names of files of the set, or of its manifest, that the text of *file* mentions, in order."""
    for mention in _names(file):
        if plan.path_of(mention.name) in plan.paths or plan.entry(mention.name):
            yield mention


def mention_at(plan: Plan, file: File, offset: int) -> Mention | None:
    """The mention that touches *offset*."""
    for mention in mentions(plan, file):
        if mention.span.start <= offset <= mention.span.end:
            return mention
    return None


def entry_at(snapshot: Snapshot, path: str, offset: int) -> Entry | None:
    """The manifest's entry that touches *offset*, its quotes included; None in all other files."""
    manifest = snapshot.plan.manifest
    if manifest is None or manifest.path != path:
        return None
    for entry in manifest.entries:
        if entry.span.start - 1 <= offset <= entry.span.end + 1:
            return entry
    return None


def title_at(file: File, offset: int) -> Span | None:
    """The line at *offset* if it speaks of the migration itself: the first line, or one of the header."""
    line = file.lines.span(file.lines.line_at(offset))
    if line.start > 0:
        found = file.header
        if found is None or not found.span.start <= offset <= found.span.end:
            return None
    return line


def migration_at(snapshot: Snapshot, path: str, offset: int) -> Mention | None:
    """The migration that the place *offset* is about, and the stretch that says so.

    That is a manifest's entry, a mention of a file name, or the title of a migration.
    """
    entry = entry_at(snapshot, path, offset)
    if entry is not None:
        return Mention(entry.name, entry.span)
    file = snapshot.files.get(path)
    if file is None:
        return None
    mention = mention_at(snapshot.plan, file, offset)
    if mention is not None:
        return mention
    title = title_at(file, offset)
    return Mention(base_name(path), title) if title is not None else None


def _names(file: File) -> tuple[Mention, ...]:
    """Every word that ends with ".sql"; kept with the file."""
    known: tuple[Mention, ...] | None = file.__dict__.get("_names")
    if known is None:
        known = file.__dict__["_names"] = tuple(_read(file.text))
    return known


def _read(text: str) -> Iterator[Mention]:
    for suffix in islice(_SUFFIX.finditer(text), _MOST):
        before = text[max(0, suffix.start() - _LONGEST) : suffix.start()]
        word = _BACKWARDS.match(before[::-1])
        if word is not None:
            span = Span(suffix.start() - word.end(), suffix.end())
            yield Mention(text[span.start : span.end], span)
