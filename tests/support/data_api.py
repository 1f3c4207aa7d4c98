"""A local RDS Data API for real boto3 clients, on top of any PostgreSQL.

It speaks the wire format of `ExecuteStatement` (rest-json, `POST /Execute`) and behaves like the service where this
project depends on it: one statement per call through the extended query protocol, a session of its own for every call
(so nothing but committed work survives it), the service's error codes and texts, its limits, and named parameters.
Transactions, batches, result metadata and arrays are not there, and bytea comes as text.

    python -m tests.support.data_api --dsn 'host=localhost user=postgres' --port 8080
"""

from __future__ import annotations

import argparse
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, NamedTuple

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

SQL_LIMIT = 65_536
RESPONSE_LIMIT = 1 << 20


class ApiError(Exception):
    """What the service answers instead of a result."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass
class DataApi:
    """A running server and its knobs, which may be turned while it runs."""

    dsn: str
    resuming: int = 0
    """How many of the next calls find the database asleep."""
    call_seconds: float = 45.0
    """How long a statement may take before the service cancels it."""
    delay: float = 0.0
    """Seconds to wait before each answer."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """The requests so far."""
    closing: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@contextmanager
def serve(dsn: str, port: int = 0) -> Iterator[DataApi]:
    """A Data API at `url` on 127.0.0.1 whose calls go to the PostgreSQL server at *dsn*."""
    api = DataApi(dsn)
    handler = type("Handler", (_Handler,), {"api": api})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        api.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield api
        finally:
            api.closing.set()
            server.shutdown()


def execute(api: DataApi, request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one ExecuteStatement call. Raises ApiError."""
    _validate(request)
    if api.resuming > 0:
        api.resuming -= 1
        raise ApiError(
            "DatabaseResumingException",
            "The Aurora DB instance db-TEST is resuming after being auto-paused. Please wait a few seconds.",
        )
    database = request.get("database")
    try:
        connection = psycopg.connect(make_conninfo(api.dsn, dbname=database), autocommit=True)
    except psycopg.OperationalError as error:
        if "does not exist" in str(error):
            raise ApiError("DatabaseNotFoundException", f"Database {database} is not found", 404) from None
        raise ApiError("DatabaseUnavailableException", "The database is not available", 504) from None
    with connection:
        milliseconds = round(api.call_seconds * 1000)
        connection.pgconn.exec_(f"SET timezone = 'UTC'; SET statement_timeout = {milliseconds}".encode())
        result = _run(connection.pgconn, request["sql"], request.get("parameters") or [])
        return _response(connection, result)


def _validate(request: Mapping[str, Any]) -> None:
    for key in ("resourceArn", "secretArn", "sql"):
        if not request.get(key):
            raise _invalid(key, "Member must not be null")
    if len(request["sql"]) > SQL_LIMIT:
        raise _invalid("sql", f"Member must have length less than or equal to {SQL_LIMIT}")
    if request.get("schema"):
        raise ApiError("ValidationException", "The schema parameter isn't supported")
    if request.get("transactionId"):
        raise ApiError("TransactionNotFoundException", f"Transaction {request['transactionId']} is not found", 404)


def _invalid(key: str, constraint: str) -> ApiError:
    text = f"1 validation error detected: Value at '{key}' failed to satisfy constraint: {constraint}"
    return ApiError("ValidationException", text)


# Statements and parameters

_TOKEN = re.compile(
    r"""
      --[^\n]* | /\*.*?\*/
    | [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
    | \$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$
    | :: | := | :(?P<name>\w+)
    | \w+ | . """,
    re.X | re.S,
)


class _Bound(NamedTuple):
    value: bytes | None
    oid: int


def _run(pgconn: pq.abc.PGconn, sql: str, parameters: Sequence[Mapping[str, Any]]) -> pq.abc.PGresult:
    statement, names = _numbered(sql)
    given = {parameter.get("name"): _bind(parameter) for parameter in parameters}
    if parameters:
        missing = [name for name in names if name not in given]
        if missing:
            raise ApiError("BadRequestException", f"Cannot find parameter: {missing[0]}")
    bound = [given[name] for name in names] if parameters else []
    if names and not parameters:
        # Prepared first, as the service does: an error of the statement itself comes before the missing values.
        result = pgconn.prepare(b"service", statement.encode())
        if result.status == pq.ExecStatus.COMMAND_OK:
            result = pgconn.exec_prepared(b"service", [])
    else:
        result = pgconn.exec_params(statement.encode(), [each.value for each in bound], [each.oid for each in bound])
    if result.status in (pq.ExecStatus.COPY_IN, pq.ExecStatus.COPY_OUT, pq.ExecStatus.COPY_BOTH):
        raise ApiError("DatabaseErrorException", "ERROR: COPY is not supported; SQLState: 0A000")
    if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY):
        raise _database_error(result)
    return result


def _numbered(sql: str) -> tuple[str, list[str]]:
    """*sql* with `$n` for its named parameters, and their names; `a[1:2]` has none."""
    names: list[str] = []
    out: list[str] = []
    before = ""
    for match in _TOKEN.finditer(sql):
        token, name = match.group(), match["name"]
        if name and before != "[" and not before.isdigit():
            if name not in names:
                names.append(name)
            token = f"${names.index(name) + 1}"
        out.append(token)
        before = token if token.strip() else before
    return "".join(out), names


