#!/usr/bin/env python3
"""Sets up a checkout of mig-lsp and runs it or its tests; needs Python 3.11 or newer and nothing else.

    python3 dev.py demo          checks the bundled demo workspace
    python3 dev.py test          runs the tests; arguments after `--` go to pytest
    python3 dev.py test --full   what CI runs: format, lint, types, generated files, and every test
    python3 dev.py test --long   the fuzz tests in their long form: hours

Everything is installed in `.venv` beside this file, once, and again when pyproject.toml changes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CHECKED = ["mig_lsp", "tests", "tools", "dev.py"]


def main() -> int:
    """Runs the command that the arguments name and returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="check the bundled demo workspace")
    demo.add_argument("arguments", nargs="*", help="arguments for mig-lsp instead of the check")
    test = commands.add_parser("test", help="run the tests")
    test.add_argument("--full", action="store_true", help="what CI runs")
    test.add_argument("--long", action="store_true", help="the fuzz tests in their long form")
    test.add_argument("arguments", nargs="*", help="arguments for pytest")
    chosen = parser.parse_args()
    if sys.version_info < (3, 11):
        sys.exit(f"mig-lsp needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    if chosen.command == "demo":
        set_up("demo", ".")
        code = run("-m", "mig_lsp", *(chosen.arguments or ["check"]), "--root", "demo")
        # The demo has mistakes on purpose: finding them is success.
        return 0 if code == 1 and not chosen.arguments else code
    set_up("dev", ".[dev]")
    if chosen.long:
        return tests(["tests/fuzz", "--long", *chosen.arguments])
    return full(chosen.arguments) if chosen.full else tests(chosen.arguments)


def full(arguments: list[str]) -> int:
    """Every check of the project, in the order in which a failure is cheapest; the first failure is the result."""
    steps = [
        ("format", ["-m", "ruff", "format", "--check", *CHECKED]),
        ("lint", ["-m", "ruff", "check", *CHECKED]),
        ("types", ["-m", "mypy"]),
        ("generated files", ["tools/generate.py", "--check"]),
    ]
    for name, command in steps:
        print(f"== {name}", flush=True)
        code = run(*command)
        if code:
            return code
    print("== tests", flush=True)
    return tests(arguments)


def tests(arguments: list[str]) -> int:
    """All tests, on all cores; a skipped test is a failure."""
    return run("-m", "pytest", "-n", "auto", *arguments)


def set_up(kind: str, what: str) -> None:
    """Makes the virtual environment and installs the package in it, unless that was done for this pyproject.toml."""
    mark = VENV / f"installed-{kind}"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    if mark.is_file() and mark.read_text("ascii") == wanted:
        return
    if not PYTHON.is_file():
        print(f"making {VENV.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
        if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode:
            sys.exit("Python could not make a virtual environment; on Debian and Ubuntu install python3-venv")
    print(f"installing {what} ...", file=sys.stderr, flush=True)
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", what]
    if run(*pip):
        sys.exit("the installation failed; see the messages above")
    mark.write_text(wanted, "ascii")


def run(*command: str) -> int:
    """The exit code of the virtual environment's Python with *command*, run in the checkout."""
    return subprocess.run([str(PYTHON), *command], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
