"""Kept results as users meet them: the second of two checks is the first one again, as long as that is right."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mig_lsp import results_file
from tests.support.files import Done, build, commit, environment, git, good, powerless, run

FILES: dict[str, str | bytes] = {
    "mig-lsp.toml": "",
    "db/schema/010-é.sql": good(10, "users"),
    "db/schema/011-books.sql": good(11, "books") + "BEGIN; -- 😀\r\n",
}
TRACE = (
    "import sys; from mig_lsp import results; from mig_lsp.cli import main;"
    "known = results.recall(['check']) is not None; code = main(['check']);"
    "heavy = {'msgspec', 'pglast', 'mig_lsp.core.rules', 'mig_lsp.core.snapshot', 'argparse', 'hashlib'};"
    "print(known, code, sorted(heavy & set(sys.modules)), file=sys.stderr)"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return build(tmp_path / "work", FILES)


@pytest.fixture
def caches(tmp_path: Path) -> Path:
    return tmp_path / "caches"


def kept(caches: Path, **more: str) -> dict[str, str]:
    """The environment of a command that keeps results in *caches*."""
    return {"MIG_LSP_NO_CACHE": "", "XDG_CACHE_HOME": str(caches), **more}


def entries(caches: Path) -> list[Path]:
    """The files of results."""
    return sorted((caches / "mig-lsp" / "check").glob("*"))


def trace(root: Path, caches: Path) -> tuple[Done, str]:
    """A check, and whether it was known, with what exit code, and which heavy modules were loaded."""
    environ = {**environment(), **kept(caches)}
    done = subprocess.run(
        [sys.executable, "-c", TRACE], cwd=root, capture_output=True, text=True, env=environ, check=True
    )
    return Done(done.returncode, done.stdout, ""), done.stderr.strip().rpartition("\n")[2]


def test_the_second_check_says_what_the_first_said_and_loads_next_to_nothing(root: Path, caches: Path) -> None:
    time.sleep(2.1)  # what was written so recently is read again
    first, how = trace(root, caches)
    assert how.startswith("False 1 [")
    second, how = trace(root, caches)
    assert (how, second) == ("True 1 []", first)
    assert "db/schema/011-books.sql:7:1: error[transaction-control]" in first.out


def test_nothing_is_kept_when_caches_are_turned_off(root: Path, caches: Path) -> None:
    run(root, "check", env=kept(caches, MIG_LSP_NO_CACHE="1"))
    assert not caches.exists()


@pytest.mark.parametrize(
    ("arguments", "stdin"), [(("check", "--fix", "--dry-run"), b""), (("check", "-"), b"BEGIN;"), (("check", "x"), b"")]
)
def test_what_writes_reads_or_fails_is_not_kept(
    root: Path, caches: Path, arguments: tuple[str, ...], stdin: bytes
) -> None:
    run(root, *arguments, stdin=stdin, env=kept(caches))
    assert entries(caches) == []


def test_every_command_has_its_own_result(root: Path, caches: Path) -> None:
    commands = (("check",), ("check", "--format", "json"), ("check", "--color", "always"), ("check", "-q"))
    first = [run(root, *command, env=kept(caches)) for command in commands]
    assert [run(root, *command, env=kept(caches)) for command in commands] == first
    assert len({done.out for done in first}) == len(entries(caches)) == len(commands)


def test_a_root_is_looked_for_again(root: Path, caches: Path) -> None:
    inner = root / "db"
    before = run(inner, "check", env=kept(caches))
    build(inner, {"mig-lsp.toml": '[rules.transaction-control]\nseverity = "off"\n'})
    after = run(inner, "check", env=kept(caches))
    assert (before.code, after.code) == (1, 0)


def cut(data: bytes) -> bytes:
    return data[:-1]


def flip(data: bytes) -> bytes:
    return data[:-5] + bytes((data[-5] ^ 1,)) + data[-4:]


def longer(data: bytes) -> bytes:
    return data + b"x"


def newer(data: bytes) -> bytes:
    return data.replace(b"check 1", b"check 9", 1)


@pytest.mark.parametrize(
    "damage",
    [cut, flip, longer, newer, lambda _: b"", lambda _: b"\n", lambda _: os.urandom(5000), lambda data: data * 2],
)
def test_a_damaged_result_is_as_none_and_made_again(root: Path, caches: Path, damage: Callable[[bytes], bytes]) -> None:
    first = run(root, "check", env=kept(caches))
    (file,) = entries(caches)
    file.write_bytes(damage(file.read_bytes()))
    assert results_file.read(file) is None
    assert run(root, "check", env=kept(caches)) == first
    assert entries(caches) == [file]
    assert results_file.read(file) is not None


@pytest.mark.skipif(os.name == "nt", reason="modes and links are others there")
def test_a_result_that_somebody_else_could_have_written_does_not_count(root: Path, caches: Path) -> None:
    first = run(root, "check", env=kept(caches))
    (file,) = entries(caches)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    file.chmod(0o666)
    assert trace(root, caches)[1].startswith("False")
    assert entries(caches)[0].stat().st_mode & 0o777 == 0o600
    file.rename(caches / "aside")
    file.symlink_to(caches / "aside")
    assert run(root, "check", env=kept(caches)) == first


def test_a_result_of_one_workspace_is_none_of_another(root: Path, tmp_path: Path, caches: Path) -> None:
    run(root, "check", env=kept(caches))
    other = build(tmp_path / "other", {**FILES, "db/schema/011-books.sql": good(11, "books")})
    (file,) = entries(caches)
    run(other, "check", env=kept(caches))
    (theirs,) = (each for each in entries(caches) if each != file)
    file.write_bytes(theirs.read_bytes())
    assert run(root, "check", env=kept(caches)).code == 1


def test_a_cache_that_cannot_be_written_is_no_problem(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(root, "check", env=kept(tmp_path / "file"))
    assert (done.code, done.err) == (1, "")
    told = run(root, "check", env=kept(tmp_path / "file", MIG_LSP_DEBUG="1"))
    assert told.err.startswith("mig-lsp: the result is not kept: ")


def test_a_cache_that_may_only_be_read_is_no_problem(root: Path, tmp_path: Path) -> None:
    under = powerless()
    if under is None:
        return
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    done = run(root, "check", env=kept(locked), under=under)
    assert (done.code, done.err, list(locked.iterdir())) == (1, "", [])


def test_old_results_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = results_file.Entry._make("x" for _ in results_file.Entry._fields)
    monkeypatch.setattr(results_file, "MAX_TOTAL", 5000)
    for number in range(8):
        assert results_file.write(tmp_path / f"{number:08x}", entry, b"y" * 1000)
        past = time.time() - 1000 + number
        os.utime(tmp_path / f"{number:08x}", (past, past))
    assert [path.name for path in sorted(tmp_path.iterdir())] == [f"{number:08x}" for number in (4, 5, 6, 7)]


def test_what_an_ended_run_has_left_behind_goes_after_a_day(tmp_path: Path) -> None:
    entry = results_file.Entry._make("" for _ in results_file.Entry._fields)
    for name, age in (("old.part", 100_000), ("new.part", 10)):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    results_file.write(tmp_path / "00000000", entry, b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000000", "new.part"]


def test_checks_at_the_same_time_do_not_disturb_each_other(root: Path, caches: Path) -> None:
    environ = {**environment(), **kept(caches)}
    command = [sys.executable, "-m", "mig_lsp", "check"]
    running = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, env=environ) for _ in range(4)]
    said = {process.communicate()[0] for process in running}
    assert len(said) == 1
    assert len(entries(caches)) == 1
    assert run(root, "check", env=kept(caches)).out.encode() == said.pop().replace(b"\r\n", b"\n")


def test_what_git_would_tell_is_part_of_a_result(root: Path, caches: Path) -> None:
    git(root, "init", "--quiet")
    commit(root, "first")
    before = run(root, "check", env=kept(caches))
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    after = run(root, "check", env=kept(caches))
    assert after.out != before.out
    assert after == run(root, "check", env=kept(caches, MIG_LSP_NO_CACHE="1"))


def test_a_result_stays_when_files_are_written_anew_with_the_same_content(root: Path, caches: Path) -> None:
    trace(root, caches)
    build(root, FILES)
    assert trace(root, caches)[1] == "True 1 ['hashlib']"
