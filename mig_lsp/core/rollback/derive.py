"""The SQL that undoes statements, as far as the statements alone make it certain.

What cannot be undone, or only by somebody who knows what was there before, becomes a note: nothing is guessed. The SQL
supposes that the statements ran. It may be run again: what it drops need not be there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mig_lsp.core.rollback.alter import altered_enum, altered_table, moved_schema, renamed
from mig_lsp.core.rollback.steps import Made, Name, Step, argument_types, lost, perhaps
from mig_lsp.core.sql import commands, nodes
from mig_lsp.core.sql.names import object_name, quoted
from mig_lsp.core.sql.parts import RangeVar, name_of
from mig_lsp.core.sql.statement import Statement


class Undo(NamedTuple):
    """How to undo statements: what to run, in this order, and one line for each thing that this leaves as it is.

    *maybe* is the SQL in the notes, for things that may have been there before.
    """

    sql: tuple[str, ...]
    notes: tuple[str, ...]
    maybe: tuple[str, ...] = ()


def derive(statements: Iterable[Statement]) -> Undo:
    """What undoes *statements*, which ran in that order; blank ones are skipped."""
    made = Made()
    steps = [list(_steps(statement, made)) for statement in statements if not statement.blank]
    last_first = [step for group in reversed(steps) for step in reversed(group)]
    return Undo(
        tuple(step.sql for step in last_first if step.sql),
        tuple(dict.fromkeys(_CONTROL.sub(" ", step.note) for step in last_first if step.note)),
        tuple(step.maybe for step in last_first if step.maybe),
    )


# A name may hold a line end, and a note stands on one line of a comment.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def _steps(statement: Statement, made: Made) -> Iterator[Step]:
    if not statement.kind:
        yield Step(note=f"{_head(statement)} cannot be read, so it is not undone")
    elif statement.kind in _READERS:
        kind, reader = _READERS[statement.kind]
        tree = statement.tree(kind)
        if tree is None:
            yield Step(note=f"{_head(statement)} is too deep to be read, so it is not undone")
        else:
            yield from reader(tree, made)
    elif statement.kind == "SelectStmt":
        if "(" in statement.code:
            yield Step(note=f"what the functions in {_head(statement)} changed is not undone")
    elif statement.kind not in _WITHOUT_TRACE:
        yield Step(note=f"{_head(statement)} is not undone")


def _head(statement: Statement) -> str:
    """The first words of a statement, on one line."""
    words = "".join(char if char.isprintable() else " " for char in statement.code[:200]).split()
    return " ".join(words[:4])[:60]


def _table(tree: nodes.CreateStmt, made: Made) -> Iterator[Step]:
    yield from _relation("TABLE", tree.relation, made, certain=not tree.if_not_exists)


def _foreign_table(tree: nodes.CreateForeignTableStmt, made: Made) -> Iterator[Step]:
    yield from _relation("FOREIGN TABLE", tree.base.relation, made, certain=not tree.base.if_not_exists)


def _table_as(tree: nodes.CreateTableAsStmt, made: Made) -> Iterator[Step]:
    kind = "MATERIALIZED VIEW" if tree.objtype == "OBJECT_MATVIEW" else "TABLE"
    yield from _relation(kind, tree.into.rel, made, certain=not tree.if_not_exists)


def _relation(kind: str, relation: RangeVar, made: Made, *, certain: bool) -> Iterator[Step]:
    if relation.relpersistence == "t":
        return
    (made.tables if certain else made.maybe).add(relation.name)
    yield _dropped(kind, relation.name, made, certain=certain)


def _view(tree: nodes.ViewStmt, made: Made) -> Iterator[Step]:
    if tree.view.relpersistence == "t":
        return
    undo = _dropped("VIEW", tree.view.name, made)
    yield _earlier_version(f"view {quoted(*tree.view.name)}", undo.sql) if tree.replace else undo


def _sequence(tree: nodes.CreateSeqStmt, made: Made) -> Iterator[Step]:
    if tree.sequence.relpersistence != "t":
        yield _dropped("SEQUENCE", tree.sequence.name, made, certain=not tree.if_not_exists)


def _altered_sequence(tree: nodes.AlterSeqStmt, made: Made) -> Iterator[Step]:
    if ("SEQUENCE", tree.sequence.name) not in made.others:
        yield Step(note=f"what ALTER SEQUENCE changes in {quoted(*tree.sequence.name)} is not undone")


def _index(tree: nodes.IndexStmt, made: Made) -> Iterator[Step]:
    if tree.relation.name in made.tables or (tree.if_not_exists and tree.relation.name in made.maybe):
        return
    if not tree.idxname:
        yield Step(note=f"the new index of {quoted(*tree.relation.name)} has no name here: look it up to drop it")
        return
    # An index lives in the schema of its table.
    yield _dropped("INDEX", (*tree.relation.name[:-1], tree.idxname), made, certain=not tree.if_not_exists)


def _enum(tree: nodes.CreateEnumStmt | nodes.CreateRangeStmt, made: Made) -> Iterator[Step]:
    yield _dropped("TYPE", name_of(tree.type_name), made)


def _composite(tree: nodes.CompositeTypeStmt, made: Made) -> Iterator[Step]:
    yield _dropped("TYPE", tree.typevar.name, made)


def _domain(tree: nodes.CreateDomainStmt, made: Made) -> Iterator[Step]:
    yield _dropped("DOMAIN", name_of(tree.domainname), made)


_DEFINED = {"OBJECT_TYPE": "TYPE", "OBJECT_COLLATION": "COLLATION"}


def _defined(tree: nodes.DefineStmt, made: Made) -> Iterator[Step]:
    kind, name = _DEFINED.get(tree.kind), name_of(tree.defnames)
    if kind is None:
        yield Step(note=f"the new {tree.kind.removeprefix('OBJECT_').lower()} {quoted(*name)} is not dropped")
        return
    yield _dropped(kind, name, made, certain=not (tree.if_not_exists or tree.replace))


def _function(tree: nodes.CreateFunctionStmt, made: Made) -> Iterator[Step]:
    kind, name, types = (
        "PROCEDURE" if tree.is_procedure else "FUNCTION",
        name_of(tree.funcname),
        argument_types(tree.parameters),
    )
    if types is None:
        yield Step(note=f"the types of the arguments of {quoted(*name)} are not in this file: look it up to drop it")
        return
    undo = f"DROP {kind} IF EXISTS {quoted(*name)}({types});"
    yield _earlier_version(quoted(*name), undo) if tree.replace else Step(undo)


def _trigger(tree: nodes.CreateTrigStmt, made: Made) -> Iterator[Step]:
    if tree.relation.name not in made.tables:
        yield _on_table("TRIGGER", tree.trigname, tree.relation, made, replaces=tree.replace)


def _policy(tree: nodes.CreatePolicyStmt, made: Made) -> Iterator[Step]:
    if tree.table.name not in made.tables:
        yield _on_table("POLICY", tree.policy_name, tree.table, made, replaces=False)


def _rule(tree: nodes.RuleStmt, made: Made) -> Iterator[Step]:
    if tree.relation.name not in made.tables:
        yield _on_table("RULE", tree.rulename, tree.relation, made, replaces=tree.replace)


def _statistics(tree: nodes.CreateStatsStmt, made: Made) -> Iterator[Step]:
    if any(item.range_var is not None and item.range_var.name in made.tables for item in tree.relations):
        return
    if not tree.defnames:
        yield Step(note="the new statistics have no name here: look them up to drop them")
        return
    yield _dropped("STATISTICS", name_of(tree.defnames), made, certain=not tree.if_not_exists)


def _schema(tree: nodes.CreateSchemaStmt, made: Made) -> Iterator[Step]:
    name = tree.schemaname or (tree.authrole.rolename if tree.authrole else "")
    if not name or tree.schema_elts:
        yield Step(note=f"the new schema {quoted(name)} and what was made in it are not dropped")
        return
    yield _dropped("SCHEMA", (name,), made, certain=not tree.if_not_exists)


def _extension(tree: nodes.CreateExtensionStmt, made: Made) -> Iterator[Step]:
    yield _dropped("EXTENSION", (tree.extname,), made, certain=not tree.if_not_exists)


def _role(tree: commands.CreateRoleStmt, made: Made) -> Iterator[Step]:
    yield _dropped("ROLE", (tree.role,), made)


def _publication(tree: commands.CreatePublicationStmt, made: Made) -> Iterator[Step]:
    yield _dropped("PUBLICATION", (tree.pubname,), made)


def _event_trigger(tree: nodes.CreateEventTrigStmt, made: Made) -> Iterator[Step]:
    yield _dropped("EVENT TRIGGER", (tree.trigname,), made)


def _drop(tree: nodes.DropStmt, made: Made) -> Iterator[Step]:
    kind = tree.remove_type.removeprefix("OBJECT_").replace("MATVIEW", "MATERIALIZED VIEW").replace("_", " ")
    for name in tree.names:
        if _is_own(kind, name, made):
            continue
        if tree.missing_ok:
            yield Step(note=f"an earlier {kind.lower()} {quoted(*name)}, if there was one, is gone for good")
        elif kind in {"TABLE", "MATERIALIZED VIEW"}:
            yield Step(note=f"{kind.lower()} {quoted(*name)} and its rows are gone")
        else:
            yield lost(f"{kind.lower()} {quoted(*name)}")


def _comment(tree: nodes.CommentStmt, made: Made) -> Iterator[Step]:
    name = object_name(tree.object) if tree.object else ()
    if name not in made.maybe and name[:-1] not in made.maybe and not _is_own(tree.objtype[7:], name, made):
        yield Step(note=f"the former comment on {quoted(*name)} is not in this file")


def _grant(tree: nodes.GrantStmt, made: Made) -> Iterator[Step]:
    names = [object_name(item) for item in tree.objects]
    if names and all(name in made.tables for name in names):
        return
    what = "granted" if tree.is_grant else "revoked"
    where = f" on {', '.join(quoted(*name) for name in names)}" if any(names) else ""
    yield Step(note=f"the privileges {what}{where} stay so")


def _rows(
    tree: commands.InsertStmt | commands.UpdateStmt | commands.DeleteStmt | commands.MergeStmt, made: Made
) -> Iterator[Step]:
    if tree.relation.name not in made.tables:
        did = _ROWS[type(tree).__name__]
        yield Step(note=f"the rows {did} {quoted(*tree.relation.name)} stay as this migration leaves them")


_ROWS = {
    "InsertStmt": "inserted into",
    "UpdateStmt": "updated in",
    "DeleteStmt": "deleted from",
    "MergeStmt": "merged into",
}


def _truncate(tree: commands.TruncateStmt, made: Made) -> Iterator[Step]:
    for item in tree.relations:
        if item.range_var is not None and item.range_var.name not in made.tables:
            yield Step(note=f"the rows of {quoted(*item.range_var.name)} are gone")


def _dropped(kind: str, name: Name, made: Made, *, certain: bool = True) -> Step:
    undo = f"DROP {kind} IF EXISTS {quoted(*name)};"
    if not certain:
        return perhaps(f"{kind.lower()} {quoted(*name)}", undo)
    made.others.add((kind, name))
    return Step(undo)


def _on_table(kind: str, name: str, table: RangeVar, made: Made, *, replaces: bool) -> Step:
    undo = f"DROP {kind} IF EXISTS {quoted(name)} ON {quoted(*table.name)};"
    if replaces:
        return _earlier_version(f"{quoted(name)} on {quoted(*table.name)}", undo)
    made.others.add((kind, (*table.name, name)))
    return Step(undo)


def _earlier_version(what: str, undo: str) -> Step:
    note = f"{what} may have replaced an earlier version, which is not in this file; if there was none, {undo}"
    return Step(note=note, maybe=undo)


def _is_own(kind: str, name: Name, made: Made) -> bool:
    """Whether the object was made by this file, or is a part of a table that was."""
    if (kind, name) in made.others or name in made.tables or name[:-1] in made.tables:
        return True
    return bool(name) and (name[:-1], name[-1]) in made.columns


_Reader = Callable[[Any, Made], Iterator[Step]]
_READERS: Mapping[str, tuple[type[Any], _Reader]] = {
    kind.__name__: (kind, reader)
    for kind, reader in (
        (nodes.AlterEnumStmt, altered_enum),
        (nodes.AlterObjectSchemaStmt, moved_schema),
        (nodes.AlterSeqStmt, _altered_sequence),
        (nodes.AlterTableStmt, altered_table),
        (nodes.CommentStmt, _comment),
        (nodes.CompositeTypeStmt, _composite),
        (nodes.CreateDomainStmt, _domain),
        (nodes.CreateEnumStmt, _enum),
        (nodes.CreateEventTrigStmt, _event_trigger),
        (nodes.CreateExtensionStmt, _extension),
        (nodes.CreateForeignTableStmt, _foreign_table),
        (nodes.CreateFunctionStmt, _function),
        (nodes.CreatePolicyStmt, _policy),
        (commands.CreatePublicationStmt, _publication),
        (nodes.CreateRangeStmt, _enum),
        (commands.CreateRoleStmt, _role),
        (nodes.CreateSchemaStmt, _schema),
        (nodes.CreateSeqStmt, _sequence),
        (nodes.CreateStatsStmt, _statistics),
        (nodes.CreateStmt, _table),
        (nodes.CreateTableAsStmt, _table_as),
        (nodes.CreateTrigStmt, _trigger),
        (nodes.DefineStmt, _defined),
        (commands.DeleteStmt, _rows),
        (nodes.DropStmt, _drop),
        (nodes.GrantStmt, _grant),
        (nodes.IndexStmt, _index),
        (commands.InsertStmt, _rows),
        (commands.MergeStmt, _rows),
        (nodes.RenameStmt, renamed),
        (nodes.RuleStmt, _rule),
        (commands.TruncateStmt, _truncate),
        (commands.UpdateStmt, _rows),
        (nodes.ViewStmt, _view),
    )
}

# Statements after which the schema and the rows are what they were.
_WITHOUT_TRACE = frozenset(
    (
        *(
            "CheckPointStmt",
            "ClusterStmt",
            "ClosePortalStmt",
            "ConstraintsSetStmt",
            "DeallocateStmt",
            "DeclareCursorStmt",
        ),
        *("DiscardStmt", "FetchStmt", "ListenStmt", "LoadStmt", "LockStmt", "NotifyStmt", "PrepareStmt"),
        *("RefreshMatViewStmt", "ReindexStmt", "TransactionStmt", "UnlistenStmt", "VacuumStmt", "VariableSetStmt"),
        "VariableShowStmt",
    )
)
