"""What only an interactive client can do: psql's commands, COPY from or to the client, LISTEN."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.client import client_part
from mig_lsp.core.sql.commands import CopyStmt
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR

_NAME = re.compile(r"\\[A-Za-z_+?!]*")
_COMMAND = re.compile(r"\\[^\r\n;]*")
# Commands that change what psql shows and nothing in the database.
_HARMLESS = re.compile(r"\\(?:echo|qecho|timing|pset|x|t|a|set\s+ON_ERROR_STOP|unset|restrict|unrestrict)\b")
_WAYS = {
    "\\i": "put the statements of that file here",
    "\\ir": "put the statements of that file here",
    "\\include": "put the statements of that file here",
    "\\copy": "write the rows as INSERT statements",
    "\\gexec": "write the statements that the query makes",
    "\\c": "delete it: the runner has its own connection",
    "\\connect": "delete it: the runner has its own connection",
}


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    if plan.runner.client_commands:
        return
    client = client_part(statement.text)
    yield from (_command(statement.text, span) for span in client.commands)
    rest = statement if client.sql == 0 else Statement(statement.text[client.sql :])
    for finding in _rest(rest, plan):
        yield finding.shifted(client.sql)


def _rest(statement: Statement, plan: Plan) -> Iterator[Finding]:
    """What the SQL itself needs a client for."""
    if statement.fault is not None:
        match = _COMMAND.match(statement.text, statement.fault.offset)
        if match is not None:
            yield _command(statement.text, Span(match.start(), match.start() + len(match.group().rstrip())))
        return
    copy = statement.tree(CopyStmt)
    if copy is not None and not copy.filename and not copy.is_program:
        # By the simple protocol the rows of COPY TO STDOUT reach a client, and are thrown away there.
        if copy.is_from or plan.runner.protocol == "extended":
            yield _copy(statement, copy)
    elif statement.kind in {"ListenStmt", "UnlistenStmt"} and not plan.runner.keeps_session:
        yield Finding(
            "client-command",
            statement.span,
            "LISTEN has no effect here: every statement is a call in a session of its own, so nobody hears; remove it",
            severity=Severity.WARNING,
        )


def _command(text: str, span: Span) -> Finding:
    written = text[span.start : span.end]
    match = _NAME.match(written)
    name = match.group() if match else "\\"
    harmless = _HARMLESS.match(written) is not None
    way = "delete the line" if harmless else _WAYS.get(name, "write SQL that does the same")
    fix = Fix("Delete the line", (Edit(_line(text, span), ""),)) if harmless else None
    message = f"{name} is a command of psql, which the runner is not: the server gets it as SQL and refuses it; {way}"
    return Finding("client-command", span, message, fix)


def _line(text: str, span: Span) -> Span:
    """The command with the line end behind it."""
    match = re.compile(r"[ \t]*(?:\r\n|\r|\n)?").match(text, span.end)
    return Span(span.start, match.end() if match else span.end)


def _copy(statement: Statement, copy: CopyStmt) -> Finding:
    if copy.is_from:
        message = "COPY FROM STDIN reads rows from a client, and the runner sends none: write them as INSERT statements"
    else:
        message = "COPY TO STDOUT sends rows to a client, and the runner takes none, so the statement fails: remove it"
    return Finding("client-command", statement.span, message)
