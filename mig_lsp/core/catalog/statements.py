"""Which function carries out which statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mig_lsp.core.catalog.moment import Moment

Apply = Callable[[Any, Moment], None]


def _table() -> Mapping[str, tuple[type[Any], Apply]]:
    # Each module below lists what it carries out, as pairs of the grammar's node and a function.
    from mig_lsp.core.catalog import opaque

    return {kind.__name__: (kind, function) for pairs in (opaque.APPLY,) for kind, function in pairs}


_APPLY = _table()


def carry_out(moment: Moment) -> None:
    """Leaves in *moment* what its statement does to the catalog, and what the server objects to."""
    from mig_lsp.core.catalog import opaque

    statement = moment.statement
    if not statement.kind:
        opaque.unread(moment)
        return
    known = _APPLY.get(statement.kind)
    if known is None:
        return
    kind, function = known
    tree = statement.tree(kind)
    if tree is None:
        opaque.unread(moment)
    else:
        function(tree, moment)
