"""The types of the columns that a query takes from one table as they are."""

from __future__ import annotations

from mig_lsp.core.catalog.expressions import Json, column_of, relation_name
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import Table, Type


def types_taken(query: Json, moment: Moment) -> list[Type | None]:
    """The type of each column of *query*, None where that is not told; nothing when there is more than one source."""
    select = query.get("SelectStmt") if isinstance(query, dict) else None
    sources: Json = select.get("fromClause", ()) if select is not None and "withClause" not in select else ()
    source = sources[0].get("RangeVar") if len(sources) == 1 else None
    if select is None or source is None or "colnames" in source.get("alias", {}):
        return []
    _, table = moment.relation(relation_name(source))
    if not isinstance(table, Table) or not table.whole:
        return []
    found: list[Type | None] = []
    for target in select.get("targetList", ()):
        name = column_of(target.get("ResTarget", {}).get("val"))
        if name is not None and name[-1] == "*":
            found += [column.type for column in table.columns.values()]
        else:
            column = table.columns.get(name[-1]) if name is not None else None
            found.append(column.type if column is not None else None)
    return found
