"""What the rules say of a file beside what a real server says of every chunk that the runner would send."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import psycopg

from mig_lsp import replay
from mig_lsp.core.change import Finding, Fix, Severity, apply
from mig_lsp.core.check import check_document
from mig_lsp.core.rules import by_name
from mig_lsp.core.runner import policy
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.text import Span

REFUSED_FOR_THE_TEXT = frozenset({"42601", "08P01", "42P02", "42P18", "25P01", "25001", "22021", ""})
"""Syntax, several commands, a parameter without a value, a block missing or in the way, a NUL; "" is the client's."""

BY_DECREE = {
    "do-block": "the team's validator blocks it, also where the block arrives whole",
    "transaction-control": "the server takes it, and nothing becomes atomic",
    "dropped-comment-line": "the server takes what is left of the text",
    "call-limit": "a limit of the managed service, which the test server does not have",
    "invalid-encoding": "the server takes U+FFFD",
}
"""The error rules that the server need not agree with, and why."""

# Enough for statements that are in order to be carried out.
PRELUDE = """
    CREATE TYPE mood AS ENUM ('happy', 'sad');
    CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE, name text, role text, created_at timestamptz);
    CREATE TABLE t (a int PRIMARY KEY, b text, c numeric);
    CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, total numeric, status text, note text);
    CREATE INDEX i ON t (b);
    CREATE VIEW v AS SELECT a FROM t;
    CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
    CREATE UNIQUE INDEX m_a ON m (a);
    CREATE SEQUENCE s;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
"""


class Refusal(NamedTuple):
    """A chunk that is refused for its text alone, or a file that is not sent: the stretch of the file, and why.

    *tail* says that it is a later piece of what the runner cuts: the first piece has the finding.
    """

    span: Span
    sqlstate: str
    message: str
    tail: bool


@dataclass(frozen=True)
class Trial:
    """One file before both judges.

    *errors* are the error findings of the categories runner and syntax; *failed* tells whether any chunk failed,
    also for want of something that the database does not have.
    """

    path: str
    errors: tuple[Finding, ...]
    refusals: tuple[Refusal, ...]
    failed: bool

    @property
    def verdict(self) -> str:
        """How the two compare: "agree", "decree", "unproven" (it failed for another reason), "false" or "miss"."""
        if self.refusals:
            return "agree" if all(self._announced(refusal) for refusal in self.refusals) else "miss"
        certain = [error for error in self.errors if error.rule not in BY_DECREE]
        if not certain:
            return "decree" if self.errors else "agree"
        return "unproven" if self.failed else "false"

    def _announced(self, refusal: Refusal) -> bool:
        return refusal.tail or any(refusal.span.start <= error.span.start <= refusal.span.end for error in self.errors)

    def __str__(self) -> str:
        said = "; ".join(f"{error.rule} at {error.span.start}" for error in self.errors) or "nothing"
        server = "; ".join(f"{r.sqlstate} {r.message} in {r.span.start}-{r.span.end}" for r in self.refusals)
        return f"{self.verdict}: {self.path}: rules say {said}; server says {server or 'nothing'}"


def connect(database: str) -> psycopg.Connection[Any]:
    """A connection as `replay` needs it."""
    connection = psycopg.connect(database, autocommit=True, prepare_threshold=None)
    connection.execute("SET client_min_messages = error")
    return connection


def reset(connection: psycopg.Connection[Any]) -> None:
    """Leaves nothing in the database but the prelude."""
    connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + PRELUDE)


def try_file(connection: psycopg.Connection[Any], snapshot: Snapshot, file: File) -> Trial:
    """Sends every chunk of *file*, also those behind one that failed, to a database with the prelude alone."""
    reset(connection)
    errors = tuple(finding for finding in check_document(snapshot, file.path) if _is_certain(finding))
    runner = snapshot.plan.runner
    chunks = file.chunks(runner)
    refused = policy.refusal(runner, chunks)
    if refused is not None:
        placed = [*chunks.placed()][refused.chunk]
        piece = Span(placed.start, placed.start + len(placed.chunk.text))
        return Trial(file.path, errors, (Refusal(piece, "", refused.refusal.why, tail=False),), failed=True)
    refusals: list[Refusal] = []
    failed = False
    _begin(connection, runner)
    for placed in chunks.placed():
        if not placed.chunk.sql:
            continue
        answer = replay.send(connection.pgconn, runner, placed.chunk)
        if answer.failed or not runner.keeps_session:
            _begin(connection, runner)
        if runner.client_commands and answer.message.endswith(('":"', '"\\"')):
            continue  # psql itself would have taken care of it
        failed = failed or answer.failed
        if answer.failed and answer.sqlstate in REFUSED_FOR_THE_TEXT and not answer.context:
            piece = Span(placed.start, placed.start + len(placed.chunk.text))
            refusals.append(Refusal(piece, answer.sqlstate, answer.message, _is_tail(file, placed.start, refusals)))
    replay.new_session(connection.pgconn)
    return Trial(file.path, errors, tuple(refusals), failed)


def fixed(snapshot: Snapshot, file: File, fix: Fix) -> tuple[Snapshot, File]:
    """The set after the edits of *fix* in *file* itself."""
    after = replace(file, text=apply(file.text, fix.edits))
    return snapshot.with_text(after), after


def _begin(connection: psycopg.Connection[Any], runner: Runner) -> None:
    """A new session, in the runner's own transaction where it opens one."""
    replay.new_session(connection.pgconn)
    if runner.opens_transaction:
        connection.execute("BEGIN")


def _is_certain(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR and by_name()[finding.rule].category in {"runner", "syntax"}


def _is_tail(file: File, start: int, before: list[Refusal]) -> bool:
    """Whether *start* lies inside a statement or a comment, as PostgreSQL reads the file, or in the rows of a COPY."""
    if before and before[-1].message.startswith("COPY FROM STDIN") and before[-1].span.end == start:
        return True
    places = ((placed.start, placed.start + len(placed.statement.text)) for placed in file.statements.placed())
    return any(first < start < end and file.text[first:start].strip() for first, end in places)
