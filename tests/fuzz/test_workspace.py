"""A workspace that means harm: nothing in it is executed, and nothing outside it is read, written or called."""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mig_lsp.cli import main
from tests.fuzz import hostile
from tests.fuzz.hostile import CANARY, PASSWORD, RAW, Watched
from tests.fuzz.traps import LOOKS, command, fingerprint, misdeeds, outside, programs, serving, tour, trap
from tests.lsp.raw import profile, running
from tests.support import files
from tests.support.files import build, environment, good


@pytest.fixture
def secrets(tmp_path: Path) -> dict[str, str]:
    """An environment full of secrets, with a cache of its own."""
    return {
        "PGPASSWORD": PASSWORD,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": PASSWORD,
        "AWS_EC2_METADATA_DISABLED": "true",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "MIG_LSP_NO_CACHE": "0",
        "HOME": str(tmp_path / "home"),
    }


def test_commands_stay_in_the_workspace(tmp_path: Path, watched: Watched, secrets: dict[str, str]) -> None:
    root = trap(tmp_path)
    before = fingerprint(root), fingerprint(tmp_path / "outside")
    env = {**secrets, "PATH": os.pathsep.join((str(root / "bin"), ".", "", os.environ["PATH"]))}
    commands = (*LOOKS, ("chunks", "db/012-out.sql"), ("chunks", "link/secret.sql"), ("rollback", "db/010-good.sql"))
    for args, done in zip(commands, watched.run(root, *commands, env=env), strict=True):
        assert done.code == (1 if args[0] == "check" else 0) or args[0] in ("log", "chunks", "new"), (args, done)
        assert CANARY not in done.out + done.err, args
        assert PASSWORD not in done.out + done.err, args
        assert "Traceback" not in done.err and "internal error" not in done.err, (args, done.err)
    assert [] == misdeeds(watched, root, tmp_path / "cache")
    assert before == (fingerprint(root), fingerprint(tmp_path / "outside"))


def test_the_watch_sees(tmp_path: Path, watched: Watched) -> None:
    """A configuration that the user names is the one thing outside that is read."""
    root, out = build(tmp_path / "ws", {"db/010-good.sql": good(10, "good")}), outside(tmp_path)
    build(out, {"other.toml": ""})
    (done,) = watched.run(root, ("check", "--config", "../outside/other.toml"))
    assert done.code == 0
    assert [hostile.Event("open", str(out / "other.toml"), False)] == misdeeds(watched, root)
    assert hostile.Event("open", str(root / "db/010-good.sql"), False) in watched.events


def test_nothing_is_written_through_links(tmp_path: Path, watched: Watched, secrets: dict[str, str]) -> None:
    root = trap(tmp_path)
    before = fingerprint(tmp_path / "outside")
    commands = (
        ("new", "one more"),
        ("register", "db/013-absolute.sql", "db/011-psql.sql"),
        ("check", "--fix", "--unsafe", "--all"),
        ("prepare", "two", "--from", "db/010-good.sql"),
        ("prepare", "three"),
    )
    done = watched.run(root, *commands, env=secrets)
    assert [2, 0, 1, 2, 2] == [each.code for each in done], done
    assert "the template template.sql of the configuration cannot be read" in done[0].err
    assert "drizzle/migrations/0000_out.sql is a link that leads out of the workspace" in done[4].err
    assert CANARY not in str(done)
    assert [] == misdeeds(watched, root, tmp_path / "cache")
    assert before == fingerprint(tmp_path / "outside")
    assert [] == list(root.rglob("*.ran"))
    assert [] == list(root.rglob(".mig-lsp-*"))


@pytest.mark.parametrize("trusted", [True, False])
def test_the_server_stays_in_the_workspace(
    tmp_path: Path, watched: Watched, secrets: dict[str, str], trusted: bool
) -> None:
    root = trap(tmp_path)
    before = fingerprint(root), fingerprint(tmp_path / "outside")
    with serving(watched, root, secrets) as client:
        client.start(profile("vscode-1.139")["capabilities"], root, initializationOptions={"trusted": trusted})
        tour(client, root, [path for path in root.rglob("*") if path.suffix in (".sql", ".json", ".toml", ".ts")])
        command(client, "migLsp.refreshLog")
        assert 0 == client.stop()
    said = json.dumps(client.log, ensure_ascii=False)
    assert CANARY not in said
    assert PASSWORD not in said
    assert [] == misdeeds(watched, root, tmp_path / "cache")
    assert trusted or not programs(watched)
    assert before == (fingerprint(root), fingerprint(tmp_path / "outside"))


# Repositories, databases and secrets


