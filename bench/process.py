"""Runs programs and measures them: time, CPU and memory of a whole family of processes, instructions."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_MARK = "MIG_LSP_BENCH_MARK"
_PAUSE = (
    0.01  # seconds between two samples of a program that ends soon; what takes long to sample is sampled less often
)
_SHARE = 20  # a sample may take one part in so many of the time
_COUNTERS = {  # how each is called, and how it says what it has counted
    "perf": (("perf", "stat", "-x,", "-e", "instructions:u"), r"^(\d+),[^,]*,instructions"),
    "callgrind": (
        ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--trace-children=yes"),
        r"Collected : (\d+)",
    ),
}
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Usage(NamedTuple):
    """What a run took: seconds, CPU seconds (user and system) of all processes, and their peak memory in bytes.

    *memory* is what each process has for itself, and the largest part that one shares with others, once; of a single
    process that is its resident set. None where there is no `/proc`.
    """

    wall: float
    cpu: float | None
    memory: int | None
    output: str
    code: int


class Meter:
    """Samples every process that descends from one started with `environment`, until it is left."""

    def __init__(self, pause: float = _PAUSE) -> None:
        self._pause = pause
        self._mark = uuid.uuid4().hex
        self._before = _processes()
        self._known: dict[int, bool] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.memory = 0  # bytes, the peak so far

    def __enter__(self) -> Meter:
        if _PROC.is_dir():
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """The variables for the first process: children inherit the mark in them, detached ones, too."""
        return {**os.environ, **given, _MARK: self._mark}

    def cpu(self) -> float | None:
        """Seconds of CPU that the living processes and their ended children have taken so far."""
        if not _PROC.is_dir():
            return None
        return sum(_cpu(process) for process in self._family())

    def resident(self) -> int | None:
        """Bytes of memory at this moment."""
        return _together(self._family()) if _PROC.is_dir() else None

    def peak(self) -> int | None:
        """Bytes of memory at the worst moment, this one included."""
        self.memory = max(self.memory, self.resident() or 0)
        return self.memory or None

    def family(self) -> list[int]:
        """The processes that are alive."""
        return list(self._family())

    def _watch(self) -> None:
        pause = self._pause
        while not self._end.wait(pause):
            begun = time.perf_counter()
            self.memory = max(self.memory, _together(self._family()))
            pause = max(self._pause, _SHARE * (time.perf_counter() - begun))

    def _family(self) -> Iterator[int]:
        mark = f"{_MARK}={self._mark}".encode()
        alive = _processes()
        for gone in self._known.keys() - alive:
            self._known.pop(gone, None)
        for process in alive - self._before:
            # A process between fork and exec still has its parent's variables, so a "no" is asked again.
            if not (member := self._known.get(process, False)):
                with contextlib.suppress(OSError):  # another user's, or gone
                    member = self._known[process] = mark in (_PROC / str(process) / "environ").read_bytes()
            if member:
                yield process


def run(command: Sequence[str], root: Path, environment: Mapping[str, str]) -> Usage:
    """Runs a program to its end in *root*, its output going to a file."""
    with Meter() as meter, tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=root,
            env=meter.environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        cpu, code = _wait(process)
        wall = time.perf_counter() - begun
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    return Usage(wall, cpu, meter.memory or None, text, code)


def instructions(command: Sequence[str], root: Path, environment: Mapping[str, str]) -> int | None:
    """How many instructions a program executes in user space; None where nothing counts them, or not this time."""
    count = _COUNTERS.get(counter())
    if count is None:
        return None
    prefix, pattern = count
    env = {**os.environ, **environment}
    done = subprocess.run(
        [*prefix, *command],
        cwd=root,
        env=env,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    found = re.findall(pattern, done.stderr, re.M)
    return sum(map(int, found)) if found else None


@lru_cache(maxsize=1)
def counter() -> str:
    """What counts instructions on this machine: `perf` where the processor's counter can be had, or `callgrind`."""
    for name, (prefix, pattern) in _COUNTERS.items():
        if shutil.which(prefix[0]):
            done = subprocess.run([*prefix, sys.executable, "-c", ""], check=False, capture_output=True, text=True)
            if re.search(pattern, done.stderr, re.M):
                return name
    return ""


def _wait(process: subprocess.Popen[bytes]) -> tuple[float | None, int]:
    if not hasattr(os, "wait4"):
        return None, process.wait()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, process.returncode


def _cpu(process: int) -> float:
    """Seconds of CPU; the finer clock of the living threads where it says more than the ticks of the whole process."""
    home = _PROC / str(process)
    try:
        ticks = sum(map(int, (home / "stat").read_text().rpartition(")")[2].split()[11:15]))
        fine = sum(int(each.read_text().split()[0]) for each in home.glob("task/*/schedstat"))
    except (OSError, ValueError, IndexError):  # it has just ended
        return 0.0
    return max(ticks / _TICKS, fine / 1e9)


def _processes() -> set[int]:
    """All processes of the machine."""
    return {int(entry.name) for entry in os.scandir(_PROC) if entry.name.isdigit()} if _PROC.is_dir() else set()


def _together(processes: Iterable[int]) -> int:
    """Bytes that processes have: each its own, and the largest shared part once."""
    sizes = [_sizes(process) for process in processes]
    return sum(own for own, _ in sizes) + max((shared for _, shared in sizes), default=0)


def _sizes(process: int) -> tuple[int, int]:
    """Own and shared resident bytes; zeros for a process that has gone."""
    try:
        text = (_PROC / str(process) / "smaps_rollup").read_text()
    except OSError:
        return 0, 0
    found = re.findall(r"^(Private|Shared)_(?:Clean|Dirty): +(\d+) kB", text, re.M)
    own, shared = (sum(int(size) for kind, size in found if kind == wanted) for wanted in ("Private", "Shared"))
    return own * 1024, shared * 1024
