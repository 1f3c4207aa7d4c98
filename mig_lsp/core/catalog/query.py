"""What a query reads and gives: relations, columns, and what the server objects to in its names.

Queries stay JSON; joins, unions and expressions are gone through without recursion, and queries inside queries only
down to a depth that people write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from msgspec import Raw

from mig_lsp.core.catalog.counts import check_union, has_star
from mig_lsp.core.catalog.evaluate import all_columns, expressions
from mig_lsp.core.catalog.expressions import Json, column_of, is_too_deep, load, relation_name, strings
from mig_lsp.core.catalog.joins import Side, aliased, joined, visible
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.outputs import title
from mig_lsp.core.catalog.scope import (
    Level,
    Reading,
    Source,
    derived,
    first_renamed,
    is_index,
    relation,
    renamed,
    source_named,
    source_of,
)
from mig_lsp.core.catalog.sources import function, is_crowd, json_columns, skip
from mig_lsp.core.catalog.values import Key

Output = tuple[str, ...] | None
"""The columns of a query in order; None where the files do not tell."""

_DEEPEST = 24


class Read(NamedTuple):
    """What a query gives and reads: its columns in order (None where the files do not tell), and the columns of each
    relation that it names somewhere (None: any of them, nobody can tell which).
    """

    columns: Output
    reads: Mapping[Key, frozenset[str] | None]


@dataclass(slots=True)
class Cte:
    """A query of WITH; the columns of a recursive one are told as soon as its first part is read."""

    columns: Output
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a query: the sources that it may speak of, the queries of WITH, and what is known so far.

    *change* is for statements in WITH that change rows; without it they are not read closely.
    """

    reading: Reading
    outer: Level | None = None
    ctes: Mapping[str, Cte] = field(default_factory=dict)
    change: Callable[[str, dict[str, Json], Around], Output] | None = None

    def inside(self, level: Level) -> Around:
        """The same for the queries in the expressions of one."""
        return replace(self, outer=level)


def read_query(raw: Raw | Json, moment: Moment) -> Read:
    """What a query (a node that holds a statement) gives and reads; what the server objects to in it is noted."""
    reading = Reading(moment)
    if is_too_deep(raw):
        return Read(None, {})
    return Read(rows(load(raw), Around(reading)), reading.told)


def read_expression(raw: Raw | Json, moment: Moment, *sources: Source) -> Mapping[Key, frozenset[str] | None] | None:
    """What an expression over *sources* reads; what the server objects to in it is noted. None where nobody can tell.

    `source_of(key, table, name)` makes a source of a table; names are found in any order.
    """
    if is_too_deep(raw):
        return None
    reading = Reading(moment)
    evaluate(load(raw), Level(sources), Around(reading))
    return reading.told


def evaluate(tree: Json, level: Level, around: Around) -> None:
    """Notes what is wrong in expressions, and in the queries inside them."""
    if tree is None:
        return
    inner = expressions(tree, level, around.reading)
    for query in inner:
        rows(query, around.inside(level))


def rows(tree: Json, around: Around) -> Output:
    """What a statement that gives rows gives: a query, or one that changes rows and returns them."""
    kind, node = next(iter(tree.items())) if tree else ("", {})
    reading = around.reading
    if reading.depth >= _DEEPEST:
        skip(node, reading)
        return None
    reading.depth += 1
    try:
        if kind == "SelectStmt":
            return select(node, around)
        if around.change is not None:
            return around.change(kind, node, around)
        skip(node, reading)
        return None
    finally:
        reading.depth -= 1


def with_clause(node: dict[str, Json], around: Around) -> Around:
    """*around* with the queries of a statement's own WITH."""
    clause = node.get("withClause")
    if clause is None:
        return around
    known = dict(around.ctes)
    entries = [entry.get("CommonTableExpr", {}) for entry in clause.get("ctes", ())]
    recursive = bool(clause.get("recursive"))
    for entry in entries if recursive else ():
        known[entry.get("ctename", "")] = Cte(None, strings(entry.get("aliascolnames", ())))
    for entry in entries:
        name, names = entry.get("ctename", ""), strings(entry.get("aliascolnames", ()))
        own = known[name] if recursive else None
        inner = replace(around, ctes=dict(known) if not recursive else known)
        query = entry.get("ctequery", {})
        if own is not None and "SelectStmt" in query and around.reading.depth < _DEEPEST:
            around.reading.depth += 1
            columns = select(query["SelectStmt"], inner, own)
            around.reading.depth -= 1
        else:
            columns = rows(query, inner)
        if "search_clause" in entry or "cycle_clause" in entry:
            columns = None
        known[name] = Cte(columns, names)
    return replace(around, ctes=known)


