"""What a check said, kept in the user's cache directory, and said again while nothing that it depends on has changed.

An entry names all that went into a check: the command and its surroundings, this program's own files, every file of
the workspace, what git would tell, logs and other files outside. Everything is compared, nothing is only hashed,
and whatever cannot be compared is not kept. An entry that is missing, damaged or of anybody else is as none, and
nothing here ever fails a check.
"""

from __future__ import annotations

import io
import os
import sys
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mig_lsp import caches, git_process
from mig_lsp.core.candidates import CONFIG_NAME
from mig_lsp.disk.listing import SETTLED, listing
from mig_lsp.disk.traces import Trace, renewed
from mig_lsp.results_file import Entry, encoded, read, write

MAX_OUTPUT = 32 * 1024 * 1024
"""The longest output that is kept, in characters."""

_LIBRARIES = ("msgspec", "pglast", "sqlglot", "tree_sitter", "tree_sitter_json", "tree_sitter_typescript")
_HOME = str(Path(__file__).parent)
_started = time.time_ns()  # nothing of the program or of a log may be younger than this moment


class Known(NamedTuple):
    """The output of a check, as the file has it, and its exit code."""

    out: memoryview
    code: int


class Basis(NamedTuple):
    """What a check has looked at, beside the files of the workspace.

    *nearest* is the root as it is shown when it was looked for, "" when the command names it. *paths* are the files
    and folders that the command names, *others* the files beside the workspace's own that count, *ref* what `--since`
    names.
    """

    root: Path
    nearest: str
    paths: tuple[str, ...] = ()
    others: tuple[Path, ...] = ()
    ref: str | None = None


def recall(arguments: Sequence[str]) -> Known | None:
    """What `check` with these *arguments* said when it ran last, when it would say it again."""
    with suppress(OSError, ValueError):  # whatever it is that cannot be read now, the check itself will tell
        return _recalled(arguments)
    return None


def _recalled(arguments: Sequence[str]) -> Known | None:
    file = _file(arguments)
    found = None if file is None else read(file)
    if file is None or found is None:
        return None
    entry, out = found
    if entry.request != _request(arguments):
        return None
    surroundings = (entry.program, entry.places, entry.marks)
    if surroundings != (_program(), _places(_paths(entry.places)), _marks(_paths(entry.marks))):
        return None
    if entry.nearest not in ("", nearest_root()):
        return None
    there = listing(entry.root)
    known = _traces(entry.traces)
    newer = None if there.truncated else renewed(entry.root, there.files, known)
    if newer is None or entry.git != git_state(Path(entry.root), entry.ref or None):
        return None
    if newer is not known:
        write(file, entry._replace(traces=_table(newer)), out)
    return Known(out, int(entry.code))


def say(known: Known) -> None:
    """Writes to standard output what a check has said."""
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper) and out.encoding.lower() == "utf-8" and os.linesep == "\n":
        out.flush()
        out.buffer.write(known.out)
    else:
        out.write(str(known.out, "utf-8"))
    out.flush()


def keep(arguments: Sequence[str], basis: Basis, git: str, traces: Mapping[str, Trace], out: str, code: int) -> None:
    """Keeps the output of a check and its exit code for `recall`; *git* is what `git_state` was before it began."""
    with suppress(OSError):
        _keep(arguments, basis, git, traces, out, code)


def _keep(arguments: Sequence[str], basis: Basis, git: str, traces: Mapping[str, Trace], out: str, code: int) -> None:
    file = _file(arguments)
    if file is None or len(out) > MAX_OUTPUT or git != git_state(basis.root, basis.ref):
        return
    root = str(basis.root)
    marked = (*map(str, basis.others), *_loaded())
    own = [f"{_HOME}/{name}" for name, _ in _own_files()]
    if not _are_settled((*marked, *own)):
        return
    entry = Entry(
        _request(arguments),
        root,
        basis.nearest,
        basis.ref or "",
        _program(),
        _places((root, *(str(Path.cwd() / path) for path in basis.paths), *map(str, basis.others))),
        _marks(marked),
        git,
        _table(traces),
        str(code),
    )
    write(file, entry, out.encode("utf-8", "backslashreplace"))  # as standard output would do it


def nearest_root() -> str:
    """The nearest folder with a configuration or a repository, from the present one; or else that one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIG_NAME).exists() or (folder / ".git").exists():
            return Path(os.path.relpath(folder, here)).as_posix()
    return "."


def is_on() -> bool:
    """Whether anything would be kept."""
    return caches.directory() is not None


def git_state(root: Path, ref: str | None = None) -> str:
    """What is different after anything has happened that git could tell of *root*, and of *ref* if there is one."""
    state = git_process.state(root)
    if ref is None:
        return state
    git = git_process.executable(root) if state else None
    name = ("rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}")
    commit = None if git is None else git_process.run(git, root, *name)
    return f"{state}\n{os.fsdecode(commit or b'')}"


def _request(arguments: Sequence[str]) -> str:
    """All that the answer to a command depends on, beside files."""
    environment = (os.environ.get(name, "") for name in ("NO_COLOR", "TERM"))
    program = (sys.version, sys.prefix, str(sys.flags.optimize), *sys.path)
    user = str(os.geteuid()) if hasattr(os, "geteuid") else ""
    return "\0".join((*arguments, str(Path.cwd()), str(sys.stdout.isatty()), *environment, user, *program))


def _program() -> str:
    """The files of this program, its pages among them, as they are now."""
    return "\0".join(f"{name} {_stamp(status)}" for name, status in _own_files())


def _own_files() -> Iterator[tuple[str, os.stat_result]]:
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(f"{_HOME}/{folder}") as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        waiting.append(f"{folder}{entry.name}/")
                else:
                    yield folder + entry.name, entry.stat()


def _loaded() -> list[str]:
    """The files of those modules of libraries that were of use."""
    names = sorted(name for name in sys.modules if name.partition(".")[0] in _LIBRARIES)
    return [file for name in names if (file := getattr(sys.modules[name], "__file__", None))]


def _places(paths: Iterable[str]) -> str:
    """Each path, and where it really is."""
    return "\0".join(part for path in paths for part in (path, os.path.realpath(path)))


def _marks(paths: Iterable[str]) -> str:
    """Each file, and its stamp."""
    return "\0".join(part for path in paths for part in (path, _mark(path)))


def _mark(path: str) -> str:
    try:
        return _stamp(Path(path).stat())
    except (OSError, ValueError):
        return "none"


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_size} {status.st_ino}"


def _paths(pairs: str) -> list[str]:
    return pairs.split("\0")[::2] if pairs else []


def _table(traces: Mapping[str, Trace]) -> str:
    return "\0".join(part for path, trace in traces.items() for part in (path, *trace))


def _traces(table: str) -> dict[str, Trace]:
    words = table.split("\0")
    return dict(zip(words[::3], map(Trace, words[1::3], words[2::3]), strict=False))


def _are_settled(paths: Iterable[str]) -> bool:
    """Whether none of these files was changed since this program started, or so shortly before that nobody can tell."""
    for path in paths:
        try:
            status = Path(path).stat()
        except (OSError, ValueError):
            continue
        if max(status.st_mtime_ns, status.st_ctime_ns) > _started - SETTLED:
            return False
    return True


def _file(arguments: Sequence[str]) -> Path | None:
    """Where the result of a command is kept. Another command may have the same place: then the newer one stays."""
    folder = caches.directory()
    if folder is None:
        return None
    return folder / "check" / f"{zlib.crc32(encoded(_request(arguments))):08x}"
