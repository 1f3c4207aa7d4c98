"""migration_log read from a PostgreSQL server, in one short read-only transaction."""

from __future__ import annotations

import os
import re
import socket
from typing import TYPE_CHECKING

from mig_lsp.core.config.model import PostgresLog
from mig_lsp.core.log import MAX_ROWS, LogEntry, make_entry
from mig_lsp.ledger.fetching import QUERY, UNDEFINED_TABLE, FetchError, failure, too_long, within

if TYPE_CHECKING:
    import psycopg

_QUERY = QUERY.format(after="%(after)s", count="%(count)s")


def fetch(source: PostgresLog, *, timeout: float) -> tuple[LogEntry, ...]:
    """The rows of migration_log, oldest first; none when there is no such table. *timeout* is in seconds.

    Raises FetchError. The connection string comes from the environment or from libpq's service file, never from the
    workspace.
    """
    try:
        import psycopg
        from psycopg.conninfo import make_conninfo
    except ImportError as error:
        raise FetchError("psycopg is not installed: install mig-lsp[postgres]") from error
    parameters = _parameters(source) | {
        "connect_timeout": str(max(2, round(timeout))),
        "application_name": "mig-lsp",
        "client_encoding": "utf8",
    }
    connections: list[psycopg.Connection] = []

    def work() -> tuple[LogEntry, ...]:
        with psycopg.connect(make_conninfo(**parameters), prepare_threshold=None) as connection:
            connections.append(connection)
            return _read(connection, timeout)

    secrets = [parameters.get("password", ""), os.environ.get("PGPASSWORD", "")]
    try:
        return within(timeout, work, lambda: _hang_up(connections))
    except psycopg.Error as error:
        if error.sqlstate == UNDEFINED_TABLE:
            return ()
        raise failure(error.diag.message_primary or str(error), secrets) from None
    except UnicodeError:
        raise FetchError("migration_log holds text that is not UTF-8") from None


def _read(connection: psycopg.Connection, timeout: float) -> tuple[LogEntry, ...]:
    connection.read_only = True
    milliseconds = str(max(1, round(timeout * 1000)))
    settings = {"statement_timeout": milliseconds, "lock_timeout": milliseconds, "datestyle": "ISO", "timezone": "UTC"}
    for name, value in settings.items():
        connection.execute("SELECT set_config(%s, %s, true)", (name, value))
    entries: list[LogEntry] = []
    # One row at a time: what does not keep to the query's bounds, as a real server does, must not fill the memory.
    with connection.cursor() as cursor:
        for _, *values in cursor.stream(_QUERY, {"after": -(2**31), "count": MAX_ROWS + 1}):
            if len(entries) == MAX_ROWS:
                _hang_up([connection])  # else psycopg would wait for the end, which may never come
                raise too_long()
            entries.append(make_entry(*values))
    connection.rollback()
    return tuple(entries)


def _parameters(source: PostgresLog) -> dict[str, str]:
    """The connection parameters, without what libpq adds from its own files and variables."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    if source.service is not None:
        return {"service": source.service}
    if source.url_env is None:
        raise FetchError("neither url-env nor service says where the database is")
    url = os.environ.get(source.url_env, "").strip()
    if not url:
        raise FetchError(f"the environment variable {source.url_env} is not set")
    if _misread(url):  # libpq would take pieces of the password for the host or the port, and its errors name those
        raise FetchError(
            f"the URL in {source.url_env} cannot be taken apart: write @ / ? # in its password as %40 %2F %3F %23"
        )
    try:
        return {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:  # its message may quote the password
        raise FetchError(f"the environment variable {source.url_env} holds no PostgreSQL connection string") from None


def _misread(url: str) -> bool:
    """Whether a URL's password holds a character that ends something else in a URL."""
    if "://" not in url:
        return False
    authority, *rest = re.split("[/?#]", url.split("://", 1)[1], maxsplit=1)
    if authority.count("@") > 1:
        return True
    port = authority.rpartition(":")[2]
    return "@" not in authority and "@" in "".join(rest) and ":" in authority and not port.isdecimal()


def _hang_up(connections: list[psycopg.Connection]) -> None:
    """Wakes the thread that waits for a silent server: its connection looks closed from the other side."""
    import psycopg

    for connection in connections:
        try:
            handle = socket.socket(fileno=connection.fileno())
        except (OSError, psycopg.Error):  # it ended by itself just now
            continue
        try:
            handle.shutdown(socket.SHUT_RDWR)
        except OSError:  # the same
            continue
        finally:
            handle.detach()  # the connection owns the descriptor
