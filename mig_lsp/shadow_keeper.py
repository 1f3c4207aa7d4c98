"""The process between mig-lsp and its throwaway PostgreSQL server; run as a script, with a job as JSON.

It ends the server and removes the server's directory when its standard input ends: also when mig-lsp was killed. It
needs nothing outside the standard library, because it is started without the user's Python set-up.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import TypedDict


class Job(TypedDict):
    """What to run: the server's directory (with its `data`), program (on Windows pg_ctl), settings and account ids."""

    directory: str
    program: str
    settings: dict[str, str]
    account: tuple[int, int] | None


def main(job: Job) -> None:
    """Runs the server until standard input ends; exits at once, and leaves the log, when the server ends first."""
    signal.signal(signal.SIGTERM, _leave)
    directory = Path(job["directory"])
    if sys.platform == "win32":
        _keep_with_pg_ctl(job)
    else:
        _keep_child(job)
    shutil.rmtree(directory, ignore_errors=True)


def _keep_child(job: Job) -> None:
    directory = Path(job["directory"])
    uid, gid = job["account"] or (None, None)
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [job["program"], "-D", str(directory / "data"), *_options(job)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=uid,
            group=gid,
            extra_groups=None if uid is None else [],
        )
    stopping = threading.Event()
    threading.Thread(target=_follow, args=(server, stopping), daemon=True).start()
    try:
        sys.stdin.buffer.read()
    finally:
        stopping.set()
        server.send_signal(signal.SIGQUIT)  # at once: nobody will read the data again
        server.wait()


def _follow(server: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    server.wait()
    if not stopping.is_set():
        os._exit(1)  # the main thread is inside a read that nothing else ends


def _keep_with_pg_ctl(job: Job) -> None:
    """Windows: only pg_ctl can start a server from an administrator's account."""
    directory = Path(job["directory"])
    control = [job["program"], "-D", str(directory / "data")]
    log = str(directory / "log")
    if subprocess.run([*control, "-w", "-l", log, "-o", " ".join(_options(job)), "start"], check=False).returncode:
        os._exit(1)
    try:
        sys.stdin.buffer.read()
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False)


def _options(job: Job) -> list[str]:
    return [part for key, value in job["settings"].items() for part in ("-c", f"{key}={value}")]


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
