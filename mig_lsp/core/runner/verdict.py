"""What is certain, from the text alone, about a chunk sent through a runner: that it will be refused.

Only PostgreSQL and its protocol are judged here; what a runner itself refuses or tolerates is in `policy`. A chunk
without a verdict may still fail for what no text shows: a table that is not there, a value that is not unique.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.runner.parameters import bind_parameters
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.runner.split import Chunks
from mig_lsp.core.runner.transactional import block_after, needs_block, refused_in_block, refused_in_block_message
from mig_lsp.core.sql.commands import CopyStmt
from mig_lsp.core.sql.parse import parse
from mig_lsp.core.sql.statement import Statement, Statements, read


class Verdict(NamedTuple):
    """Why a chunk is refused: the rule it belongs to, PostgreSQL's SQLSTATE and message, and where.

    The SQLSTATE is "" where the client gives up, not the server; *offset* counts in the text of the statements judged.
    """

    rule: str
    sqlstate: str
    message: str
    offset: int


def verdict(runner: Runner, sql: str, *, in_transaction: bool) -> Verdict | None:
    """Why *runner* cannot carry out the chunk *sql*; None when nothing is certain."""
    return judge(runner, read(sql), in_transaction=in_transaction)


def judge(runner: Runner, statements: Statements, *, in_transaction: bool) -> Verdict | None:
    """`verdict` of one chunk that is already cut into its statements."""
    placed = [(item.statement, item.start) for item in statements.placed() if not item.statement.blank]
    if any(statement.parsed.unknown for statement, _ in placed):
        return None
    stray = _stray_character(statements)
    if stray:
        return stray
    for statement, start in placed:
        if statement.fault:
            return _syntax(runner, statement, start)
    if runner.protocol == "extended" and len(placed) > 1:
        second, start = placed[1]
        return Verdict("merged-statements", "42601", _SEVERAL, start + second.span.start)
    inside = in_transaction
    for statement, start in placed:
        found = _statement(runner, statement, explicit=inside, implicit=len(placed) > 1)
        if found:
            return found._replace(offset=found.offset + start)
        inside = block_after(statement, inside)
    return None


def judge_all(runner: Runner, chunks: Chunks) -> Iterator[Verdict | None]:
    """The verdict of each piece of a file, in order; a transaction that the file opens lasts as long as its session."""
    inside = runner.opens_transaction
    for chunk in chunks.items:
        found = judge(runner, chunk.statements, in_transaction=inside) if chunk.sql else None
        yield found
        if runner.keeps_session and found is None:
            for statement in chunk.statements.items:
                inside = block_after(statement, inside)


_SEVERAL = "cannot insert multiple commands into a prepared statement"


def _stray_character(statements: Statements) -> Verdict | None:
    """A NUL in a comment or a byte order mark between statements: nothing to the lexer, fatal to the server."""
    if not any("\ufeff" in item.text or "\0" in item.text for item in statements.items):
        return None
    sql = "".join([item.text for item in statements.items])
    fault = parse(sql).fault
    character = sql[fault.offset : fault.offset + 1] if fault else ""
    if fault is None or character not in {"\ufeff", "\0"}:
        return None
    return Verdict("syntax-error", _code(character), fault.message, fault.offset)


def _syntax(runner: Runner, statement: Statement, start: int) -> Verdict | None:
    fault = statement.fault
    assert fault is not None
    sign = statement.text[fault.offset : fault.offset + 1]
    if runner.client_commands and sign in {"\\", ":"}:
        return None  # psql replaces its variables and carries out its commands before the server sees the text
    rule = "syntax-error"
    if sign == "\\":
        rule = "client-command"
    elif sign == ":" and runner.named_parameters:
        rule = "bind-parameter"
    return Verdict(rule, _code(sign), fault.message, start + fault.offset)


def _code(character: str) -> str:
    """The SQLSTATE of a fault at *character*."""
    return "22021" if character == "\0" else "42601"


def _statement(runner: Runner, statement: Statement, *, explicit: bool, implicit: bool) -> Verdict | None:
    """What is wrong with one well-formed statement; *explicit* and *implicit* are the transaction blocks it runs in."""
    start = statement.span.start
    for parameter in bind_parameters(statement):
        number = statement.text[parameter.start : parameter.end]
        code = "08P01" if runner.protocol == "extended" else "42P02"
        return Verdict("bind-parameter", code, f"there is no value for the parameter {number}", parameter.start)
    if _copies_to_client(runner, statement):
        return Verdict("client-command", "", "COPY needs a client at its other end", start)
    need = None if explicit else needs_block(statement)
    if need and (need.explicit or not implicit):
        rule = "transaction-control" if need.explicit else "session-state"
        return Verdict(rule, "25P01", need.message, start)
    command = refused_in_block(statement) if explicit or implicit else None
    if command:
        rule = "concurrently" if "CONCURRENTLY" in command else "transaction-control"
        return Verdict(rule, "25001", refused_in_block_message(command), start)
    return None


def _copies_to_client(runner: Runner, statement: Statement) -> bool:
    """Whether the statement is a COPY whose other end is a client that *runner* does not have."""
    copy = None if runner.client_commands else statement.tree(CopyStmt)
    if copy is None or copy.filename or copy.is_program:
        return False
    return copy.is_from or runner.protocol == "extended"
