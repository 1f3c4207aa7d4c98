"""What the names in a query mean: the sources of FROM, level by level, and what the server objects to in a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.types import ANY_EXTENSION
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Column,
    Gone,
    Index,
    Key,
    OtherType,
    Sequence,
    Table,
    Value,
    View,
    relation_key,
    schema_key,
    type_key,
)
from mig_lsp.core.text import Span

Columns = Mapping[str, Column | None]
"""Columns by name, in order; None where only the name is known."""


@dataclass(frozen=True, slots=True)
class Source:
    """What stands in FROM under one name ("" for none): its *columns*, in order, and whether these are all.

    *key* is the relation that they belong to, *real* their names there, where these are others, *table* what stands
    under the key; *schema* is what its name may be qualified with ("" nothing, "*" anything). *system* tells whether
    ctid and the like are among its columns. A *merged* one has the columns that a JOIN made one of two: they are also
    in *hidden* of their sources, where only a qualified name finds them. *named_only* has no columns for unqualified
    names. *twice* are names of several columns.
    """

    name: str
    columns: Columns = field(default_factory=dict)
    complete: bool = True
    key: Key | None = None
    schema: str = ""
    real: Mapping[str, str] = field(default_factory=dict)
    table: Value = None
    system: bool = False
    merged: bool = False
    named_only: bool = False
    hidden: frozenset[str] = frozenset()
    twice: frozenset[str] = frozenset()

    def offers(self, column: str) -> bool:
        """Whether an unqualified name may mean this one's column."""
        if self.named_only or column in self.hidden:
            return False
        return column in self.columns or (self.system and column in SYSTEM_COLUMNS)


@dataclass(frozen=True, slots=True)
class Level:
    """The sources of a query, and what is around it. *certain* is False where names may mean more than one thing."""

    sources: tuple[Source, ...] = ()
    outer: Level | None = None
    certain: bool = True

    def levels(self) -> Iterator[Level]:
        """The level itself and those around it, from the inside out."""
        level: Level | None = self
        while level is not None:
            yield level
            level = level.outer


@dataclass(slots=True)
class Reading:
    """What is known so far of what a statement reads; *said* are the names that were objected to."""

    moment: Moment
    reads: dict[Key, set[str] | None] = field(default_factory=dict)
    said: set[tuple[str, ...]] = field(default_factory=set)
    depth: int = 0

    def note(self, key: Key | None, column: str = "") -> None:
        """A column of the relation is read; "" for none in particular."""
        if key is None:
            return
        known = self.reads.setdefault(key, set())
        if known is not None and column:
            known.add(column)

    @property
    def told(self) -> dict[Key, frozenset[str] | None]:
        """The columns of each relation that are read; None where nobody can tell which."""
        return {key: None if names is None else frozenset(names) for key, names in self.reads.items()}

    def doubt(self, key: Key | None) -> None:
        """Any column of the relation may be read."""
        if key is not None:
            self.reads[key] = None

    def first(self, *what: str) -> bool:
        """Whether it is to be said: a wrong name is said once, and the first few of them are enough."""
        if what in self.said or len(self.said) >= _MOST_SAID:
            return False
        self.said.add(what)
        return True


_MOST_SAID = 20

SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})

# Functions that take a whole row: `t.count` is `count(t)`.
_NAMES_OF_ROWS = """
    any_value array_agg concat count first_value hash_record json_agg json_agg_strict json_build_array json_build_object
    jsonb_agg jsonb_agg_strict jsonb_build_array jsonb_build_object lag last_value lead max min mode num_nonnulls
    num_nulls pg_collation_for pg_column_compression pg_column_size pg_column_toast_chunk_id pg_typeof quote_literal
    quote_nullable rank record_out record_send row_to_json to_json to_jsonb cume_dist dense_rank percent_rank
"""
_OF_ROWS = frozenset(_NAMES_OF_ROWS.split())
_SYSTEM_SCHEMAS = {"pg_catalog", "information_schema", "pg_toast"}
# Relations that extensions bring which bring no types of other names.
_BROUGHT = frozenset({"spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns", "raster_overviews"})

Found = Column | Literal["some"] | None
"""A column; "some" for one of which the name is known, or nothing; None for one that is not there: that was noted."""


