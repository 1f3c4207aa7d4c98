"""A manifest entry whose file is not there: the deploy stops at it."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.manifest.editor import rename
from mig_lsp.core.manifest.model import Entry, Manifest
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan, Snapshot

CATEGORY: Category = "manifest"
SEVERITY = Severity.ERROR


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    plan = snapshot.plan
    manifest = plan.manifest
    if manifest is None:
        return
    for entry in manifest.entries:
        found = _judge(plan, manifest, entry)
        if found is not None:
            yield manifest.path, found


def _judge(plan: Plan, manifest: Manifest, entry: Entry) -> Finding | None:
    directory = plan.directory or "the root of the workspace"
    if _leaves(entry.name):
        return Finding(
            "missing-file",
            entry.span,
            f"{_shown(entry.name)} lies outside {directory}, where the deploy has no files, so it stops here: "
            "name a file of that directory",
        )
    name = entry.name.removeprefix("./")
    if "/" in name or plan.path_of(name) in plan.paths:
        return None
    from difflib import get_close_matches

    near = get_close_matches(name, [n for n in plan.names if plan.entry(n) is None], 1, 0.75)
    hint = f"did you mean {near[0]}?" if near else "restore the file or remove the entry"
    edits: tuple[Edit, ...] = rename(manifest, entry.name, near[0]) if near else ()
    return Finding(
        "missing-file",
        entry.span,
        f"there is no {_shown(entry.name)} in {directory}, so the deploy stops here: {hint}",
        Fix(f"Write {near[0]}", edits, safe=False) if near else None,
    )


def _leaves(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or parts[0] == "" or ":" in parts[0]


def _shown(name: str) -> str:
    """A name from a manifest, short and without characters that change a line."""
    printable = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)
    return printable if len(printable) <= 80 else f"{printable[:77]}..."
