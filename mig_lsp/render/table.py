"""Tables of words in columns."""

from __future__ import annotations

from collections.abc import Sequence

from mig_lsp.render.terminal import Style, padded, visible, width


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], style: Style, numbers: frozenset[int] = frozenset()
) -> str:
    """The rows below their heads, each column as wide as its widest word; columns in *numbers* are set to the right."""
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(width(row[column]) for row in [head, *shown]) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        placed = (
            " " * (widths[i] - width(cell)) + cell if i in numbers else padded(cell, widths[i])
            for i, cell in enumerate(cells)
        )
        return "  ".join(placed).rstrip()

    return "\n".join((style.paint(line(head), "bold"), *map(line, shown))) + "\n"
