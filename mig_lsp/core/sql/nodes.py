"""The statements of PostgreSQL's grammar that rules read, as typed values: `statement.tree(IndexStmt)`.

Every class is named like the grammar's node; `mig_lsp.core.sql.parts` says how fields are named and has what they are
made of. This module has what defines, changes and drops objects of a database, `mig_lsp.core.sql.commands` the rest.
"""

from __future__ import annotations

from msgspec import Raw

from mig_lsp.core.sql.names import object_name
from mig_lsp.core.sql.parts import (
    IntoClause,
    Name,
    Node,
    ObjectWithArgs,
    Part,
    PartitionBoundSpec,
    PartitionSpec,
    RangeVar,
    RoleSpec,
    TypeName,
)

_NO_RAW = Raw()


class CreateStmt(Part):
    """CREATE TABLE; *table_elts* are column_def, constraint and table_like_clause nodes."""

    relation: RangeVar
    table_elts: tuple[Node, ...] = ()
    inh_relations: tuple[Node, ...] = ()
    partbound: PartitionBoundSpec | None = None
    partspec: PartitionSpec | None = None
    of_typename: TypeName | None = None
    constraints: tuple[Node, ...] = ()
    options: tuple[Node, ...] = ()
    oncommit: str = "ONCOMMIT_NOOP"
    if_not_exists: bool = False


class CreateForeignTableStmt(Part):
    """CREATE FOREIGN TABLE."""

    base: CreateStmt
    servername: str = ""


class CreateTableAsStmt(Part):
    """CREATE TABLE AS and CREATE MATERIALIZED VIEW ("OBJECT_MATVIEW"), and SELECT INTO with *is_select_into*."""

    query: Raw
    into: IntoClause
    objtype: str = "OBJECT_TABLE"
    is_select_into: bool = False
    if_not_exists: bool = False


class RefreshMatViewStmt(Part):
    """REFRESH MATERIALIZED VIEW."""

    relation: RangeVar
    concurrent: bool = False
    skip_data: bool = False


class ViewStmt(Part):
    """CREATE VIEW."""

    view: RangeVar
    query: Raw
    aliases: tuple[Name, ...] = ()
    replace: bool = False


class IndexStmt(Part):
    """CREATE INDEX; *idxname* is "" when PostgreSQL is to choose it."""

    relation: RangeVar
    idxname: str = ""
    access_method: str = "btree"
    index_params: tuple[Node, ...] = ()
    index_including_params: tuple[Node, ...] = ()
    options: tuple[Node, ...] = ()
    where_clause: Raw = _NO_RAW
    unique: bool = False
    nulls_not_distinct: bool = False
    concurrent: bool = False
    if_not_exists: bool = False


class CreateSeqStmt(Part):
    """CREATE SEQUENCE."""

    sequence: RangeVar
    options: tuple[Node, ...] = ()
    if_not_exists: bool = False


class AlterSeqStmt(Part):
    """ALTER SEQUENCE."""

    sequence: RangeVar
    options: tuple[Node, ...] = ()
    missing_ok: bool = False


class AlterTableStmt(Part):
    """ALTER TABLE, and of "OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_TYPE", ...; *cmds* are alter_table_cmd nodes."""

    relation: RangeVar
    cmds: tuple[Node, ...] = ()
    objtype: str = "OBJECT_TABLE"
    missing_ok: bool = False


# --- Types and domains ---


class CreateEnumStmt(Part):
    """CREATE TYPE ... AS ENUM; *vals* are the labels."""

    type_name: tuple[Name, ...] = ()
    vals: tuple[Name, ...] = ()


class AlterEnumStmt(Part):
    """ALTER TYPE ... ADD VALUE *new_val*; RENAME VALUE where *old_val* is not ""."""

    type_name: tuple[Name, ...] = ()
    old_val: str = ""
    new_val: str = ""
    new_val_neighbor: str = ""
    new_val_is_after: bool = False
    skip_if_new_val_exists: bool = False


class CompositeTypeStmt(Part):
    """CREATE TYPE ... AS (...)."""

    typevar: RangeVar
    coldeflist: tuple[Node, ...] = ()


class CreateRangeStmt(Part):
    """CREATE TYPE ... AS RANGE."""

    type_name: tuple[Name, ...] = ()
    params: tuple[Node, ...] = ()


class DefineStmt(Part):
    """CREATE TYPE without AS, AGGREGATE, OPERATOR, COLLATION and the text search objects, told apart by *kind*."""

    kind: str = ""
    defnames: tuple[Name, ...] = ()
    args: tuple[Node, ...] = ()
    definition: tuple[Node, ...] = ()
    if_not_exists: bool = False
    replace: bool = False


class CreateDomainStmt(Part):
    """CREATE DOMAIN."""

    domainname: tuple[Name, ...] = ()
    type_name: TypeName | None = None
    constraints: tuple[Node, ...] = ()


class AlterDomainStmt(Part):
    """ALTER DOMAIN: *subtype* "T" default, "N"/"O" drop/set not null, "C"/"X"/"V" add/drop/validate constraint."""

    subtype: str = ""
    type_name: tuple[Name, ...] = ()
    name: str = ""
    def_: Node | None = None
    behavior: str = "DROP_RESTRICT"
    missing_ok: bool = False


# --- Routines, triggers, rules, policies ---


class CreateFunctionStmt(Part):
    """CREATE FUNCTION, CREATE PROCEDURE; the body is option "as", or *sql_body* for BEGIN ATOMIC and RETURN."""

    funcname: tuple[Name, ...] = ()
    is_procedure: bool = False
    replace: bool = False
    parameters: tuple[Node, ...] = ()
    return_type: TypeName | None = None
    options: tuple[Node, ...] = ()
    sql_body: Raw = _NO_RAW