def test_nothing_that_a_repository_configures_is_run(tmp_path: Path, watched: Watched) -> None:
    root = build(tmp_path / "ws", {"db/010-x.sql": "BEGIN;\n", "db/011-y.sql": "COMMIT;\n"})
    files.git(root, "init", "--quiet")
    witness = tmp_path / "witness"
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nopen({str(witness)!r}, 'a').write('run')\n")
    program.chmod(0o755)
    build(
        root,
        {
            ".gitattributes": "* filter=evil diff=evil merge=evil\n",
            ".gitmodules": f'[submodule "x"]\npath = db/x\nurl = ext::{program}\nupdate = !{program}\n',
            ".git/evil": f"[core]\nfsmonitor = {program}\n[alias]\nfor-each-ref = !{program}\n",
        },
    )
    files.commit(root, "first")
    files.git(root, "branch", "other")
    for name in (
        *("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman"),
        *("post-rewrite", "sendemail-validate", "proc-receive"),
    ):
        build(root, {f".git/hooks/{name}": program.read_text()})
        (root / ".git/hooks" / name).chmod(0o755)
    for name in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.askPass", "core.sshCommand", "core.gitProxy"),
        *("core.alternateRefsCommand", "diff.external", "diff.evil.textconv", "diff.evil.command", "gpg.program"),
        *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "merge.evil.driver", "pager.cat-file"),
        *("interactive.diffFilter", "credential.helper", "uploadpack.packObjectsHook", "remote.origin.uploadpack"),
        *("trace2.normalTarget", "trace2.perfTarget", "log.showSignature", "pager.for-each-ref", "pager.rev-parse"),
    ):
        files.git(root, "config", name, str(program))
    for name, value in {
        "core.hooksPath": str(root / ".git/hooks"),
        "include.path": "evil",
        "remote.origin.url": f"ext::{program}",
        "remote.origin.promisor": "true",
        "extensions.partialClone": "origin",
        "protocol.allow": "always",
        "core.repositoryFormatVersion": "1",
        "submodule.recurse": "true",
        "alias.cat-file": f"!{program}",
        "alias.merge-base": f"!{program}",
    }.items():
        files.git(root, "config", name, value)
    lost = files.git(root, "rev-parse", "HEAD:db/010-x.sql").strip()
    (root / ".git/objects" / lost[:2] / lost[2:]).unlink()
    build(root, {"db/010-x.sql": "BEGIN; -- changed\n"})
    witness.unlink(missing_ok=True)
    looks = (("check", "--all"), ("check", "--since", "other"), ("list",), ("new", "x", "--dry-run"))
    for args, done in zip(looks, watched.run(root, *looks), strict=True):
        assert done.code in (0, 1), (args, done)
    with serving(watched, root) as client:
        client.start(profile("emacs-30")["capabilities"], root)
        client.call("migLsp/migrations", None)
        client.quiet(1.0)
        assert 0 == client.stop()
    assert programs(watched)
    assert not witness.exists()
    subprocess.run(["git", "status"], cwd=root, capture_output=True, check=False)
    assert witness.exists(), "the traps are none"


def test_a_small_repository_that_holds_gigabytes(tmp_path: Path, watched: Watched) -> None:
    root = build(tmp_path / "ws", {"db/010-x.sql": "BEGIN;\n", "m.json": '{"migrationFiles": ["010-x.sql"]}'})
    build(root, {"mig-lsp.toml": '[migrations]\nmanifest = "m.json"\ndirectory = "db"\nbase-ref = "main"\n'})
    files.git(root, "init", "--quiet")
    for name in ("m.json", "db/010-x.sql"):
        with (root / name).open("r+b") as file:
            file.truncate(300 << 20)
    files.commit(root, "a bomb")
    build(root, {"db/010-x.sql": "BEGIN;\n", "m.json": '{"migrationFiles": ["010-x.sql"]}'})
    (done,) = watched.run(root, ("check", "--all"))
    assert done.code == 1 and "transaction-control" in done.out
    assert watched.memory < 250


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A port, and the first bytes that each caller said there."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        ended = threading.Event()

        def work() -> None:
            while not ended.is_set():
                try:
                    caller, _ = server.accept()
                except OSError:
                    continue
                with caller:
                    caller.settimeout(1)
                    try:
                        heard.append(caller.recv(65536))
                    except OSError:
                        heard.append(b"")

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield server.getsockname()[1], heard
        finally:
            ended.set()
            thread.join()


