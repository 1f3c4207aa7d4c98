from __future__ import annotations

import inspect
from types import ModuleType

import msgspec
import pytest
from pglast import ast

from mig_lsp.core.sql import commands, nodes, parts
from mig_lsp.core.sql.commands import CopyStmt, InsertStmt, SelectStmt
from mig_lsp.core.sql.names import names_of, object_name, option, quoted
from mig_lsp.core.sql.nodes import (
    AlterTableStmt,
    CommentStmt,
    CreateEnumStmt,
    CreateStmt,
    CreateTrigStmt,
    DropStmt,
    GrantStmt,
    IndexStmt,
    RenameStmt,
)
from mig_lsp.core.sql.parts import Node, Part, name_of, node
from mig_lsp.core.sql.statement import Statement

_OWN = {"AConst": "A_Const", "AExpr": "A_Expr"}
_NOT_NODES = {"Part", "Node", "Name", "List"}
# The grammar's JSON has these as plain values, pglast's classes as something else.
_VALUES = {"String", "Integer", "Float", "Boolean", "AConst"}


def structs(module: ModuleType) -> list[tuple[str, type[Part]]]:
    return [
        (name, kind)
        for name, kind in vars(module).items()
        if inspect.isclass(kind) and issubclass(kind, Part) and kind.__module__ == module.__name__
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [pair for module in (parts, nodes, commands) for pair in structs(module) if pair[0] not in _NOT_NODES],
)
def test_fields_are_the_grammars(name: str, kind: type[Part]) -> None:
    real = getattr(ast, _OWN.get(name, name))
    fields = {field.encode_name for field in msgspec.structs.fields(kind)}
    known = fields if name in _VALUES else {slot.removesuffix("_") for slot in real.__slots__}
    assert set() == fields - known


def test_places_hold_the_grammars_kinds() -> None:
    kinds = {field.encode_name for field in msgspec.structs.fields(Node)} - {"List"}
    assert set() == {kind for kind in kinds if not hasattr(ast, kind)}


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("DROP TABLE IF EXISTS a.b, c", (("a", "b"), ("c",))),
        ("DROP FUNCTION f(int), s.g", (("f",), ("s", "g"))),
        ("DROP TRIGGER t ON s.u", (("s", "u", "t"),)),
        ("DROP POLICY p ON t", (("t", "p"),)),
        ("DROP TYPE s.mood", (("s", "mood"),)),
        ("DROP SCHEMA s", (("s",),)),
        ('DROP EXTENSION "uuid-ossp"', (("uuid-ossp",),)),
    ],
)
def test_what_is_dropped(sql: str, names: tuple[tuple[str, ...], ...]) -> None:
    tree = Statement(sql).tree(DropStmt)
    assert tree is not None
    assert names == tree.names


def test_a_table() -> None:
    statement = Statement(
        "CREATE TABLE é.t (id serial PRIMARY KEY, n numeric(10, 2)[] NOT NULL DEFAULT 3, f int REFERENCES o.p (id) "
        "ON DELETE CASCADE, CONSTRAINT u UNIQUE (id, n), LIKE x)"
    )
    tree = statement.tree(CreateStmt)
    assert tree is not None
    columns = [item.column_def for item in tree.table_elts if item.column_def]
    assert ["id", "n", "f"] == [column.colname for column in columns]
    assert [("serial",), ("pg_catalog", "numeric"), ("pg_catalog", "int4")] == [
        column.type_name.name for column in columns if column.type_name
    ]
    assert ["n", "f"] == [statement.text[statement.at(column.location) :][:1] for column in columns[1:]]
    foreign = columns[2].constraints[0].constraint
    assert foreign is not None and foreign.pktable is not None
    assert ("CONSTR_FOREIGN", ("o", "p"), ("id",), "c") == (
        *(foreign.contype, foreign.pktable.name, names_of(foreign.pk_attrs), foreign.fk_del_action),
    )
    unique = tree.table_elts[3].constraint
    assert unique is not None
    assert ("u", ("id", "n")) == (unique.conname, names_of(unique.keys))
    like = tree.table_elts[4].table_like_clause
    assert like is not None
    assert ("x",) == like.relation.name


