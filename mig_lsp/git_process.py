"""Runs git. Only the cheapest question stands here: whether anything has changed that it could tell.

It is asked before every check whose result may be known already, so what is heavy is imported where it is used.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

TIMEOUT = 10.0
"""Seconds that one command may take."""

BRANCHES = ("refs/heads", "refs/remotes")
REF = "%(refname)%00%(objectname)%00%(symref)%00%(upstream)%00%(HEAD)"
"""How `for-each-ref` is to tell of a branch."""

_MOST_BYTES = 64 * 1024 * 1024
_PAUSE = 60.0  # seconds in which nothing more is asked of a repository that took too long to answer
_late: dict[Path, float] = {}
_SAFE = (
    "--no-pager",
    "--no-replace-objects",
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "protocol.allow=never",
    "-c", "safe.bareRepository=explicit",
)  # fmt: skip


def state(root: Path) -> str:
    """A text that is another one after anything has happened that git could tell of *root*; "" outside repositories.

    It costs one run of git: commits never change, so the ids of all refs stand for everything below them.
    """
    above = holders(root)
    git = executable(root) if above else None
    if git is None:
        return ""
    said = run(git, root, "for-each-ref", f"--format={REF}", *BRANCHES)
    if said is None:
        return "refused"
    head = b"" if b"\0*\n" in said else run(git, root, "rev-parse", "--verify", "--quiet", "HEAD") or b"none"
    lines = sorted(os.fsdecode(said).split("\n"))
    return "\n".join((git, *above, *map(_depth, above), os.fsdecode(head), *lines))


def run(git: str, root: Path, *command: str, question: bytes = b"") -> bytes | None:
    """What git answers, None when it fails, takes too long or says too much."""
    import subprocess

    if time.monotonic() - _late.get(root, -_PAUSE) < _PAUSE:
        return None
    try:
        process = subprocess.Popen(
            [git, *_SAFE, *command],
            cwd=root,
            env=_environment(),
            stdin=subprocess.PIPE if question else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, ValueError):
        return None
    said = _said(process, root, question)
    return said if process.returncode == 0 and len(said) <= _MOST_BYTES else None


def _said(process: subprocess.Popen[bytes], root: Path, question: bytes) -> bytes:
    """What a git that was just started says to *question*; it is ended when that is too much, or too late."""
    import threading

    assert process.stdout is not None

    def give_up() -> None:
        _late[root] = time.monotonic()
        process.kill()

    # A pipe holds little: who asks at length is not to wait for one who answers at length.
    asking = None
    if process.stdin is not None:
        asking = threading.Thread(target=_ask, args=(process.stdin, question), name="mig-lsp git", daemon=True)
    timer = threading.Timer(TIMEOUT, give_up)
    with process:
        timer.start()
        if asking is not None:
            asking.start()
        try:
            # Never all there is: a few packed kilobytes of a hostile repository may be gigabytes.
            said = process.stdout.read(_MOST_BYTES + 1)
            if len(said) > _MOST_BYTES:
                process.kill()
            process.wait()
        finally:
            timer.cancel()
            if asking is not None:
                asking.join()
    return said


def _ask(pipe: IO[bytes], question: bytes) -> None:
    try:
        pipe.write(question)
        pipe.close()
    except OSError:
        return  # it has ended without listening; what it said tells the rest


def executable(root: Path) -> str | None:
    """The git of the search path, but never one that lies in the workspace."""
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if Path(folder).is_absolute()]
    found = _which(folders)
    if found is None or not Path(found).is_absolute() or Path(found).is_relative_to(root.absolute()):
        return None
    return found


def holders(root: Path) -> tuple[str, ...]:
    """What may make *root* a part of a repository: `.git` in it and in the folders above, the nearest first."""
    folder = Path(os.path.realpath(root))
    return tuple(holder for each in (folder, *folder.parents) if os.path.lexists(holder := f"{each}/.git"))


def _which(folders: list[str]) -> str | None:
    if os.name == "nt":
        import shutil

        return shutil.which("git", path=os.pathsep.join(folders))
    for folder in folders:  # as shutil does it, which loads every compression there is
        found = f"{folder}/git"
        if os.access(found, os.X_OK) and Path(found).is_file():
            return found
    return None


def _environment() -> dict[str, str]:
    """The environment without what points git elsewhere (a hook's GIT_DIR), and with what keeps it from the network."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    return kept | {
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def _depth(holder: str) -> str:
    """What decides beside the refs which commits there are: how git is configured, and where history is cut off."""
    folder = holder
    if not Path(holder).is_dir():  # a worktree, or a module: the file says where the rest is
        folder = str(Path(holder).parent / _line(holder).removeprefix("gitdir: "))
    common = Path(folder, _line(f"{folder}/commondir") or ".")
    places = (f"{common}/config", f"{folder}/config.worktree", f"{common}/shallow", f"{common}/info/grafts")
    return "\0".join((folder, str(common), *map(_stamped, places)))


def _line(path: str) -> str:
    """The first line of a small file, "" when there is none."""
    try:
        # A pipe of that name would be waited for.
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            return os.fsdecode(file.readline(4096)).rstrip("\r\n")
    except (OSError, ValueError):
        return ""


def _stamped(path: str) -> str:
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return "-"
    return f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_size} {status.st_ino}"
