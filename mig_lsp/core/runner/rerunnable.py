"""Makes a statement safe to run a second time: IF NOT EXISTS, IF EXISTS, OR REPLACE, or a DROP in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mig_lsp.core.change import Edit, apply
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.sql import commands, nodes
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.parts import AlterTableCmd, Constraint, RangeVar
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span


class Guarded(NamedTuple):
    """A statement that may run again: *before* runs first, then *code*; neither has its `;`.

    *edits* make *code* of the statement; their offsets are in its text. *problem* says what cannot be guarded, *remedy*
    what to write instead where there is something; else the statement is safe only where nothing behind it can fail.
    """

    before: tuple[str, ...]
    code: str
    problem: str | None = None
    edits: tuple[Edit, ...] = ()
    remedy: str = ""


@dataclass(frozen=True)
class Around:
    """What a guard has to know besides its statement.

    *foreign_keys* are those that later statements add; *vanishing* are tables that later statements drop or rename.
    *names* are those that PostgreSQL chooses for what the statement leaves without one, in the order of the text.
    """

    runner: Runner
    version: int
    foreign_keys: tuple[tuple[RangeVar, Constraint], ...] = ()
    vanishing: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()


def guarded(statement: Statement, around: Around) -> Guarded:
    """*statement* so that it may run again when a later one fails; unchanged where the runner undoes a failed file."""
    if around.runner.opens_transaction or statement.kind not in _GUARDS:
        return Guarded((), statement.code)
    kind, guard = _GUARDS[statement.kind]
    tree = statement.tree(kind)
    if tree is None:
        return Guarded((), statement.code, "it is too deep to be read, so nobody knows whether it can run again")
    found = [*guard(statement, tree, around)]
    edits = tuple(each for each in found if isinstance(each, Edit))
    before = tuple(each.sql for each in found if isinstance(each, _Before))
    problem, remedy = next((each for each in found if isinstance(each, _Problem)), (None, ""))
    if problem is not None and remedy:
        problem = f"{problem}: {remedy}"
    start = statement.span.start
    code = apply(statement.code, [Edit(edit.span.shifted(-start), edit.text) for edit in edits])
    if problem is None and Statement(code).kind != statement.kind:
        problem = "it cannot be made safe to run a second time here"
    return Guarded(before, statement.code if problem else code, problem, () if problem else edits, remedy)


def foreign_keys(statement: Statement) -> tuple[tuple[RangeVar, Constraint], ...]:
    """The foreign keys that *statement* adds by name, each with its table."""
    tree = statement.tree(nodes.AlterTableStmt)
    found = []
    for node in tree.cmds if tree else ():
        part = node.alter_table_cmd.def_ if node.alter_table_cmd else None
        constraint = part.constraint if part else None
        if tree and constraint and constraint.contype == "CONSTR_FOREIGN" and constraint.conname:
            found.append((tree.relation, constraint))
    return tuple(found)


class _Before(NamedTuple):
    sql: str


class _Problem(NamedTuple):
    text: str
    remedy: str = ""


_Found = Iterator[Edit | _Before | _Problem]
_IF_NOT, _IF, _REPLACE = " IF NOT EXISTS", " IF EXISTS", " OR REPLACE"


def _behind(statement: Statement, words: Sequence[str], text: str) -> _Found:
    """Inserts *text* behind the first of the statement's words that is one of *words*."""
    for token in statement.tokens():
        if token.kind is Kind.WORD and statement.text[token.start : token.end].upper() in words:
            yield Edit(Span(token.end, token.end), text)
            return
    yield _Problem(f"{statement.code.split(None, 1)[0].upper()} has no form that may run twice")


def _create_table(statement: Statement, tree: nodes.CreateStmt, around: Around) -> _Found:
    if not tree.if_not_exists:
        yield from _behind(statement, ("TABLE",), _IF_NOT)


def _create_foreign_table(statement: Statement, tree: nodes.CreateForeignTableStmt, around: Around) -> _Found:
    if not tree.base.if_not_exists:
        yield from _behind(statement, ("TABLE",), _IF_NOT)


def _create_table_as(statement: Statement, tree: nodes.CreateTableAsStmt, around: Around) -> _Found:
    if tree.is_select_into:
        yield _Problem("SELECT INTO fails when its table is there", "write CREATE TABLE IF NOT EXISTS ... AS")
    elif not tree.if_not_exists:
        yield from _behind(statement, ("TABLE", "VIEW"), _IF_NOT)