Where = Literal["query", "command", "literal"]
"""A query says of a missing schema that the table is missing, a command that the schema is; or a literal names it."""


def relation(
    name: tuple[str, ...], location: int, reading: Reading, where: Where = "query"
) -> tuple[Key | None, Value]:
    """The relation of that name, and its key; (None, UNKNOWN) where the files do not tell, or it is not there."""
    moment = reading.moment
    if not name or name[-1].startswith("pg_") or (len(name) > 1 and name[-2] in _SYSTEM_SCHEMAS):
        return None, UNKNOWN
    if len(name) > 1 and moment.has(schema_key(name[-2])) is not True:
        return _in_no_schema(name, location, reading, where)
    key, value = moment.relation(name)
    if value is UNKNOWN:
        return None, UNKNOWN
    if value is not None and not isinstance(value, Gone):
        return key, value
    if value is None and (
        moment.get(ANY_EXTENSION) is not None
        or name[-1] in _BROUGHT
        or is_composite(moment.get(type_key(key[1], key[2])))
        or _is_elsewhere(name, moment)
    ):
        return None, UNKNOWN
    if reading.first("table", *name):
        at = moment.span(name[-1:], location) if where == "literal" else location
        moment.object("missing", "table", name, "42P01", at, of=key, found=value)
    return None, UNKNOWN


def is_composite(value: Value) -> bool:
    """Whether a type may be a composite one, which is half a relation: its columns can be named."""
    return value is UNKNOWN or (isinstance(value, OtherType) and value.kind == "composite")


def _in_no_schema(name: tuple[str, ...], location: int, reading: Reading, where: Where) -> tuple[Key | None, Value]:
    moment = reading.moment
    schema = moment.get(schema_key(name[-2]))
    if schema is UNKNOWN or moment.get(ANY_EXTENSION) is not None or not reading.first("table", *name):
        return None, UNKNOWN
    if where == "command":
        moment.object("missing", "schema", (name[-2],), "3F000", location, found=schema)
    else:
        key = relation_key(name[-2], name[-1])
        at = moment.span(name[-1:], location) if where == "literal" else location
        moment.object("missing", "table", name, "42P01", at, of=key, found=moment.get(key) or schema)
    return None, UNKNOWN


def _is_elsewhere(name: tuple[str, ...], moment: Moment) -> bool:
    """Whether the schemas that are searched are not all known."""
    return len(name) == 1 and any(moment.has(schema_key(each)) is None for each in moment.setting.search_path)


def source_of(key: Key | None, value: Value, name: str, schema: str = "") -> Source:
    """What a relation is in FROM."""
    if isinstance(value, Table):
        return Source(name, value.columns, value.whole, key, schema, table=value, system=True)
    if isinstance(value, View):
        columns = dict.fromkeys(value.columns or ())
        known = value.columns is not None
        return Source(name, columns, known, key, schema, table=value, system=value.materialized)
    if isinstance(value, Sequence):
        return Source(name, dict.fromkeys(("last_value", "log_cnt", "is_called")), True, key, schema, system=True)
    return Source(name, {}, False, None, schema)


def is_index(value: Value, name: tuple[str, ...], location: int, reading: Reading) -> bool:
    """Whether a query names an index, which none can read: that is noted."""
    if isinstance(value, Index) and reading.first("table", *name):
        reading.moment.object("wrong-kind", "index", name, "42809", location, found=value)
    return isinstance(value, Index)


def renamed(source: Source, names: tuple[str, ...]) -> Source:
    """A relation's source with other names for its first columns."""
    if not names:
        return source
    own = tuple(source.columns)
    if not source.complete:
        return replace(derived(source.name, None, names), key=source.key, table=source.table)
    order = first_renamed(own, names)
    types = {new: source.columns[old] for new, old in zip(order, own, strict=True)}
    real = {new: old for new, old in zip(order, own, strict=True) if new != old}
    return replace(source, columns=types, real=real, twice=repeated(order))


def derived(name: str, columns: tuple[str, ...] | None, names: tuple[str, ...] = ()) -> Source:
    """What gives *columns* (None where nobody can tell), the first ones renamed to *names*."""
    if columns is None:
        return Source(name, dict.fromkeys(names), complete=False)
    order = first_renamed(columns, names)
    return Source(name, dict.fromkeys(order), twice=repeated(order))


