"""The parts that statements of PostgreSQL's grammar are made of, as typed values, and how to read names off them.

Every class is named like the grammar's node and every field like the grammar's, in snake_case (`removeType` is
`remove_type`). Only what somebody reads is here, the rest of the JSON is skipped. Enumerations are the grammar's words
("OBJECT_TABLE"), locations are UTF-8 bytes from the start of the statement's code (`statement.at` converts them; -1 is
unknown). An absent name is "". Nodes that hold other statements and expressions keep them as `Raw`, so that no nesting
of a user's text is nested here; `node` reads on.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Raw

# The grammar's names that are not the snake_case ones of this module.
_CAMEL = """
    schemaElts accessMethod argType arrayBounds colNames fromClause groupClause havingClause indexElems
    indexIncludingParams indexParams inhRelations intoClause limitCount newVal newValIsAfter newValNeighbor
    objectType oldVal onConflictClause partParams relationType removeType renameType returnType returningClause
    selectStmt skipData skipIfNewValExists sourceRelation tableElts targetList typeName usingClause valuesLists
    whereClause withClause
"""
_FIELDS = {
    "".join("_" + char.lower() if char.isupper() else char for char in name): name for name in _CAMEL.split()
} | {"def_": "def", "of_typename": "ofTypename"}
_KINDS = {"list_": "List", "a_const": "A_Const", "a_star": "A_Star", "a_expr": "A_Expr", "float_": "Float"}
_NO_RAW = Raw()


def _field(name: str) -> str:
    return _FIELDS.get(name, name)


def _kind(name: str) -> str:
    return _KINDS.get(name) or "".join(word.capitalize() for word in name.split("_"))


class Part(msgspec.Struct, rename=_field, repr_omit_defaults=True):
    """What all nodes have in common: in JSON their fields have the grammar's names. Nobody changes one."""


class Alias(Part):
    """AS *aliasname*."""

    aliasname: str = ""


class RangeVar(Part):
    """The name of a table, view, sequence, index: *relpersistence* "t" for a temporary one, *inh* False behind ONLY."""

    relname: str
    schemaname: str = ""
    catalogname: str = ""
    inh: bool = False
    relpersistence: str = "p"
    alias: Alias | None = None
    location: int = 0

    @property
    def name(self) -> tuple[str, ...]:
        """The parts of the name that are written: ("public", "users") or ("users",)."""
        return tuple(part for part in (self.catalogname, self.schemaname, self.relname) if part)


class String(Part):
    """A name, a label or a string."""

    sval: str = ""


class Integer(Part):
    """A whole number."""

    ival: int = 0


class Float(Part):
    """Any other number, as written."""

    fval: str = ""


class Boolean(Part):
    """A truth value."""

    boolval: bool = False


class List(Part):
    """A list inside a list; an empty node stands for a missing item."""

    items: tuple[Node, ...] = ()


class Name(msgspec.Struct, rename=_kind, repr_omit_defaults=True):
    """A place where the grammar allows a name, or a star."""

    string: String | None = None
    a_star: dict[str, Raw] | None = None


class TypeName(Part):
    """A type. The grammar says "pg_catalog.int4" for `int`; *typmods* are its parentheses, *pct_type* is `%TYPE`."""

    names: tuple[Name, ...] = ()
    setof: bool = False
    pct_type: bool = False
    typmods: tuple[Node, ...] = ()
    array_bounds: tuple[Node, ...] = ()
    location: int = 0

    @property
    def name(self) -> tuple[str, ...]:
        """The parts of the type's name."""
        return name_of(self.names)


class FunctionParameter(Part):
    """A parameter of a routine; *mode* is "FUNC_PARAM_OUT", ..., and "FUNC_PARAM_DEFAULT" when none is written."""

    name: str = ""
    arg_type: TypeName | None = None
    mode: str = "FUNC_PARAM_DEFAULT"
    defexpr: Node | None = None
    location: int = 0


