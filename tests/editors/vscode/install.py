"""Installs VS Code's own workbench and extension host (code-server) and a browser; nothing is compiled.

Everything lies in `.editors/vscode` in the checkout and is used again when it is there. The browser is the machine's;
where there is none and the machine is a Debian that may be changed, it is installed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.editors.install import EDITORS

FOLDER = EDITORS / "vscode"
NODE, CODE_SERVER, PLAYWRIGHT = "24.21.0", "4.139.1", "1.65.1"
_MARK = FOLDER / "installed.json"
_WANTED = {"node": NODE, "code-server": CODE_SERVER, "playwright-core": PLAYWRIGHT}
_BROWSERS = ("/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class Installation(NamedTuple):
    """Where things are."""

    node: Path
    entry: Path
    modules: Path
    browser: str


def installed() -> Installation:
    """What the tests need, installed now unless it is there."""
    EDITORS.mkdir(parents=True, exist_ok=True)
    with (EDITORS / "vscode.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other workers of a run wait, and find the work done
        if not _MARK.is_file() or json.loads(_MARK.read_text("utf-8")) != _WANTED:
            shutil.rmtree(FOLDER, ignore_errors=True)
            FOLDER.mkdir(parents=True)
            _install()
            _MARK.write_text(json.dumps(_WANTED), "utf-8")
        browser = _browser()
    modules = FOLDER / "node_modules"
    entry = modules / "code-server" / "out" / "node" / "entry.js"
    return Installation(modules / "node" / "bin" / "node", entry, modules, browser)


def _install() -> None:
    (FOLDER / "package.json").write_text('{"private": true}\n', "utf-8")
    _npm(FOLDER, f"node@{NODE}", f"playwright-core@{PLAYWRIGHT}")
    _npm(FOLDER, f"code-server@{CODE_SERVER}", "--ignore-scripts", "--engine-strict=false")
    # What code-server's own script would do, without compiling what is not needed here.
    inside = FOLDER / "node_modules" / "code-server" / "lib" / "vscode"
    for folder in (inside, inside / "extensions"):
        _npm(folder, "--omit=dev", "--ignore-scripts")


def _npm(folder: Path, *arguments: str) -> None:
    node = FOLDER / "node_modules" / "node" / "bin"
    environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}
    npm = shutil.which("npm")
    assert npm is not None, "the tests in editors need Node with npm"
    command = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def _browser() -> str:
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        apt = shutil.which("apt-get")
        assert apt is not None, "the tests of VS Code need Chromium"
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([apt, "-qq", "update"], env=environment, check=True)
        packages = ["chromium", "fonts-dejavu-core"]
        subprocess.run([apt, "-qq", "-y", "--no-install-recommends", "install", *packages], env=environment, check=True)
        found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    assert found is not None
    return found
