"""A table while a statement makes or changes it, and what the expressions in the statement name of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from mig_lsp.core.catalog.expressions import column_of, columns_of, load, walk
from mig_lsp.core.catalog.fragments import SYSTEM_COLUMNS, Words, index_name
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import UNKNOWN, Column, Constraint, Key, Table, Value, schema_key
from mig_lsp.core.sql import parts


@dataclass(slots=True)
class Draft:
    """A table while a statement makes or changes it; `leave` puts it into the catalog."""

    moment: Moment
    table: Table
    columns: dict[str, Column]
    constraints: dict[str, Constraint]
    indexes: set[Key]
    whole: bool
    words: Words
    copied: list[Key] = field(default_factory=list)
    """The relations whose indexes LIKE takes over."""
    is_left: bool = False
    """Whether an action has put the table into the catalog itself, and not this draft of it."""

    @property
    def key(self) -> Key:
        """The table's key."""
        return self.table.key

    def leave(self) -> None:
        """Puts the table into the catalog as it is now."""
        self.moment.put(self.key, self.as_it_is())

    def as_it_is(self) -> Table:
        """The table as it is now."""
        return replace(
            self.table,
            changed=self.moment.origin,
            columns=self.columns,
            constraints=self.constraints,
            indexes=frozenset(self.indexes),
            whole=self.whole,
        )

    def lacks(self, column: str) -> bool:
        """Whether there certainly is no such column."""
        return self.whole and column not in self.columns


def draft_of(table: Table, moment: Moment, words: Words) -> Draft:
    """*table*, to be changed."""
    return Draft(moment, table, dict(table.columns), dict(table.constraints), set(table.indexes), table.whole, words)


def named_relation(moment: Moment, relation: parts.RangeVar) -> tuple[Key, Value]:
    """The relation that a statement names; UNKNOWN for one of the system's own, which no file makes."""
    key, value = moment.relation(relation.name)
    system = relation.schemaname in _SYSTEM or (not relation.schemaname and relation.relname.startswith("pg_"))
    return key, UNKNOWN if system else value


def object_to_missing(moment: Moment, relation: parts.RangeVar, what: str, found: Value) -> None:
    """Notes that the relation is missing, or already its schema."""
    schema = relation.schemaname
    if schema and moment.has(schema_key(schema)) is False:
        gone = moment.get(schema_key(schema))
        moment.object("missing", "schema", (schema,), "3F000", relation.location, found=gone)
    else:
        moment.object("missing", what, relation.name, "42P01", relation.location, found=found)


_SYSTEM = {"pg_catalog", "information_schema", "pg_toast", "pg_temp"}


def missing_column(draft: Draft, names: Iterable[str], place: int = -1) -> bool:
    """Notes the first of *names* that the table lacks; whether there is one."""
    for name in names:
        if name and name not in SYSTEM_COLUMNS and draft.lacks(name):
            _object_to_column(draft, name, place)
            return True
    return False


def missing_columns(draft: Draft, tree: Any) -> bool:
    """Notes a column that an expression names and the table lacks, or of another table; whether there is one."""
    for mention in walk(tree):
        if mention.kind == "query":
            return False
        name = mention.name[-1] if mention.name else ""
        if mention.kind == "column" and len(mention.name) == 2 and mention.name[0] != draft.key[-1]:
            draft.moment.object("missing", "table", mention.name[:1], "42P01", mention.location)
            return True
        if mention.kind != "column" or name == "*" or name in SYSTEM_COLUMNS or not draft.lacks(name):
            continue
        if len(mention.name) == 2 or (len(mention.name) == 1 and name != draft.key[-1]):
            _object_to_column(draft, name, mention.location)
            return True
    return False


def used_columns(draft: Draft, tree: Any) -> tuple[str, ...] | None:
    """The columns of the table that an expression names; None where that is not told."""
    names = columns_of(tree)
    if names is None or (draft.key[-1] in names and draft.key[-1] not in draft.columns):
        return None
    return tuple(name for name in names if name not in SYSTEM_COLUMNS)


def all_used(draft: Draft, columns: Iterable[str], trees: Iterable[Any]) -> tuple[str, ...] | None:
    """All columns that an index names; None where that is not told."""
    found = dict.fromkeys(name for name in columns if name)
    for tree in trees:
        if tree is None:
            continue
        names = used_columns(draft, tree)
        if names is None:
            return None
        found.update(dict.fromkeys(names))
    return tuple(found)


def element_columns(draft: Draft, elements: Iterable[parts.Node]) -> tuple[tuple[str, ...], tuple[str, ...], Any]:
    """The columns of an index ("" for an expression), the names that they lend to its name, and the expressions."""
    columns: list[str] = []
    names: list[str] = []
    expressions: list[Any] = []
    for element in elements:
        item = element.index_elem
        if item is None:
            continue
        tree = load(item.expr)
        alone = column_of(tree)
        # A column in parentheses is no expression.
        name = alone[-1] if alone and alone[-1] in draft.columns else item.name
        columns.append(name)
        if name:
            names.append(name)
            continue
        expressions.append(tree)
        names.append(index_name(tree))
    return tuple(columns), tuple(names), expressions


def changes_by_itself(draft: Draft, trees: Iterable[Any], where: str) -> bool:
    """Notes a function in an index or generated column that does not always give the same; whether there is one."""
    for tree in trees:
        for mention in walk(tree):
            own = len(mention.name) == 1 or mention.name[:1] == ("pg_catalog",)
            if mention.kind == "function" and own and mention.name[-1] in _NOT_IMMUTABLE:
                detail = f"functions in {where} must be marked IMMUTABLE, {mention.name[-1]} is not"
                place = mention.location
                draft.moment.object("invalid", "function", mention.name, "42P17", place, of=draft.key, detail=detail)
                return True
    return False


# Functions of pg_catalog that are stable or volatile whatever their arguments are.
_NOT_IMMUTABLE = frozenset(
    {
        "clock_timestamp",
        "concat",
        "concat_ws",
        "currval",
        "format",
        "gen_random_uuid",
        "lastval",
        "nextval",
        "now",
        "random",
        "setval",
        "statement_timestamp",
        "timeofday",
        "to_char",
        "transaction_timestamp",
    }
)


def _object_to_column(draft: Draft, name: str, place: int) -> None:
    gone = draft.table.dropped.get(name)
    draft.moment.object("missing", "column", (name,), "42703", place, of=draft.key, found=gone)
