"""What every editor's tests need: a workspace, a home of its own, and `mig-lsp` on the PATH."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[2]
SCHEMA = "infra/database/schema"
HANDLER = "infra/database/lambda/db-init-handler.ts"
PATIENCE = 20.0  # seconds until something that does not come counts as missing

T = TypeVar("T")


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of an editor that knows nothing of the person who runs the tests."""
    scripts = home / "bin"
    scripts.mkdir(parents=True, exist_ok=True)
    server = scripts / "mig-lsp"
    if not server.exists():
        server.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m mig_lsp "$@"\n', "utf-8")
        server.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "NVIM", "VIM", "TMUX"))}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_RUNTIME_DIR": str(home),
        "PATH": os.pathsep.join((str(scripts), "/usr/bin", "/bin")),
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        **(more or {}),
    }


def demo(folder: Path, name: str = "démo 😀") -> Path:
    """A copy of the demo, as a workspace of its own."""
    root = Path(shutil.copytree(ROOT / "demo", folder / name))
    (root / ".git").mkdir()
    return root


def until(what: str, get: Callable[[], T], patience: float = PATIENCE) -> T:
    """The first value of *get* that is true; AssertionError with the last one when there is none in time."""
    end = time.monotonic() + patience
    while True:
        value = get()
        if value:
            return value
        assert time.monotonic() < end, f"{what} does not come, there is only {value!r}"
        time.sleep(0.05)