def select(query: dict[str, Json], around: Around, announced: Cte | None = None) -> Output:
    """SELECT, VALUES, and UNION and the like; *announced* learns the columns of the first part."""
    around = with_clause(query, around)
    columns: Output = None
    width: int | None = None
    parts = list(_parts(query))
    for index, part in enumerate(parts):
        if part is query:
            found = _values(part, around) if "valuesLists" in part else _plain(part, around)
        elif around.reading.depth >= _DEEPEST:
            found = None
            skip(part, around.reading)
        else:
            around.reading.depth += 1
            found = select(part, around)
            around.reading.depth -= 1
        width = check_union(width, found, part, around.reading)
        if index == 0:
            columns = found
            if announced is not None:
                announced.columns = found
    if len(parts) > 1 or parts[0] is not query:
        names = () if columns is None else columns
        result = Level((Source("", dict.fromkeys(names), columns is not None, merged=True),), around.outer)
        _tail(query, result, (), around)
    return columns


def from_clause(items: Iterable[Json], around: Around, first: tuple[Source, ...] = ()) -> Level:
    """The sources of FROM behind *first*; what stands later in it may be LATERAL to those before."""
    sources = list(first)
    certain = True
    for item in items:
        side = _from_item(item, sources, around)
        sources += side.sources
        certain = certain and side.certain
    return Level(tuple(sources), around.outer, certain)


def target(node: dict[str, Json], around: Around) -> tuple[Key | None, Source]:
    """The relation that a statement writes, as a source under its name or alias."""
    name, location = relation_name(node), node.get("location", 0)
    key, value = relation(name, location, around.reading)
    alias = node.get("alias", {}).get("aliasname", "")
    return key, source_of(key, value, alias or node.get("relname", ""), "" if alias else _schema(key, node))


def returning(node: dict[str, Json], level: Level, around: Around) -> Output:
    """What RETURNING gives."""
    clause = node.get("returningClause")
    if clause is None:
        return None
    first, taken = level.sources[0], {source.name for source in level.sources}
    names = {option.get("ReturningOption", {}).get("value", "") for option in clause.get("options", ())}
    if around.reading.moment.setting.version >= 18:  # the rows before and after have names of their own
        names |= {"old", "new"}
    more = tuple(replace(first, name=name, named_only=True) for name in sorted(names - taken) if name)
    return _targets(clause.get("exprs", ()), replace(level, sources=(*level.sources, *more)), around)


# --- Parts of a query ---


def _parts(query: dict[str, Json]) -> Iterable[dict[str, Json]]:
    """The queries that UNION and the like put together, in order."""
    stack = [query]
    while stack:
        part = stack.pop()
        own = part is not query and any(
            key in part for key in ("withClause", "sortClause", "limitCount", "limitOffset")
        )
        if part.get("op", "SETOP_NONE") == "SETOP_NONE" or own:
            yield part
        else:
            stack += [part["rarg"], part["larg"]]


def _values(query: dict[str, Json], around: Around) -> Output:
    lists = query["valuesLists"]
    level = Level((), around.outer)
    evaluate(lists, level, around)
    width = len(lists[0].get("List", {}).get("items", ())) if lists else 0
    columns = tuple(f"column{number}" for number in range(1, width + 1))
    _tail(query, Level((Source("*VALUES*", dict.fromkeys(columns)),), around.outer), columns, around)
    return None if lists and any(map(has_star, lists[0].get("List", {}).get("items", ()))) else columns


def _plain(query: dict[str, Json], around: Around) -> Output:
    level = from_clause(query.get("fromClause", ()), around)
    targets = query.get("targetList", ())
    columns = _targets(targets, level, around)
    evaluate(query.get("whereClause"), level, around)
    named = tuple(target["ResTarget"]["name"] for target in targets if target.get("ResTarget", {}).get("name"))
    titles = (*named, *(title(target.get("ResTarget", {}).get("val")) for target in targets))
    evaluate(_ungrouped(query.get("groupClause", ()), titles, level), level, around)
    evaluate(query.get("havingClause"), level, around)
    evaluate([window.get("WindowDef", {}) for window in query.get("windowClause", ())], level, around)
    evaluate([each for each in query.get("distinctClause", ()) if not _is_named(each, titles)], level, around)
    _tail(query, level, titles, around)
    return columns


def _tail(query: dict[str, Json], level: Level, titles: tuple[str, ...], around: Around) -> None:
    """ORDER BY, where the names of columns that the query gives come first, and LIMIT."""
    keys = [key.get("SortBy", {}).get("node") for key in query.get("sortClause", ())]
    evaluate([key for key in keys if not _is_named(key, titles)], level, around)
    evaluate([query.get("limitCount"), query.get("limitOffset")], level, around)


def _is_named(tree: Json, titles: tuple[str, ...]) -> bool:
    name = column_of(tree)
    return name is not None and len(name) == 1 and name[0] in titles


