#!/usr/bin/env python3
"""Sets up a checkout of mig-lsp and runs it or its tests; needs Python 3.11 or newer and nothing else.

    python3 dev.py demo          checks the bundled demo workspace
    python3 dev.py test          runs the tests; arguments after `--` go to pytest
    python3 dev.py test --full   what CI runs: format, lint, types, generated files, every test, and the audit
    python3 dev.py test --long   the fuzz tests in their long form: hours
    python3 dev.py test --editors    the tests in real VS Code, Neovim, Emacs and Helix alone; they install these
    python3 dev.py vsix          builds the extension for VS Code, with its server in it; needs Node 20 or newer
    python3 dev.py audit         asks the index whether what is locked has known vulnerabilities
    python3 dev.py lock          writes requirements/ again for pyproject.toml; --upgrade takes the newest versions

Everything is installed in `.venv` beside this file, once, and again when what is wanted changes. Only the files that
requirements/ names by version and hash are installed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
TOOLS = VENV / "tools"  # apart from what is tested: auditing and locking need many packages of their own
LOCKS = {"demo": (), "dev": ("dev",)}
"""The locks of the project by name, and the extras that are in them."""

BUILD = ("editables>=0.5",)
"""What the build backend asks for beyond pyproject.toml when it installs a checkout in place."""

CHECKED = ["mig_lsp", "tests", "tools", "bench", "dev.py"]


def main() -> int:
    """Runs the command that the arguments name and returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="check the bundled demo workspace")
    demo.add_argument("arguments", nargs="*", help="arguments for mig-lsp instead of the check")
    test = commands.add_parser("test", help="run the tests")
    test.add_argument("--full", action="store_true", help="what CI runs")
    test.add_argument("--long", action="store_true", help="the fuzz tests in their long form")
    test.add_argument("--editors", action="store_true", help="the tests in the real editors alone")
    test.add_argument("arguments", nargs="*", help="arguments for pytest")
    commands.add_parser("vsix", help="build the extension for VS Code")
    commands.add_parser("audit", help="ask for known vulnerabilities of what is locked")
    renew = commands.add_parser("lock", help="write requirements/ again")
    renew.add_argument("--upgrade", action="store_true", help="take the newest versions")
    chosen = parser.parse_args()
    if sys.version_info < (3, 11):
        sys.exit(f"mig-lsp needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    if chosen.command == "demo":
        set_up("demo")
        code = run("-m", "mig_lsp", *(chosen.arguments or ["check"]), "--root", "demo")
        # The demo has mistakes on purpose: finding them is success.
        return 0 if code == 1 and not chosen.arguments else code
    if chosen.command == "lock":
        return lock(upgrade=chosen.upgrade)
    if chosen.command == "audit":
        found, unasked = audit()
        print(found or unasked or "nothing that is locked has a known vulnerability")
        return int(bool(found or unasked))
    set_up("dev")
    if chosen.command == "vsix":
        return run("editors/vscode/build.py")
    if chosen.editors:
        return tests(["tests/editors", *chosen.arguments])
    if chosen.long:
        return tests(["tests/fuzz", "--long", *chosen.arguments])
    # VS Code with a browser takes minutes and more memory than all the rest: it is tried when it is asked for.
    arguments = chosen.arguments or ["--ignore=tests/editors/vscode"]
    return full(arguments) if chosen.full else tests(arguments)


def full(arguments: list[str]) -> int:
    """Every check of the project, in the order in which a failure is cheapest; the first failure is the result.

    An audit that could not be made is said and is no failure: it says nothing about this checkout. Only `audit` on its
    own fails then, so a release runs that.
    """
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
    print("== audit", flush=True)
    found, unasked = audit()
    if found:
        print(found)
        return 1
    print(f"NOT AUDITED: {unasked}" if unasked else "no known vulnerabilities", flush=True)
    print("== tests", flush=True)
    return tests(arguments)


def tests(arguments: list[str]) -> int:
    """All tests, on all cores; a skipped test is a failure."""
    return run("-m", "pytest", "-n", "auto", *arguments)


def audit() -> tuple[str, str]:
    """The known vulnerabilities of what is locked, and why they could not be asked for; neither, when all is well.

    An index that does not know a package or cannot be reached proves nothing, though pip-audit calls that clean.
    """
    try:
        install("tools", TOOLS)
    except InstallError as error:
        return "", f"pip-audit could not be installed ({error})"
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder, "one.txt")
        one.write_text(locked("dev")[0], "utf-8")
        # One question first: an index that does not answer it is not asked for each of the others.
        for files in ([one], [path(name) for name in (*LOCKS, "tools")]):
            answers = asked(files)
            unknown = [each["name"] for each in answers if "skip_reason" in each]
            if unknown or not answers:
                which = f"nothing of {', '.join(unknown)}" if unknown else "nothing"
                return "", f"the index tells {which}; run `python3 dev.py audit` where it can be reached"
    bad = [f"{each['name']} {each['version']}: {fault['id']}" for each in answers for fault in each["vulns"]]
    return "\n".join(sorted(set(bad))), ""


