"""Types: enums and their labels, composites, domains, ranges, base types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from mig_lsp.core.catalog.choosing import (
    DOMAINS_NAME_NOT_NULL,
    choose_constraint,
    may_be_not_null,
    note_constraint,
    note_not_null,
)
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import is_absent, is_present, keys_of_type, new_place, note_missing, rest
from mig_lsp.core.catalog.types import BUILT_IN, resolve
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    EnumType,
    Key,
    OtherType,
    Table,
    Type,
    Value,
    View,
    relation_key,
    routine_key,
    type_key,
)
from mig_lsp.core.catalog.values import Index as IndexValue
from mig_lsp.core.catalog.values import Sequence as SequenceValue
from mig_lsp.core.sql.names import option, quoted
from mig_lsp.core.sql.nodes import (
    AlterDomainStmt,
    AlterEnumStmt,
    AlterTableStmt,
    CompositeTypeStmt,
    CreateDomainStmt,
    CreateEnumStmt,
    CreateRangeStmt,
)
from mig_lsp.core.sql.parts import Name, Node, String, TypeName, name_of

_LONGEST_LABEL = 63
_SEQUENCES_WITHOUT_TYPE = 14


def create_enum(tree: CreateEnumStmt, moment: Moment) -> None:
    """CREATE TYPE ... AS ENUM."""
    labels = name_of(tree.vals)
    key = new_type(moment, name_of(tree.type_name))
    if key is None:
        return
    long = next((label for label in labels if len(label.encode("utf-8", "replace")) > _LONGEST_LABEL), None)
    twice = next((label for label, count in Counter(labels).items() if count > 1), None)
    if long is not None:
        _wrong_label(moment, key, long, "42602", "longer than 63 bytes")
    elif twice is not None:
        _wrong_label(moment, key, twice, "23505", "listed twice")
    moment.put(key, EnumType(key, moment.origin, moment.origin, tuple(dict.fromkeys(labels))))


def alter_enum(tree: AlterEnumStmt, moment: Moment) -> None:
    """ALTER TYPE ... ADD VALUE, RENAME VALUE."""
    name = name_of(tree.type_name)
    key, value = find_type(moment, name)
    if value is UNKNOWN:
        return
    if is_absent(value):
        note_no_type(moment, name)
        return
    if not isinstance(value, EnumType):
        moment.object("wrong-kind", "enum", name, "42809", found=value)
        return
    labels = value.labels
    if tree.old_val:
        if tree.old_val not in labels:
            _missing_label(moment, key, tree.old_val)
        elif tree.new_val in labels:
            _existing_label(moment, key, tree.new_val)
        else:
            _put_labels(moment, value, [tree.new_val if label == tree.old_val else label for label in labels])
        return
    if tree.new_val in labels:
        if not tree.skip_if_new_val_exists:
            _existing_label(moment, key, tree.new_val)
        return
    if len(tree.new_val.encode("utf-8", "replace")) > _LONGEST_LABEL:
        _wrong_label(moment, key, tree.new_val, "42602", "longer than 63 bytes")
        return
    place = len(labels)
    if tree.new_val_neighbor:
        if tree.new_val_neighbor not in labels:
            _missing_label(moment, key, tree.new_val_neighbor)
        else:
            place = labels.index(tree.new_val_neighbor) + tree.new_val_is_after
    _put_labels(moment, value, [*labels[:place], tree.new_val, *labels[place:]])


def create_composite(tree: CompositeTypeStmt, moment: Moment) -> None:
    """CREATE TYPE ... AS (...)."""
    name = tree.typevar.name
    key = new_type(moment, name, tree.typevar.location)
    columns: list[str] = []
    types: list[Type | None] = []
    for item in tree.coldeflist:
        column = item.column_def
        if column is None:
            continue
        if column.colname in columns:
            moment.object("exists", "column", (column.colname,), "42701", column.location, of=key)
        columns.append(column.colname)
        types.append(None if column.type_name is None else resolve(column.type_name, moment))
    if key is None:
        return
    taken = moment.get(relation_key(key[1], key[2]))
    if isinstance(taken, IndexValue | SequenceValue):
        moment.object("exists", "relation", name, "42P07", tree.typevar.location, found=taken)
        moment.doubt(key)
        return
    _leave(moment, OtherType(key, moment.origin, moment.origin, "composite", columns=tuple(columns)), types)


def alter_composite(tree: AlterTableStmt, moment: Moment) -> None:
    """ALTER TYPE ... ADD, DROP and ALTER ATTRIBUTE."""
    name, at = tree.relation.name, tree.relation.location
    key, value = find_type(moment, name)
    if not isinstance(value, OtherType) or value.kind != "composite":
        if isinstance(value, Table | View):
            moment.object("wrong-kind", "composite type", name, "42809", at, found=value)
        elif is_absent(value) or isinstance(value, EnumType | OtherType):
            note_missing(moment, "relation", name, "42P01", at, value)
        return
    columns, types = list(value.columns), set(value.uses)
    for item in tree.cmds:
        command = item.alter_table_cmd
        column = None if command is None or command.def_ is None else command.def_.column_def
        if command is None:
            continue
        if column is not None and column.type_name is not None:
            types.update(keys_of_type(moment, resolve(column.type_name, moment)))
        if command.subtype == "AT_AddColumn" and column is not None:
            if column.colname in columns:
                moment.object("exists", "attribute", (column.colname,), "42701", column.location, of=key)
            else:
                columns.append(column.colname)
        elif command.name not in columns:
            if command.name and not command.missing_ok:
                moment.object("missing", "attribute", (command.name,), "42703", of=key)
        elif command.subtype == "AT_DropColumn":
            columns.remove(command.name)
    moment.put(key, replace(value, columns=tuple(columns), uses=frozenset(types), changed=moment.origin))
    for on in sorted(types):
        rest(moment, on, key)


def create_domain(tree: CreateDomainStmt, moment: Moment) -> None:
    """CREATE DOMAIN."""
    key = new_type(moment, name_of(tree.domainname))
    base = None if tree.type_name is None else resolve(tree.type_name, moment)
    if key is None:
        return
    constraints: list[str] = []
    for item in tree.constraints:
        if item.constraint is not None and item.constraint.contype == "CONSTR_NOTNULL" and item.constraint.conname:
            note_not_null(moment, key, item.constraint.conname)
        if item.constraint is None or item.constraint.contype != "CONSTR_CHECK":
            continue
        name = item.constraint.conname
        if name in constraints:
            moment.object("exists", "constraint", (name,), "42710", item.constraint.location, of=key)
        constraints.append(name or choose_constraint(moment, key[1], key[2], "", "check", constraints))
        note_constraint(moment, key, constraints[-1])
    domain = OtherType(key, moment.origin, moment.origin, "domain", base, constraints=frozenset(constraints))
    _leave(moment, domain, (base,))


def alter_domain(tree: AlterDomainStmt, moment: Moment) -> None:
    """ALTER DOMAIN with other than OWNER, RENAME and SET SCHEMA."""
    name = name_of(tree.type_name)
    key, value = find_type(moment, name)
    if value is UNKNOWN:
        return
    if is_absent(value):
        note_no_type(moment, name)
        return
    if not isinstance(value, OtherType) or value.kind != "domain":
        moment.object("wrong-kind", "domain", name, "42809", found=value)
        return
    names = value.constraints
    if tree.subtype == "C":
        constraint = None if tree.def_ is None else tree.def_.constraint
        if constraint is not None and constraint.contype == "CONSTR_NOTNULL" and constraint.conname:
            note_not_null(moment, key, constraint.conname)
        if constraint is None or constraint.contype != "CONSTR_CHECK":
            return
        if constraint.conname in names:
            moment.object("exists", "constraint", (constraint.conname,), "42710", constraint.location, of=key)
            return
        made = constraint.conname or choose_constraint(moment, key[1], key[2], "", "check", names)
        note_constraint(moment, key, made)
        names = names | {made}
    elif tree.subtype in ("X", "V"):
        if tree.name not in names:
            unsure = moment.setting.version >= DOMAINS_NAME_NOT_NULL and may_be_not_null(moment, key[1], tree.name)
            if not (tree.missing_ok or unsure):
                moment.object("missing", "constraint", (tree.name,), "42704", of=key)
            return
        names = names - {tree.name} if tree.subtype == "X" else names
    moment.put(key, replace(value, constraints=names, changed=moment.origin))


def create_range(tree: CreateRangeStmt, moment: Moment) -> None:
    """CREATE TYPE ... AS RANGE, which brings a multirange and functions that make values of both."""
    key = new_type(moment, name_of(tree.type_name))
    of = option(tree.params, "subtype")
    subtype = None if of is None or of.arg is None or of.arg.type_name is None else resolve(of.arg.type_name, moment)
    if key is None:
        return
    _leave(moment, OtherType(key, moment.origin, moment.origin, "range"), (subtype,))
    given = option(tree.params, "multirange_type_name")
    if given is not None:
        names = () if given.arg is None or given.arg.type_name is None else given.arg.type_name.name
        several = moment.new(type_key, names or ("",))
    else:
        several = type_key(key[1], _multirange(key[2]))
    moment.put(several, OtherType(several, moment.origin, moment.origin, "multirange", Type(key[1], key[2])))
    rest(moment, key, several)
    moment.doubt(routine_key(key[1], key[2]), routine_key(several[1], several[2]))


def create_base(name: tuple[str, ...], definition: tuple[Node, ...], moment: Moment) -> None:
    """CREATE TYPE without AS: a base type, or one that is only announced."""
    key = moment.new(type_key, name)
    old = moment.get(key)
    if definition and isinstance(old, OtherType) and old.kind == "base":
        moment.put(key, replace(old, changed=moment.origin))
        return
    made = new_type(moment, name)
    if made is not None:
        moment.put(made, OtherType(made, moment.origin, moment.origin, "base"))


# --- For other modules too ---


def find_type(moment: Moment, name: tuple[str, ...]) -> tuple[Key, Value]:
    """The key and value of a type of the set's own: UNKNOWN for a built-in one, the relation for its row type."""
    if name[-1] in BUILT_IN and (len(name) == 1 or name[-2] == "pg_catalog"):
        return type_key("pg_catalog", name[-1]), UNKNOWN
    key, value = moment.type(name)
    if is_absent(value):
        _, row = moment.relation(name)
        if row is UNKNOWN or isinstance(row, Table | View):
            return key, row
        if isinstance(row, SequenceValue) and moment.setting.version < _SEQUENCES_WITHOUT_TYPE:
            return key, UNKNOWN
    return key, value