def _ungrouped(items: Iterable[Json], titles: tuple[str, ...], level: Level) -> list[Json]:
    """The items of GROUP BY that are not names of columns that the query gives; the sources' columns go first."""
    found: list[Json] = []
    stack = [*items]
    while stack:
        item = stack.pop()
        inside = item.get("GroupingSet", {}).get("content") if isinstance(item, dict) else None
        if inside is not None:
            stack += inside
        elif isinstance(item, dict) and "RowExpr" in item:
            stack += item["RowExpr"].get("args", ())
        elif not _is_named(item, titles) or any(source.offers(column_of(item)[0]) for source in level.sources):  # type: ignore[index]  # it has a name
            found.append(item)
    return found


def _targets(targets: Iterable[Json], level: Level, around: Around) -> Output:
    """The columns that a list of what is wanted gives."""
    columns: list[str] | None = []
    for each in targets:
        item = each.get("ResTarget", {})
        tree = item.get("val")
        name = column_of(tree)
        if name is not None and name[-1] == "*":
            more = _star(name, tree["ColumnRef"].get("location", 0), level, around.reading)
        else:
            evaluate(tree, level, around)
            more = None if has_star(tree) else (item.get("name") or title(tree),)
        columns = None if columns is None or more is None else [*columns, *more]
    return None if columns is None else tuple(columns)


def _star(name: tuple[str, ...], location: int, level: Level, reading: Reading) -> Output:
    if len(name) > 1:
        source = source_named(name[:-1], location, level, reading)
        if source is None:
            return None
        all_columns(source, reading)
        return tuple(source.columns) if source.complete else None
    wanted = [source for source in level.sources if not source.named_only]
    for source in wanted:
        all_columns(source, reading)
    if not level.certain or not all(source.complete for source in wanted):
        return None
    return tuple(column for column, _ in visible(wanted))


# --- FROM ---


def _from_item(item: Json, before: list[Source], around: Around) -> Side:
    """A source of FROM, or a tree of joins; *before* are those that LATERAL sees."""
    sides: list[Side] = []
    stack: list[tuple[Json, bool]] = [(item, False)]
    if is_crowd(item):
        skip(item, around.reading)
        return Side((Source("", complete=False),), False)
    while stack:
        tree, ready = stack.pop()
        node = tree.get("JoinExpr")
        if node is None:
            seen = (*before, *(source for side in sides for source in side.sources))
            sides.append(Side((_source(tree, Level(seen, around.outer), around),)))
        elif not ready:
            stack += [(tree, True), (node.get("rarg", {}), False), (node.get("larg", {}), False)]
        else:
            right, left = sides.pop(), sides.pop()
            both = joined(node, left, right, around.reading)
            evaluate(node.get("quals"), Level(both.sources, around.outer, both.certain), around)
            alias = node.get("alias")
            if alias is not None:
                named = aliased(alias.get("aliasname", ""), strings(alias.get("colnames", ())), both)
                both = Side((named,), both.certain)
            sides.append(both)
    return sides[0]


def _source(tree: dict[str, Json], seen: Level, around: Around) -> Source:
    kind, node = next(iter(tree.items())) if tree else ("", {})
    alias = node.get("alias", {})
    name, names = alias.get("aliasname", ""), strings(alias.get("colnames", ()))
    if kind == "RangeVar":
        return _relation(node, name, names, around)
    if kind == "RangeTableSample":
        evaluate(node.get("args"), seen, around)
        return _source(node.get("relation", {}), seen, around)
    if kind == "RangeSubselect":
        inner = around.inside(seen) if node.get("lateral") else around
        return derived(name, rows(node.get("subquery", {}), inner), names)
    evaluate(node, seen, around)
    if kind == "RangeFunction":
        return function(node, name, names)
    if kind == "RangeTableFunc":
        listed = [each.get("RangeTableFuncCol", {}).get("colname", "") for each in node.get("columns", ())]
        return renamed(Source(name or "xmltable", dict.fromkeys(listed)), names)
    if kind == "JsonTable":
        return renamed(Source(name or "json_table", dict.fromkeys(json_columns(node))), names)
    return Source(name, complete=False)


def _relation(node: dict[str, Json], alias: str, names: tuple[str, ...], around: Around) -> Source:
    name = relation_name(node)
    cte = around.ctes.get(name[0]) if len(name) == 1 else None
    if cte is not None:
        own = None if cte.columns is None else first_renamed(cte.columns, cte.names)
        return derived(alias or name[0], own, names)
    location = node.get("location", 0)
    key, value = relation(name, location, around.reading)
    if is_index(value, name, location, around.reading):
        return Source(alias or name[-1], complete=False)
    around.reading.note(key)
    found = source_of(key, value, alias or node.get("relname", ""), "" if alias else _schema(key, node))
    return renamed(found, names)


def _schema(key: Key | None, node: dict[str, Json]) -> str:
    schema: str = key[1] if key else node.get("schemaname") or "*"
    return schema