def _create_index(statement: Statement, tree: nodes.IndexStmt, around: Around) -> _Found:
    words = ("CONCURRENTLY",) if tree.concurrent else ("INDEX",)
    if not tree.idxname and len(around.names) == 1:
        yield from _behind(statement, words, f"{_IF_NOT} {quoted(*around.names)}")
    elif not tree.idxname:
        yield _Problem("an index without a name is made again every time", "give it one")
    elif not tree.if_not_exists:
        yield from _behind(statement, words, _IF_NOT)


def _create_sequence(statement: Statement, tree: nodes.CreateSeqStmt, around: Around) -> _Found:
    if not tree.if_not_exists:
        yield from _behind(statement, ("SEQUENCE",), _IF_NOT)


def _create_schema(statement: Statement, tree: nodes.CreateSchemaStmt, around: Around) -> _Found:
    if tree.schema_elts:
        yield _Problem("CREATE SCHEMA with objects in it fails when the schema is there", "make them by themselves")
    elif not tree.if_not_exists:
        yield from _behind(statement, ("SCHEMA",), _IF_NOT)


def _create_extension(statement: Statement, tree: nodes.CreateExtensionStmt, around: Around) -> _Found:
    if not tree.if_not_exists:
        yield from _behind(statement, ("EXTENSION",), _IF_NOT)


def _create_statistics(statement: Statement, tree: nodes.CreateStatsStmt, around: Around) -> _Found:
    if not tree.defnames:
        yield _Problem("statistics without a name are made again every time", "give them one")
    elif not tree.if_not_exists:
        yield from _behind(statement, ("STATISTICS",), _IF_NOT)


def _or_replace(
    statement: Statement, tree: nodes.ViewStmt | nodes.CreateFunctionStmt | nodes.RuleStmt, around: Around
) -> _Found:
    if not tree.replace:
        yield from _behind(statement, ("CREATE",), _REPLACE)


def _create_trigger(statement: Statement, tree: nodes.CreateTrigStmt, around: Around) -> _Found:
    if tree.replace:
        return
    if tree.isconstraint or around.version < 14:
        yield _Before(f"DROP TRIGGER IF EXISTS {quoted(tree.trigname)} ON {quoted(*tree.relation.name)}")
    else:
        yield from _behind(statement, ("CREATE",), _REPLACE)


def _create_policy(statement: Statement, tree: nodes.CreatePolicyStmt, around: Around) -> _Found:
    yield _Before(f"DROP POLICY IF EXISTS {quoted(tree.policy_name)} ON {quoted(*tree.table.name)}")


def _create_type(statement: Statement, tree: object, around: Around) -> _Found:
    tolerated = (each for each in around.runner.tolerates if not each.initial and "CREATE TYPE".startswith(each.starts))
    if not any("already exists" in each.messages for each in tolerated):
        yield _Problem("CREATE TYPE fails when the type is there, and has no IF NOT EXISTS")


def _define(statement: Statement, tree: nodes.DefineStmt, around: Around) -> _Found:
    if tree.kind == "OBJECT_TYPE":
        yield from _create_type(statement, tree, around)
    elif tree.kind == "OBJECT_COLLATION" and not tree.if_not_exists:
        yield from _behind(statement, ("COLLATION",), _IF_NOT)
    elif tree.kind == "OBJECT_AGGREGATE" and not tree.replace:
        yield from _behind(statement, ("CREATE",), _REPLACE)
    elif tree.kind not in {"OBJECT_COLLATION", "OBJECT_AGGREGATE"}:
        yield from _no_guard(statement, tree, around)


def _no_guard(statement: Statement, tree: object, around: Around) -> _Found:
    words = " ".join(statement.code.split(None, 2)[:2]).upper()
    yield _Problem(f"{words} fails when it runs a second time, and has no IF NOT EXISTS")


def _alter_enum(statement: Statement, tree: nodes.AlterEnumStmt, around: Around) -> _Found:
    if tree.old_val:
        yield _Problem("RENAME VALUE fails when it runs a second time, and has no IF EXISTS")
    elif not tree.skip_if_new_val_exists:
        yield from _behind(statement, ("VALUE",), _IF_NOT)


_RELATIONS = {
    "OBJECT_TABLE": "TABLE",
    "OBJECT_VIEW": "VIEW",
    "OBJECT_MATVIEW": "VIEW",
    "OBJECT_SEQUENCE": "SEQUENCE",
    "OBJECT_INDEX": "INDEX",
    "OBJECT_FOREIGN_TABLE": "TABLE",
}


