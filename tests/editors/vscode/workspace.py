"""Workspaces for the tests of VS Code, each with a server of its own that notes what it hears."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mig_lsp import __version__
from tests.editors.program import ROOT, demo

_SERVER = '''#!{python}
"""mig-lsp, with a note of all that it is sent."""
import os, subprocess, sys, threading

here = {here!r}
environment = {{**os.environ, "PYTHONPATH": {root!r}}}
if "--version" in sys.argv:
    print("mig-lsp {version}")
    sys.exit()
{broken}
code = "import mig_lsp, sys; mig_lsp.__version__ = {version!r}; from mig_lsp.cli import main; sys.exit(main())"
process = subprocess.Popen([sys.executable, "-c", code, *sys.argv[1:]], stdin=subprocess.PIPE, env=environment)
with open(here + "/server.pid", "w") as file:
    file.write(str(process.pid))
threading.Thread(target=lambda: os._exit(process.wait()), daemon=True).start()
with open(here + "/heard.log", "ab", buffering=0) as heard:
    while data := os.read(0, 1 << 16):
        heard.write(data)
        process.stdin.write(data)
        process.stdin.flush()
process.stdin.close()
process.wait()
'''


class Workspace:
    """A copy of the demo with a server in `.venv`; what the server hears and its process stand in `notes`."""

    def __init__(
        self,
        folder: Path,
        *,
        version: str = __version__,
        broken: str = "",
        settings: Mapping[str, Any] | None = None,
        name: str = "é 😀",
    ) -> None:
        folder.mkdir(parents=True)
        self.notes = folder
        self.root = demo(folder).rename(folder / f"{folder.name} {name}".strip())
        self.server = self.root / ".venv" / "bin" / "mig-lsp"
        self.server.parent.mkdir(parents=True)
        self.server.write_text(
            _SERVER.format(python=sys.executable, root=str(ROOT), here=str(folder), version=version, broken=broken),
            "utf-8",
        )
        self.server.chmod(0o755)
        if settings is not None:
            self.configure(settings)

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Writes the workspace's settings."""
        (self.root / ".vscode").mkdir(exist_ok=True)
        (self.root / ".vscode" / "settings.json").write_text(json.dumps(settings), "utf-8")

    def migration(self, name: str) -> Path:
        """A file of the migration directory."""
        return self.root / "infra" / "database" / "schema" / name

    @property
    def manifest(self) -> Path:
        """The file that lists the migrations."""
        return self.root / "infra" / "database" / "lambda" / "db-init-handler.ts"

    def heard(self) -> str:
        """All that the server was sent."""
        return (self.notes / "heard.log").read_text("utf-8", "replace")
