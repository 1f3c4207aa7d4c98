"""The lines of information that an editor shows above the text."""

from __future__ import annotations

from typing import NamedTuple

from mig_lsp.core.features.standing import Standing, place, standings, unregistered
from mig_lsp.core.migration import base_name, is_rollback
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span
from mig_lsp.core.visible import one_line


class Lens(NamedTuple):
    """What stands above the line of *span*; *command* is "" for mere information. *arguments* are paths."""

    span: Span
    title: str
    command: str = ""
    arguments: tuple[str, ...] = ()


def lenses(snapshot: Snapshot, path: str) -> tuple[Lens, ...]:
    """Above a migration its place in the order, its state and what to do; above the manifest's array what it lacks."""
    plan = snapshot.plan
    if path in snapshot.files:
        return _migration(snapshot, path)
    if plan.manifest is None or path != plan.manifest.path or plan.manifest.migrations_array is None:
        return ()
    span = plan.manifest.migrations_array.span
    top = Span(span.start, span.start)
    found = [Lens(top, _count(len(plan.migrations), "migration"))]
    missing = unregistered(plan)
    if missing:
        paths = tuple(map(plan.path_of, missing))
        found.append(Lens(top, f"Register {_count(len(missing), 'unregistered file')}", "migLsp.register", paths))
    return tuple(found)


_LONGEST_ERROR = 60
_LONGEST_NAME = 30


def _migration(snapshot: Snapshot, path: str) -> tuple[Lens, ...]:
    plan, name, top = snapshot.plan, base_name(path), Span(0, 0)
    found = [Lens(top, place(plan, name))]
    states = standings(snapshot, name)
    if states:
        found.append(Lens(top, " · ".join(map(_state, states))))
    if plan.manifest is not None and name not in plan.manifest.names and not is_rollback(name):
        found.append(Lens(top, f"Register in {base_name(plan.manifest.path)}", "migLsp.register", (path,)))
    found.append(Lens(top, "Show chunks", "migLsp.showChunks", (path,)))
    return tuple(found)


def _state(standing: Standing) -> str:
    environment = one_line(standing.ledger.environment, _LONGEST_NAME)
    if standing.ledger.problem and not standing.ledger.entries:
        return f"{environment}: unknown"
    error = standing.entry.error if standing.entry is not None and standing.state == "failed" else None
    return f"{environment}: {standing.state}" + (f" ({one_line(error, _LONGEST_ERROR)})" if error else "")


def _count(number: int, of: str) -> str:
    return f"{number} {of}" + ("" if number == 1 else "s")
