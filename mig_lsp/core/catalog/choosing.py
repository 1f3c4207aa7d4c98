"""The names that PostgreSQL chooses for constraints, indexes and sequences when the author does not."""

from __future__ import annotations

from collections.abc import Container, Iterable

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import Gone, Key, Named, OtherType, Table, other_key, relation_key, type_key

TABLES_NAME_NOT_NULL, DOMAINS_NAME_NOT_NULL = 18, 17
"""The versions from which on the NOT NULL of tables and domains is a constraint with a name."""

_LONGEST = 63  # bytes of a name


def choose_relation(
    moment: Moment, schema: str, table: str, middle: str, label: str, of_constraint: Container[str] | None = None
) -> str:
    """A free name for an index or sequence: `table_middle_label`, numbered when it is taken.

    *of_constraint* are the names of the table's constraints where the index is that of another one.
    """
    number = 0
    while True:
        name = made_name(table, middle, f"{label}{number or ''}")
        taken = moment.has(relation_key(schema, name)) is True
        if of_constraint is not None:
            taken = taken or name in of_constraint or _is_constraint(moment, schema, name)
        if not taken:
            return name
        number += 1


def choose_constraint(
    moment: Moment, schema: str, table: str, middle: str, label: str, others: Container[str] = ()
) -> str:
    """A name for a constraint that no other one of the schema has, nor one of *others*."""
    number = 0
    while True:
        name = made_name(table, middle, f"{label}{number or ''}")
        if name not in others and not _is_constraint(moment, schema, name):
            return name
        number += 1


def note_constraint(moment: Moment, table: Key, name: str) -> None:
    """Notes that *table* (or a domain) has a constraint of that name: names are chosen in view of the whole schema."""
    key = _constraint_key(table[1], name)
    value = moment.get(key)
    tables = value.about.split("\n") if isinstance(value, Named) else []
    if table[2] not in tables:
        moment.put(key, Named(moment.origin, "\n".join([*tables, table[2]])))


def note_not_null(moment: Moment, table: Key, name: str) -> None:
    """Notes the name that an author gave to a NOT NULL of *table*, or of a domain."""
    moment.put(other_key("not null", table[1], name), Named(moment.origin, table[2]))


def may_be_not_null(moment: Moment, schema: str, name: str) -> bool:
    """Whether a constraint of that name may be one for NOT NULL: tables do not list those."""
    return "not_null" in name or moment.get(other_key("not null", schema, name)) is not None


def made_name(table: str, middle: str, label: str) -> str:
    """`table_middle_label`, the longer ones of the first two cut so that it is a name."""
    first, second = table.encode("utf-8", "replace"), middle.encode("utf-8", "replace")
    room = _LONGEST - len(label.encode()) - 1 - (1 if middle else 0)
    one, two = len(first), len(second)
    while one + two > room:
        if one > two:
            one -= 1
        else:
            two -= 1
    parts = [_clipped(first, one), _clipped(second, two), label] if middle else [_clipped(first, one), label]
    return "_".join(parts)


def joined(columns: Iterable[str]) -> str:
    """What the names of columns add to the name of their constraint or index."""
    found = ""
    for column in columns:
        found = f"{found}_{column}" if found else column
        if len(found.encode("utf-8", "replace")) > _LONGEST:
            break
    return found


def numbered(names: Iterable[str]) -> list[str]:
    """The names of an index's columns, each another one: "lower", "lower1"."""
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        number, chosen = 0, name
        while chosen in taken:
            number += 1
            room = _LONGEST - len(str(number))
            chosen = f"{_clipped(name.encode('utf-8', 'replace'), room)}{number}"
        taken.add(chosen)
        found.append(chosen)
    return found


def _constraint_key(schema: str, name: str) -> Key:
    return other_key("constraint", schema, name)


def _is_constraint(moment: Moment, schema: str, name: str) -> bool:
    """Whether one of the tables and domains that were noted still has such a constraint."""
    noted = moment.get(_constraint_key(schema, name))
    if not isinstance(noted, Named):
        return False
    for table in noted.about.split("\n"):
        for make in (relation_key, type_key):
            value = moment.get(make(schema, table))
            for _ in range(8):  # it may have been renamed since
                if not isinstance(value, Gone) or value.new is None:
                    break
                value = moment.get(value.new)
            if isinstance(value, Table | OtherType) and value.key[1] == schema and name in value.constraints:
                return True
    return False


def _clipped(name: bytes, size: int) -> str:
    """At most *size* bytes of a name, whole characters only."""
    return name[:size].decode("utf-8", "ignore")