def test_an_index() -> None:
    tree = Statement("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t USING gin (a, lower(b)) WHERE c").tree(
        IndexStmt
    )
    assert tree is not None
    assert ("i", ("s", "t"), "gin", ("a", "")) == (
        *(tree.idxname, tree.relation.name, tree.access_method, names_of(tree.index_params)),
    )
    assert (True, True, True) == (tree.unique, tree.concurrent, tree.if_not_exists)
    call = tree.index_params[1].index_elem
    assert call is not None
    function = node(call.expr).func_call
    assert function is not None and ("lower",) == function.name
    assert node(tree.where_clause).column_ref is not None


def test_actions_of_alter_table() -> None:
    tree = Statement(
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int, DROP CONSTRAINT k, ALTER b TYPE text USING b::text"
    ).tree(AlterTableStmt)
    assert tree is not None
    commands_ = [item.alter_table_cmd for item in tree.cmds if item.alter_table_cmd]
    assert [("AT_AddColumn", "", True), ("AT_DropConstraint", "k", False), ("AT_AlterColumnType", "b", False)] == [
        (command.subtype, command.name, command.missing_ok) for command in commands_
    ]
    changed = commands_[2].def_
    assert changed is not None and changed.column_def is not None
    cast = node(changed.column_def.raw_default).type_cast
    assert cast is not None
    assert ("b",) == name_of(node(cast.arg).column_ref.fields)  # type: ignore[union-attr]


def test_other_statements() -> None:
    enum = Statement("CREATE TYPE s.mood AS ENUM ('é', '😀')").tree(CreateEnumStmt)
    assert enum is not None
    assert (("s", "mood"), ("é", "😀")) == (name_of(enum.type_name), name_of(enum.vals))
    renamed = Statement("ALTER TABLE t RENAME COLUMN a TO b").tree(RenameStmt)
    assert renamed is not None and renamed.relation is not None
    assert ("OBJECT_COLUMN", ("t",), "a", "b") == (
        *(renamed.rename_type, renamed.relation.name, renamed.subname, renamed.newname),
    )
    comment = Statement("COMMENT ON COLUMN s.t.a IS 'x'").tree(CommentStmt)
    assert comment is not None and comment.object is not None
    assert (("s", "t", "a"), "x") == (object_name(comment.object), comment.comment)
    grant = Statement("GRANT SELECT ON s.t TO bob, PUBLIC").tree(GrantStmt)
    assert grant is not None
    assert [("s", "t")] == [object_name(item) for item in grant.objects]
    assert [("bob",), ("",)] == [object_name(item) for item in grant.grantees]
    trigger = Statement("CREATE TRIGGER t BEFORE UPDATE OF a ON u FOR EACH ROW EXECUTE FUNCTION s.f()").tree(
        CreateTrigStmt
    )
    assert trigger is not None
    assert (2, 16, True, ("s", "f"), ("a",)) == (
        *(trigger.timing, trigger.events, trigger.row, name_of(trigger.funcname), name_of(trigger.columns)),
    )


def test_rows() -> None:
    insert = Statement("INSERT INTO t (a, b) VALUES (1, 2), (3, DEFAULT) ON CONFLICT (a) DO UPDATE SET b = 1").tree(
        InsertStmt
    )
    assert insert is not None and insert.on_conflict_clause is not None and insert.on_conflict_clause.infer is not None
    assert (("a", "b"), ("a",)) == (names_of(insert.cols), names_of(insert.on_conflict_clause.infer.index_elems))
    select = Statement("SELECT 1 UNION SELECT 2").tree(SelectStmt)
    assert select is not None
    assert "SETOP_UNION" == select.op
    copy = Statement("COPY t (a) FROM STDIN (FORMAT csv)").tree(CopyStmt)
    assert copy is not None
    chosen = option(copy.options, "format")
    assert chosen is not None and chosen.arg is not None and chosen.arg.string is not None
    assert (True, ("a",), "csv") == (copy.is_from, name_of(copy.attlist), chosen.arg.string.sval)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (("users",), "users"),
        (("public", "User"), 'public."User"'),
        (("order",), '"order"'),
        (('a"b',), '"a""b"'),
        (("é",), '"é"'),
        (("",), '""'),
    ],
)
def test_names_are_quoted_where_they_have_to_be(name: tuple[str, ...], text: str) -> None:
    assert text == quoted(*name)
