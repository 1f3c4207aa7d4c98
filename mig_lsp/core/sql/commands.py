"""The statements of PostgreSQL's grammar that read and write rows, steer sessions and run a server, as typed values.

Like `mig_lsp.core.sql.nodes`, which has the statements that define the objects of a database.
"""

from __future__ import annotations

from msgspec import Raw

from mig_lsp.core.sql.parts import Alias, FuncCall, Name, Node, Part, RangeVar, RoleSpec

_NO_RAW = Raw()


# --- Rows ---


class WithClause(Part):
    """WITH."""

    ctes: tuple[Raw, ...] = ()
    recursive: bool = False


class CommonTableExpr(Part):
    """One query of WITH."""

    ctename: str = ""
    ctequery: Raw = _NO_RAW
    location: int = 0


class SelectStmt(Part):
    """SELECT, VALUES (*values_lists*), and UNION and the like of *larg* and *rarg*."""

    target_list: tuple[Node, ...] = ()
    from_clause: tuple[Raw, ...] = ()
    where_clause: Raw = _NO_RAW
    group_clause: tuple[Raw, ...] = ()
    having_clause: Raw = _NO_RAW
    values_lists: tuple[Raw, ...] = ()
    with_clause: WithClause | None = None
    into_clause: Raw = _NO_RAW
    limit_count: Raw = _NO_RAW
    op: str = "SETOP_NONE"
    larg: Raw = _NO_RAW
    rarg: Raw = _NO_RAW


class RangeSubselect(Part):
    """A query in FROM."""

    subquery: Raw = _NO_RAW
    alias: Alias | None = None


class JoinExpr(Part):
    """Two sources of FROM that are joined."""

    larg: Raw = _NO_RAW
    rarg: Raw = _NO_RAW


class InferClause(Part):
    """What ON CONFLICT is about: columns, or the constraint *conname*."""

    index_elems: tuple[Node, ...] = ()
    where_clause: Node | None = None
    conname: str = ""
    location: int = 0


class OnConflictClause(Part):
    """ON CONFLICT; *infer* is None where no target is named."""

    action: str = "ONCONFLICT_NOTHING"
    infer: InferClause | None = None
    target_list: tuple[Node, ...] = ()
    where_clause: Node | None = None
    location: int = 0


class InsertStmt(Part):
    """INSERT; *cols* are res_target nodes, *select_stmt* is the node of a SelectStmt, absent for DEFAULT VALUES."""

    relation: RangeVar
    cols: tuple[Node, ...] = ()
    select_stmt: Raw = _NO_RAW
    on_conflict_clause: OnConflictClause | None = None
    with_clause: WithClause | None = None
    returning_clause: Raw = _NO_RAW
    override: str = "OVERRIDING_NOT_SET"


class UpdateStmt(Part):
    """UPDATE; *target_list* are res_target nodes."""

    relation: RangeVar
    target_list: tuple[Node, ...] = ()
    where_clause: Raw = _NO_RAW
    from_clause: tuple[Raw, ...] = ()
    with_clause: WithClause | None = None


class DeleteStmt(Part):
    """DELETE."""

    relation: RangeVar
    using_clause: tuple[Raw, ...] = ()
    where_clause: Raw = _NO_RAW
    with_clause: WithClause | None = None


class MergeStmt(Part):
    """MERGE."""

    relation: RangeVar
    source_relation: Raw = _NO_RAW
    with_clause: WithClause | None = None


class TruncateStmt(Part):
    """TRUNCATE."""

    relations: tuple[Node, ...] = ()
    restart_seqs: bool = False
    behavior: str = "DROP_RESTRICT"


class CopyStmt(Part):
    """COPY; without a *filename* it reads what the client sends, or sends to it."""

    relation: RangeVar | None = None
    query: Raw = _NO_RAW
    attlist: tuple[Name, ...] = ()
    is_from: bool = False
    is_program: bool = False
    filename: str = ""
    options: tuple[Node, ...] = ()


# --- Sessions and transactions ---


class TransactionStmt(Part):
    """BEGIN, COMMIT and the like: *kind* "TRANS_STMT_BEGIN", "TRANS_STMT_ROLLBACK_TO", ..."""

    kind: str
    savepoint_name: str = ""
    gid: str = ""
    chain: bool = False


class VariableSetStmt(Part):
    """SET and RESET: *kind* "VAR_SET_VALUE", "VAR_SET_MULTI" (SET TRANSACTION), "VAR_RESET", "VAR_RESET_ALL", ..."""

    kind: str
    name: str = ""
    args: tuple[Node, ...] = ()
    is_local: bool = False


class VariableShowStmt(Part):
    """SHOW."""

    name: str = ""


class ConstraintsSetStmt(Part):
    """SET CONSTRAINTS; no *constraints* means ALL."""

    constraints: tuple[Node, ...] = ()
    deferred: bool = False