class AlterFunctionStmt(Part):
    """ALTER FUNCTION ... with other than OWNER, RENAME and SET SCHEMA."""

    func: ObjectWithArgs
    objtype: str = "OBJECT_FUNCTION"
    actions: tuple[Node, ...] = ()


class CreateTrigStmt(Part):
    """CREATE TRIGGER: *timing* 2 before, 0 after, 64 instead; *events* 4 insert, 8 delete, 16 update, 32 truncate."""

    trigname: str
    relation: RangeVar
    funcname: tuple[Name, ...] = ()
    replace: bool = False
    isconstraint: bool = False
    row: bool = False
    timing: int = 0
    events: int = 0
    columns: tuple[Name, ...] = ()


class CreateEventTrigStmt(Part):
    """CREATE EVENT TRIGGER."""

    trigname: str
    eventname: str = ""
    funcname: tuple[Name, ...] = ()


class RuleStmt(Part):
    """CREATE RULE."""

    rulename: str
    relation: RangeVar
    event: str = ""
    instead: bool = False
    replace: bool = False
    actions: tuple[Raw, ...] = ()


class CreatePolicyStmt(Part):
    """CREATE POLICY."""

    policy_name: str
    table: RangeVar
    cmd_name: str = "all"
    permissive: bool = False
    roles: tuple[Node, ...] = ()
    qual: Node | None = None
    with_check: Node | None = None


class AlterPolicyStmt(Part):
    """ALTER POLICY with other than RENAME."""

    policy_name: str
    table: RangeVar
    roles: tuple[Node, ...] = ()
    qual: Node | None = None
    with_check: Node | None = None


class CreateStatsStmt(Part):
    """CREATE STATISTICS."""

    defnames: tuple[Name, ...] = ()
    relations: tuple[Node, ...] = ()
    if_not_exists: bool = False


# --- Schemas and extensions ---


class CreateSchemaStmt(Part):
    """CREATE SCHEMA; without a name it is called like the role. *schema_elts* are the statements inside it."""

    schemaname: str = ""
    authrole: RoleSpec | None = None
    schema_elts: tuple[Raw, ...] = ()
    if_not_exists: bool = False


class CreateExtensionStmt(Part):
    """CREATE EXTENSION."""

    extname: str
    options: tuple[Node, ...] = ()
    if_not_exists: bool = False


class AlterExtensionStmt(Part):
    """ALTER EXTENSION ... UPDATE."""

    extname: str
    options: tuple[Node, ...] = ()


# --- Any object ---


class DropStmt(Part):
    """DROP of nearly everything; `names` are the objects'."""

    remove_type: str
    objects: tuple[Node, ...] = ()
    behavior: str = "DROP_RESTRICT"
    missing_ok: bool = False
    concurrent: bool = False

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """The qualified name of each object; of a trigger, policy or rule the table's name comes first."""
        return tuple(object_name(item) for item in self.objects)


class DropOwnedStmt(Part):
    """DROP OWNED BY."""

    roles: tuple[Node, ...] = ()
    behavior: str = "DROP_RESTRICT"


class ReassignOwnedStmt(Part):
    """REASSIGN OWNED BY."""

    roles: tuple[Node, ...] = ()
    newrole: RoleSpec | None = None


class RenameStmt(Part):
    """RENAME of "OBJECT_TABLE", "OBJECT_COLUMN", ...

    *relation* is the table of a column, constraint, trigger, policy or rule, whose name is *subname*; for tables,
    indexes, views and sequences it is the renamed object itself, for others *object* is. A schema has only *subname*.
    """

    rename_type: str
    relation_type: str = ""
    relation: RangeVar | None = None
    object: Node | None = None
    subname: str = ""
    newname: str = ""
    behavior: str = "DROP_RESTRICT"
    missing_ok: bool = False


class AlterObjectSchemaStmt(Part):
    """SET SCHEMA."""

    object_type: str
    relation: RangeVar | None = None
    object: Node | None = None
    newschema: str = ""
    missing_ok: bool = False


class AlterOwnerStmt(Part):
    """OWNER TO, where it is not an action of ALTER TABLE."""

    object_type: str
    relation: RangeVar | None = None
    object: Node | None = None
    newowner: RoleSpec | None = None


class CommentStmt(Part):
    """COMMENT ON; *comment* is "" where the comment is removed. `object_name(object)` is what it is on."""

    objtype: str
    object: Node | None = None
    comment: str = ""


class GrantStmt(Part):
    """GRANT and, without *is_grant*, REVOKE, of privileges on objects; no *privileges* means ALL."""

    is_grant: bool = False
    targtype: str = "ACL_TARGET_OBJECT"
    objtype: str = ""
    objects: tuple[Node, ...] = ()
    privileges: tuple[Node, ...] = ()
    grantees: tuple[Node, ...] = ()
    grant_option: bool = False
    behavior: str = "DROP_RESTRICT"


class GrantRoleStmt(Part):
    """GRANT and REVOKE of roles."""

    is_grant: bool = False
    granted_roles: tuple[Node, ...] = ()
    grantee_roles: tuple[Node, ...] = ()
    behavior: str = "DROP_RESTRICT"


class AlterDefaultPrivilegesStmt(Part):
    """ALTER DEFAULT PRIVILEGES."""

    action: GrantStmt
    options: tuple[Node, ...] = ()
