"""The ways between the manifest, the configuration and the files that they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.config.model import inside
from mig_lsp.core.config.toml import parse
from mig_lsp.core.features.config_place import table_at
from mig_lsp.core.features.mentions import mentions, migration_at
from mig_lsp.core.features.standing import place
from mig_lsp.core.migration import base_name
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span


class Link(NamedTuple):
    """A stretch of the text that leads to another file."""

    span: Span
    target_path: str
    tooltip: str


class Target(NamedTuple):
    """A place in a file of the set."""

    path: str
    span: Span


def links(snapshot: Snapshot, path: str) -> tuple[Link, ...]:
    """The files that a document names, in the order of its text: in the manifest, in comments, in the configuration.

    Nothing outside the workspace is ever linked, and of migrations only those that exist.
    """
    return tuple(sorted(_links(snapshot, path)))


def definition(snapshot: Snapshot, path: str, offset: int) -> Target | None:
    """The file that *offset* names; from the title of a migration, its entry in the manifest."""
    for link in _links(snapshot, path):
        if link.span.start <= offset <= link.span.end:
            return Target(link.target_path, Span(0, 0))
    about = migration_at(snapshot, path, offset)
    manifest = snapshot.plan.manifest
    if about is None or manifest is None or path == manifest.path:
        return None
    entry = snapshot.plan.entry(about.name)
    return Target(manifest.path, entry.span) if entry is not None else None


def references(snapshot: Snapshot, path: str, offset: int) -> tuple[Target, ...]:
    """Where the migration that *offset* is about is named: in the manifest, then in texts of the set, by path."""
    about = migration_at(snapshot, path, offset)
    if about is None:
        return ()
    found = []
    if snapshot.plan.manifest is not None:
        manifest = snapshot.plan.manifest
        found += [Target(manifest.path, entry.span) for entry in manifest.entries if entry.name == about.name]
    for other in sorted(snapshot.files):
        file = snapshot.files[other]
        if about.name in file.text:
            found += [Target(other, each.span) for each in mentions(snapshot.plan, file) if each.name == about.name]
    return tuple(found)


def config_paths(snapshot: Snapshot) -> Iterator[tuple[Span, str]]:
    """The files that the configuration names: the stretch inside the quotes, and the path from the root."""
    config_path = snapshot.plan.config_path
    document = snapshot.documents.get(config_path) if config_path is not None else None
    if config_path is None or document is None:
        return
    folder = config_path.rpartition("/")[0]
    root = parse(document.text).root
    logs = table_at(root, ("log",))
    tables: list[tuple[tuple[str, ...], str]] = [(("migrations",), "manifest"), (("migrations",), "template")]
    tables += [(("log", environment), "path") for environment in (logs.entries if logs else ())]
    for table_path, key in tables:
        table = table_at(root, table_path)
        entry = table.entries.get(key) if table else None
        if entry is None or not isinstance(entry.value.data, str):
            continue
        start, end = entry.value.span
        relative = entry.value.data
        target = inside(relative)
        if target and document.text[start + 1 : end - 1] == relative:
            yield Span(start + 1, end - 1), f"{folder}/{target}" if folder else target


def _links(snapshot: Snapshot, path: str) -> Iterator[Link]:
    plan = snapshot.plan
    if plan.manifest is not None and path == plan.manifest.path:
        for entry in plan.manifest.entries:
            target = plan.path_of(entry.name)
            if target in plan.paths:
                yield Link(entry.span, target, place(plan, entry.name))
    elif path == plan.config_path:
        for span, target in config_paths(snapshot):
            yield Link(span, target, f"open {base_name(target)}")
    elif path in snapshot.files:
        for mention in mentions(plan, snapshot.files[path]):
            target = plan.path_of(mention.name)
            if target != path and target in plan.paths:
                yield Link(mention.span, target, place(plan, mention.name))