def _rename(statement: Statement, tree: nodes.RenameStmt, around: Around) -> _Found:
    if tree.rename_type not in _RELATIONS:
        yield _Problem("RENAME fails when it runs a second time: the old name is gone")
    elif not tree.missing_ok:
        yield from _behind(statement, (_RELATIONS[tree.rename_type],), _IF)


def _set_schema(statement: Statement, tree: nodes.AlterObjectSchemaStmt, around: Around) -> _Found:
    if tree.object_type not in _RELATIONS:
        yield _Problem("SET SCHEMA fails when it runs a second time: the old name is gone")
    elif not tree.missing_ok:
        yield from _behind(statement, (_RELATIONS[tree.object_type],), _IF)


# The last word of DROP's kinds of object, where the grammar's name of the kind does not end with it.
_LAST_WORDS = {
    "MATVIEW": "VIEW",
    "FDW": "WRAPPER",
    "OPCLASS": "CLASS",
    "OPFAMILY": "FAMILY",
    "TSCONFIGURATION": "CONFIGURATION",
    "TSDICTIONARY": "DICTIONARY",
    "TSPARSER": "PARSER",
    "TSTEMPLATE": "TEMPLATE",
    "STATISTIC_EXT": "STATISTICS",
}


def _drop(statement: Statement, tree: nodes.DropStmt, around: Around) -> _Found:
    if not tree.missing_ok:
        kind = tree.remove_type.removeprefix("OBJECT_")
        yield from _behind(statement, (_LAST_WORDS.get(kind, kind.rpartition("_")[2]),), _IF)


def _drop_role(statement: Statement, tree: commands.DropRoleStmt, around: Around) -> _Found:
    if not tree.missing_ok:
        yield from _behind(statement, ("ROLE", "USER", "GROUP"), _IF)


def _insert(statement: Statement, tree: commands.InsertStmt, around: Around) -> _Found:
    if tree.on_conflict_clause is None and "NOT EXISTS" not in " ".join(statement.code.upper().split()):
        yield _Problem("INSERT adds its rows again when it runs a second time", "add ON CONFLICT DO NOTHING")


def _alter_table(statement: Statement, tree: nodes.AlterTableStmt, around: Around) -> _Found:
    if tree.objtype not in {"OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"}:
        return
    actions = [node.alter_table_cmd for node in tree.cmds if node.alter_table_cmd]
    starts = _action_starts(statement)
    if len(starts) != len(actions):
        yield _Problem("the actions of this ALTER TABLE cannot be told apart", "write each as a statement of its own")
        return
    if not tree.missing_ok and tree.relation.relname in around.vanishing:
        yield from _behind(statement, ("TABLE",), _IF)
    nameless = [index for index, action in enumerate(actions) if _is_nameless(action)]
    names = dict(zip(nameless, around.names, strict=True)) if len(nameless) == len(around.names) else {}
    for index, (action, words) in enumerate(zip(actions, starts, strict=True)):
        yield from _action(tree.relation, action, words, names.get(index, ""), around)


def _is_nameless(action: AlterTableCmd) -> bool:
    constraint = action.def_.constraint if action.def_ else None
    return action.subtype == "AT_AddConstraint" and constraint is not None and not constraint.conname


class _Word(NamedTuple):
    text: str
    end: int


def _action_starts(statement: Statement) -> list[list[_Word]]:
    """The first tokens of each action of ALTER TABLE, which commas outside parentheses separate."""
    actions: list[list[_Word]] = [[]]
    depth = 0
    for token in statement.tokens():
        if token.kind is Kind.COMMENT:
            continue
        text = statement.text[token.start : token.end]
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(text, 0)
        if text == "," and depth == 0:
            actions.append([])
        elif len(actions[-1]) < _LONGEST_START:
            actions[-1].append(_Word(text.upper() if token.kind in {Kind.WORD, Kind.SIGN} else "", token.end))
    first = actions[0]
    verbs = [index for index, word in enumerate(first) if index > 1 and word.text in _VERBS and _begins(first, index)]
    actions[0] = first[verbs[0] :] if verbs else []
    return [words for words in actions if words]


_LONGEST_START = 24
_VERBS = {
    *("ADD", "DROP", "ALTER", "VALIDATE", "SET", "RESET", "ENABLE", "DISABLE", "FORCE", "NO", "INHERIT", "OWNER"),
    *("CLUSTER", "REPLICA", "ATTACH", "DETACH", "OF", "NOT", "OPTIONS"),
}


