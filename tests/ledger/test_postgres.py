from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from mig_lsp import shadow
from mig_lsp.core.config.model import PostgresLog
from mig_lsp.core.log import MAX_ERROR, LogEntry
from mig_lsp.ledger import postgres
from mig_lsp.ledger.fetching import FetchError
from tests.ledger.conftest import ENTRIES

SOURCE = PostgresLog(url_env="TEST_LOG_URL")


def test_the_rows_come_in_order_with_their_times_as_text(logged: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_LOG_URL", logged)
    check_rows(SOURCE, ENTRIES)


def test_times_do_not_depend_on_the_settings_of_the_database(logged: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_LOG_URL", f"{logged} options='-c datestyle=German -c timezone=Asia/Tokyo'")
    check_rows(SOURCE, ENTRIES)


def test_a_service_is_looked_up_by_libpq(
    logged: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = tmp_path_factory.mktemp("libpq") / "pg_service.conf"
    lines = [f"{key}={value}" for key, value in conninfo_to_dict(logged).items()]
    services.write_text("\n".join(("[prod]", *lines)), encoding="utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    check_rows(PostgresLog(service="prod"), ENTRIES)


def test_without_the_table_nothing_ran_yet(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_LOG_URL", database)
    check_rows(SOURCE, ())


def test_a_table_of_another_shape_is_named(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE migration_log (id int, step_number int, description text)")
    monkeypatch.setenv("TEST_LOG_URL", database)
    check_problem('column "status" does not exist')


def test_a_giant_error_is_cut_before_it_travels(logged: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(logged) as connection:
        connection.execute("UPDATE migration_log SET error_message = repeat('é', 10000000) WHERE step_number = 2")
    monkeypatch.setenv("TEST_LOG_URL", logged)
    giant = replace(ENTRIES[1], error="é" * (MAX_ERROR - 1) + "…")
    check_rows(SOURCE, (ENTRIES[0], giant, ENTRIES[2]))


def test_the_session_cannot_write(logged: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(logged) as connection:
        connection.execute("ALTER TABLE migration_log RENAME TO real_log")
        connection.execute(
            "CREATE FUNCTION spy() RETURNS SETOF real_log LANGUAGE plpgsql AS $$"
            " BEGIN DELETE FROM real_log; RETURN; END $$"
        )
        connection.execute("CREATE VIEW migration_log AS SELECT * FROM spy()")
    monkeypatch.setenv("TEST_LOG_URL", logged)
    check_problem("cannot execute DELETE in a read-only transaction")
    with psycopg.connect(logged) as connection:
        assert (len(ENTRIES),) == connection.execute("SELECT count(*) FROM real_log").fetchone()


@pytest.mark.timeout(30)
def test_a_slow_answer_is_cut_off_and_leaves_nothing_running(logged: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(logged) as connection:
        connection.execute("ALTER TABLE migration_log RENAME TO real_log")
        connection.execute("CREATE VIEW migration_log AS SELECT * FROM real_log WHERE pg_sleep(30) IS NOT NULL")
    monkeypatch.setenv("TEST_LOG_URL", logged)
    text = problem(timeout=0.7)
    assert text in ("no answer within 0.7 s", "canceling statement due to statement timeout")
    assert_no_thread_is_left()


def test_a_server_that_falls_silent_when_it_is_asked_is_hung_up_on(
    logged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with silenced(logged) as address:
        monkeypatch.setenv("TEST_LOG_URL", f"{address} user=postgres dbname=postgres")
        check_problem("no answer within 0.5 s", timeout=0.5)
        assert_no_thread_is_left()


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        monkeypatch.setenv("TEST_LOG_URL", f"postgresql://me:s3cret-word@127.0.0.1:{port}/app")
        text = problem()
    assert "refused" in text
    assert "\n" not in text
    assert "s3cret-word" not in text


@pytest.mark.timeout(30)
def test_a_server_that_never_answers_costs_no_more_than_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    with black_hole() as port:
        monkeypatch.setenv("TEST_LOG_URL", f"postgresql://me:s3cret-word@127.0.0.1:{port}/app")
        check_problem("no answer within 0.5 s", timeout=0.5)


def test_a_wrong_password_is_not_repeated(
    postgres: shadow.Server, logged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = postgres.directory / "data" / "pg_hba.conf"
    rules.write_text(f"local all guarded scram-sha-256\n{rules.read_text(encoding='utf-8')}", encoding="utf-8")
    with psycopg.connect(logged, autocommit=True) as connection:
        connection.execute("CREATE ROLE guarded LOGIN PASSWORD 'right-word'")
        connection.execute("GRANT SELECT ON migration_log TO guarded")
        connection.execute("SELECT pg_reload_conf()")
        where = logged.replace("user='postgres'", "user='guarded'")
        monkeypatch.setenv("TEST_LOG_URL", f"{where} password='s3cret-word'")
        text = problem()
        monkeypatch.setenv("TEST_LOG_URL", f"{where} password='right-word'")
        check_rows(SOURCE, ENTRIES)
        connection.execute("DROP OWNED BY guarded; DROP ROLE guarded")
    assert 'password authentication failed for user "guarded"' in text
    assert "s3cret-word" not in text


@pytest.mark.parametrize("value", ["postgres://u:s3cret-word@[h/db", "s3cret-word", "host=x password='s3cret-word"])
def test_what_is_no_connection_string_is_not_repeated(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {"TEST_LOG_URL": value})
    check_problem("the environment variable TEST_LOG_URL holds no PostgreSQL connection string")


@pytest.mark.parametrize("password", ["s3cret@word", "s3cret/word", "s3cret?word@", "s3cret#word/@"])
def test_a_password_that_breaks_its_url_is_not_repeated_in_pieces(
    password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_LOG_URL", f"postgresql://me:{password}@127.0.0.1:1/app")
    check_problem("the URL in TEST_LOG_URL cannot be taken apart: write @ / ? # in its password as %40 %2F %3F %23")


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_that_is_not_set(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if value is None:
        monkeypatch.delenv("TEST_LOG_URL", raising=False)
    else:
        monkeypatch.setenv("TEST_LOG_URL", value)
    check_problem("the environment variable TEST_LOG_URL is not set")


def check_rows(source: PostgresLog, expected: tuple[LogEntry, ...]) -> None:
    assert expected == postgres.fetch(source, timeout=10)


def check_problem(expected: str, timeout: float = 10) -> None:
    assert expected == problem(timeout)


def problem(timeout: float = 10) -> str:
    with pytest.raises(FetchError) as caught:
        postgres.fetch(SOURCE, timeout=timeout)
    return str(caught.value)


def assert_no_thread_is_left() -> None:
    deadline = time.monotonic() + 2
    while any(thread.name == "mig-lsp log" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "the thread still waits for the server"
        time.sleep(0.01)


@contextmanager
def black_hole() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def silenced(dsn: str) -> Iterator[str]:
    """The address of a way to the server at *dsn* that swallows everything from the question about migration_log on."""
    server = socket.socket(socket.AF_UNIX) if str(conninfo_to_dict(dsn)["host"]).startswith("/") else socket.socket()
    with socket.create_server(("127.0.0.1", 0)) as listener, server:

        def to_server(client: socket.socket) -> None:
            while (data := client.recv(65_536)) and b"migration_log" not in data:
                server.sendall(data)

        def to_client(client: socket.socket) -> None:
            while data := server.recv(65_536):
                client.sendall(data)

        def serve() -> None:
            client, _ = listener.accept()
            clients.append(client)
            threading.Thread(target=to_client, args=(client,), daemon=True).start()
            to_server(client)

        clients: list[socket.socket] = []
        where = conninfo_to_dict(dsn)
        if server.family == socket.AF_INET:
            server.connect((where["host"], int(str(where["port"]))))
        else:
            server.connect(f"{where['host']}/.s.PGSQL.{where['port']}")
        threading.Thread(target=serve, daemon=True).start()
        yield f"host=127.0.0.1 port={listener.getsockname()[1]} sslmode=disable"
        server.shutdown(socket.SHUT_RDWR)
        for client in clients:
            client.close()
