"""The statements that read and write rows: INSERT, UPDATE, DELETE, MERGE, SELECT, COPY, TRUNCATE and the like.

They leave the catalog as it is. Which rows there are nobody knows: only what fails whatever the rows are is noted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mig_lsp.core.catalog.arriving import Values, refused_rows
from mig_lsp.core.catalog.conflicts import conflict_target, deferrable_key
from mig_lsp.core.catalog.counts import check_insert, has_star
from mig_lsp.core.catalog.evaluate import literal
from mig_lsp.core.catalog.expressions import Json, constant, load, relation_name
from mig_lsp.core.catalog.literals import not_assigned
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.query import (
    Around,
    Output,
    evaluate,
    from_clause,
    returning,
    rows,
    target,
    with_clause,
)
from mig_lsp.core.catalog.scope import Level, Reading, Source
from mig_lsp.core.catalog.values import Column, Index, Key, Sequence, Table, View
from mig_lsp.core.sql.commands import (
    DeclareCursorStmt,
    DeleteStmt,
    ExplainStmt,
    InsertStmt,
    MergeStmt,
    PrepareStmt,
    SelectStmt,
    UpdateStmt,
)
from mig_lsp.core.text import Span


def statement(_: object, moment: Moment) -> None:
    """SELECT, INSERT, UPDATE, DELETE, MERGE."""
    tree = load(moment.statement.parsed.trees[0].body)
    if tree is not None:
        rows({moment.statement.kind: tree}, Around(Reading(moment), change=change))


def inner(tree: ExplainStmt | PrepareStmt, moment: Moment) -> None:
    """EXPLAIN and PREPARE: the server reads the statement in it, and does not carry it out."""
    found = load(tree.query)
    if found is not None:
        rows(found, Around(Reading(moment), change=change))


def cursor(_: DeclareCursorStmt, moment: Moment) -> None:
    """DECLARE."""
    tree = load(moment.statement.parsed.trees[0].body)
    if tree is not None and "query" in tree:
        rows(tree["query"], Around(Reading(moment), change=change))


def change(kind: str, node: dict[str, Json], around: Around) -> Output:
    """What INSERT, UPDATE, DELETE or MERGE gives back; what the server objects to in it is noted."""
    carry_out = _CHANGES.get(kind)
    if carry_out is None:
        return None
    return carry_out(node, with_clause(node, around))


# --- Changes of rows ---


def _insert(node: dict[str, Json], around: Around) -> Output:
    reading = around.reading
    source = _written(node["relation"], around)
    listed = node.get("cols", ())
    columns = _columns(listed, source, reading)
    select = node.get("selectStmt", {}).get("SelectStmt")
    if select is not None:
        given = rows({"SelectStmt": select}, around)
        known = len(source.columns) if source.complete else None
        if not check_insert(None if given is None else len(given), len(listed), known, -1, reading):
            return None
        _given(select, given, columns, source, node.get("override", ""), reading)
    conflict = node.get("onConflictClause")
    if conflict is not None:
        conflict_target(conflict, source, around)
        level = Level((source, replace(source, name="excluded", schema="", system=False)))
        _assignments(conflict.get("targetList", ()), source, level, around)
        evaluate(conflict.get("whereClause"), level, around)
    gives = returning(node, Level((source,), around.outer), around)
    # The server reads a whole statement before it makes the first row.
    if not reading.moment.objections and isinstance(source.table, Table) and _is_sure(select):
        values = Values(columns, select.get("valuesLists", ()) if select else (), node.get("override", ""))
        refused_rows(values, source.table, reading)
        if conflict is not None:
            deferrable_key(conflict, source.table, reading)
    return gives


def _is_sure(select: dict[str, Json] | None) -> bool:
    """Whether an INSERT makes a row, whatever is in the database."""
    if select is None:
        return True
    return bool(select.get("valuesLists")) and "limitCount" not in select and "limitOffset" not in select


def _update(node: dict[str, Json], around: Around) -> Output:
    source = _written(node["relation"], around)
    level = from_clause(node.get("fromClause", ()), around, (source,))
    _assignments(node.get("targetList", ()), source, level, around)
    evaluate(node.get("whereClause"), level, around)
    return returning(node, level, around)


def _delete(node: dict[str, Json], around: Around) -> Output:
    source = _written(node["relation"], around)
    level = from_clause(node.get("usingClause", ()), around, (source,))
    evaluate(node.get("whereClause"), level, around)
    return returning(node, level, around)


def _merge(node: dict[str, Json], around: Around) -> Output:
    source = _written(node["relation"], around)
    level = from_clause((node.get("sourceRelation", {}),), around, (source,))
    evaluate(node.get("joinCondition"), level, around)
    for each in node.get("mergeWhenClauses", ()):
        clause = each.get("MergeWhenClause", {})
        evaluate(clause.get("condition"), level, around)
        if clause.get("commandType") == "CMD_UPDATE":
            _assignments(clause.get("targetList", ()), source, level, around)
        elif clause.get("commandType") == "CMD_INSERT":
            columns = _columns(clause.get("targetList", ()), source, around.reading)
            values = clause.get("values", ())
            evaluate(values, level, around)
            given = None if any(map(has_star, values)) else len(values)
            known = len(source.columns) if source.complete else None
            check_insert(given, len(clause.get("targetList", ())), known, -1, around.reading)
            for name, value in zip(columns, values, strict=False):
                _assigned(_column(source, name), value, source.key, clause.get("override", ""), around.reading)
    return returning(node, level, around)


_CHANGES = {"InsertStmt": _insert, "UpdateStmt": _update, "DeleteStmt": _delete, "MergeStmt": _merge}


def _written(node: dict[str, Json], around: Around) -> Source:
    """The relation whose rows are to be changed; one that has none is noted."""
    key, source = target(node, around)
    around.reading.note(key)
    if isinstance(source.table, View) and source.table.materialized:
        _wrong(node, "materialized view", source.table, around.reading)
    elif key is not None and source.table is None:
        value = around.reading.moment.get(key)
        if isinstance(value, Index | Sequence):
            _wrong(node, "index" if isinstance(value, Index) else "sequence", value, around.reading)
            return Source(source.name, complete=False)
    return source


def _wrong(node: dict[str, Json], what: str, found: View | Index | Sequence, reading: Reading) -> None:
    reading.moment.object(
        "wrong-kind", what, relation_name(node), "42809", node.get("location", 0), of=found.key, found=found
    )


def _columns(items: Iterable[Json], source: Source, reading: Reading) -> list[str]:
    """The columns that are written, "" for one that is not there: that is noted. Without a list, all of them."""
    found: list[str] = []
    for item in items:
        node = item.get("ResTarget", {})
        name = node.get("name", "")
        known = _is_column(source, name, node.get("location", 0), reading)
        if known and name in found and "indirection" not in node and reading.first("twice", name):
            reading.moment.object("invalid", "column", (name,), "42701", node.get("location", 0), of=source.key)
        found.append(name if known else "")
    return found or (list(source.columns) if source.complete else [])


def _is_column(source: Source, name: str, location: int, reading: Reading) -> bool:
    if name in source.columns or not source.complete:
        reading.note(source.key, name if name in source.columns else "")
        return True
    if reading.first("column", name):
        gone = source.table.dropped.get(name) if isinstance(source.table, Table) else None
        reading.moment.object("missing", "column", (name,), "42703", location, of=source.key, found=gone)
    return False


def _column(source: Source, name: str) -> Column | None:
    return source.columns.get(name)


def _assignments(items: Iterable[Json], source: Source, level: Level, around: Around) -> None:
    """SET of UPDATE, DO UPDATE and MERGE."""
    seen: set[str] = set()
    for item in items:
        node = item.get("ResTarget", {})
        name, value = node.get("name", ""), node.get("val")
        if _is_column(source, name, node.get("location", 0), around.reading) and "indirection" not in node:
            if name in seen and around.reading.first("twice", name):
                around.reading.moment.object(
                    "invalid", "column", (name,), "42601", node.get("location", 0), of=source.key
                )
            seen.add(name)
            _assigned(_column(source, name), value, source.key, "", around.reading)
        evaluate(value, level, around)


def _assigned(column: Column | None, value: Json, key: Key | None, override: str, reading: Reading) -> None:
    """Notes that a column takes no value at all, or not this literal."""
    if column is None or value is None or "SetToDefault" in value:
        return
    const = constant(value)
    if column.generated or (column.identity == "a" and override not in _OVERRIDING):
        if reading.first("computed", column.name):
            at = _place(column.name, value, reading.moment)
            reading.moment.object("invalid", "computed", (column.name,), "428C9", at, of=key)
    elif const is not None:
        literal(const, not_assigned(const, column.type, reading.moment), reading, key, column.name)


_OVERRIDING = {"OVERRIDING_USER_VALUE", "OVERRIDING_SYSTEM_VALUE"}


def _given(
    select: dict[str, Json], given: Output, columns: list[str], source: Source, override: str, reading: Reading
) -> None:
    """Holds the literals of the rows of an INSERT against the columns that they are for."""
    lists = select.get("valuesLists")
    known = [_column(source, name) for name in columns]
    if lists is not None:
        for row in lists:
            for column, value in zip(known, row.get("List", {}).get("items", ()), strict=False):
                if column is not None:
                    _assigned(column, value, source.key, override, reading)
        return
    targets = [item.get("ResTarget", {}).get("val", {}) for item in select.get("targetList", ())]
    # Elsewhere a literal becomes text before it meets the column.
    simple = select.get("op") == "SETOP_NONE" and "distinctClause" not in select
    if any(map(has_star, targets)):
        for column in known[: len(given or ())]:
            if column is not None and (column.generated or column.identity == "a"):
                _assigned(column, {}, source.key, override, reading)
        return
    for column, value in zip(known, targets, strict=False):
        if column is not None and (simple or column.generated or column.identity == "a"):
            _assigned(column, value, source.key, override, reading)


def _place(column: str, value: Json, moment: Moment) -> Span:
    """Where a value stands, or else its column."""
    node: Json = next(iter(value.values()), {}) if isinstance(value, dict) else {}
    location = node.get("location", -1) if isinstance(node, dict) else -1
    return moment.span((column,), location)


APPLY = (
    (SelectStmt, statement),
    (InsertStmt, statement),
    (UpdateStmt, statement),
    (DeleteStmt, statement),
    (MergeStmt, statement),
    (ExplainStmt, inner),
    (PrepareStmt, inner),
    (DeclareCursorStmt, cursor),
)