def _bind(parameter: Mapping[str, Any]) -> _Bound:
    match parameter.get("value") or {"isNull": True}:
        case {"isNull": True}:
            return _Bound(None, 0)
        case {"stringValue": str(text)}:
            return _Bound(text.encode(), 25)
        case {"longValue": int(number)}:
            return _Bound(str(number).encode(), 20)
        case {"booleanValue": bool(flag)}:
            return _Bound(b"t" if flag else b"f", 16)
        case {"arrayValue": _}:
            raise ApiError("ValidationException", "Array parameters are not supported.")
        case other:
            raise ApiError("BadRequestException", f"Unknown value {other}")


def _database_error(result: pq.abc.PGresult) -> ApiError:
    def say(what: pq.DiagnosticField) -> str:
        return (result.error_field(what) or b"").decode("utf-8", "replace")

    message, state = say(pq.DiagnosticField.MESSAGE_PRIMARY), say(pq.DiagnosticField.SQLSTATE)
    if message == "cannot insert multiple commands into a prepared statement":
        return ApiError("ValidationException", "Multistatements aren't supported.")
    if state == "57014":
        return ApiError("StatementTimeoutException", "Request timed out")
    parts = [f"{say(pq.DiagnosticField.SEVERITY_NONLOCALIZED) or 'ERROR'}: {message}"]
    for label, what in (
        ("Detail", pq.DiagnosticField.MESSAGE_DETAIL),
        ("Hint", pq.DiagnosticField.MESSAGE_HINT),
        ("Position", pq.DiagnosticField.STATEMENT_POSITION),
    ):
        if say(what):
            parts.append(f"{label}: {say(what)}")
    return ApiError("DatabaseErrorException", "; ".join((*parts, f"SQLState: {state}")))


# Results

_LONGS = frozenset({20, 21, 23, 26})
_DOUBLES = frozenset({700, 701})
_BOOLEAN = 16


def _response(connection: psycopg.Connection[Any], result: pq.abc.PGresult) -> dict[str, Any]:
    if result.status != pq.ExecStatus.TUPLES_OK:
        return {"generatedFields": [], "numberOfRecordsUpdated": result.command_tuples or 0}
    oids = [result.ftype(column) for column in range(result.nfields)]
    _refuse_unsupported(connection, oids)
    records = [
        [_field(result.get_value(row, column), oid) for column, oid in enumerate(oids)] for row in range(result.ntuples)
    ]
    response = {"numberOfRecordsUpdated": 0, "records": records}
    if len(json.dumps(response)) > RESPONSE_LIMIT:
        raise ApiError("UnsupportedResultException", "Database returned more than the allowed response size limit")
    return response


def _refuse_unsupported(connection: psycopg.Connection[Any], oids: Sequence[int]) -> None:
    """The service reads scalars and enums; of the rest this one knows only that it does not know it."""
    rows = connection.execute(
        "SELECT typname FROM pg_type WHERE oid = ANY(%s) AND (typtype NOT IN ('b', 'e', 'd') OR typcategory = 'A')",
        [list(oids)],
    ).fetchall()
    if rows:
        name = str(rows[0][0]).upper()
        raise ApiError("UnsupportedResultException", f"The result contains the unsupported data type {name}")


def _field(raw: bytes | None, oid: int) -> dict[str, Any]:
    if raw is None:
        return {"isNull": True}
    text = raw.decode()
    if oid in _LONGS:
        return {"longValue": int(text)}
    if oid in _DOUBLES:
        return {"doubleValue": float(text)}
    if oid == _BOOLEAN:
        return {"booleanValue": text == "t"}
    return {"stringValue": text}


# HTTP


class _Handler(BaseHTTPRequestHandler):
    api: ClassVar[DataApi]
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet per answer: else every call waits for a delayed acknowledgement
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        code = None
        try:
            answer, status = self._answer(body), 200
        except ApiError as error:
            answer, status, code = {"message": error.message}, error.status, error.code
        except Exception as error:  # a bug of this file: the client should see it, not a closed connection
            answer, status, code = {"message": repr(error)}, 500, "InternalServerErrorException"
        self.api.closing.wait(self.api.delay)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if code is not None:
            self.send_header("x-amzn-ErrorType", code)
        self.end_headers()
        self.wfile.write(data)

    def _answer(self, body: bytes) -> dict[str, Any]:
        if self.path != "/Execute":
            raise ApiError("UnknownOperationException", self.path, 404)
        try:
            request = json.loads(body)
        except ValueError:
            raise ApiError("SerializationException", "Could not parse request body") from None
        self.api.calls.append(request)
        return execute(self.api, request)

    def log_message(self, *args: object, **named: object) -> None:
        """Says nothing: the tests look at `DataApi.calls`."""


def main() -> None:
    """Serves until it is interrupted."""
    parser = argparse.ArgumentParser(description="A local RDS Data API on top of any PostgreSQL")
    parser.add_argument("--dsn", required=True, help="the PostgreSQL server, as libpq's connection string")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    with serve(arguments.dsn, arguments.port) as api:
        print(api.url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