def _begins(words: Sequence[_Word], index: int) -> bool:
    """Whether the verb at *index* stands behind the table's name: not behind ALTER TABLE, IF EXISTS, ONLY or a dot."""
    return words[index - 1].text not in {"TABLE", "EXISTS", "ONLY", "."}


def _action(relation: RangeVar, action: AlterTableCmd, words: list[_Word], name: str, around: Around) -> _Found:
    second = 1 if len(words) > 1 and words[1].text in {"COLUMN", "CONSTRAINT"} else 0
    match action.subtype:
        case "AT_AddColumn" if not action.missing_ok:
            yield _at(words[second], _IF_NOT)
        case "AT_DropColumn" | "AT_DropConstraint" if not action.missing_ok:
            yield _at(words[second], _IF)
        case "AT_DropIdentity" | "AT_DropExpression" if not action.missing_ok:
            last = next((word for word in words if word.text in {"IDENTITY", "EXPRESSION"}), None)
            yield _at(last, _IF) if last else _Problem("the action cannot be read")
        case "AT_AddConstraint":
            constraint = action.def_.constraint if action.def_ else None
            if name and constraint is not None:
                yield _at(words[0], f" CONSTRAINT {quoted(name)}")
            yield from _add_constraint(relation, constraint, name, around)
        case "AT_AddIdentity":
            yield _Problem(f"ADD GENERATED fails when {quoted(action.name)} is an identity column, and has no guard")
        case "AT_AttachPartition" | "AT_DetachPartition" | "AT_AddInherit" | "AT_DropInherit":
            yield _Problem("the action fails when it runs a second time, and has no IF NOT EXISTS")


def _at(word: _Word, text: str) -> Edit:
    return Edit(Span(word.end, word.end), text)


def _add_constraint(relation: RangeVar, constraint: Constraint | None, chosen: str, around: Around) -> _Found:
    name = constraint.conname or chosen if constraint is not None else ""
    if constraint is None or not name:
        yield _Problem("a constraint without a name cannot be dropped before it is added again", "give it one")
        return
    if constraint.indexname:
        yield _Problem("USING INDEX fails when it runs a second time: the index belongs to the constraint then")
        return
    if constraint.contype in {"CONSTR_PRIMARY", "CONSTR_UNIQUE"}:
        # A key cannot be dropped while the file's own foreign keys of the run before rest on it.
        for table, key in around.foreign_keys:
            if key.pktable is not None and key.pktable.name[-1] == relation.relname:
                yield _Before(_drop_constraint(table, key.conname))
    yield _Before(_drop_constraint(relation, name))


def _drop_constraint(table: RangeVar, name: str) -> str:
    return f"ALTER TABLE IF EXISTS {quoted(*table.name)} DROP CONSTRAINT IF EXISTS {quoted(name)}"


_Guard = Callable[[Statement, Any, Around], _Found]
_GUARDS: Mapping[str, tuple[type[Any], _Guard]] = {
    kind.__name__: (kind, guard)
    for kind, guard in (
        (nodes.AlterEnumStmt, _alter_enum),
        (nodes.AlterObjectSchemaStmt, _set_schema),
        (nodes.AlterTableStmt, _alter_table),
        (nodes.CompositeTypeStmt, _create_type),
        (nodes.CreateDomainStmt, _no_guard),
        (nodes.CreateEnumStmt, _create_type),
        (nodes.CreateEventTrigStmt, _no_guard),
        (nodes.CreateExtensionStmt, _create_extension),
        (nodes.CreateForeignTableStmt, _create_foreign_table),
        (nodes.CreateFunctionStmt, _or_replace),
        (nodes.CreatePolicyStmt, _create_policy),
        (commands.CreatePublicationStmt, _no_guard),
        (nodes.CreateRangeStmt, _create_type),
        (commands.CreateRoleStmt, _no_guard),
        (nodes.CreateSchemaStmt, _create_schema),
        (nodes.CreateSeqStmt, _create_sequence),
        (nodes.CreateStatsStmt, _create_statistics),
        (nodes.CreateStmt, _create_table),
        (nodes.CreateTableAsStmt, _create_table_as),
        (nodes.CreateTrigStmt, _create_trigger),
        (nodes.DefineStmt, _define),
        (commands.DropRoleStmt, _drop_role),
        (nodes.DropStmt, _drop),
        (nodes.IndexStmt, _create_index),
        (commands.InsertStmt, _insert),
        (nodes.RenameStmt, _rename),
        (nodes.RuleStmt, _or_replace),
        (nodes.ViewStmt, _or_replace),
    )
}
