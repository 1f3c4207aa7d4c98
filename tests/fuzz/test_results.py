"""Random changes of a workspace: what a check says when results are kept is what it says when none are."""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from mig_lsp import cli, results
from tests.support import files
from tests.support.effort import Effort
from tests.support.files import build, commit, git, good

YOUTH = 20_000_000  # ns; the clock of a file system ticks several times in it, so no test has to wait for seconds
COMMANDS = (
    ("check",),
    ("check", "--format", "json", "--all"),
    ("check", "db/schema"),
    ("check", "--since", "main"),
    ("check", "--since", "HEAD~1", "--format", "github"),
    ("check", "--select", "header,history", "--fail-on", "info"),
    ("check", "--config", "other.toml"),
)
TEXTS = (
    "BEGIN;\n",
    "COMMIT;\n",
    "CREATE TABLE é (id int);\n",
    "DROP TABLE é;\n",
    "-- mig-lsp: ignore transaction-control\n",
    "SELECT '😀';\r\n",
    "SELEC 1;\n",
    "\ufeff",
    "",
)
SETTINGS = (
    "",
    '[rules]\ntransaction-control = "off"\n',
    '[rules.missing-header]\nseverity = "error"\n',
    "[migrations]\nbaseline = 11\n",
    '[migrations]\nbase-ref = "main"\n',
    '[log.dev]\nsource = "file"\npath = "dev.csv"\n',
    '[log.dev]\nsource = "file"\npath = "logs/dev.csv"\n',
    '[drizzle]\nmigrations = "db/out"\n',
    "nonsense = [\n",
)
LOG = "step_number,migration_type,description,sql_executed,status,error_message,executed_at\n"
NAMES = ("010-users.sql", "011-books.sql", "012-loans.sql", "013-é.sql", "011-twice.sql", "readme.sql", "a\nb.sql")


class Ran(NamedTuple):
    """How a check ended, and whether that was known before."""

    code: int
    out: str
    err: str
    known: bool


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in files.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MIG_LSP_NO_CACHE")
    for module in ("results", "disk.traces"):
        monkeypatch.setattr(f"mig_lsp.{module}.SETTLED", YOUTH)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a branch that is ahead of main, and with a worktree beside it."""
    root = tmp_path / "work"
    schema = {f"db/schema/{number:03}-{name}.sql": good(number, name) for number, name in ((1, "types"), (10, "users"))}
    listed = '{"initialSetupFiles": ["001-types.sql"], "migrationFiles": ["010-users.sql"]}\n'
    build(root, {**schema, "db/migrations.json": listed, "src/dull.ts": "export {};\n", "other.toml": SETTINGS[1]})
    git(root, "init", "--quiet")
    commit(root, "first")
    git(root, "checkout", "--quiet", "-b", "feature")
    build(root, {"db/schema/011-books.sql": good(11, "books") + "BEGIN;\n"})
    commit(root, "second")
    return root


def test_a_result_is_kept_only_as_long_as_it_is_right(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, effort: Effort
) -> None:
    chance = random.Random(seed)
    monkeypatch.chdir(root)
    done, known = [], 0
    for _ in range(effort.count(25, 1500)):
        for _ in range(chance.choice((0, 1, 1, 1, 3))):
            change = chance.choice(CHANGES)
            done.append(change.__name__)
            # What another change has taken away cannot be changed.
            with contextlib.suppress(OSError, subprocess.CalledProcessError):
                change(root, chance)
        if chance.random() < 0.5:
            time.sleep(2 * YOUTH / 1e9)
        command = chance.choice(COMMANDS)
        kept = check(command, tmp_path / "caches", monkeypatch)
        fresh = check(command, empty(tmp_path), monkeypatch)
        assert (command, kept[:3]) == (command, fresh[:3]), f"seed {seed}, after {done}"
        known += kept.known
        if chance.random() < 0.3:
            again = check(command, tmp_path / "caches", monkeypatch)
            assert (command, again[:3]) == (command, fresh[:3]), f"seed {seed}, after {done}, again"
            known += again.known
    assert known > 0


def check(command: tuple[str, ...], caches: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """A check in this process, which is much faster than one of its own; it believes that it began just now."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    monkeypatch.setattr(results, "_started", time.time_ns())
    known = results.recall(command) is not None
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main(command)
        except SystemExit as end:
            code = int(end.code or 0)
    return Ran(code, out.getvalue(), err.getvalue(), known)


def empty(tmp_path: Path) -> Path:
    """Caches without a result, and with the copies of logs that the others have."""
    fresh = tmp_path / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    logs = tmp_path / "caches" / "mig-lsp" / "log"
    if logs.exists():
        shutil.copytree(logs, fresh / "mig-lsp" / "log")
    return fresh


Change = Callable[[Path, random.Random], object]


def write(root: Path, chance: random.Random) -> None:
    pieces = [good(chance.randrange(10, 14), "x"), *chance.sample(TEXTS, 2)]
    chance.shuffle(pieces)
    _some(root, chance).write_bytes("".join(pieces).encode())


