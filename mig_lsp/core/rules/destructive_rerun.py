"""A file that throws rows or values away and makes the place for them anew, each time it runs."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.expressions import load, walk
from mig_lsp.core.catalog.moment import Moment, shown
from mig_lsp.core.catalog.values import Gone, Key, Table, Value, relation_key
from mig_lsp.core.change import Finding, Related, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.commands import CopyStmt, DeleteStmt, InsertStmt, TruncateStmt
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.nodes import AlterTableStmt, DropStmt
from mig_lsp.core.sql.parts import AlterTableCmd
from mig_lsp.core.text import Span
from mig_lsp.core.twice import Order, Step, empties, steps

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    for step in steps(snapshot, file, _may_destroy):
        kind = step.moment.statement.kind
        check = _drops if kind == "DropStmt" else _alters if kind == "AlterTableStmt" else _clears
        yield from ((step.number, found) for found in check(step, file))


def _may_destroy(moment: Moment) -> bool:
    kind = moment.statement.kind
    if kind != "AlterTableStmt":
        return kind in ("DropStmt", "TruncateStmt", "DeleteStmt")
    tree = moment.statement.tree(AlterTableStmt)
    actions = (node.alter_table_cmd for node in tree.cmds) if tree is not None else ()
    return any(action is not None and action.subtype in ("AT_DropColumn", "AT_AlterColumnType") for action in actions)


def _drops(step: Step, file: File) -> Iterator[Finding]:
    """DROP TABLE of a table that the file makes further down."""
    tree = step.moment.statement.tree(DropStmt)
    if tree is None or tree.remove_type != "OBJECT_TABLE":
        return
    for name in tree.names:
        key = step.moment.new(relation_key, name)
        old = step.moment.before(key)
        again = next((each for each in step.after if isinstance(each.writes.get(key), Table)), None)
        if again is None or _is_own(old, file):
            continue
        table = shown(key, step.moment.setting)
        what = f"drops {table} again, with the rows that were written since it was made anew"
        advice = "drop it in a migration of its own, before this one"
        if not isinstance(old, Table):
            advice = "leave the DROP out and write CREATE TABLE IF NOT EXISTS"
        yield _finding(step, step.moment.span(name), what, advice, again, file, existed=isinstance(old, Table))


def _clears(step: Step, file: File) -> Iterator[Finding]:
    """TRUNCATE and DELETE without a condition."""
    moment = step.moment
    truncate, delete = moment.statement.tree(TruncateStmt), moment.statement.tree(DeleteStmt)
    if delete is not None and delete.where_clause:
        return
    relations = [item.range_var for item in truncate.relations] if truncate is not None else []
    for relation in (*relations, delete.relation if delete is not None else None):
        key, table = moment.relation(relation.name) if relation is not None else (None, None)
        if relation is None or key is None or not isinstance(table, Table) or not empties(moment, key):
            continue
        if _is_own(table, file):
            continue
        fills = next((each for each in step.after if _fills(each, key)), None)
        name = shown(key, moment.setting)
        if fills is not None:
            what = f"empties {name} again, also of rows that were written since it was filled"
            advice = "delete only the rows that this file inserts"
        else:
            what = f"empties {name} again, also of rows that were written since"
            advice = "make this the last statement of a file, or name the rows in a WHERE"
        yield _finding(
            step, moment.span(relation.name, relation.location), what, advice, fills or moment, file, existed=True
        )


def _alters(step: Step, file: File) -> Iterator[Finding]:
    """DROP COLUMN of a column that the file adds further down; a new type that gives all rows the same value."""
    moment = step.moment
    tree = moment.statement.tree(AlterTableStmt)
    if tree is None or tree.objtype != "OBJECT_TABLE":
        return
    key, _ = moment.relation(tree.relation.name)
    table = moment.before(key)
    if not isinstance(table, Table) or _is_own(table, file):
        return
    commands = [node.alter_table_cmd for node in tree.cmds if node.alter_table_cmd is not None]
    for number, command in enumerate(commands):
        column = table.columns.get(command.name)
        if command.subtype == "AT_DropColumn":
            again = _added(command.name, key, commands[number + 1 :], step)
            if again is None or (column is not None and column.made.path == file.path):
                continue
            what = f"drops {quoted(command.name)} again, with the values that were written since it was added anew"
            advice = "drop it in a migration of its own, before this one, or change its type instead"
            if column is None:
                advice = "leave the DROP out and write ADD COLUMN IF NOT EXISTS"
            yield _finding(step, moment.span((command.name,)), what, advice, again, file, existed=column is not None)
        elif column is not None and column.made.path != file.path and _is_constant(command):
            what = f"gives every row the same {quoted(command.name)} again, whatever was written since"
            advice = "make USING depend on the old value, or make this the last statement of a file"
            yield _finding(step, moment.span((command.name,)), what, advice, moment, file, existed=True)


def _finding(step: Step, span: Span, what: str, advice: str, until: Moment, file: File, *, existed: bool) -> Finding:
    """The finding; *until* is the statement behind which a failure does the harm.

    A table or column that was not there before has nothing in it that the running application wrote: then it is a hint.
    """
    is_last = until is step.order.moments[-1]
    when = "if the deploy breaks off before this file is recorded" if is_last else "when a later statement fails"
    message = f"{when}, the next deploy runs this file again from the top and {what}; {advice}"
    severity = Severity.HINT if is_last or not existed else None
    related = (
        (Related(file.path, _place(file, step.order, until), "this makes the place for it anew"),)
        if until is not step.moment
        else ()
    )
    return Finding("destructive-rerun", span, message, related=related, severity=severity)


def _is_own(value: Value, file: File) -> bool:
    """Whether the file itself made what stands there, so that a second run makes it again."""
    made = value.by if isinstance(value, Gone) else getattr(value, "made", None)
    return made is not None and made.path == file.path


def _fills(moment: Moment, key: Key) -> bool:
    tree = moment.statement.tree(InsertStmt) or moment.statement.tree(CopyStmt)
    relation = tree.relation if tree is not None else None
    return relation is not None and moment.relation(relation.name)[0] == key


def _added(name: str, key: Key, rest: list[AlterTableCmd], step: Step) -> Moment | None:
    """The statement that adds the column again, which may be this one."""
    if any(_adds(command, name) for command in rest):
        return step.moment
    for moment in step.after:
        tree = moment.statement.tree(AlterTableStmt)
        if tree is None or moment.relation(tree.relation.name)[0] != key:
            continue
        if any(node.alter_table_cmd is not None and _adds(node.alter_table_cmd, name) for node in tree.cmds):
            return moment
    return None


def _adds(command: AlterTableCmd, name: str) -> bool:
    column = command.def_.column_def if command.subtype == "AT_AddColumn" and command.def_ is not None else None
    return column is not None and column.colname == name


def _is_constant(command: AlterTableCmd) -> bool:
    column = command.def_.column_def if command.subtype == "AT_AlterColumnType" and command.def_ is not None else None
    if column is None or not column.raw_default or load(column.raw_default) is None:
        return False
    return not any(mention.kind in ("column", "query") for mention in walk(column.raw_default))


def _place(file: File, order: Order, moment: Moment) -> Span:
    number = order.numbers[order.moments.index(moment)]
    start = file.statements.ends[number - 1] if number else 0
    return moment.statement.word().shifted(start)