def first_renamed(columns: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns, the first ones under other names."""
    return (*names[: len(columns)], *columns[len(names) :])


def repeated(names: Iterable[str]) -> frozenset[str]:
    """The names that stand there more than once."""
    return frozenset(name for name, count in Counter(names).items() if count > 1)


# --- Looking up names ---


def column(name: tuple[str, ...], location: int, level: Level, reading: Reading) -> Found:
    """What a column's name means; a missing or ambiguous one is noted."""
    if not name:
        return "some"
    if len(name) == 1:
        return _unqualified(name[0], location, level, reading)
    source = source_named(name[:-1], location, level, reading)
    if source is None:
        return "some"
    return qualified(source, name, location, reading)


def qualified(source: Source, name: tuple[str, ...], location: int | Span, reading: Reading) -> Found:
    """The column of *source* that the last part of *name* means."""
    last = name[-1]
    if last in source.columns:
        reading.note(source.key, source.real.get(last, last))
        if last in source.twice and source.complete and reading.first("ambiguous", *name):
            reading.moment.object("invalid", "ambiguous", name, "42702", location, of=source.key)
        return source.columns[last] or "some"
    if source.system and last in SYSTEM_COLUMNS:
        return "some"
    if not source.complete:
        reading.doubt(source.key)
        return "some"
    if last in _OF_ROWS or reading.moment.routine((last,))[1] is not None:
        reading.note(source.key)
        return "some"
    if reading.first("column", *name):
        reading.moment.object("missing", "column", name, "42703", location, of=source.key, found=_dropped(source, last))
    return None


def source_named(name: tuple[str, ...], location: int, level: Level, reading: Reading) -> Source | None:
    """The source that the table's part of a name means; None where there is none: that is noted where it is certain."""
    for each in level.levels():
        for source in each.sources:
            if source.merged or source.name != name[-1]:
                continue
            if len(name) == 1 or source.schema in {"*", name[-2]}:
                return source
    if len(name) < 3 and all(each.certain for each in level.levels()) and reading.first("source", *name):
        reading.moment.object("missing", "source", name, "42P01", location, detail=_names(level))
    return None


def _names(level: Level) -> str:
    return ", ".join(source.name for source in level.sources if source.name and not source.merged)


def _unqualified(name: str, location: int, level: Level, reading: Reading) -> Found:
    for each in level.levels():
        hits = [source for source in each.sources if source.offers(name)]
        if hits:
            return _one_of(hits, name, location, each, reading)
        doubtful = [source for source in each.sources if not source.complete and not source.named_only]
        if doubtful:
            for source in doubtful:
                reading.doubt(source.key)
            return "some"
    for each in level.levels():
        for source in each.sources:
            if source.name == name and not source.merged:  # the whole row
                reading.note(source.key)
                return "some"
    if reading.first("column", name):
        tables = [source for each in level.levels() for source in each.sources if source.key is not None]
        dropped = next((gone for source in tables if (gone := _dropped(source, name)) is not None), None)
        of = next((source.key for source in tables if dropped is not None and _dropped(source, name) is dropped), None)
        if of is None and len({source.key for source in tables}) == 1:
            of = tables[0].key
        reading.moment.object("missing", "column", (name,), "42703", location, of=of, found=dropped)
    return None


def _one_of(hits: list[Source], name: str, location: int, level: Level, reading: Reading) -> Found:
    certain = level.certain and all(source.complete for source in hits)
    if certain and (len(hits) > 1 or name in hits[0].twice) and reading.first("ambiguous", name):
        where = ", ".join(f"{source.name}.{name}" for source in hits if source.name)
        reading.moment.object("invalid", "ambiguous", (name,), "42702", location, of=hits[0].key, detail=where)
    for source in hits:
        if source.columns.get(name) is not None or name in source.columns:
            reading.note(source.key, source.real.get(name, name))
    return hits[0].columns.get(name) or "some"


def _dropped(source: Source, name: str) -> Gone | None:
    return source.table.dropped.get(name) if isinstance(source.table, Table) and not source.real else None
