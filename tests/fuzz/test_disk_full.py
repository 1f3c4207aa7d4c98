"""A disk that is full, or becomes so at work: nothing is half-written, the originals are whole, one line says it."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mig_lsp.cli import main
from tests.fuzz.hostile import LINUX
from tests.support.effort import Effort
from tests.support.files import Done, build, environment, good, run

COMMANDS = (
    ("new", "one more"),
    ("register", "db/012-late.sql"),
    ("prepare", "from drizzle"),
    ("check", "--fix", "--all"),
    ("check", "--fix", "--unsafe", "--all"),
)
SET = {
    "db/010-users.sql": good(10, "users") + "BEGIN;\n",
    "db/011-books.sql": good(11, "books") + "COMMIT;\n" + "-- filling\n" * 700,
    "db/012-late.sql": good(12, "late"),
    "db/migrations.json": json.dumps({"migrationFiles": ["010-users.sql", "011-books.sql"]}, indent=2) + "\n",
    "drizzle/migrations/0000_first.sql": 'CREATE TABLE "t" ("id" integer);\n' * 30,
    "mig-lsp.toml": '[log.dev]\nsource = "file"\npath = "dev.csv"\n',
    "dev.csv": "step_number,description,status\n" + "1,010-users.sql,completed\n" * 900,
}


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


Said = Callable[..., Done]


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Said]:
    """The command line in this process, which is what a test of many runs can afford."""
    monkeypatch.setenv("MIG_LSP_NO_CACHE", "1")

    def run(root: Path, *args: str) -> Done:
        capsys.readouterr()
        with monkeypatch.context() as patched:
            patched.chdir(root)
            code = main(args)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    yield run
    gc.enable()


def after(tmp_path: Path, run: Said) -> dict[tuple[str, ...], dict[str, bytes]]:
    """What each command makes of the set where there is room."""
    done = {}
    for number, args in enumerate(COMMANDS):
        root = build(tmp_path / f"roomy{number}", SET)
        assert run(root, *args).code in (0, 1)
        done[args] = tree(root)
    return done


def failed_well(before: dict[str, bytes], root: Path, code: int, err: str) -> None:
    assert 2 == code, err
    assert 1 == err.count("\n") and err.startswith("mig-lsp: "), err
    assert "cannot be written: " in err and err.endswith("; nothing was changed\n"), err
    assert before == {path: data for path, data in tree(root).items() if not path.startswith("filler")}


@contextmanager
def small_disk(folder: Path, size: str, inodes: int) -> Iterator[Path | None]:
    """A disk of its own with little room; None where nobody may have one."""
    folder.mkdir()
    options = f"size={size},nr_inodes={inodes}"
    mounted = LINUX and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_a_file_that_may_not_grow(tmp_path: Path, args: tuple[str, ...]) -> None:
    """The same as a disk that fills up, for systems that have such a limit: writing fails in the middle of a file."""
    root = build(tmp_path, SET)
    before = tree(root)
    # Python itself would leave half of a compiled module behind, for everybody who comes after.
    limited = "import resource, runpy, sys; sys.dont_write_bytecode = True; "
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16)); sys.argv[0] = 'x'; "
    code = f"{limited}from mig_lsp.cli import main; sys.exit(main({list(args)!r}))"
    if sys.platform == "win32":
        return
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, check=False, env=environment(), timeout=60
    )
    failed_well(before, root, done.returncode, done.stderr.decode())


def test_a_disk_that_is_full(tmp_path: Path, seed: int, effort: Effort, here: Said) -> None:
    """At every amount of room that is left each command has done all of its work, or nothing."""
    wanted = after(tmp_path, here)
    chance = random.Random(seed)
    outcomes = set()
    with small_disk(tmp_path / "disk", "256k", 60) as disk:
        if disk is None:
            return
        for _ in range(effort.count(25, 1000)):
            args = chance.choice(COMMANDS)
            room = chance.randrange(0, 6) * 4096
            names = chance.choice((0, 1, 2, 3, 50))
            root = build(disk / "ws", SET)
            before = tree(root)
            left = fill(disk, room, names)
            done = here(root, *args)
            clear(disk)
            now = tree(root)
            outcomes.add(now == wanted[args])
            if now != wanted[args]:
                failed_well(before, root, done.code, done.err)
            else:
                assert done.code in (0, 1), (args, room, names, left, done)
            remove(root)
    assert {True, False} == outcomes


def fill(disk: Path, room: int, names: int) -> int:
    """Fills the disk up to *room* bytes and *names* files; how many bytes are really left."""
    status = os.statvfs(disk)
    with (disk / "filler").open("wb") as file:
        file.write(b"x" * max(status.f_bavail * status.f_bsize - room, 0))
    for number in range(os.statvfs(disk).f_ffree - names):
        (disk / f"filler{number}").touch()
    left = os.statvfs(disk)
    return left.f_bavail * left.f_bsize


def clear(disk: Path) -> None:
    for path in disk.glob("filler*"):
        path.unlink()


def remove(root: Path) -> None:
    for path in sorted(root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def test_a_full_disk_for_the_cache(tmp_path: Path) -> None:
    """The log is read all the same, the old copy stays whole, and nothing is left behind."""
    root = build(tmp_path / "ws", SET)
    with small_disk(tmp_path / "disk", "512k", 30) as disk:
        if disk is None:
            return
        env = {"MIG_LSP_NO_CACHE": "0", "XDG_CACHE_HOME": str(disk)}
        assert run(root, "log", "pull", env=env).code == 0
        copies = tree(disk)
        assert any("/log/" in path for path in copies)
        fill(disk, 0, 0)
        build(root, {"dev.csv": SET["dev.csv"] + "2,011-books.sql,failed\n" * 500})
        done = run(root, "log", "pull", env=env)
        assert (0, "") == (done.code, done.err)
        assert "1400 rows, read just now" in done.out
        for args in (("check",), ("list",), ("log",)):
            done = run(root, *args, env=env)
            assert done.code in (0, 1) and done.err == "", done
        clear(disk)
        assert {path: data for path, data in copies.items() if "/log/" in path} == {
            path: data for path, data in tree(disk).items() if "/log/" in path
        }
        done = run(root, "check", env=env)
        assert done.code in (0, 1) and done.err == "", done


@pytest.mark.parametrize("args", [("check",), ("check", "--format", "json"), ("list",), ("rules",), ("log",)])
def test_results_that_cannot_be_written(tmp_path: Path, args: tuple[str, ...]) -> None:
    if not LINUX:
        return
    root = build(tmp_path, SET)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mig_lsp", *args],
            cwd=root,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            env=environment(),
        )
    expected = "mig-lsp: the output cannot be written: No space left on device\n"
    assert (2, expected) == (done.returncode, done.stderr.decode())


def test_errors_that_cannot_be_written(tmp_path: Path) -> None:
    """The exit code says what is left to say."""
    if not LINUX:
        return
    root = build(tmp_path, SET)
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "mig_lsp", "check", "--select", "nothing-like-it"]
        assert 2 == subprocess.run(command, cwd=root, stderr=full, check=False, env=environment()).returncode
