"""Runs migrations on a real PostgreSQL exactly as a runner would: chunk by chunk, with its protocol, sessions and log.

Nothing here protects the server: whoever calls this chooses the database, the role and its timeouts. What only the
managed service does (its limits, its `:name` parameters) is not imitated. The log is written as `rds-data-api` does;
other runners keep none here. psql is taken to stop at the first error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from mig_lsp.core.runner import policy, psql, split
from mig_lsp.core.runner.profile import PSQL, Runner
from mig_lsp.core.runner.split import Chunk, Chunks

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.pq.abc import PGconn, PGresult


class Answer(NamedTuple):
    """What the server said of one chunk; all empty when it was carried out.

    The SQLSTATE is "" too when the client cannot go on (a COPY that nobody feeds). *offset* is in the SQL sent, in code
    points; *context* is not empty for an error inside a function's body.
    """

    sqlstate: str = ""
    message: str = ""
    detail: str = ""
    hint: str = ""
    offset: int | None = None
    context: str = ""

    @property
    def failed(self) -> bool:
        """Whether the chunk was not carried out."""
        return bool(self.message)

    @property
    def error(self) -> str:
        """The error as the RDS Data API words it, which is what a runner compares and records."""
        if not self.failed:
            return ""
        parts = [f"ERROR: {self.message}"]
        parts += [f"{name}: {value}" for name, value in (("Detail", self.detail), ("Hint", self.hint)) if value]
        parts += [] if self.offset is None else [f"Position: {self.offset + 1}"]
        parts += [f"SQLState: {self.sqlstate}"] if self.sqlstate else []
        return "; ".join(parts)


class Step(NamedTuple):
    """One chunk that was sent: its index in the file, the answer, and whether the runner went on after an error."""

    chunk: int
    answer: Answer
    tolerated: bool = False


@dataclass(frozen=True)
class Replay:
    """What became of one file. *error* is "" when it was carried out, or skipped because it is completed already."""

    name: str
    chunks: Chunks
    steps: tuple[Step, ...] = ()
    refused: policy.Refused | None = None
    skipped: bool = False
    error: str = ""

    @property
    def failure(self) -> Step | None:
        """The chunk that stopped the file."""
        last = self.steps[-1] if self.steps else None
        return last if last and last.answer.failed and not last.tolerated else None


class File(NamedTuple):
    """A migration to run."""

    name: str
    text: str


def replay(
    connection: Connection[Any], runner: Runner, files: Iterable[File], *, initial: Iterable[File] = ()
) -> tuple[Replay, ...]:
    """Runs *files* in order until one fails, after the *initial* ones when the database is empty.

    *connection* is in autocommit mode, outside a transaction, and made with `prepare_threshold=None`; its session is
    thrown away (DISCARD ALL) between chunks where the runner keeps none. Raises psycopg.OperationalError when the
    connection breaks.
    """
    pgconn = connection.pgconn
    done: list[Replay] = []
    if runner.transaction == "run":
        _command(pgconn, "BEGIN")
    for result in _run(pgconn, runner, files, initial):
        done.append(result)
        if result.error:
            break
    if runner.transaction == "run":
        _end(pgconn, done)
    return tuple(done)


def replay_file(connection: Connection[Any], runner: Runner, text: str, *, initial: bool = False) -> Replay:
    """Runs one file by itself and writes no log; *initial* says which errors are tolerated."""
    if runner.transaction == "run":
        _command(connection.pgconn, "BEGIN")
    done = [_file(connection.pgconn, runner, File("", text), initial=initial)]
    if runner.transaction == "run":
        _end(connection.pgconn, done)
    return done[0]


def send(pgconn: PGconn, runner: Runner, chunk: Chunk) -> Answer:
    """Sends one chunk in the current session. Raises psycopg.OperationalError when the connection breaks."""
    from psycopg import OperationalError
    from psycopg.pq import ConnStatus

    nul = chunk.sql.find("\0")
    if nul >= 0:  # libpq would cut the text there
        return Answer("22021", 'invalid byte sequence for encoding "UTF8": 0x00', offset=nul)
    sql = chunk.sql.encode("utf-8", "replace")
    if runner.protocol == "extended":
        pgconn.send_query_params(sql, None)
    else:
        pgconn.send_query(sql)
    found = Answer()
    while result := pgconn.get_result():
        answer = _answer(pgconn, runner, chunk, result)
        found = found if found.failed else answer
    if pgconn.status != ConnStatus.OK:
        raise OperationalError(found.message)
    return found


def new_session(pgconn: PGconn) -> None:
    """Leaves nothing of what the last chunk did to the session, as if the next one came over another connection."""
    from psycopg.pq import TransactionStatus

    if pgconn.transaction_status != TransactionStatus.IDLE:
        _command(pgconn, "ROLLBACK")
    _command(pgconn, "DISCARD ALL")


def _run(pgconn: PGconn, runner: Runner, files: Iterable[File], initial: Iterable[File]) -> Iterator[Replay]:
    logged = runner.log is not None and runner.log.name == "migration_log"
    if _is_empty(pgconn):
        for file in initial:
            yield _file(pgconn, runner, file, initial=True)
    if logged:
        _command(pgconn, _LOG_TABLE)
    for file in files:
        if not logged:
            yield _file(pgconn, runner, file, initial=False)
        elif _is_completed(pgconn, file.name):
            yield Replay(file.name, split.read(runner, file.text), skipped=True)
        else:
            yield _logged(pgconn, _file(pgconn, runner, file, initial=False))


def _file(pgconn: PGconn, runner: Runner, file: File, *, initial: bool) -> Replay:
    chunks = split.read(runner, file.text)
    refused = policy.refusal(runner, chunks)
    if refused:
        return Replay(file.name, chunks, refused=refused, error=f"{file.name}: {refused.refusal.why}")
    if runner.transaction == "file":
        _command(pgconn, "BEGIN")
    steps: list[Step] = []
    error = ""
    for index, chunk in enumerate(chunks.items):
        if not chunk.sql:
            continue
        answer = send(pgconn, runner, chunk)
        if not runner.keeps_session:
            new_session(pgconn)
        goes_on = answer.failed and _tolerated(pgconn, runner, chunk.sql, answer, initial=initial)
        steps.append(Step(index, answer, goes_on))
        if answer.failed and not goes_on:
            error = answer.error
            break
    result = [Replay(file.name, chunks, tuple(steps), error=error)]
    if runner.transaction == "file":
        _end(pgconn, result)
    return result[0]


def _answer(pgconn: PGconn, runner: Runner, chunk: Chunk, result: PGresult) -> Answer:
    from psycopg.pq import DiagnosticField, ExecStatus

    if result.status == ExecStatus.COPY_IN:
        if runner.client_commands:
            pgconn.put_copy_data(psql.data(chunk.text).encode("utf-8", "replace"))
            pgconn.put_copy_end()
            return Answer()
        pgconn.put_copy_end(b"nobody feeds it")
        return Answer("", "COPY FROM STDIN has nobody to feed it")
    if result.status == ExecStatus.COPY_OUT:
        while pgconn.get_copy_data(0)[0] > 0:
            pass
        return Answer("", "COPY TO STDOUT has nobody to read it") if runner.protocol == "extended" else Answer()
    if result.status != ExecStatus.FATAL_ERROR:
        return Answer()

    def part(field: DiagnosticField) -> str:
        return (result.error_field(field) or b"").decode("utf-8", "replace")

    position = part(DiagnosticField.STATEMENT_POSITION)
    return Answer(
        part(DiagnosticField.SQLSTATE),
        part(DiagnosticField.MESSAGE_PRIMARY) or result.error_message.decode("utf-8", "replace").strip(),
        part(DiagnosticField.MESSAGE_DETAIL),
        part(DiagnosticField.MESSAGE_HINT),
        int(position) - 1 if position else None,
        part(DiagnosticField.CONTEXT),
    )


def _tolerated(pgconn: PGconn, runner: Runner, sql: str, answer: Answer, *, initial: bool) -> bool:
    if not runner.tolerates:
        return False
    column = policy.added_column(sql)
    exists = column is not None and bool(_rows(pgconn, _COLUMN.format(column.table, column.name)))
    return policy.tolerated(runner, sql, answer.error, initial=initial, column_exists=exists)


def _logged(pgconn: PGconn, result: Replay) -> Replay:
    """*result* with its row in the log; the file name goes into the SQL as it is, as the runner does."""
    step = (_rows(pgconn, _NEXT_STEP) or ["1"])[0]
    if not result.error:
        answer = _command(pgconn, _COMPLETED.format(step, result.name))
        if not answer.failed:
            return result
        result = Replay(result.name, result.chunks, result.steps, error=answer.error)
    _command(pgconn, _FAILED.format(step, result.name, result.error.replace("'", "''")))
    return result


def _is_empty(pgconn: PGconn) -> bool:
    return _rows(pgconn, _USERS) != ["1"]


def _is_completed(pgconn: PGconn, name: str) -> bool:
    return _rows(pgconn, _RUNS.format(name)) not in ([], ["0"])


def _end(pgconn: PGconn, done: list[Replay]) -> None:
    """Ends the runner's own transaction; what fails only at the commit is the last file's error."""
    if not done or done[-1].error:
        _command(pgconn, "ROLLBACK")
        return
    answer = _command(pgconn, "COMMIT")
    if answer.failed:
        last = done[-1]
        done[-1] = Replay(last.name, last.chunks, last.steps, error=answer.error)


def _command(pgconn: PGconn, sql: str) -> Answer:
    return send(pgconn, PSQL, Chunk(sql, "whole-file"))


def _rows(pgconn: PGconn, sql: str) -> list[str]:
    """The first column of a query of the runner's own; nothing when it fails."""
    result = pgconn.exec_(sql.encode("utf-8", "replace"))
    return [(result.get_value(row, 0) or b"").decode("utf-8", "replace") for row in range(result.ntuples)]


_USERS = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'users'"
_COLUMN = (
    "SELECT 1 FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name = '{}' AND column_name = '{}'"
)
_LOG_TABLE = """CREATE TABLE IF NOT EXISTS migration_log (
    id serial PRIMARY KEY,
    step_number integer NOT NULL,
    description text NOT NULL,
    sql_executed text,
    status varchar(20) DEFAULT 'pending',
    error_message text,
    executed_at timestamp DEFAULT current_timestamp
)"""
_RUNS = "SELECT count(*) FROM migration_log WHERE description = '{}' AND status = 'completed'"
_NEXT_STEP = "SELECT coalesce(max(step_number), 0) + 1 FROM migration_log"
_COMPLETED = (
    "INSERT INTO migration_log (step_number, description, sql_executed, status)"
    " VALUES ({}, '{}', 'Migration file executed', 'completed')"
)
_FAILED = (
    "INSERT INTO migration_log (step_number, description, sql_executed, status, error_message)"
    " VALUES ({}, '{}', 'Migration file executed', 'failed', '{}')"
)
