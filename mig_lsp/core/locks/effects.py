"""Which facts about locks hold for a statement, as far as its text alone tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mig_lsp.core.locks.columns import added_column
from mig_lsp.core.locks.facts import Fact, fact
from mig_lsp.core.sql import commands, nodes
from mig_lsp.core.sql.names import object_name, option
from mig_lsp.core.sql.parse import decode
from mig_lsp.core.sql.parts import AlterTableCmd, Constraint, Node, Part, RangeVar, name_of
from mig_lsp.core.sql.statement import Statement

Name = tuple[str, ...]


class Effect(NamedTuple):
    """One fact about a statement.

    *table* is what the fact is about, in the words of the statement: a table, a view, or the index or domain whose
    table is not written. *others* are the tables that the fact's *other* lock is taken on. *item* is the column, the
    constraint or the like. *action* is the number of the action of ALTER TABLE, and None elsewhere.
    """

    fact: Fact
    table: Name
    others: tuple[Name, ...] = ()
    item: str = ""
    action: int | None = None


def effects(statement: Statement, version: int) -> tuple[Effect, ...]:
    """What *statement* does to relations in PostgreSQL *version*; nothing where it is not a statement of the table."""
    known = _READ.get(statement.kind)
    if known is None:
        return ()
    kind, read = known
    tree = statement.tree(kind)
    if tree is None:
        return ()
    return tuple(
        Effect(fact(found.statement, version), found.table, found.others, found.item, found.action)
        for found in read(statement, tree)
    )


class _Found(NamedTuple):
    statement: str
    table: Name
    others: tuple[Name, ...] = ()
    item: str = ""
    action: int | None = None


_All = Iterator[_Found]


def _create_index(_: Statement, tree: nodes.IndexStmt) -> _All:
    yield _Found("CREATE INDEX" + " CONCURRENTLY" * tree.concurrent, tree.relation.name, item=tree.idxname)


_REINDEX = {"REINDEX_OBJECT_TABLE": "REINDEX TABLE", "REINDEX_OBJECT_INDEX": "REINDEX INDEX"}


def _reindex(_: Statement, tree: commands.ReindexStmt) -> _All:
    if tree.relation is not None:
        concurrent = option(tree.params, "concurrently") is not None
        yield _Found("REINDEX CONCURRENTLY" if concurrent else _REINDEX[tree.kind], tree.relation.name)


def _create_table(_: Statement, tree: nodes.CreateStmt) -> _All:
    parent = "CREATE TABLE PARTITION OF" if tree.partbound else "CREATE TABLE INHERITS"
    for node in tree.inh_relations:
        if node.range_var is not None:
            yield _Found(parent, node.range_var.name)
    columns = [node.column_def.constraints for node in tree.table_elts if node.column_def]
    for node in (*tree.table_elts, *tree.constraints, *(each for column in columns for each in column)):
        table = node.constraint.pktable if node.constraint else None
        if table is not None and table.name != tree.relation.name:
            yield _Found("CREATE TABLE with REFERENCES", table.name)


_DROPPED = {
    "OBJECT_TABLE": "DROP TABLE",
    "OBJECT_INDEX": "DROP INDEX",
    "OBJECT_VIEW": "DROP VIEW",
    "OBJECT_MATVIEW": "DROP MATERIALIZED VIEW",
}
_DROPPED_FROM = {"OBJECT_TRIGGER": "DROP TRIGGER", "OBJECT_RULE": "DROP RULE", "OBJECT_POLICY": "DROP POLICY"}


def _drop(_: Statement, tree: nodes.DropStmt) -> _All:
    for name in tree.names:
        if tree.remove_type == "OBJECT_SCHEMA":
            yield _Found("DROP SCHEMA", name)
        elif tree.remove_type in _DROPPED:
            yield _Found(_DROPPED[tree.remove_type] + " CONCURRENTLY" * tree.concurrent, name)
        elif tree.remove_type in _DROPPED_FROM:
            yield _Found(_DROPPED_FROM[tree.remove_type], name[:-1], item=name[-1])


def _rename(_: Statement, tree: nodes.RenameStmt) -> _All:
    if tree.rename_type == "OBJECT_SCHEMA":
        yield _Found("RENAME SCHEMA", (tree.subname,))
    elif tree.relation is not None and tree.rename_type != "OBJECT_INDEX":
        yield _Found("RENAME", tree.relation.name, item=tree.subname)


def _set_schema(_: Statement, tree: nodes.AlterObjectSchemaStmt) -> _All:
    if tree.relation is not None:
        yield _Found("SET SCHEMA", tree.relation.name)


def _create_trigger(_: Statement, tree: nodes.CreateTrigStmt) -> _All:
    yield _Found("CREATE TRIGGER", tree.relation.name, item=tree.trigname)


def _create_rule(_: Statement, tree: nodes.RuleStmt) -> _All:
    yield _Found("CREATE RULE", tree.relation.name, item=tree.rulename)


def _create_policy(_: Statement, tree: nodes.CreatePolicyStmt) -> _All:
    yield _Found("CREATE POLICY", tree.table.name, item=tree.policy_name)


def _alter_policy(_: Statement, tree: nodes.AlterPolicyStmt) -> _All:
    yield _Found("ALTER POLICY", tree.table.name, item=tree.policy_name)


def _create_statistics(_: Statement, tree: nodes.CreateStatsStmt) -> _All:
    for node in tree.relations:
        if node.range_var is not None:
            yield _Found("CREATE STATISTICS", node.range_var.name)


def _comment(_: Statement, tree: nodes.CommentStmt) -> _All:
    name = object_name(tree.object) if tree.object else ()
    if tree.objtype == "OBJECT_TABLE":
        yield _Found("COMMENT", name)
    elif tree.objtype == "OBJECT_COLUMN" and len(name) > 1:
        yield _Found("COMMENT", name[:-1], item=name[-1])


def _create_view(_: Statement, tree: nodes.ViewStmt) -> _All:
    if tree.replace:
        yield _Found("CREATE OR REPLACE VIEW", tree.view.name)


def _refresh(_: Statement, tree: nodes.RefreshMatViewStmt) -> _All:
    yield _Found("REFRESH MATERIALIZED VIEW" + " CONCURRENTLY" * tree.concurrent, tree.relation.name)


def _truncate(_: Statement, tree: commands.TruncateStmt) -> _All:
    for node in tree.relations:
        if node.range_var is not None:
            yield _Found("TRUNCATE", node.range_var.name)


def _cluster(_: Statement, tree: commands.ClusterStmt) -> _All:
    if tree.relation is not None:
        yield _Found("CLUSTER", tree.relation.name)


def _vacuum(_: Statement, tree: commands.VacuumStmt) -> _All:
    said = "VACUUM FULL" if _is_full(tree.options) else "VACUUM" if tree.is_vacuumcmd else "ANALYZE"
    for raw in tree.rels:
        vacuumed = decode(raw, _Vacuumed).vacuum_relation
        if vacuumed is not None and vacuumed.relation is not None:
            yield _Found(said, vacuumed.relation.name)


def _alter_domain(_: Statement, tree: nodes.AlterDomainStmt) -> _All:
    name = name_of(tree.type_name)
    constraint = tree.def_.constraint if tree.def_ else None
    if tree.subtype == "C" and constraint is not None:
        later = " NOT VALID" if constraint.skip_validation else ""
        yield _Found(f"ALTER DOMAIN ADD CONSTRAINT{later}", name, item=constraint.conname)
    elif tree.subtype == "V":
        yield _Found("ALTER DOMAIN VALIDATE CONSTRAINT", name, item=tree.name)
    elif tree.subtype == "O":
        yield _Found("ALTER DOMAIN SET NOT NULL", name)


def _alter_enum(_: Statement, tree: nodes.AlterEnumStmt) -> _All:
    said = "ALTER TYPE RENAME VALUE" if tree.old_val else "ALTER TYPE ADD VALUE"
    yield _Found(said, name_of(tree.type_name), item=tree.old_val or tree.new_val)


def _insert(_: Statement, tree: commands.InsertStmt) -> _All:
    yield _Found("INSERT", tree.relation.name)


def _update(_: Statement, tree: commands.UpdateStmt) -> _All:
    yield _Found("UPDATE", tree.relation.name)


def _delete(_: Statement, tree: commands.DeleteStmt) -> _All:
    yield _Found("DELETE", tree.relation.name)


def _alter_table(_: Statement, tree: nodes.AlterTableStmt) -> _All:
    if tree.objtype != "OBJECT_TABLE":
        return
    for number, node in enumerate(tree.cmds):
        if node.alter_table_cmd is None:
            continue
        for found in _action(tree.relation.name, node.alter_table_cmd):
            yield found._replace(action=number)


def _action(table: Name, action: AlterTableCmd) -> _All:
    part = action.def_
    match action.subtype:
        case "AT_AddColumn" if part and part.column_def:
            column = part.column_def
            for said, others in added_column(column, table):
                yield _Found(said, table, tuple(others), column.colname)
        case "AT_AddConstraint" if part and part.constraint:
            yield from _added_constraint(table, part.constraint)
        case "AT_AttachPartition" if part and part.partition_cmd:
            yield _Found("ATTACH PARTITION", part.partition_cmd.name.name, (table,))
        case "AT_DetachPartition" if part and part.partition_cmd:
            said = "DETACH PARTITION" + " CONCURRENTLY" * part.partition_cmd.concurrent
            yield _Found(said, table, (part.partition_cmd.name.name,))
        case "AT_AddInherit" | "AT_DropInherit" if part and part.range_var:
            yield _Found(_ACTIONS[action.subtype], table, (part.range_var.name,))
        case subtype if subtype in _ACTIONS:
            yield _Found(_ACTIONS[subtype], table, item=action.name)


_ADDED = {
    "CONSTR_CHECK": "ADD CHECK",
    "CONSTR_NOTNULL": "ADD NOT NULL",
    "CONSTR_FOREIGN": "ADD FOREIGN KEY",
    "CONSTR_UNIQUE": "ADD UNIQUE",
    "CONSTR_PRIMARY": "ADD PRIMARY KEY",
    "CONSTR_EXCLUSION": "ADD EXCLUDE",
}


def _added_constraint(table: Name, constraint: Constraint) -> _All:
    said = _ADDED.get(constraint.contype)
    if said is None:
        return
    if constraint.skip_validation:
        said += " NOT VALID"
    elif constraint.indexname:
        said += " USING INDEX"
    # A table that refers to itself is locked once.
    other = constraint.pktable.name if constraint.pktable and constraint.pktable.name != table else None
    yield _Found(said, table, (other,) if other else (), constraint.conname)


_TRIGGER, _RULE = "ENABLE or DISABLE TRIGGER", "ENABLE or DISABLE RULE"
_ROW_SECURITY, _OPTIONS = "ENABLE or DISABLE ROW LEVEL SECURITY", "SET a table's options"
_ACTIONS = {
    "AT_ColumnDefault": "SET DEFAULT",
    "AT_AlterColumnType": "ALTER COLUMN TYPE",
    "AT_DropNotNull": "DROP NOT NULL",
    "AT_SetNotNull": "SET NOT NULL",
    "AT_SetExpression": "SET EXPRESSION",
    "AT_AddIdentity": "ADD GENERATED AS IDENTITY",
    "AT_SetStatistics": "SET STATISTICS",
    "AT_SetOptions": "SET a column's options",
    "AT_ResetOptions": "SET a column's options",
    "AT_SetStorage": "SET STORAGE",
    "AT_SetCompression": "SET COMPRESSION",
    "AT_DropColumn": "DROP COLUMN",
    "AT_AlterConstraint": "ALTER CONSTRAINT",
    "AT_ValidateConstraint": "VALIDATE CONSTRAINT",
    "AT_DropConstraint": "DROP CONSTRAINT",
    "AT_ChangeOwner": "OWNER TO",
    "AT_ClusterOn": "CLUSTER ON",
    "AT_DropCluster": "CLUSTER ON",
    "AT_SetLogged": "SET LOGGED",
    "AT_SetUnLogged": "SET UNLOGGED",
    "AT_SetTableSpace": "SET TABLESPACE",
    "AT_SetAccessMethod": "SET ACCESS METHOD",
    "AT_SetRelOptions": _OPTIONS,
    "AT_ResetRelOptions": _OPTIONS,
    "AT_AddInherit": "INHERIT",
    "AT_DropInherit": "NO INHERIT",
    "AT_ReplicaIdentity": "REPLICA IDENTITY",
    **dict.fromkeys((f"AT_{verb}Trig{who}" for verb in ("Enable", "Disable") for who in ("", "All", "User")), _TRIGGER),
    **dict.fromkeys(("AT_EnableAlwaysTrig", "AT_EnableReplicaTrig"), _TRIGGER),
    **dict.fromkeys(("AT_EnableRule", "AT_DisableRule", "AT_EnableAlwaysRule", "AT_EnableReplicaRule"), _RULE),
    **dict.fromkeys((f"AT_{verb}RowSecurity" for verb in ("Enable", "Disable", "Force", "NoForce")), _ROW_SECURITY),
}


class _Vacuum(Part):
    relation: RangeVar | None = None


class _Vacuumed(Part, rename={"vacuum_relation": "VacuumRelation"}):
    vacuum_relation: _Vacuum | None = None


def _is_full(options: Sequence[Node]) -> bool:
    found = option(options, "full")
    if found is None:
        return False
    said = found.arg.string.sval.lower() if found.arg and found.arg.string else "on"
    return said not in {"off", "false"} and not (found.arg and found.arg.integer and found.arg.integer.ival == 0)


_Read = Callable[[Statement, Any], _All]
_READ: Mapping[str, tuple[type[Any], _Read]] = {
    kind.__name__: (kind, read)
    for kind, read in (
        (nodes.AlterDomainStmt, _alter_domain),
        (nodes.AlterEnumStmt, _alter_enum),
        (nodes.AlterObjectSchemaStmt, _set_schema),
        (nodes.AlterPolicyStmt, _alter_policy),
        (nodes.AlterTableStmt, _alter_table),
        (nodes.CommentStmt, _comment),
        (nodes.CreatePolicyStmt, _create_policy),
        (nodes.CreateStatsStmt, _create_statistics),
        (nodes.CreateStmt, _create_table),
        (nodes.CreateTrigStmt, _create_trigger),
        (nodes.DropStmt, _drop),
        (nodes.IndexStmt, _create_index),
        (nodes.RefreshMatViewStmt, _refresh),
        (nodes.RenameStmt, _rename),
        (nodes.RuleStmt, _create_rule),
        (nodes.ViewStmt, _create_view),
        (commands.ClusterStmt, _cluster),
        (commands.DeleteStmt, _delete),
        (commands.InsertStmt, _insert),
        (commands.ReindexStmt, _reindex),
        (commands.TruncateStmt, _truncate),
        (commands.UpdateStmt, _update),
        (commands.VacuumStmt, _vacuum),
    )
}
