"""Schemas, extensions, sequences, what has nothing but a name, and where names are looked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mig_lsp.core.catalog.drops import NAMED, named_key
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import (
    check_role,
    is_absent,
    is_present,
    is_temporary,
    new_place,
    note_missing,
    rest,
    schema_exists,
)
from mig_lsp.core.catalog.privileges import check_extension, has_column
from mig_lsp.core.catalog.routines import EXTENSION_MADE, create_aggregate
from mig_lsp.core.catalog.type_statements import create_base
from mig_lsp.core.catalog.types import ANY_EXTENSION, EXTENSIONS
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Gone,
    Index,
    Key,
    Named,
    Sequence,
    Table,
    View,
    extension_key,
    relation_key,
    schema_key,
)
from mig_lsp.core.sql.commands import (
    AlterDatabaseSetStmt,
    AlterRoleSetStmt,
    CreatePublicationStmt,
    VariableSetStmt,
)
from mig_lsp.core.sql.names import object_name, option
from mig_lsp.core.sql.nodes import (
    AlterExtensionStmt,
    AlterSeqStmt,
    CreateExtensionStmt,
    CreateSchemaStmt,
    CreateSeqStmt,
    CreateStatsStmt,
    DefineStmt,
)
from mig_lsp.core.sql.parts import Node

# --- Schemas ---


def create_schema(tree: CreateSchemaStmt, moment: Moment) -> None:
    """CREATE SCHEMA, without what is created inside it."""
    check_role(moment, tree.authrole)
    name = schema_name(tree)
    if not name:
        return
    key = schema_key(name)
    old = moment.get(key)
    if name.startswith("pg_") and not (tree.if_not_exists and is_present(old)):
        detail = "names that begin with pg_ are PostgreSQL's own"
        moment.object("invalid", "schema", (name,), "42939", detail=detail)
        return
    if is_present(old):
        if not tree.if_not_exists:
            moment.object("exists", "schema", (name,), "42P06", found=old)
        return
    moment.put(key, Named(moment.origin))


def schema_name(tree: CreateSchemaStmt) -> str:
    """What a schema is called: without a name, like the role that owns it; "" where that is not told."""
    return tree.schemaname or (tree.authrole.rolename if tree.authrole is not None else "")


# --- Extensions ---

# What extensions make besides functions, operators and types.
_RELATIONS = {
    "pg_buffercache": ("pg_buffercache", "pg_buffercache_numa", "pg_buffercache_os_pages"),
    "pg_stat_statements": ("pg_stat_statements", "pg_stat_statements_info"),
    "postgis": ("spatial_ref_sys", "geometry_columns", "geography_columns"),
}
_SCHEMAS = {
    "aws_commons": ("aws_commons",),
    "aws_lambda": ("aws_lambda", "aws_commons"),
    "aws_s3": ("aws_s3", "aws_commons"),
    "pg_cron": ("cron",),
    "pg_partman": ("partman",),
    "postgis_topology": ("topology",),
    "postgis_tiger_geocoder": ("tiger", "tiger_data"),
    "rds_tools": ("rds_tools",),
    "timescaledb": ("timescaledb_information", "timescaledb_experimental"),
}


def create_extension(tree: CreateExtensionStmt, moment: Moment) -> None:
    """CREATE EXTENSION."""
    name = tree.extname
    key = extension_key(name)
    old = moment.get(key)
    given = option(tree.options, "schema")
    schema = given.arg.string.sval if given is not None and given.arg is not None and given.arg.string else ""
    if is_present(old) or name == "plpgsql":
        if not tree.if_not_exists:
            moment.object("exists", "extension", (name,), "42710", found=old)
        return
    if schema and not schema_exists(moment, schema):
        return
    if old is not UNKNOWN:
        moment.put(key, Named(moment.origin, schema))
    moment.put(EXTENSION_MADE, Named(moment.origin))
    if name not in EXTENSIONS or option(tree.options, "cascade") is not None:
        moment.put(ANY_EXTENSION, Named(moment.origin))
    home = schema or moment.setting.search_path[0]
    moment.doubt(*(relation_key(home, one) for one in _RELATIONS.get(name, (name,))))
    moment.doubt(*(schema_key(one) for one in _SCHEMAS.get(name, (name,)) if is_absent(moment.get(schema_key(one)))))


def alter_extension(tree: AlterExtensionStmt, moment: Moment) -> None:
    """ALTER EXTENSION ... UPDATE."""
    check_extension(moment, tree.extname)


# --- Sequences ---


def create_sequence(tree: CreateSeqStmt, moment: Moment) -> None:
    """CREATE SEQUENCE."""
    if is_temporary(tree.sequence):
        return
    name, at = tree.sequence.name, tree.sequence.location
    key = new_place(moment, relation_key, name, at)
    if key is None:
        return
    old = moment.get(key)
    if old is not None and not isinstance(old, Gone):
        if is_present(old) and not tree.if_not_exists:
            moment.object("exists", "relation", name, "42P07", at, found=old)
            moment.doubt(key)
        if is_present(old) or tree.if_not_exists:
            return
    moment.put(key, Sequence(key, moment.origin))
    _own(tree.options, moment, key)


def alter_sequence(tree: AlterSeqStmt, moment: Moment) -> None:
    """ALTER SEQUENCE."""
    name, at = tree.sequence.name, tree.sequence.location
    key, value = moment.relation(name)
    if is_absent(value):
        if not tree.missing_ok:
            note_missing(moment, "relation", name, "42P01", at, value)
    elif isinstance(value, Sequence):
        _own(tree.options, moment, key)
    elif value is not UNKNOWN:
        moment.object("wrong-kind", "sequence", name, "42809", at, found=value)


def _own(options: Iterable[Node], moment: Moment, key: Key) -> None:
    given = option(options, "owned_by")
    sequence = moment.get(key)
    if given is None or given.arg is None or not isinstance(sequence, Sequence):
        return
    name = object_name(given.arg)
    if sequence.identity:
        detail = "an identity column owns it"
        moment.object("invalid", "sequence", key[1:], "0A000", of=key, detail=detail)
        return
    owner = None if name == ("none",) else _owner(name, key, moment)
    if sequence.owner is not None:  # a default goes on to take its values from there, whoever owns it
        rest(moment, key, sequence.owner[0])
    moment.put(key, replace(sequence, owner=owner))
    if owner is not None:
        rest(moment, owner[0], key)


def _owner(name: tuple[str, ...], sequence: Key, moment: Moment) -> tuple[Key, str] | None:
    if len(name) < 2:
        moment.object("invalid", "column", name, "42601", detail="OWNED BY takes table.column")
        return None
    key, table = moment.relation(name[:-1])
    if is_absent(table):
        note_missing(moment, "relation", name[:-1], "42P01", found=table)
        return None
    if isinstance(table, Index | Sequence) or (isinstance(table, View) and table.materialized):
        detail = f"{name[-2]} is neither a table nor a view, and cannot own a sequence"
        moment.object("wrong-kind", "table", name[:-1], "42809", found=table, detail=detail)
        return None
    if not isinstance(table, Table | View):
        return None
    if key[1] != sequence[1]:
        detail = "it has to be in the schema of the table"
        moment.object("invalid", "sequence", sequence[1:], "55000", of=key, detail=detail)
        return None
    return (key, name[-1]) if has_column(moment, table, name[-1]) else None


# --- What has nothing but a name ---


def define(tree: DefineStmt, moment: Moment) -> None:
    """CREATE AGGREGATE, COLLATION, TYPE without AS, OPERATOR and the text search objects."""
    if tree.kind == "OBJECT_AGGREGATE":
        create_aggregate(tree, moment)
    elif tree.kind == "OBJECT_TYPE":
        create_base(tuple(part.string.sval if part.string else "" for part in tree.defnames), tree.definition, moment)
    elif tree.kind in NAMED:
        name = tuple(part.string.sval if part.string else "" for part in tree.defnames)
        _create_named(moment, tree.kind, name, lax=tree.if_not_exists)


def create_statistics(tree: CreateStatsStmt, moment: Moment) -> None:
    """CREATE STATISTICS."""
    for item in tree.relations:
        if item.range_var is not None:
            _, value = moment.relation(item.range_var.name)
            if is_absent(value):
                note_missing(moment, "relation", item.range_var.name, "42P01", item.range_var.location, value)
                return
    name = tuple(part.string.sval if part.string else "" for part in tree.defnames)
    if name:
        _create_named(moment, "OBJECT_STATISTIC_EXT", name, lax=tree.if_not_exists)


def create_publication(tree: CreatePublicationStmt, moment: Moment) -> None:
    """CREATE PUBLICATION."""
    _create_named(moment, "OBJECT_PUBLICATION", (tree.pubname,), lax=False)


def _create_named(moment: Moment, kind: str, name: tuple[str, ...], *, lax: bool) -> None:
    key = named_key(kind, name, moment)
    if len(name) > 1 and not schema_exists(moment, name[-2]):
        return
    old = moment.get(key)
    if is_present(old):
        if not lax:
            moment.object("exists", NAMED[kind], name, "42710", found=old)
    elif old is not UNKNOWN or not lax:
        moment.put(key, Named(moment.origin))


# --- Where names are looked for ---


def set_variable(tree: VariableSetStmt, moment: Moment) -> None:
    """SET and RESET: a search_path that stays makes names mean something else."""
    if moment.setting.keeps_session and not tree.is_local:
        _search_path(tree, moment)


def set_for_role(tree: AlterRoleSetStmt, moment: Moment) -> None:
    """ALTER ROLE ... SET."""
    _search_path(tree.setstmt, moment)


def set_for_database(tree: AlterDatabaseSetStmt, moment: Moment) -> None:
    """ALTER DATABASE ... SET."""
    _search_path(tree.setstmt, moment)


def _search_path(tree: VariableSetStmt, moment: Moment) -> None:
    if tree.name != "search_path" or not tree.kind.startswith("VAR_SET"):
        return
    schemas = [item.a_const.sval.sval for item in tree.args if item.a_const is not None and item.a_const.sval]
    said = tuple(name for name in schemas if name not in ("$user", "pg_catalog"))
    if said != moment.setting.search_path:
        moment.doubt_everything()


APPLY = (
    (CreateSchemaStmt, create_schema),
    (CreateExtensionStmt, create_extension),
    (AlterExtensionStmt, alter_extension),
    (CreateSeqStmt, create_sequence),
    (AlterSeqStmt, alter_sequence),
    (DefineStmt, define),
    (CreateStatsStmt, create_statistics),
    (CreatePublicationStmt, create_publication),
    (VariableSetStmt, set_variable),
    (AlterRoleSetStmt, set_for_role),
    (AlterDatabaseSetStmt, set_for_database),
)