def is_domain(value: Value) -> bool:
    """Whether a type is a domain."""
    return isinstance(value, OtherType) and value.kind == "domain"


def note_row_type(moment: Moment, name: tuple[str, ...], of: Table | View, sqlstate: str) -> None:
    """Notes that a type is that of a relation's rows, and comes, changes and goes with it alone."""
    detail = f"{quoted(*name)} is the type of the rows of {quoted(*of.key[2:])}, and changes with that alone"
    moment.object("wrong-kind", "type", name, sqlstate, found=of, detail=detail)


def note_no_type(moment: Moment, name: tuple[str, ...]) -> None:
    """Notes that a type is missing: where no extension may have brought it, resolving its name says so."""
    resolve(TypeName(tuple(Name(String(part)) for part in name), location=-1), moment)


def new_type(moment: Moment, name: tuple[str, ...], at: int = -1) -> Key | None:
    """The key of a new type; None where one stands already, which is noted and leaves nobody knows what."""
    key = new_place(moment, type_key, name, at)
    if key is None:
        return None
    for taken in (moment.get(key), moment.get(relation_key(key[1], key[2]))):
        if is_present(taken) and not isinstance(taken, IndexValue | SequenceValue):
            moment.object("exists", "type", name, "42710", at, found=taken)
            moment.doubt(key)
            return None
    return key