class ObjectWithArgs(Part):
    """A routine or operator and, unless *args_unspecified*, the types that tell it from others of its name."""

    objname: tuple[Name, ...] = ()
    objargs: tuple[Node, ...] = ()
    objfuncargs: tuple[Node, ...] = ()
    args_unspecified: bool = False

    @property
    def name(self) -> tuple[str, ...]:
        """The parts of the routine's name."""
        return name_of(self.objname)


class RoleSpec(Part):
    """A role; *rolename* is "" for PUBLIC, CURRENT_USER and the like, which *roletype* tells apart."""

    roletype: str = "ROLESPEC_CSTRING"
    rolename: str = ""
    location: int = 0


class AccessPriv(Part):
    """A privilege with its columns, or in GRANT role the role; "" stands for ALL."""

    priv_name: str = ""
    cols: tuple[Name, ...] = ()


class DefElem(Part):
    """An option: a name in lower case and its value."""

    defname: str = ""
    arg: Node | None = None
    defnamespace: str = ""
    location: int = 0


class ColumnRef(Part):
    """A column; the last of *fields* may be a star."""

    fields: tuple[Name, ...] = ()
    location: int = 0


class ParamRef(Part):
    """`$number`."""

    number: int = 0
    location: int = 0


class AConst(Part):
    """A constant; exactly one of the fields is there."""

    ival: Integer | None = None
    fval: Float | None = None
    sval: String | None = None
    boolval: Boolean | None = None
    isnull: bool = False
    location: int = 0


class AExpr(Part):
    """An operator and its operands; *kind* is "AEXPR_OP", "AEXPR_IN", "AEXPR_LIKE", ..."""

    kind: str = "AEXPR_OP"
    name: tuple[Name, ...] = ()
    lexpr: Raw = _NO_RAW
    rexpr: Raw = _NO_RAW
    location: int = 0


class FuncCall(Part):
    """A call of a function."""

    funcname: tuple[Name, ...] = ()
    args: tuple[Raw, ...] = ()
    location: int = 0

    @property
    def name(self) -> tuple[str, ...]:
        """The parts of the function's name."""
        return name_of(self.funcname)


class TypeCast(Part):
    """*arg* as a type; *location* is that of `::`, or of CAST."""

    arg: Raw = _NO_RAW
    type_name: TypeName | None = None
    location: int = 0


class ResTarget(Part):
    """A column of INSERT or UPDATE (*name*, and for UPDATE *val*), or an item of a SELECT (*val*, *name* its alias)."""

    name: str = ""
    val: Raw = _NO_RAW
    location: int = 0


class Constraint(Part, rename=str):
    """A constraint of a column or table: *contype* is "CONSTR_PRIMARY", "CONSTR_FOREIGN", "CONSTR_DEFAULT", ...

    The actions of foreign keys are letters: "a" no action, "r" restrict, "c" cascade, "n" set null, "d" set default.
    """

    contype: str
    conname: str = ""
    deferrable: bool = False
    initdeferred: bool = False
    skip_validation: bool = False
    is_no_inherit: bool = False
    raw_expr: Raw = _NO_RAW
    generated_when: str = ""
    generated_kind: str = ""
    nulls_not_distinct: bool = False
    keys: tuple[Name, ...] = ()
    including: tuple[Name, ...] = ()
    exclusions: tuple[Node, ...] = ()
    options: tuple[Node, ...] = ()
    indexname: str = ""
    access_method: str = ""
    where_clause: Raw = _NO_RAW
    pktable: RangeVar | None = None
    fk_attrs: tuple[Name, ...] = ()
    pk_attrs: tuple[Name, ...] = ()
    fk_upd_action: str = ""
    fk_del_action: str = ""
    location: int = 0


class ColumnDef(Part):
    """A column of CREATE TABLE or ADD COLUMN; of ALTER COLUMN TYPE the new type, with USING as *raw_default*."""

    colname: str = ""
    type_name: TypeName | None = None
    raw_default: Raw = _NO_RAW
    constraints: tuple[Node, ...] = ()
    location: int = 0


