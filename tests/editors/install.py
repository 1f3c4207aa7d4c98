"""Neovim, Emacs and Helix of several Debian suites, unpacked side by side: nothing of the machine's own is changed.

`python -m tests.editors.install` gets them all in advance; a test gets what it needs. Everything lies in `.editors` in
the checkout, or where MIG_LSP_EDITORS says, and is used again. Needs apt-get and dpkg-deb, no rights, and no editor.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

EDITORS = Path(os.environ.get("MIG_LSP_EDITORS") or Path(__file__).parents[2] / ".editors")
SUITES: Mapping[str, tuple[str, ...]] = {
    "bookworm": ("neovim", "emacs-nox", "elpa-eglot"),
    "trixie": ("neovim", "emacs-nox", "hx", "tmux", "ncurses-term"),
    "forky": ("neovim",),
}
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_MARK = "unpacked"
_PATIENCE = 900.0  # seconds that one process waits for another one's installation


class Program(NamedTuple):
    """An unpacked program: what starts it, and the variables that it needs."""

    command: tuple[str, ...]
    environment: Mapping[str, str]


def neovim(version: str) -> Program:
    """Neovim "0.7", "0.10" or "0.12"."""
    root = suite({"0.7": "bookworm", "0.10": "trixie", "0.12": "forky"}[version])
    program = Program(_loaded(root, "nvim"), {"VIMRUNTIME": str(root / "usr/share/nvim/runtime")})
    _expect(program, ("--version",), rf"NVIM v{re.escape(version)}\.")
    return program


def emacs(version: str) -> Program:
    """Emacs "28" or "30", with eglot."""
    root = suite({"28": "bookworm", "30": "trixie"}[version])
    share, libexec = (next((root / path / "emacs").glob(f"{version}.*")) for path in ("usr/share", "usr/libexec"))
    environment = {
        "EMACSDATA": str(share / "etc"),
        "EMACSDOC": str(share / "etc"),
        "EMACSPATH": str(next(libexec.iterdir())),
        "EMACSNATIVELOADPATH": "",
        "EMACSLOADPATH": os.pathsep.join(map(str, _lisp(root, share))),
    }
    image = next(libexec.rglob("*.pdmp"))
    return Program((*_loaded(root, "emacs-nox"), f"--dump-file={image}"), environment)


def helix() -> Program:
    """Helix."""
    root = suite("trixie")
    return Program(_loaded(root, "hx"), {"HELIX_RUNTIME": str(root / "usr/lib/hx/runtime")})


def tmux() -> Program:
    """tmux, in which editors for a terminal can be watched."""
    root = suite("trixie")
    terminals = os.pathsep.join(str(root / path) for path in ("usr/share/terminfo", "usr/lib/terminfo", "lib/terminfo"))
    return Program(_loaded(root, "tmux"), {"TERMINFO_DIRS": terminals})


def suite(name: str) -> Path:
    """The folder with the packages of a Debian suite, which are fetched and unpacked when they are not there."""
    root = EDITORS / name
    mark = root / _MARK
    wanted = " ".join(SUITES[name])
    with _alone(name):
        if not mark.is_file() or mark.read_text("utf-8") != wanted:
            shutil.rmtree(root, ignore_errors=True)
            _fetch(name, root)
            mark.write_text(wanted, "utf-8")
    return root


def _fetch(name: str, root: Path) -> None:
    """Lets an apt that believes to be on an empty machine fetch the packages and all that they rest on."""
    apt = root.with_name(f"{name}.apt")
    shutil.rmtree(apt, ignore_errors=True)
    for folder in ("etc/preferences.d", "etc/trusted.gpg.d", "state/lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "etc/sources.list").write_text(f"deb [signed-by={_KEYRING}] {_mirror()} {name} main\n", "utf-8")
    settings = {
        "Dir::Etc": apt / "etc",
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "1",
    }
    options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    print(f"fetching {', '.join(SUITES[name])} of Debian {name} ...", file=sys.stderr, flush=True)
    _run("apt-get", *options, "-q", "update")
    _run("apt-get", *options, "-q", "-y", "--no-install-recommends", "--download-only", "install", *SUITES[name])
    root.mkdir(parents=True)
    for package in sorted((apt / "cache/archives").glob("*.deb")):
        _run("dpkg-deb", "-x", str(package), str(root))
    shutil.rmtree(apt)


def _mirror() -> str:
    """The Debian mirror that the machine uses itself."""
    for path in sorted(Path("/etc/apt").glob("sources.list*")):
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            found = re.search(r"https?://\S+/debian/?(?=\s)", file.read_text("utf-8"))
            if found:
                return found[0]
    raise SystemExit("no Debian mirror is named in /etc/apt: the editors' tests need Debian or a container with it")


def _loaded(root: Path, program: str) -> tuple[str, ...]:
    """Starts a program with the C library of its own suite."""
    loader = next(root.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*"), None) or next(root.glob("lib*/**/ld-linux-*.so.*"))
    libraries = [path for parent in ("usr/lib", "lib") for path in (root / parent).glob("*-linux-gnu")]
    libraries += [path / "pulseaudio" for path in libraries if (path / "pulseaudio").is_dir()]
    paths = os.pathsep.join(map(str, libraries))
    return (str(loader), "--library-path", paths, str(root / "usr/bin" / program))


def _lisp(root: Path, share: Path) -> Iterator[Path]:
    """The folders of Emacs' own Lisp; packages that Debian would install later are before it."""
    yield from sorted((root / "usr/share/emacs/site-lisp/elpa-src").glob("*/"))
    lisp = share / "lisp"
    yield lisp
    yield from sorted(path for path in lisp.rglob("*/") if path.is_dir())


def _expect(program: Program, arguments: tuple[str, ...], pattern: str) -> None:
    done = subprocess.run(
        [*program.command, *arguments], env={**os.environ, **program.environment}, capture_output=True, text=True
    )
    if not re.search(pattern, done.stdout):
        raise RuntimeError(f"{program.command[-1]} says {done.stdout[:200]}{done.stderr[:200]}, not {pattern}")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One process at a time: the others wait, and find the work done."""
    import fcntl

    EDITORS.mkdir(parents=True, exist_ok=True)
    with (EDITORS / f"{name}.lock").open("w") as lock:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)
        yield


if __name__ == "__main__":
    for each in SUITES:
        suite(each)
