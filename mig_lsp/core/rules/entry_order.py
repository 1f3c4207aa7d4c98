"""An entry that stands behind a higher number: the runner follows the list, not the numbers."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Fix, Severity
from mig_lsp.core.manifest.editor import move, place
from mig_lsp.core.manifest.model import Entry, Manifest
from mig_lsp.core.migration import parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Snapshot

CATEGORY: Category = "manifest"
SEVERITY = Severity.WARNING


def check_set(snapshot: Snapshot) -> Iterator[tuple[str, Finding]]:
    manifest = snapshot.plan.manifest
    if manifest is None:
        return
    highest, behind = -1, ""
    seen: set[str] = set()
    for entry in manifest.migrations:
        parsed = parse_name(entry.name)
        if parsed is None or entry.name in seen:
            continue  # the second entry of a file never runs
        seen.add(entry.name)
        if parsed.number >= highest:
            highest, behind = parsed.number, entry.name
            continue
        yield (
            manifest.path,
            Finding(
                "entry-order",
                entry.span,
                f"{entry.name} runs after {behind}, because the runner follows the list and not the numbers: "
                "move it, or give it a higher number",
                _fix(manifest, entry),
            ),
        )


def _fix(manifest: Manifest, entry: Entry) -> Fix | None:
    edits = move(manifest, entry, _place(manifest, entry))
    # Where the file has run already, a fresh database would from now on see another order than this one did.
    return Fix("Move it to its number", edits, safe=False) if edits else None


def _place(manifest: Manifest, entry: Entry) -> int:
    parsed = parse_name(entry.name)
    assert parsed is not None
    numbers = [other.number for each in manifest.migrations if each is not entry and (other := parse_name(each.name))]
    return (
        sum(number <= parsed.number for number in numbers)
        if numbers == sorted(numbers)
        else place(manifest, entry.name)
    )