def same_size(root: Path, chance: random.Random) -> None:
    path = _some(root, chance)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"BEGIN", b"ABORT") if b"BEGIN" in data else data.replace(b"ABORT", b"BEGIN"))


def backdate(root: Path, chance: random.Random) -> None:
    path = _some(root, chance)
    before = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def rewrite(root: Path, chance: random.Random) -> None:
    path = _some(root, chance)
    path.write_bytes(path.read_bytes())


def damage(root: Path, chance: random.Random) -> None:
    _some(root, chance).write_bytes(b"SELECT '\xe9\xff';\n")


def swap(root: Path, chance: random.Random) -> None:
    one, other = _some(root, chance), _some(root, chance)
    if one != other:
        one.rename(root / "aside")
        other.rename(one)
        (root / "aside").rename(other)


def rename(root: Path, chance: random.Random) -> None:
    _some(root, chance).rename(root / "db/schema" / chance.choice(NAMES))


def remove(root: Path, chance: random.Random) -> None:
    _some(root, chance).unlink()


def link(root: Path, chance: random.Random) -> None:
    path = root / "db/schema" / chance.choice(NAMES)
    path.unlink(missing_ok=True)
    path.symlink_to(chance.choice((_some(root, chance), root / "db/aside.txt", root.parent / "outside.sql")))


def aside(root: Path, chance: random.Random) -> None:
    chance.choice((root / "db/aside.txt", root.parent / "outside.sql")).write_text(chance.choice(TEXTS))


def folder(root: Path, chance: random.Random) -> None:
    (root / chance.choice(("db/schema/014-dir.sql", "db/out", "db/more", "logs"))).mkdir()


def stray(root: Path, chance: random.Random) -> None:
    path = root / chance.choice(("db/out/0001_x.sql", "db/more/010-a.sql", "src/dull.ts", "src/list.ts", "x.json"))
    path.parent.mkdir(exist_ok=True)
    path.write_text(chance.choice((*TEXTS, "export const migrationFiles = ['010-users.sql'];\n", "export {}; //\n")))


def manifest(root: Path, chance: random.Random) -> None:
    names = ", ".join(f'"{name}"' for name in chance.sample(NAMES[:5], chance.randrange(5)))
    build(root, {"db/migrations.json": f'{{"initialSetupFiles": [], "migrationFiles": [{names}]}}\n'})


def configure(root: Path, chance: random.Random) -> None:
    build(root, {chance.choice(("mig-lsp.toml", "mig-lsp.toml", "other.toml")): chance.choice(SETTINGS)})


def log(root: Path, chance: random.Random) -> None:
    rows = [
        f"1,sql,{name},x,{chance.choice(('completed', 'failed'))},,2026-01-01" for name in chance.sample(NAMES[:5], 2)
    ]
    build(root, {chance.choice(("dev.csv", "logs/dev.csv")): LOG + "".join(row + "\n" for row in rows)})


def lose_log(root: Path, chance: random.Random) -> None:
    (root / chance.choice(("dev.csv", "logs/dev.csv"))).unlink()


def save(root: Path, chance: random.Random) -> None:
    commit(root, "more")


def branch(root: Path, chance: random.Random) -> None:
    git(root, "branch", "--force", chance.choice(("other", "another")), chance.choice(("main", "feature")))


def move_on(root: Path, chance: random.Random) -> None:
    git(root, "update-ref", "refs/heads/main", chance.choice(("main", "feature", "feature~1")))


def remote(root: Path, chance: random.Random) -> None:
    git(root, "update-ref", f"refs/remotes/origin/{chance.choice(('main', 'x'))}", chance.choice(("main", "feature")))


def detach(root: Path, chance: random.Random) -> None:
    git(root, "update-ref", "--no-deref", "HEAD", git(root, "rev-parse", "main").strip())


def attach(root: Path, chance: random.Random) -> None:
    git(root, "symbolic-ref", "HEAD", f"refs/heads/{chance.choice(('main', 'feature', 'unborn'))}")


def upstream(root: Path, chance: random.Random) -> None:
    git(root, "config", "branch.feature.remote", ".")
    git(root, "config", "branch.feature.merge", f"refs/heads/{chance.choice(('main', 'other'))}")


def hide(root: Path, chance: random.Random) -> None:
    (root / ".git").rename(root / "git")


def show(root: Path, chance: random.Random) -> None:
    (root / "git").rename(root / ".git")


CHANGES: tuple[Change, ...] = (
    *(write, write, same_size, same_size, backdate, rewrite, rewrite, damage, swap, rename, remove, link, aside),
    *(folder, stray, stray, manifest, configure, configure, log, log, lose_log),
    *(save, branch, move_on, remote, detach, attach, upstream, hide, show, show),
)


def _some(root: Path, chance: random.Random) -> Path:
    there = sorted(path for path in (root / "db/schema").iterdir() if path.is_file())
    return chance.choice(there) if there else root / "db/schema/010-users.sql"
