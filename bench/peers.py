"""The programs that are measured, and how the peers among them are installed: in a folder of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from bench.corpus import FOLDER

SQUAWK = "2.70.0"
PGLS = "0.25.5"
_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}  # or whoever sets it would measure the compiler
PROJECT = Path(__file__).resolve().parent.parent
_PACKAGE = "@postgres-language-server/cli"
_LARGEST = 16 << 20  # bytes; by default it leaves out what is larger than 1 MiB


class Tool(NamedTuple):
    """A program: *check* makes the command that checks a corpus, *serve* is the command of its server."""

    name: str
    version: str
    check: Callable[[Path], list[str]] | None
    serve: tuple[str, ...]
    environment: Mapping[str, str]
    is_ours: bool = False


def ours(name: str = "mig-lsp", tree: Path = PROJECT, python: str = sys.executable) -> Tool:
    """mig-lsp as it stands in a folder, its modules compiled as those of an installed package are."""
    subprocess.run([python, "-m", "compileall", "-q", str(tree / "mig_lsp")], check=False)
    command = (python, "-m", "mig_lsp")
    environment = {**_COMPILED, "PYTHONPATH": str(tree), "MIG_LSP_NO_CACHE": "1"}
    return Tool(
        name,
        _revision(tree),
        lambda _: [*command, "check", "--quiet", "--format", "github"],
        (*command, "serve"),
        environment,
        True,
    )


def minimal(python: str = sys.executable) -> Tool:
    """A pygls server that does nothing."""
    return Tool("minimal pygls server", "", None, (python, str(PROJECT / "bench" / "minimal_server.py")), _COMPILED)


def squawk(cache: Path) -> Tool:
    """squawk, out of its package on PyPI. Raises CalledProcessError when it cannot be installed."""
    home = cache / f"squawk-{SQUAWK}"
    binary = home / ("Scripts/squawk.exe" if os.name == "nt" else "bin/squawk")
    if not binary.is_file():
        venv.create(home, with_pip=True)
        python = binary.with_name("python.exe" if os.name == "nt" else "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"squawk-cli=={SQUAWK}"], check=True)

    def check(root: Path) -> list[str]:
        files = sorted(path.relative_to(root).as_posix() for path in (root / FOLDER).glob("*.sql"))
        return [str(binary), "--reporter", "gcc", *files]

    return Tool("squawk", SQUAWK, check, (str(binary), "server"), {})


def pgls(cache: Path) -> Tool:
    """postgres-language-server, the program in its npm package. Raises CalledProcessError, FileNotFoundError."""
    home = cache / f"postgres-language-server-{PGLS}"
    programs = f"node_modules/{_PACKAGE}-*/postgres-language-server*"
    if not any(home.glob(programs)):
        home.mkdir(parents=True, exist_ok=True)
        npm = "npm.cmd" if os.name == "nt" else "npm"
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(home)]
        subprocess.run([*install, f"{_PACKAGE}@{PGLS}"], check=True)
    binary = str(next(home.glob(programs)))
    settings = home / "postgres-language-server.jsonc"
    settings.write_text(json.dumps({"db": {"disableConnection": True}, "files": {"maxSize": _LARGEST}}), "utf-8")

    def check(_: Path) -> list[str]:
        # By default it looks for twenty findings; of the formats that have them all this is the quickest one.
        return [binary, "check", f"--config-path={home}", "--max-diagnostics=none", "--reporter=github", FOLDER]

    serve = (binary, "lsp-proxy", f"--config-path={home}")
    return Tool("postgres-language-server", PGLS, check, serve, {})


def _revision(tree: Path) -> str:
    about = ["git", "-C", str(tree), "describe", "--always", "--dirty"]
    found = subprocess.run(about, check=False, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"