def asked(files: list[Path]) -> list[dict[str, Any]]:
    """What pip-audit says of each package that the locks name; nothing when the index cannot be reached."""
    listed = [part for file in files for part in ("--requirement", str(file))]
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    done = subprocess.run(
        [str(python(TOOLS)), "-m", "pip_audit", *options, *listed], cwd=ROOT, capture_output=True, check=False
    )
    try:
        answers: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):  # whatever it says when it cannot ask
        return []
    return answers


def lock(*, upgrade: bool) -> int:
    """Writes requirements/*.txt: one version of each package for all systems and Pythons, with its files' hashes."""
    try:
        install("tools", TOOLS)
    except InstallError as error:
        sys.exit(str(error))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = "\n".join([*project["build-system"]["requires"], *BUILD])
    sources: dict[str, list[str]] = {
        name: ["pyproject.toml", "-", *(part for extra in extras for part in ("--extra", extra))]
        for name, extras in LOCKS.items()
    }
    for name, source in {**sources, "tools": ["requirements/tools.in"]}.items():
        options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--quiet"]
        options += ["--custom-compile-command", "python3 dev.py lock", *(["--upgrade"] if upgrade else [])]
        command = [str(python(TOOLS)), "-m", "uv", "pip", "compile", *options, *source]
        code = subprocess.run(
            [*command, "--output-file", f"requirements/{name}.txt"], cwd=ROOT, check=False, input=needed.encode()
        ).returncode
        if code:
            return code
    return 0


def set_up(kind: str) -> None:
    """Makes the virtual environment and installs the package in it, with what is locked for it."""
    try:
        install(kind, VENV, "--no-deps", "--no-build-isolation", "--editable", ".")
    except InstallError as error:
        sys.exit(str(error))


class InstallError(Exception):
    """Something could not be installed; the text says what."""


def install(kind: str, target: Path, *then: str) -> None:
    """Installs what is locked for *kind*, and *then* more, unless that was done already. Raises InstallError."""
    mark = target / f"installed-{kind}"
    inputs = (ROOT / "pyproject.toml").read_bytes() + path(kind).read_bytes() + sys.version.encode()
    wanted = hashlib.sha256(inputs).hexdigest()
    if mark.is_file() and mark.read_text("ascii") == wanted:
        return
    if not python(target).is_file():
        print(f"making {target.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
        if subprocess.run([sys.executable, "-m", "venv", str(target)], check=False).returncode:
            raise InstallError("Python could not make a virtual environment; on Debian and Ubuntu install python3-venv")
    print(f"installing requirements/{kind}.txt ...", file=sys.stderr, flush=True)
    pip = [str(python(target)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = [[*pip, "--require-hashes", "--requirement", str(path(kind))], *([[*pip, *then]] if then else [])]
    for step in steps:
        if subprocess.run(step, cwd=ROOT, check=False).returncode:
            raise InstallError("the installation failed; see the messages above")
    mark.write_text(wanted, "ascii")


def path(kind: str) -> Path:
    """The lock of that name."""
    return ROOT / "requirements" / f"{kind}.txt"


def locked(kind: str) -> list[str]:
    """The requirements of a lock, each with its hashes."""
    return [
        part for part in re.split(r"^(?=\S)", path(kind).read_text("utf-8"), flags=re.M) if part[:1] not in ("", "#")
    ]


def python(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(*command: str) -> int:
    """The exit code of the virtual environment's Python with *command*, run in the checkout."""
    return subprocess.run([str(python(VENV)), *command], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
