"""What is no file, too much of one, or gone the next moment: nothing waits, nothing grows, the rest goes on."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mig_lsp import git_process
from mig_lsp.cli import main
from mig_lsp.disk import workspace
from tests.fuzz.hostile import WINDOWS, Watched
from tests.fuzz.traps import LOOKS, misdeeds, serving
from tests.lsp.raw import profile, rules, running, uri
from tests.support import files
from tests.support.effort import Effort
from tests.support.files import build, environment, good


def test_what_never_answers_is_not_waited_for(tmp_path: Path, watched: Watched) -> None:
    """Pipes, sockets and devices under every name that is looked for."""
    if WINDOWS:
        return
    config = '[migrations]\ndirectory = "db"\nmanifest = "m.json"\ntemplate = "t.sql"\n[drizzle]\nschema = "schema"\n'
    root = build(
        tmp_path / "ws",
        {
            "db/010-good.sql": good(10, "good") + "BEGIN;\n",
            "mig-lsp.toml": config + '[log.dev]\nsource = "file"\npath = "log.json"\n',
            "schema/x.txt": "",
        },
    )
    for name in ("db/011-pipe.sql", "m.json", "log.json", "t.sql", "other.ts", "schema/x.ts", "drizzle.json"):
        os.mkfifo(root / name)
    with socket.socket(socket.AF_UNIX) as listener, socket.socket() as _:
        here = Path.cwd()
        os.chdir(root / "db")  # the name of a socket is short
        try:
            listener.bind("012-socket.sql")
        finally:
            os.chdir(here)
        for name, target in (
            ("013-zero.sql", "/dev/zero"),
            ("014-tty.sql", "/dev/tty"),
            ("015-pipe.sql", "011-pipe.sql"),
        ):
            (root / "db" / name).symlink_to(target)
        (root / "db/016-folder.sql/017-inner.sql").mkdir(parents=True)
        for args, done in zip(LOOKS, watched.run(root, *LOOKS), strict=True):
            assert "internal error" not in done.err, (args, done.err)
            assert done.code in ((1,) if args[0] == "check" else (0, 1, 2)), (args, done)
        with serving(watched, root) as client:
            client.start(profile("neovim-0.12")["capabilities"], root)
            found = {
                path: rules(client.pulled(uri(root / path))["items"])
                for path in (
                    "db/010-good.sql",
                    "db/011-pipe.sql",
                    "db/012-socket.sql",
                    "db/013-zero.sql",
                    "db/015-pipe.sql",
                )
            }
            assert 0 == client.stop()
    assert "transaction-control" in found.pop("db/010-good.sql")
    assert all("unreadable-file" in each for each in found.values()), found


@pytest.mark.parametrize("cache", ["0", "1"])
@pytest.mark.parametrize(
    "odd", [".git", ".git/HEAD", ".git/config", ".git/commondir", ".git/refs/heads/x", ".git/packed-refs"]
)
def test_a_repository_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], odd: str, cache: str
) -> None:
    if WINDOWS:
        return
    root = build(tmp_path / "ws", {"db/010-good.sql": good(10, "good") + "BEGIN;\n"})
    if odd != ".git":
        files.git(root, "init", "--quiet")
        files.commit(root, "first")
        (root / odd).unlink(missing_ok=True)
    os.mkfifo(root / odd)
    monkeypatch.setattr(git_process, "TIMEOUT", 0.5)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("MIG_LSP_NO_CACHE", cache)
    monkeypatch.chdir(root)
    done: list[int] = []
    asking = threading.Thread(target=lambda: done.append(main(["check"])), daemon=True)
    asking.start()
    asking.join(30)
    assert [1] == done
    assert "transaction-control" in capsys.readouterr().out


GIB = 1 << 30


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("db/011-big.sql", 1, "011-big.sql is longer than 16 MiB, so it is not read"),
        ("m.json", 1, "m.json"),
        ("mig-lsp.toml", 2, "mig-lsp.toml is longer than 10 MiB, so it is not read"),
        ("log.json", 1, "log.json is larger than 32 MiB: it is not read"),
    ],
)
def test_a_gigabyte_is_one_clear_line(tmp_path: Path, watched: Watched, path: str, code: int, said: str) -> None:
    config = '[migrations]\ndirectory = "db"\nmanifest = "m.json"\n[log.dev]\nsource = "file"\npath = "log.json"\n'
    root = build(
        tmp_path / "ws",
        {
            "db/010-good.sql": good(10, "good") + "BEGIN;\n",
            "m.json": '{"migrationFiles": ["010-good.sql", "011-big.sql"]}',
            "mig-lsp.toml": config,
            "log.json": "[]",
        },
    )
    with (root / path).open("wb") as file:
        file.truncate(GIB)
    check, log = watched.run(root, ("check",), ("log",))
    assert code == check.code, check
    assert 1 == sum(said in line for line in (check.out + check.err + log.out).splitlines() if " = " not in line)
    assert (code == 2) != ("transaction-control" in check.out)
    assert watched.memory < 200
    with serving(watched, root) as client:
        client.start(profile("neovim-0.12")["capabilities"], root)
        found = rules(client.pulled(uri(root / "db/010-good.sql"))["items"])
        assert "transaction-control" in found
        assert 0 == client.stop()
    assert watched.memory < 200


def test_many_long_files_are_not_all_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "MAX_TOTAL", 12_000)
    root = build(tmp_path / "ws", {f"db/{number:03}-x.sql": "-- é\n" * 1000 for number in range(10, 20)})
    seen = workspace.Workspace(root)
    problems = [file.problem for file in seen.snapshots()[0].files.values()]
    assert 2 == problems.count(None)
    assert all("come to more than" in problem for problem in problems if problem)
    build(root, {f"db/{number:03}-x.sql": "SELECT 1;\n" for number in range(10, 20)})
    assert seen.refresh()
    assert {None} == {file.problem for file in seen.snapshots()[0].files.values()}


def test_very_many_files(tmp_path: Path, watched: Watched, effort: Effort) -> None:
    """All are checked, in memory that grows with their number and stays modest."""
    count = effort.count(1_000, 100_000)
    names = [f"{number:03}-t{number}.sql" for number in range(10, count + 10)]
    root = build(tmp_path / "ws", {f"db/{name}": good(int(name.split("-")[0]), name[4:-4]) for name in names})
    build(root, {f"db/{names[-1]}": "BEGIN;\n", "m.json": json.dumps({"migrationFiles": names})})
    (done,) = watched.run(root, ("check", "--format", "json"))
    assert 1 == done.code, done.err
    assert "" == done.err
    said = json.loads(done.out)
    assert count + 1 == said["summary"]["files"]
    assert f"db/{names[-1]}" in {each["path"] for each in said["findings"]}
    assert watched.memory < 120 + count // 40


def test_more_files_than_are_looked_at(tmp_path: Path) -> None:
    """That is said, and what was seen is checked."""
    root = build(tmp_path / "ws", {f"db/{number:03}-x.sql": "BEGIN;\n" for number in range(10, 40)})
    code = "from mig_lsp.disk import listing; listing.MAX_ENTRIES = 20; from mig_lsp.cli import main; import sys; "
    done = subprocess.run(
        [sys.executable, "-c", f"{code}sys.exit(main(['check']))"],
        cwd=root,
        capture_output=True,
        check=False,
        env=environment(),
        text=True,
    )
    assert 1 == done.returncode
    assert "holds too many files to look at all of them: use --root" in done.stderr
    assert "transaction-control" in done.stdout


# Nothing stands still


def stir(root: Path, chance: random.Random) -> None:
    """One change of the workspace, as a hurried colleague or a checkout makes it."""
    path = root / f"db/{chance.randrange(10, 40):03}-x.sql"
    what = chance.randrange(8)
    try:
        match what:
            case 0:
                path.unlink(missing_ok=True)
            case 1:
                path.rename(path.with_name(f"{chance.randrange(10, 40):03}-x.sql"))
            case 2:
                path.write_text("BEGIN;\n" * chance.randrange(1000))
            case 3:
                path.write_bytes(chance.randbytes(50))
            case 4:
                (root / "db").rename(root / "away")
                (root / "away").rename(root / "db")
            case 5:
                names = [f"{number:03}-x.sql" for number in range(10, 40) if chance.random() < 0.8]
                text = json.dumps({"migrationFiles": names})
                (root / "m.json").write_text(text[: chance.choice((len(text), 20, 0))])
            case 6:
                (root / "mig-lsp.toml").write_text(chance.choice(("", "[migrations]\nbaseline = 12\n", "[[[")))
            case 7:
                path.unlink(missing_ok=True)
                path.mkdir() if chance.random() < 0.3 else path.symlink_to(
                    "/dev/zero" if chance.random() < 0.5 else root
                )
    except OSError:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()


@contextmanager
def stirring(root: Path, seed: int) -> Iterator[None]:
    ended = threading.Event()

    def work() -> None:
        chance = random.Random(seed)
        while not ended.is_set():
            stir(root, chance)
            time.sleep(0.003)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_files_that_change_during_a_scan(tmp_path: Path, watched: Watched, seed: int, effort: Effort) -> None:
    """Every answer is one of some moment; in the end all say the same as a fresh look."""
    root = build(tmp_path / "ws", {f"db/{number:03}-x.sql": good(number, "x") for number in range(10, 40)})
    build(root, {"m.json": json.dumps({"migrationFiles": [f"{number:03}-x.sql" for number in range(10, 40)]})})
    looks = (("check", "--format", "json"), ("new", "x", "--dry-run")) * effort.count(1, 60)
    with stirring(root, seed):
        for args, done in zip(looks, watched.run(root, *looks), strict=True):
            assert done.code in (0, 1, 2), (seed, args, done)
            assert done.err.count("\n") <= 1 and "internal error" not in done.err, (seed, args, done.err)
    with serving(watched, root) as client:
        client.start(profile("emacs-30")["capabilities"], root)
        name = client.open(root / "db/999-open.sql", "BEGIN;\n")
        with stirring(root, seed):
            for version in range(2, effort.count(20, 1000)):
                client.tell("workspace/didChangeWatchedFiles", {"changes": []})
                client.change(name, version, f"BEGIN; -- {version}\n")
                client.call("migLsp/migrations", None)
                client.answer(client.ask("textDocument/hover", {"textDocument": {"uri": name}, "position": ZERO}))
        (root / "mig-lsp.toml").unlink(missing_ok=True)
        client.tell("textDocument/didClose", {"textDocument": {"uri": name}})
        client.tell("workspace/didChangeWatchedFiles", {"changes": []})
        there = client.call("migLsp/migrations", None)
        with running(*watched.command, "serve", cwd=root, env=environment()) as fresh:
            fresh.start(profile("emacs-30")["capabilities"], root)
            assert fresh.call("migLsp/migrations", None) == there, seed
            assert 0 == fresh.stop()
        assert 0 == client.stop()
    assert [] == misdeeds(watched, root)


ZERO = {"line": 0, "character": 0}


def test_a_workspace_that_is_deleted_under_the_server(tmp_path: Path, watched: Watched) -> None:
    root = build(tmp_path / "ws", {"db/010-x.sql": "BEGIN;\n", "db/011-y.sql": "BEGIN;\n"})
    with serving(watched, root) as client:
        client.start(profile("emacs-30")["capabilities"], root)
        other = uri(root / "db/011-y.sql")
        assert "transaction-control" in rules(client.pushed(other))
        name = client.open(root / "db/010-x.sql")
        assert "transaction-control" in rules(client.pushed(name, 1))
        (root / "db/010-x.sql").unlink()
        (root / "db/011-y.sql").unlink()
        (root / "db").rmdir()
        root.rmdir()
        client.tell("workspace/didChangeWatchedFiles", {"changes": []})
        assert [] == client.pushed(other)
        client.change(name, 2, "SELECT 1;\n")
        for method in ("hover", "completion", "codeLens"):
            asked = {"textDocument": {"uri": name}, "position": ZERO}
            assert "error" not in client.answer(client.ask(f"textDocument/{method}", asked))
        build(root, {"db/010-x.sql": "BEGIN;\n", "db/011-y.sql": "BEGIN;\n"})
        client.tell("workspace/didChangeWatchedFiles", {"changes": []})
        assert "transaction-control" in rules(client.pushed(other))
        assert 0 == client.stop()
