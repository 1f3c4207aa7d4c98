"""Workspaces on the disk, and the command line run in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]


def good(number: int, name: str) -> str:
    """A migration in which nothing is found."""
    return (
        f"-- Migration {number:03}: {name}\n--\n-- ROLLBACK:\n--   DROP TABLE IF EXISTS {name};\n\n"
        f"CREATE TABLE IF NOT EXISTS {name} (id integer);\n"
    )


def build(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes *files* below *root*, bytes and line ends as they are given."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def powerless() -> tuple[str, ...] | None:
    """What to put before a command so that it may do only what the modes of files allow, also to root.

    None where a mode closes nothing.
    """
    if not hasattr(os, "geteuid"):
        return None
    if os.geteuid() != 0:
        return ()
    powers = "-dac_override,-dac_read_search"
    return ("setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}") if shutil.which("setpriv") else None


def run(
    root: Path, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, under: tuple[str, ...] = ()
) -> Done:
    """`python -m mig_lsp ARGS` in *root*, behind the command *under*."""
    done = subprocess.run(
        [*under, sys.executable, "-m", "mig_lsp", *args],
        cwd=root,
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        env={**environment(), **(env or {})},
    )
    return Done(done.returncode, done.stdout.decode().replace("\r\n", "\n"), done.stderr.decode().replace("\r\n", "\n"))


def environment() -> dict[str, str]:
    """The environment of a command: this project importable, nothing of the user's git or caches."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "MIG_LSP_", "NO_COLOR"))}
    path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    return {
        **kept,
        "PYTHONPATH": path,
        "PYTHONIOENCODING": "utf-8",
        "MIG_LSP_NO_CACHE": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }


def git(root: Path, *args: str) -> str:
    """Runs git in *root*; raises CalledProcessError when it fails."""
    identity = ("-c", "user.name=A Person", "-c", "user.email=person@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *identity, *args], cwd=root, capture_output=True, check=True, text=True, env=environment()
    )
    return done.stdout


def commit(root: Path, message: str) -> str:
    """Commits all there is; the id of the commit."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD").strip()
