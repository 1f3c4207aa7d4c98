"""Builds the extension: its own server as a wheel, its schemas, its code, all in one file for the editor.

python3 editors/vscode/build.py [FILE]     by default dist/mig-lsp-VERSION.vsix
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
_OLDEST_NODE = 20


def main(arguments: list[str]) -> int:
    """Builds it, and says where it lies; the exit code is 0 when all went well."""
    package = json.loads((HERE / "package.json").read_text("utf-8"))
    target = Path(arguments[0]) if arguments else ROOT / "dist" / f"mig-lsp-{package['version']}.vsix"
    build(target.resolve())
    sys.stdout.write(f"{os.path.relpath(target)}\n")
    return 0


def build(target: Path) -> None:
    """Makes *target*; ends the program with one line where something is missing or fails."""
    npm = _npm()
    if not (HERE / "node_modules" / ".package-lock.json").is_file() or _outdated():
        _run("the extension's packages", npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    _wheel()
    _schemas()
    shutil.copyfile(ROOT / "LICENSE", HERE / "LICENSE")
    _run("the type check", npm, "run", "--silent", "check")
    _run("the bundle", npm, "run", "--silent", "bundle", "--", "--log-level=warning")
    target.parent.mkdir(parents=True, exist_ok=True)
    vsce = HERE / "node_modules" / "@vscode" / "vsce" / "vsce"
    _run("the package", _program("node"), str(vsce), "package", "--no-dependencies", "--out", str(target))


def _wheel() -> None:
    folder = HERE / "server"
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    _run("the server's wheel", *pip, "--wheel-dir", str(folder), str(ROOT))


def _schemas() -> None:
    """The published schema, and one that leaves alone what other tools call migrations.json."""
    folder = HERE / "schemas"
    folder.mkdir(exist_ok=True)
    shutil.copyfile(ROOT / "schema" / "migrations.schema.json", folder / "migrations.schema.json")
    ours = {"required": ["migrationFiles"]}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "if": ours,
        "then": {"$ref": "migrations.schema.json"},
    }
    (folder / "manifest.json").write_text(json.dumps(schema, indent=2) + "\n", "utf-8")


def _outdated() -> bool:
    locked, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    return locked.stat().st_mtime > installed.stat().st_mtime


def _npm() -> str:
    node = subprocess.run([_program("node"), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(node.removeprefix("v").partition(".")[0]) < _OLDEST_NODE:
        sys.exit(f"the extension is built with Node {_OLDEST_NODE} or newer; this is {node}")
    return _program("npm")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        sys.exit(f"the extension is built with Node {_OLDEST_NODE} or newer, and {name} is not on the PATH")
    return found


def _run(what: str, *command: str) -> None:
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{what} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
