"""What has to change when an editor moves a file.

A migration that stays one keeps its entry in the manifest, at the place of its new number, and its own text speaks of
the new name. One that leaves the directory, or is no migration any more by its name, loses its entry: an entry without
a file stops every deploy. A manifest, template or log export that moves keeps its name in the configuration right.
"""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Edit, EditFile, FileChange, SourceChange
from mig_lsp.core.features.mentions import mentions
from mig_lsp.core.features.navigation import config_paths
from mig_lsp.core.features.standing import migration_undone
from mig_lsp.core.manifest import editor
from mig_lsp.core.manifest.model import Manifest
from mig_lsp.core.migration import base_name, is_rollback, parse_name
from mig_lsp.core.snapshot import File, Snapshot


def will_rename(snapshot: Snapshot, old_path: str, new_path: str) -> SourceChange | None:
    """The edits that go with moving *old_path* to *new_path*, the move itself left out; paths are those before it.

    None when nothing else changes.
    """
    if old_path == new_path:
        return None
    changes: list[FileChange] = []
    if old_path in snapshot.plan.paths:
        changes += _migration(snapshot, old_path, new_path)
    changes += _configuration(snapshot, old_path, new_path)
    if not changes:
        return None
    return SourceChange(f"Rename {base_name(old_path)} to {base_name(new_path)}", tuple(changes))


def _migration(snapshot: Snapshot, old_path: str, new_path: str) -> Iterator[FileChange]:
    plan = snapshot.plan
    old, new = base_name(old_path), base_name(new_path)
    stays = plan.path_of(new) == new_path and new.endswith(".sql")
    manifest = plan.manifest
    if manifest is not None and old in manifest.names:
        kept = stays and (not is_rollback(new) or is_rollback(old))
        edits = editor.reregister(manifest, old, new) if kept else _removed(manifest, old)
        if edits:
            yield EditFile(manifest.path, edits)
    if not stays:
        return
    for path, file in _own_texts(snapshot, old_path):
        found = tuple(_renamed(snapshot, file, old, new, own=path == old_path))
        if found:
            yield EditFile(path, found)


def _removed(manifest: Manifest, name: str) -> tuple[Edit, ...]:
    # Edits that take out two neighbours would overlap; a file listed twice is a finding of its own.
    found = [entry for entry in manifest.entries if entry.name == name]
    return editor.remove(manifest, found[0]) if len(found) == 1 else ()


def _own_texts(snapshot: Snapshot, path: str) -> Iterator[tuple[str, File]]:
    """The migration, and the files that roll it back."""
    name = base_name(path)
    for other, file in sorted(snapshot.files.items()):
        if other == path or (is_rollback(file.name) and migration_undone(snapshot.plan, file.name) == name):
            yield other, file


def _renamed(snapshot: Snapshot, file: File, old: str, new: str, *, own: bool) -> Iterator[Edit]:
    mentioned = [each.span for each in mentions(snapshot.plan, file) if each.name == old]
    yield from (Edit(span, new) for span in mentioned)
    before, after = parse_name(old), parse_name(new)
    top = file.header if own else None
    if top is None or top.number_span is None or before is None or after is None or before.number == after.number:
        return
    inside = any(span.start <= top.number_span.start < span.end for span in mentioned)
    if top.number == before.number and not inside:
        yield Edit(top.number_span, after.digits)


def _configuration(snapshot: Snapshot, old_path: str, new_path: str) -> Iterator[FileChange]:
    config_path = snapshot.plan.config_path
    if config_path is None:
        return
    folder = config_path.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    if not new_path.startswith(prefix) or not set("\"'\\").isdisjoint(new_path):
        return
    edits = tuple(
        Edit(span, new_path.removeprefix(prefix)) for span, path in config_paths(snapshot) if path == old_path
    )
    if edits:
        yield EditFile(config_path, edits)