def _leave(moment: Moment, value: OtherType, types: Iterable[Type | None]) -> None:
    uses = frozenset(key for of in types for key in keys_of_type(moment, of))
    moment.put(value.key, replace(value, uses=uses))
    for on in sorted(uses):
        rest(moment, on, value.key)


def _put_labels(moment: Moment, value: EnumType, labels: list[str]) -> None:
    moment.put(value.key, replace(value, labels=tuple(labels), changed=moment.origin))


def _missing_label(moment: Moment, key: Key, label: str) -> None:
    moment.object("missing", "label", (label,), "22023", of=key)


def _existing_label(moment: Moment, key: Key, label: str) -> None:
    moment.object("exists", "label", (label,), "42710", of=key)


def _wrong_label(moment: Moment, key: Key, label: str, sqlstate: str, detail: str) -> None:
    moment.object("invalid", "label", (label,), sqlstate, of=key, detail=detail)


def _multirange(name: str) -> str:
    if "range" in name:
        return name.replace("range", "multirange", 1)
    ending = "_multirange"
    return name.encode("utf-8", "replace")[: 63 - len(ending)].decode("utf-8", "ignore") + ending


APPLY = (
    (CreateEnumStmt, create_enum),
    (AlterEnumStmt, alter_enum),
    (CompositeTypeStmt, create_composite),
    (CreateDomainStmt, create_domain),
    (AlterDomainStmt, alter_domain),
    (CreateRangeStmt, create_range),
)