class TableLikeClause(Part):
    """LIKE table; *options* are INCLUDING's bits: 4 constraints, 8 defaults, 16 generated, 32 identity, 64 indexes."""

    relation: RangeVar
    options: int = 0


class IndexElem(Part):
    """A column or an expression of an index."""

    name: str = ""
    expr: Raw = _NO_RAW
    collation: tuple[Name, ...] = ()
    opclass: tuple[Name, ...] = ()
    ordering: str = "SORTBY_DEFAULT"
    nulls_ordering: str = "SORTBY_NULLS_DEFAULT"


class PartitionBoundSpec(Part):
    """FOR VALUES ... of a partition: *strategy* "l", "r" or "h"."""

    strategy: str = ""
    is_default: bool = False
    location: int = 0


class PartitionElem(Part):
    """A column or expression of a partition key."""

    name: str = ""
    expr: Raw = _NO_RAW
    location: int = 0


class PartitionSpec(Part):
    """PARTITION BY."""

    strategy: str = ""
    part_params: tuple[Node, ...] = ()
    location: int = 0


class PartitionCmd(Part):
    """The partition that is attached or detached."""

    name: RangeVar
    bound: PartitionBoundSpec | None = None
    concurrent: bool = False


class ReplicaIdentityStmt(Part):
    """REPLICA IDENTITY: "n" nothing, "f" full, "d" default, "i" the index *name*."""

    identity_type: str = ""
    name: str = ""


class IntoClause(Part):
    """The table or materialized view that a query makes."""

    rel: RangeVar
    col_names: tuple[Name, ...] = ()
    skip_data: bool = False


class AlterTableCmd(Part):
    """One action of ALTER TABLE: *subtype* "AT_AddColumn", ...; *name* is the column, constraint or trigger meant."""

    subtype: str
    name: str = ""
    def_: Node | None = None
    newowner: RoleSpec | None = None
    behavior: str = "DROP_RESTRICT"
    missing_ok: bool = False


class Node(msgspec.Struct, rename=_kind, repr_omit_defaults=True):
    """A place where the grammar allows several kinds of node: the one that stands there is not None.

    All are None where a kind stands that nobody reads.
    """

    string: String | None = None
    integer: Integer | None = None
    float_: Float | None = None
    boolean: Boolean | None = None
    list_: List | None = None
    range_var: RangeVar | None = None
    type_name: TypeName | None = None
    object_with_args: ObjectWithArgs | None = None
    function_parameter: FunctionParameter | None = None
    role_spec: RoleSpec | None = None
    access_priv: AccessPriv | None = None
    def_elem: DefElem | None = None
    column_def: ColumnDef | None = None
    constraint: Constraint | None = None
    table_like_clause: TableLikeClause | None = None
    index_elem: IndexElem | None = None
    partition_elem: PartitionElem | None = None
    partition_cmd: PartitionCmd | None = None
    replica_identity_stmt: ReplicaIdentityStmt | None = None
    alter_table_cmd: AlterTableCmd | None = None
    column_ref: ColumnRef | None = None
    param_ref: ParamRef | None = None
    a_const: AConst | None = None
    a_expr: AExpr | None = None
    a_star: dict[str, Raw] | None = None
    func_call: FuncCall | None = None
    type_cast: TypeCast | None = None
    res_target: ResTarget | None = None
    set_to_default: dict[str, Raw] | None = None


_decode_node = msgspec.json.Decoder(Node).decode
_NO_NODE = Node()


def node(raw: Raw) -> Node:
    """The node that a `Raw` field holds; without anything in it where the field is absent."""
    return _decode_node(raw) if raw else _NO_NODE


def name_of(parts: Iterable[Name | Node]) -> tuple[str, ...]:
    """A qualified name that the grammar gives as a list of strings; a star is "*"."""
    return tuple("*" if part.a_star is not None else part.string.sval if part.string else "" for part in parts)
