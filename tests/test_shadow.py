from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from mig_lsp import shadow


@pytest.fixture
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MIG_LSP_NO_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "mig-lsp" / "shadow"


def test_a_stopped_server_leaves_nothing(cache_home: Path) -> None:
    with shadow.start() as server:
        directory = server.directory
        assert ask(server, "SELECT current_setting('server_encoding') = 'UTF8'")
        assert ask(server, "SELECT current_setting('fsync') = 'off'")
    server.stop()
    assert not directory.exists()
    assert server.keeper.poll() is not None


def test_the_second_start_takes_the_cached_data(cache_home: Path) -> None:
    with shadow.start() as first:
        identity = ask(first, "SELECT system_identifier::text FROM pg_control_system()")
    (cached,) = cache_home.iterdir()
    with shadow.start() as second, shadow.start() as third:
        assert identity == ask(second, "SELECT system_identifier::text FROM pg_control_system()")
        assert second.directory != third.directory
    (cached / "global" / "pg_control").unlink()
    with shadow.start() as fourth:
        assert identity != ask(fourth, "SELECT system_identifier::text FROM pg_control_system()")


def test_without_a_cache_nothing_is_kept(cache_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIG_LSP_NO_CACHE", "1")
    with shadow.start() as server:
        assert ask(server, "SELECT true")
    assert not cache_home.exists()


def test_variables_of_libpq_and_the_server_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGDATA", "PGPORT", "PGHOST", "PGUSER", "PGDATABASE"):
        monkeypatch.setenv(name, "1")
    with shadow.start() as server:
        assert ask(server, "SELECT current_database() = 'postgres' AND current_user = 'postgres'")


def test_a_server_ends_with_the_process_that_started_it() -> None:
    code = (
        "import os, signal; from mig_lsp import shadow; server = shadow.start();"
        "print(server.directory, (server.directory / 'data' / 'postmaster.pid').read_text().split()[0], flush=True);"
        "os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    directory, _, pid = done.stdout.strip().rpartition(" ")
    assert done.returncode
    wait_until(lambda: not Path(directory).exists())
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_it_does_not_run_as_root_and_lets_nobody_else_in(postgres: shadow.Server) -> None:
    assert (postgres.directory.stat().st_mode & 0o077) == 0
    assert postgres.directory.stat().st_uid != 0
    assert ask(postgres, "SELECT current_setting('listen_addresses') = ''")


@pytest.mark.parametrize("content", [None, "#!/bin/sh\nexit 3\n"])
def test_programs_that_are_none_are_one_line(
    content: str | None, tmp_path: Path, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    if content is not None:
        for name in ("initdb", "postgres"):
            (tmp_path / name).write_text(content, encoding="utf-8")
            (tmp_path / name).chmod(0o755)
    with pytest.raises(shadow.UnavailableError) as caught:
        shadow.start()
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_version_asked_for_is_taken_where_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PG_BIN", raising=False)
    newest = shadow.find_binaries()
    assert newest is not None
    assert newest == shadow.find_binaries(major=1)


def ask(server: shadow.Server, question: str) -> object:
    with psycopg.connect(server.dsn()) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