class DiscardStmt(Part):
    """DISCARD: *target* "DISCARD_ALL", "DISCARD_PLANS", ..."""

    target: str = "DISCARD_ALL"


class LockStmt(Part):
    """LOCK TABLE; *mode* from 1 (ACCESS SHARE) to 8 (ACCESS EXCLUSIVE)."""

    relations: tuple[Node, ...] = ()
    mode: int = 8
    nowait: bool = False


class PrepareStmt(Part):
    """PREPARE."""

    name: str
    query: Raw = _NO_RAW


class ExecuteStmt(Part):
    """EXECUTE of a prepared statement."""

    name: str


class DeallocateStmt(Part):
    """DEALLOCATE; "" is ALL."""

    name: str = ""


class DeclareCursorStmt(Part):
    """DECLARE CURSOR; `holds` tells whether it outlives its transaction."""

    portalname: str
    options: int = 0

    @property
    def holds(self) -> bool:
        """Whether WITH HOLD is said."""
        return bool(self.options & 0x20)


class ListenStmt(Part):
    """LISTEN."""

    conditionname: str


class UnlistenStmt(Part):
    """UNLISTEN; "" is `*`."""

    conditionname: str = ""


class NotifyStmt(Part):
    """NOTIFY."""

    conditionname: str
    payload: str = ""


class DoStmt(Part):
    """DO; the body is option "as"."""

    args: tuple[Node, ...] = ()


class CallStmt(Part):
    """CALL."""

    funccall: FuncCall


class ExplainStmt(Part):
    """EXPLAIN."""

    query: Raw = _NO_RAW
    options: tuple[Node, ...] = ()


# --- Maintenance ---


class VacuumStmt(Part):
    """VACUUM, and ANALYZE without *is_vacuumcmd*; *rels* are VacuumRelation nodes."""

    options: tuple[Node, ...] = ()
    rels: tuple[Raw, ...] = ()
    is_vacuumcmd: bool = False


class ReindexStmt(Part):
    """REINDEX: *kind* "REINDEX_OBJECT_INDEX", "..._TABLE", "..._SCHEMA", ...; option "concurrently" is in *params*."""

    kind: str
    relation: RangeVar | None = None
    name: str = ""
    params: tuple[Node, ...] = ()


class ClusterStmt(Part):
    """CLUSTER; without a *relation* it is all tables that were clustered before."""

    relation: RangeVar | None = None
    indexname: str = ""


class AlterSystemStmt(Part):
    """ALTER SYSTEM."""

    setstmt: VariableSetStmt


class AlterRoleSetStmt(Part):
    """ALTER ROLE ... SET; *role* is absent for ALL."""

    setstmt: VariableSetStmt
    database: str = ""


class AlterDatabaseSetStmt(Part):
    """ALTER DATABASE ... SET."""

    dbname: str
    setstmt: VariableSetStmt


# --- Roles, databases, replication ---


class CreateRoleStmt(Part):
    """CREATE ROLE, USER and GROUP."""

    role: str
    stmt_type: str = "ROLESTMT_ROLE"
    options: tuple[Node, ...] = ()


class AlterRoleStmt(Part):
    """ALTER ROLE ... WITH, ALTER GROUP."""

    role: RoleSpec
    options: tuple[Node, ...] = ()


class DropRoleStmt(Part):
    """DROP ROLE, USER and GROUP."""

    roles: tuple[Node, ...] = ()
    missing_ok: bool = False


class CreatedbStmt(Part):
    """CREATE DATABASE."""

    dbname: str
    options: tuple[Node, ...] = ()


class AlterDatabaseStmt(Part):
    """ALTER DATABASE ... with options; option "tablespace" is SET TABLESPACE."""

    dbname: str
    options: tuple[Node, ...] = ()


class DropdbStmt(Part):
    """DROP DATABASE."""

    dbname: str
    missing_ok: bool = False


class CreateTableSpaceStmt(Part):
    """CREATE TABLESPACE."""

    tablespacename: str


class DropTableSpaceStmt(Part):
    """DROP TABLESPACE."""

    tablespacename: str
    missing_ok: bool = False


class CreatePublicationStmt(Part):
    """CREATE PUBLICATION."""

    pubname: str


class CreateSubscriptionStmt(Part):
    """CREATE SUBSCRIPTION."""

    subname: str
    options: tuple[Node, ...] = ()


class AlterSubscriptionStmt(Part):
    """ALTER SUBSCRIPTION: *kind* "ALTER_SUBSCRIPTION_REFRESH", ..."""

    subname: str
    kind: str = "ALTER_SUBSCRIPTION_OPTIONS"
    options: tuple[Node, ...] = ()


class DropSubscriptionStmt(Part):
    """DROP SUBSCRIPTION."""

    subname: str
    missing_ok: bool = False