def test_nobody_is_called_without_trust_and_no_secret_is_said(
    tmp_path: Path, watched: Watched, secrets: dict[str, str]
) -> None:
    with listening() as (port, heard):
        root = build(
            tmp_path / "ws",
            {
                "db/010-x.sql": "BEGIN;\n",
                "mig-lsp.toml": f"""
[log.url]
source = "postgres"
url-env = "DATABASE_URL"
[log.other]
source = "postgres"
url-env = "AWS_SECRET_ACCESS_KEY"
[log.home]
source = "postgres"
url-env = "HOME"
[log.service]
source = "postgres"
service = "evil"
[log.aws]
source = "rds-data-api"
cluster-arn = "arn:aws:rds:us-east-1:123456789012:cluster:x"
secret-arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"
database = "x"
endpoint-url = "http://127.0.0.1:{port}"
""",
                "pg_service.conf": f"[evil]\nhost=127.0.0.1\nport={port}\n",
                ".pg_service.conf": f"[evil]\nhost=127.0.0.1\nport={port}\n",
                ".aws/config": f"[default]\ncredential_process = touch {tmp_path / 'witness'}\n",
            },
        )
        env = {**secrets, "DATABASE_URL": f"postgres://someone:{PASSWORD}@127.0.0.1:{port}/x"}
        looks = tuple(each for each in LOOKS if each != ("log", "pull"))
        for args, done in zip(looks, watched.run(root, *looks, env=env), strict=True):
            assert done.code in (0, 1), (args, done)
        with serving(watched, root, env) as client:
            client.start(profile("emacs-30")["capabilities"], root, initializationOptions={"trusted": False})
            tour(client, root, [root / "db/010-x.sql", root / "mig-lsp.toml"])
            command(client, "migLsp.refreshLog")
            assert 0 == client.stop()
        assert [] == heard
        assert [] == misdeeds(watched, root, tmp_path / "cache")
        (pulled,) = watched.run(root, ("log", "pull"), env=env)
        assert 1 == pulled.code
        assert heard
        log = tmp_path / "stderr"
        with (
            log.open("wb") as err,
            running(*watched.command, "serve", cwd=root, env={**environment(), **env}, stderr=err) as client,
        ):
            client.start(profile("emacs-30")["capabilities"], root)
            command(client, "migLsp.refreshLog")
            tour(client, root, [root / "db/010-x.sql", root / "mig-lsp.toml"])
            assert 0 == client.stop()
    said = [pulled.out, pulled.err, json.dumps(client.log), log.read_text("utf-8", "replace")]
    kept = [path.read_text("utf-8", "replace") for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    for text in (*said, *kept, *(each.decode("latin-1") for each in heard)):
        assert PASSWORD not in text, text
    assert not (tmp_path / "witness").exists()


HOSTILE_LOGS = {
    "deep": "[" * 1_000_000,
    "deep-objects": '{"rows":' * 200_000,
    "rows": "[" + "{}," * 200_000 + "{}]",
    "objects": "[" + "{}," * 1_500_000 + "{}]",
    "digits": '[{"description": "010-x.sql", "status": "failed", "step_number": ' + "9" * 100_000 + "}]",
    "types": '[1, null, "x", [], {"description": 1, "status": {}}, {"description": "010-x.sql", "status": "failed"}]',
    "infinite": '[{"description": "010-x.sql", "status": "failed", "step_number": Infinity, "id": NaN}]',
    "columns": "description,status" + ",a" * 2_000_000 + "\n" + "x," * 2_000_000,
    "lines": "description,status\n" + "\n" * 5_000_000,
    "rows-csv": "description,status\n" + "a,b\n" * 1_000_000,
    "quote": 'description,status\n"' + "a,b\n" * 1_000_000,
    "quotes": "description,status\n" + '"' * 5_000_000,
    "nul": "\0" * 5_000_000,
    "surrogates": '[{"description": "\\ud800.sql", "status": "\\udfff"}]',
    "bom": "\ufeff" * 1_000_000,
}


@pytest.mark.parametrize("kind", HOSTILE_LOGS)
def test_a_hostile_log_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    root = build(tmp_path, {"db/010-x.sql": "BEGIN;\n", "log": HOSTILE_LOGS[kind]})
    build(root, {"mig-lsp.toml": '[log.dev]\nsource = "file"\npath = "log"\n'})
    monkeypatch.chdir(root)
    monkeypatch.setenv("MIG_LSP_NO_CACHE", "1")
    try:
        assert 1 == main(["check"])
        assert "transaction-control" in capsys.readouterr().out
        assert 0 == main(["log"])
    finally:
        gc.enable()
    said = capsys.readouterr()
    assert "" == said.err
    assert len(said.out) < 5_000
    assert not RAW.search(said.out)
