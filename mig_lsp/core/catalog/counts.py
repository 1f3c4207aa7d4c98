"""How many columns rows and queries have where the catalog tells it: the server refuses what does not fit."""

from __future__ import annotations

from collections.abc import Sequence

from mig_lsp.core.catalog.expressions import Json
from mig_lsp.core.catalog.scope import Reading
from mig_lsp.core.sql.widths import mismatch


def has_star(tree: Json) -> bool:
    """Whether an expression stands for as many columns as its row has: `(item).*`."""
    node = next(iter(tree.values()), None) if isinstance(tree, dict) else None
    parts = (*node.get("indirection", ()), *node.get("fields", ())) if isinstance(node, dict) else ()
    return any("A_Star" in part for part in parts)


def check_union(
    width: int | None, columns: Sequence[str] | None, part: dict[str, Json], reading: Reading
) -> int | None:
    """The columns of UNION and the like so far (None where that is not told); notes that those of *part* are others."""
    if width is None or columns is None:
        return width if columns is None else len(columns)
    if len(columns) != width:
        _note(f"one query has {width} columns, another one {len(columns)}", _place(part), reading)
    return width


def check_insert(given: int | None, listed: int, known: int | None, place: int, reading: Reading) -> bool:
    """False where rows of *given* values certainly do not fit, which is noted.

    *listed* is how many columns the statement names, *known* how many the relation has (None where that is not told).
    """
    room = listed or known
    if given is None or room is None or given == room or (given < room and not listed):
        return True
    _note(f"the rows have {given} values for {room} columns", place, reading)
    return False


def _note(detail: str, place: int, reading: Reading) -> None:
    """Notes it, unless the text alone told it, or something is wrong that the server meets before."""
    moment = reading.moment
    if not moment.objections and mismatch(moment.statement) is None:
        moment.object("invalid", "query", (), "42601", place, detail=detail)


def _place(query: dict[str, Json]) -> int:
    """Where the first thing stands that a query gives."""
    first: dict[str, Json] = next(iter(query.get("targetList", ())), {})
    place: int = first.get("ResTarget", {}).get("location", -1)
    return place
