"""Rollback SQL that does not work: it does not parse, names another file, or is no comment and runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.migration import is_rollback, parse_name
from mig_lsp.core.rollback.section import Commented, Rollback, Says
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.nodes import AlterTableStmt, DropStmt
from mig_lsp.core.sql.statement import Placed, Statement, read
from mig_lsp.core.text import Span

CATEGORY: Category = "header"
SEVERITY = Severity.HINT

_LOGGED = re.compile(r"\bmigration_log\b.*?'((?:[^'\n]|'')*\.sql)'", re.I | re.S)


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    if parse_name(file.name) is None or is_rollback(file.name):
        return
    sections = file.rollbacks
    for section in sections:
        for commented in section.statements:
            yield from _commented(snapshot, file, commented)
    yield from _exposed(file, sections)


def _commented(snapshot: Snapshot, file: File, commented: Commented) -> Iterator[Finding]:
    for statement, start in read(commented.sql).placed():
        fault = statement.fault
        if fault is not None:
            at = commented.at(start + fault.offset)
            line = next((line for line in commented.lines if line.start <= at <= line.end), commented.lines[-1])
            message = f"this rollback SQL does not run: {fault.message}; correct it while you know what it has to undo"
            yield Finding("broken-rollback", Span(at if at < line.end else line.start, line.end), message)
            return
    for match in _LOGGED.finditer(commented.sql):
        name = match[1].replace("''", "'")
        if name != file.name:
            span = Span(commented.at(match.start(1)), commented.at(match.end(1)))
            yield _other_file(snapshot, file, span, name)


def _other_file(snapshot: Snapshot, file: File, span: Span, name: str) -> Finding:
    if name in snapshot.plan.names or snapshot.plan.entry(name):
        harm = f"this makes the runner forget {name} and run it again, and not {file.name}"
    else:
        harm = f"there is no {name}, so this makes the runner forget nothing, and {file.name} never runs again"
    fix = Fix("Write the name of this file", (Edit(span, file.name.replace("'", "''")),))
    message = f"{harm}: write the name of this file"
    return Finding("broken-rollback", span, message, fix, severity=Severity.WARNING)


def _exposed(file: File, sections: tuple[Rollback, ...]) -> Iterator[Finding]:
    """Statements under a rollback heading that are no comments."""
    open_ones = [each for each in sections if not each.statements and each.says <= Says.TODO]
    placed = list(file.statements.placed()) if open_ones else []
    for section in open_ones:
        first = placed[section.statement_index]
        if file.text[section.span.end : first.span.start].strip(" \t\r\n\f\v=*-#_/"):
            continue  # other comments stand between: the section does not speak of this statement
        run = _undoing(placed, section.statement_index)
        if run:
            yield _exposure(file, placed[: section.statement_index], run)


def _undoing(placed: list[Placed], index: int) -> list[Placed]:
    """The statements from *index* on that take something away."""
    found = []
    for each in placed[index:]:
        if not any(True for _ in _removed(each.statement)) and each.statement.kind != "DeleteStmt":
            break
        found.append(each)
    return found


def _exposure(file: File, before: list[Placed], run: list[Placed]) -> Finding:
    from mig_lsp.core.rollback.derive import derive  # hardly any file needs it

    undo = derive(each.statement for each in before)
    made = {name for sql in (*undo.sql, *undo.maybe) for name in _removed(Statement(sql))}
    own = next((name for each in run for name in _removed(each.statement) if name in made), None)
    if own is not None:
        severity, harm = Severity.ERROR, f"so the migration removes {own[1]} right after making it"
    else:
        severity, harm = Severity.WARNING, "so it runs with the migration"
    message = f"this rollback statement is no comment, {harm}: begin every line of it with --"
    return Finding("broken-rollback", run[0].span, message, _comment_out(file, run), severity=severity)


def _comment_out(file: File, run: list[Placed]) -> Fix | None:
    lines = range(file.lines.line_at(run[0].span.start), file.lines.line_at(run[-1].span.end) + 1)
    rest = file.text[run[-1].span.end : file.lines.span(lines[-1]).end].strip("; \t\f\v")
    if rest and not rest.startswith("--"):
        return None  # another statement begins on the last line
    edits = (Edit(Span(start, start), "-- ") for start in (file.lines.starts[line] for line in lines))
    return Fix("Make the rollback a comment", tuple(edits), safe=False)


def _removed(statement: Statement) -> Iterator[tuple[str, str]]:
    """What a statement takes away, as pairs of a kind and the last part of a name."""
    drop = statement.tree(DropStmt)
    if drop is not None:
        kind = drop.remove_type.removeprefix("OBJECT_")
        yield from ((kind, name[-1]) for name in drop.names if name)
    table = statement.tree(AlterTableStmt)
    for node in table.cmds if table else ():
        action = node.alter_table_cmd
        if action is not None and action.subtype in {"AT_DropColumn", "AT_DropConstraint"}:
            yield action.subtype.removeprefix("AT_Drop").upper(), action.name
