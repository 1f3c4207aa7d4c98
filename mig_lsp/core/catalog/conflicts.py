"""ON CONFLICT: whether there is a key that its target means."""

from __future__ import annotations

from mig_lsp.core.catalog.expressions import Json
from mig_lsp.core.catalog.fragments import SYSTEM_COLUMNS
from mig_lsp.core.catalog.moment import Moment, unquoted
from mig_lsp.core.catalog.query import Around, evaluate
from mig_lsp.core.catalog.scope import Level, Reading, Source, qualified
from mig_lsp.core.catalog.values import UNKNOWN, Index, Table
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.text import Span


def conflict_target(clause: dict[str, Json], source: Source, around: Around) -> None:
    """Notes what the server objects to in the target of an ON CONFLICT."""
    infer = clause.get("infer")
    if infer is None:
        return
    location = infer.get("location", 0)
    if infer.get("conname"):
        _constraint(infer["conname"], source, location, around.reading)
        return
    level = Level((source,))
    columns: set[str] = set()
    plain = certain = True
    for element in infer.get("indexElems", ()):
        elem = element.get("IndexElem", {})
        name = elem.get("name", "")
        if name:
            columns.add(name)
            if name not in source.columns and not (source.system and name in SYSTEM_COLUMNS):
                certain = False
                qualified(source, (name,), _place(name, location, around.reading.moment), around.reading)
        else:
            plain = False
            evaluate(elem.get("expr"), level, around)
    evaluate(infer.get("whereClause"), level, around)
    if certain and isinstance(source.table, Table) and not around.reading.moment.objections:
        _key(source.table, columns, plain, "whereClause" in infer, location, around.reading)


def deferrable_key(clause: dict[str, Json], table: Table, reading: Reading) -> None:
    """Notes a deferrable key, which ON CONFLICT without a target meets as soon as a row arrives."""
    if "infer" in clause:
        return
    for constraint in table.constraints.values():
        if constraint.deferrable and constraint.kind in {"primary", "unique", "exclude"}:
            name, at = (constraint.name,), clause.get("location", 0)
            detail = f"constraint {constraint.name} is deferrable"
            reading.moment.object("invalid", "conflict", name, "55000", at, of=table.key, detail=detail)
            return


def _constraint(name: str, source: Source, location: int, reading: Reading) -> None:
    table, moment = source.table, reading.moment
    if not isinstance(table, Table) or not table.whole:
        return
    constraint = table.constraints.get(name)
    if constraint is None:
        moment.object("missing", "constraint", (name,), "42704", _place(name, location, moment), of=table.key)
    elif constraint.kind in {"check", "foreign"}:
        detail = f"constraint {name} is no key"
        at = _place(name, location, moment)
        moment.object("invalid", "conflict", (name,), "42809", at, of=table.key, detail=detail)


def _key(table: Table, columns: set[str], plain: bool, filtered: bool, location: int, reading: Reading) -> None:
    """Notes that no unique index has exactly these columns, where that is certain."""
    moment = reading.moment
    deferred = False
    for key in table.indexes:
        index = moment.get(key)
        if index is UNKNOWN:
            return
        if not isinstance(index, Index) or not index.unique:
            continue
        if index.predicate and not filtered:
            continue
        expressions = "" in index.columns or bool(index.expressions)
        if expressions and not plain:
            return  # whether two expressions are the same is not for us to say
        if expressions or not plain or set(index.columns) != columns:
            continue
        constraint = table.constraints.get(index.constraint) if index.constraint else None
        if constraint is None or not constraint.deferrable:
            return
        deferred = True
    if not table.whole:
        return
    name = tuple(sorted(columns))
    detail = "deferrable" if deferred else ""
    sqlstate = "55000" if deferred else "42P10"
    moment.object("invalid", "conflict", name, sqlstate, _target(location, moment), of=table.key, detail=detail)


def _place(name: str, location: int, moment: Moment) -> Span:
    """Where a name of the target stands; *location* is that of the target."""
    statement = moment.statement
    start = statement.at(location)
    for token in statement.tokens():
        word = statement.text[token.start : token.end] if token.kind in (Kind.WORD, Kind.QUOTED) else ""
        if token.start >= start and word and unquoted(word) == name:
            return Span(token.start, token.end)
    return moment.span((name,))


def _target(location: int, moment: Moment) -> Span:
    """The parentheses of the target."""
    statement = moment.statement
    start = statement.at(location)
    depth = 0
    for token in statement.tokens():
        if token.start < start:
            continue
        sign = statement.text[token.start : token.end] if token.kind is Kind.SIGN else ""
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return Span(start, token.end)
    return moment.span((), location)
