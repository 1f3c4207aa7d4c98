"""Which statements PostgreSQL refuses inside a transaction block, and which outside one, by their text alone.

What depends on the catalog (REINDEX or CLUSTER of a partitioned table, DROP SUBSCRIPTION with a slot) is not judged.
Messages are PostgreSQL's own; the facts hold for the versions 15 to 18.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from mig_lsp.core.sql.commands import (
    AlterDatabaseStmt,
    AlterSubscriptionStmt,
    ClusterStmt,
    CreateSubscriptionStmt,
    DeclareCursorStmt,
    DiscardStmt,
    ReindexStmt,
    TransactionStmt,
    VacuumStmt,
)
from mig_lsp.core.sql.names import option
from mig_lsp.core.sql.nodes import AlterTableStmt, DropStmt, IndexStmt
from mig_lsp.core.sql.parts import Node, name_of
from mig_lsp.core.sql.statement import Statement


class Need(NamedTuple):
    """A statement that is an error outside a transaction block.

    With *explicit*, the implicit block that PostgreSQL puts around several statements sent together does not count.
    """

    command: str
    explicit: bool

    @property
    def message(self) -> str:
        """What PostgreSQL says (SQLSTATE 25P01)."""
        return f"{self.command} can only be used in transaction blocks"


def needs_block(statement: Statement) -> Need | None:
    """Why *statement* is an error outside a transaction block; None when it is none for certain, or may be accepted."""
    read = _NEEDS.get(statement.kind)
    return read(statement) if read else None


def refused_in_block(statement: Statement) -> str | None:
    """The command, in PostgreSQL's words, that makes *statement* an error inside a transaction block; else None."""
    known = _REFUSED.get(statement.kind)
    return known(statement) if callable(known) else known


def refused_in_block_message(command: str) -> str:
    """What PostgreSQL says (SQLSTATE 25001) of a command that `refused_in_block` names."""
    return f"{command} cannot run inside a transaction block"


def block_after(statement: Statement, inside: bool) -> bool:
    """Whether an explicit transaction block is open after *statement* succeeded, when *inside* says so before it."""
    tree = statement.tree(TransactionStmt)
    if tree is None:
        return inside
    if tree.kind in {"TRANS_STMT_BEGIN", "TRANS_STMT_START"}:
        return True
    return inside and not (tree.kind in _ENDS and not tree.chain)


_ENDS = {"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE"}
_SAVEPOINTS = {
    "TRANS_STMT_SAVEPOINT": "SAVEPOINT",
    "TRANS_STMT_RELEASE": "RELEASE SAVEPOINT",
    "TRANS_STMT_ROLLBACK_TO": "ROLLBACK TO SAVEPOINT",
}
_CHAINS = {"TRANS_STMT_COMMIT": "COMMIT AND CHAIN", "TRANS_STMT_ROLLBACK": "ROLLBACK AND CHAIN"}
_PREPARED = {"TRANS_STMT_COMMIT_PREPARED": "COMMIT PREPARED", "TRANS_STMT_ROLLBACK_PREPARED": "ROLLBACK PREPARED"}
_REINDEX = {
    "REINDEX_OBJECT_SCHEMA": "REINDEX SCHEMA",
    "REINDEX_OBJECT_SYSTEM": "REINDEX SYSTEM",
    "REINDEX_OBJECT_DATABASE": "REINDEX DATABASE",
}


def _transaction_needs(statement: Statement) -> Need | None:
    tree = statement.tree(TransactionStmt)
    assert tree is not None
    command = _CHAINS.get(tree.kind) if tree.chain else _SAVEPOINTS.get(tree.kind)
    return Need(command, explicit=True) if command else None


def _cursor_needs(statement: Statement) -> Need | None:
    tree = statement.tree(DeclareCursorStmt)
    return Need("DECLARE CURSOR", explicit=False) if tree and not tree.holds else None


def _lock_needs(_statement: Statement) -> Need | None:
    return Need("LOCK TABLE", explicit=False)


_NEEDS: Mapping[str, Callable[[Statement], Need | None]] = {
    "TransactionStmt": _transaction_needs,
    "DeclareCursorStmt": _cursor_needs,
    "LockStmt": _lock_needs,
}


