"""What stops a file that runs again from its first statement: what later statements took from earlier ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mig_lsp.core.sql import nodes
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.statement import Statement


class Obstacles(NamedTuple):
    """By number of the statement: why it fails when it runs again, and which tables are gone by then.

    An ALTER TABLE of such a table needs IF EXISTS.
    """

    problems: dict[int, str]
    vanishing: dict[int, frozenset[str]]


def obstacles(statements: Sequence[Statement]) -> Obstacles:
    """The obstacles among *statements*; the last one is in nobody's way, because behind it the file is done."""
    found = Obstacles({}, {})
    last = max((number for number, item in enumerate(statements) if not item.blank), default=0)
    losses = [(number, loss) for number, item in enumerate(statements[:last]) for loss in _losses(item)]
    if losses:
        made = [set(_made(item)) for item in statements]
        for at, loss in losses:
            _before_loss(statements[:at], made, loss, found)
    for number, item in enumerate(statements[:last]):
        for thing in _retyped(item):
            _behind_retyping(statements, number, last, thing, found)
    return found


class _Thing(NamedTuple):
    """A table or view, or one of its columns; names are the last parts of what is written."""

    table: str
    column: str = ""


_RELATIONS = {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE"}


def _losses(item: Statement) -> Iterator[_Thing]:
    """What is no longer there under its name when *item* has run."""
    drop = item.tree(nodes.DropStmt)
    if drop is not None and drop.remove_type in _RELATIONS:
        yield from (_Thing(name[-1]) for name in drop.names if name)
    rename = item.tree(nodes.RenameStmt)
    if rename is not None and rename.relation is not None:
        if rename.rename_type in _RELATIONS:
            yield _Thing(rename.relation.relname)
        elif rename.rename_type == "OBJECT_COLUMN":
            yield _Thing(rename.relation.relname, rename.subname)
    moved = item.tree(nodes.AlterObjectSchemaStmt)
    if moved is not None and moved.relation is not None and moved.relation.schemaname != moved.newschema:
        yield _Thing(moved.relation.relname)
    table = item.tree(nodes.AlterTableStmt)
    for node in table.cmds if table else ():
        if table and node.alter_table_cmd and node.alter_table_cmd.subtype == "AT_DropColumn":
            yield _Thing(table.relation.relname, node.alter_table_cmd.name)


def _made(item: Statement) -> Iterator[_Thing]:
    """What is there again when *item* runs a second time."""
    for made in (item.tree(nodes.CreateStmt), item.tree(nodes.ViewStmt), item.tree(nodes.CreateTableAsStmt)):
        match made:
            case nodes.CreateStmt(relation=relation):
                yield _Thing(relation.relname)
            case nodes.ViewStmt(view=relation):
                yield _Thing(relation.relname)
            case nodes.CreateTableAsStmt(into=into):
                yield _Thing(into.rel.relname)
    sequence = item.tree(nodes.CreateSeqStmt)
    if sequence is not None:
        yield _Thing(sequence.sequence.relname)
    table = item.tree(nodes.AlterTableStmt)
    for node in table.cmds if table else ():
        part = node.alter_table_cmd.def_ if node.alter_table_cmd else None
        if (
            table
            and part
            and part.column_def
            and node.alter_table_cmd
            and node.alter_table_cmd.subtype == "AT_AddColumn"
        ):
            yield _Thing(table.relation.relname, part.column_def.colname)


def _before_loss(earlier: Sequence[Statement], made: list[set[_Thing]], loss: _Thing, found: Obstacles) -> None:
    what = f"{loss.table}.{loss.column}" if loss.column else loss.table
    for number, item in enumerate(earlier):
        if loss in made[number]:
            return  # from here on it is there whenever the file runs
        words = _words(item)
        if loss.table not in words or (loss.column and loss.column not in words) or _is_harmless(item, loss):
            continue
        table = item.tree(nodes.AlterTableStmt)
        if table is not None and not loss.column and table.relation.relname == loss.table:
            found.vanishing[number] = found.vanishing.get(number, frozenset()) | {loss.table}
            continue
        found.problems.setdefault(
            number, f"it fails when it runs a second time, because a later statement takes {what} away"
        )


def _is_harmless(item: Statement, loss: _Thing) -> bool:
    """Whether *item* does not mind that the thing is gone: it drops with IF EXISTS, or moves a table with it."""
    if item.kind == "DropStmt":
        return True
    rename = item.tree(nodes.RenameStmt)
    if rename is not None:
        return rename.rename_type in _RELATIONS
    table = item.tree(nodes.AlterTableStmt)
    if table is None or not loss.column:
        return item.kind == "AlterObjectSchemaStmt"
    actions = [node.alter_table_cmd for node in table.cmds if node.alter_table_cmd]
    return all(action.subtype in {"AT_DropColumn", "AT_DropConstraint"} for action in actions)


_DEPENDENTS = {"ViewStmt", "CreateTableAsStmt", "CreatePolicyStmt", "CreateTrigStmt", "RuleStmt"}


def _retyped(item: Statement) -> Iterator[_Thing]:
    table = item.tree(nodes.AlterTableStmt)
    for node in table.cmds if table else ():
        if table and node.alter_table_cmd and node.alter_table_cmd.subtype == "AT_AlterColumnType":
            yield _Thing(table.relation.relname, node.alter_table_cmd.name)


def _behind_retyping(statements: Sequence[Statement], number: int, last: int, thing: _Thing, found: Obstacles) -> None:
    """A column's type cannot be set, not even to what it is, once a view, a policy or another column rests on it."""
    dropped = {loss.table for item in statements[:number] for loss in _losses(item) if not loss.column}
    for item in statements[number + 1 : last]:
        words = _words(item) if item.kind in _DEPENDENTS or _generates(item) else frozenset()
        if thing.table not in words or thing.column not in words:
            continue
        if any(made.table in dropped for made in _made(item) if not made.column):
            continue
        harm = f"what a later statement makes rests on {thing.column} by then"
        found.problems.setdefault(number, f"it fails when it runs a second time, because {harm}")


def _generates(item: Statement) -> bool:
    """Whether *item* adds a generated column."""
    table = item.tree(nodes.AlterTableStmt)
    parts = [node.alter_table_cmd.def_ for node in table.cmds if node.alter_table_cmd] if table else []
    columns = [part.column_def for part in parts if part is not None and part.column_def is not None]
    constraints = (node.constraint for column in columns for node in column.constraints)
    return any(constraint is not None and constraint.contype == "CONSTR_GENERATED" for constraint in constraints)


def _words(item: Statement) -> frozenset[str]:
    """The identifiers (and keywords) of a statement, as PostgreSQL folds them; kept with the statement."""
    known: frozenset[str] | None = item.__dict__.get("_identifiers")
    if known is None:
        known = item.__dict__["_identifiers"] = frozenset(_identifiers(item))
    return known


def _identifiers(item: Statement) -> Iterator[str]:
    for token in item.tokens():
        text = item.text[token.start : token.end]
        if token.kind is Kind.WORD:
            yield text.lower()
        elif token.kind is Kind.QUOTED:
            yield text[1:-1].replace('""', '"')
