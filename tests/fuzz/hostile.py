"""What a hostile workspace is made of, and a witness of all that a process does to the world meanwhile."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.support.files import REPOSITORY, Done, environment

CANARY = "kanarienvogel"
"""Stands in everything outside the workspace; nobody may ever read it out."""

PASSWORD = "hunter2-pa55w0rd"
"""Stands in the environment only; nobody may ever say it."""

TIMEOUT = 100.0
"""Seconds for one command; what blocks ends here."""

LINUX = sys.platform == "linux"
WINDOWS = os.name == "nt"

NASTY = (
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\u202egpj.\u2066",
    "](http://evil.example) [x](http://evil.example)",
    "![x](http://evil.example/i.png)",
    "<img src=x onerror=alert(1)><script>",
    "``` ` **x** _y_ ~~z~~ # |",
    "%0A::error::owned %s {0} ${x}",
    "]]>&lt;&#27;\"'",
    "\r\n::stop-commands::x\n##vso[task]",
    "😀é\u0085\u2028\ufeff\x7f",
)
"""What must not come out of a message as it went in."""

# What no terminal may get: controls but for the line end and the tab, and what turns the direction of writing round.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def file_names() -> list[str]:
    """Names of migrations that some program along the way may misread; those that this system can have."""
    odd = [
        "020-plain one.sql",
        "021-100%25 %s %0A.sql",
        "022-#frag?query=1.sql",
        "023-{0} ${HOME} ~.sql",
        "024-é😀e\u0301.sql",
        "025-\u202egpj.sql",
        "026-it's;drop,table.sql",
        f"027-{'n' * 230}.sql",
        "--since=x.sql",
        "028-](x)`code`&amp;.sql",
    ]
    if not WINDOWS:
        odd += [
            '029-"quoted" <b>.sql',
            "030-a\nb.sql",
            "031-tab\there.sql",
            "032-\x1b[31mred.sql",
            "033-back\\slash.sql",
            "034-*|:>.sql",
            "035-](http:--evil.example).sql",
            "040-A.sql",
            "040-a.sql",
        ]
    if LINUX:
        odd.append(os.fsdecode(b"036-\xff\xfe.sql"))
    return odd


class Event(NamedTuple):
    """One thing that a process did: Python's name for it, and the path, program or address; links are followed."""

    name: str
    what: str
    writes: bool


_WATCH = '''
import os, sys
log = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
SEE = ("os.listdir", "os.scandir")
ONE = (*SEE, "os.mkdir", "os.rmdir", "os.remove", "os.truncate", "os.chmod", "os.chown", "os.utime")
TWO = ("os.rename", "os.link", "os.symlink")
RUN = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "ctypes.dlopen")
NET = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request")
BARE = ("os.system", "pty.spawn", "os.fork", "os.forkpty", "winreg.OpenKey")

def real(path, follow=True):
    path = os.fsdecode(path) if path is not None else "."
    if follow:
        return os.path.realpath(path)
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)

def say(name, what, writes=False):
    os.write(log, (ascii((name, str(what), writes)) + "\\n").encode())

def hook(name, args):
    if name == "open":
        path, mode, flags = args
        if not isinstance(path, int):
            writes = bool(flags & WRITING) or bool(set(mode or "") & set("wax+"))
            say(name, real(path, not flags & NO_LINKS), writes)
    elif name in ONE:
        if not isinstance(args[0], int):
            say(name, real(args[0]), name not in SEE)
    elif name in TWO:
        for path in args[:2]:
            say(name, real(path, False), True)
    elif name in RUN:
        say(name, os.fsdecode(args[0]) if args[0] is not None else "")
    elif name in NET or name in BARE:
        say(name, args[-1] if name in ("socket.connect", "socket.bind") else args)

def tell():
    """The most memory that was ever needed, in KiB, as far as this system says."""
    try:
        with open("/proc/self/status", "rb", buffering=0) as status:
            return status.read().split(b"VmHWM:")[1].split()[0].decode()
    except (OSError, IndexError):
        return "0"

sys.dont_write_bytecode = True
tell()
sys.addaudithook(hook)
import json
from mig_lsp.cli import main
code = 0
try:
    if sys.argv[1:] == ["each"]:
        for args in json.load(sys.stdin):
            code = main(args)
            for stream in (sys.stdout, sys.stderr):
                stream.write(f"\\x1e{code}\\x1e")
                stream.flush()
    else:
        code = main(sys.argv[1:])
finally:
    os.write(log, (ascii(("memory", tell(), False)) + "\\n").encode())
sys.exit(code)
'''


class Watched:
    """The command line under watch; `events` is what it did so far."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._log = folder / "events"
        program = folder / "watched.py"
        program.write_text(_WATCH, "utf-8")
        self.command = [sys.executable, str(program), str(self._log)]

    def run(self, root: Path, *commands: tuple[str, ...], env: Mapping[str, str] | None = None) -> list[Done]:
        """How each of the *commands* ended; one process carries them out in *root*, one after the other."""
        done = subprocess.run(
            [*self.command, "each"],
            cwd=root,
            input=json.dumps(commands).encode(),
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
            env={**environment(), **(env or {})},
        )
        out, err = (re.split("\x1e([0-9]+)\x1e", stream.decode()) for stream in (done.stdout, done.stderr))
        assert len(out) == len(err) == 2 * len(commands) + 1, (done.stdout[-500:], done.stderr[-2000:])
        return [Done(int(out[at + 1]), out[at], err[at]) for at in range(0, len(out) - 1, 2)]

    @property
    def memory(self) -> int:
        """The most memory that one of the processes needed, in MiB; 0 where that is not known."""
        return max((int(event.what) // 1024 for event in self.events if event.name == "memory"), default=0)

    @property
    def events(self) -> set[Event]:
        """What was done, by all processes that ran."""
        return {Event(*ast.literal_eval(line)) for line in self._log.read_text("ascii").split("\n") if line}

    def outside(self, root: Path, *allowed: Path) -> list[Event]:
        """What was done outside *root*, the *allowed* folders, and Python's own ones; programs and sockets included."""
        own = {Path(folder).resolve() for folder in (sys.prefix, sys.base_prefix, REPOSITORY, self._log.parent)}
        top = root.resolve()
        found = []
        for event in sorted(self.events):
            if event.name == "memory" or re.fullmatch("/proc/[0-9]+/status", event.what):
                continue  # how the watch itself knows
            if event.name.startswith(("open", "os.")) and event.name not in ("os.exec", "os.system", "os.posix_spawn"):
                path = Path(event.what)
                inside = any(path.is_relative_to(each) for each in (top, *map(Path.resolve, allowed)))
                python = not event.writes and any(path.is_relative_to(each) for each in own)
                code = path.is_relative_to(top) and path.suffix in (".py", ".pyc", ".so", ".pyd", ".pth")
                if (inside or python or event.what == os.devnull) and not code:
                    continue
            found.append(event)
        return found


def strings(value: object) -> Iterator[str]:
    """Every text in a JSON value, keys included."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            waiting += each


def manifest(names: list[str]) -> str:
    """A JSON manifest; names that are not Unicode are left out, as nobody could write them there."""
    return json.dumps({"migrationFiles": [name for name in names if name.isprintable() or name.isascii()]}, indent=2)