def _transaction(statement: Statement) -> str | None:
    tree = statement.tree(TransactionStmt)
    return _PREPARED.get(tree.kind) if tree else None


def _alter_database(statement: Statement) -> str | None:
    tree = statement.tree(AlterDatabaseStmt)
    return "ALTER DATABASE SET TABLESPACE" if tree and option(tree.options, "tablespace") else None


def _create_index(statement: Statement) -> str | None:
    tree = statement.tree(IndexStmt)
    return "CREATE INDEX CONCURRENTLY" if tree and tree.concurrent else None


def _drop(statement: Statement) -> str | None:
    tree = statement.tree(DropStmt)
    return "DROP INDEX CONCURRENTLY" if tree and tree.concurrent else None


def _reindex(statement: Statement) -> str | None:
    tree = statement.tree(ReindexStmt)
    if tree is None:
        return None
    if _is_on(tree.params, "concurrently"):
        return "REINDEX CONCURRENTLY"
    return _REINDEX.get(tree.kind)


def _vacuum(statement: Statement) -> str | None:
    tree = statement.tree(VacuumStmt)
    return "VACUUM" if tree and tree.is_vacuumcmd else None


def _cluster(statement: Statement) -> str | None:
    tree = statement.tree(ClusterStmt)
    return "CLUSTER" if tree and tree.relation is None else None


def _create_subscription(statement: Statement) -> str | None:
    tree = statement.tree(CreateSubscriptionStmt)
    if tree is None:
        return None
    slot = "create_slot" if option(tree.options, "create_slot") else "connect"
    with_slot = _is_on(tree.options, slot, default=True)
    return "CREATE SUBSCRIPTION ... WITH (create_slot = true)" if with_slot else None


def _alter_subscription(statement: Statement) -> str | None:
    tree = statement.tree(AlterSubscriptionStmt)
    if tree is None:
        return None
    if tree.kind == "ALTER_SUBSCRIPTION_REFRESH":
        return "ALTER SUBSCRIPTION ... REFRESH"
    if tree.kind.endswith("_PUBLICATION") and _is_on(tree.options, "refresh", default=True):
        return "ALTER SUBSCRIPTION with refresh"
    return None


def _alter_table(statement: Statement) -> str | None:
    tree = statement.tree(AlterTableStmt)
    actions = [each.alter_table_cmd for each in tree.cmds] if tree else []
    parts = [action.def_.partition_cmd for action in actions if action and action.def_]
    detaches = any(part and part.concurrent for part in parts)
    return "ALTER TABLE ... DETACH CONCURRENTLY" if detaches else None


def _discard(statement: Statement) -> str | None:
    tree = statement.tree(DiscardStmt)
    return "DISCARD ALL" if tree and tree.target == "DISCARD_ALL" else None


_REFUSED: Mapping[str, str | Callable[[Statement], str | None]] = {
    "TransactionStmt": _transaction,
    "CreatedbStmt": "CREATE DATABASE",
    "DropdbStmt": "DROP DATABASE",
    "AlterDatabaseStmt": _alter_database,
    "CreateTableSpaceStmt": "CREATE TABLESPACE",
    "DropTableSpaceStmt": "DROP TABLESPACE",
    "IndexStmt": _create_index,
    "DropStmt": _drop,
    "ReindexStmt": _reindex,
    "VacuumStmt": _vacuum,
    "ClusterStmt": _cluster,
    "AlterSystemStmt": "ALTER SYSTEM",
    "CreateSubscriptionStmt": _create_subscription,
    "AlterSubscriptionStmt": _alter_subscription,
    "AlterTableStmt": _alter_table,
    "DiscardStmt": _discard,
}


def _is_on(options: Sequence[Node], name: str, *, default: bool = False) -> bool:
    """What PostgreSQL's defGetBoolean says of the option, the last one where it stands twice; no value means true."""
    found = option(reversed(options), name)
    if found is None:
        return default
    value = found.arg
    if value is None:
        return True
    if value.integer is not None:
        return value.integer.ival != 0
    if value.boolean is not None:
        return value.boolean.boolval
    words = (value.string.sval,) if value.string else name_of(value.type_name.names) if value.type_name else ()
    return not words or words[-1].lower() not in {"false", "off"}
