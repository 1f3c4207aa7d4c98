"""Files as bad as they come: one clear finding or line each, everything else works, nothing is lost, nothing waits."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.support.files import build, good, powerless, run

GOOD = "db/010-good.sql"
BAD = "db/011-bad.sql"
MANIFEST = "db/migrations.json"
FILES: dict[str, str | bytes] = {
    GOOD: good(10, "good") + "BEGIN;\n",
    MANIFEST: '{"migrationFiles": ["010-good.sql", "011-bad.sql"]}\n',
    "mig-lsp.toml": "",
}
SEEN = (GOOD, "transaction-control", 7)


def found(root: Path, *args: str) -> list[tuple[str, str, int]]:
    """What is found, hints left out; that it is found without any trouble is asserted."""
    done = run(root, "check", "--format", "json", *args, under=powerless() or ())
    assert (done.code, done.err) == (1, "")
    return [
        (each["path"], each["rule"], each["range"]["start"]["line"])
        for each in json.loads(done.out)["findings"]
        if each["severity"] != "hint"
    ]


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        pytest.param(good(11, "bad").encode() + b"SELECT 'caf\xe9';\n", ["invalid-encoding"], id="latin-1"),
        pytest.param(good(11, "bad").encode("utf-16"), ["invalid-encoding"], id="utf-16"),
        pytest.param(b"", ["empty-migration"], id="empty"),
        pytest.param(b"\xef\xbb\xbf" + good(11, "bad").encode() + b"COMMIT;\n", ["transaction-control"], id="bom"),
        pytest.param(good(11, "bad").encode() + b"SELECT '\0';\n", ["syntax-error"], id="nul"),
        pytest.param(good(11, "bad").replace("\n", "\r\n").encode(), [], id="crlf"),
        pytest.param(
            good(11, "bad").replace("\n", "\r").encode() + b"\rCOMMIT;\r",
            ["transaction-control"],
            id="carriage-returns",
        ),
        pytest.param(
            good(11, "bad").replace("--\n", "--\r\n").encode() + b"SELECT 1;\rSELECT 2;\n",
            ["merged-statements"],
            id="mixed-line-ends",
        ),
        pytest.param(good(11, "bad").encode() + b"SELECT " + b"(" * 100_000 + b";\n", None, id="deep"),
        pytest.param(good(11, "bad").encode() + b"SELECT 1;" * 4_000, ["merged-statements"], id="one-line"),
        pytest.param(b"-- " + b"x" * 10_000_000 + b"\n" + good(11, "bad").encode(), [], id="ten-megabytes"),
        pytest.param(b"\x1b[31m" * 1000, ["syntax-error"], id="escapes"),
    ],
)
def test_bad_content(tmp_path: Path, data: bytes, rules: list[str] | None) -> None:
    root = build(tmp_path, {**FILES, BAD: data})
    seen = found(root)
    assert SEEN in seen
    if rules is not None:
        assert set(rules) <= {rule for path, rule, _ in seen if path == BAD}
    assert b"\x1b" not in run(root, "check").out.encode()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    root = build(tmp_path, {**FILES, "../out/secret.sql": "SELECT 'secret';"})
    names = ["011-folder.sql", "012-out.sql", "013-none.sql", "014-loop.sql"]
    (root / "db/011-folder.sql").mkdir()
    (root / "db/012-out.sql").symlink_to("../../out/secret.sql")
    (root / "db/013-none.sql").symlink_to("nothing")
    (root / "db/014-loop.sql").symlink_to("014-loop.sql")
    with (root / "db/015-large.sql").open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    names.append("015-large.sql")
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "db/016-pipe.sql")
        names.append("016-pipe.sql")
    if powerless() is not None:
        build(root, {"db/017-closed.sql": "SELECT 1;"})
        (root / "db/017-closed.sql").chmod(0)
        names.append("017-closed.sql")
    build(root, {MANIFEST: json.dumps({"migrationFiles": ["010-good.sql", *names]})})
    seen = found(root)
    assert SEEN in seen
    assert [(path, rule) for path, rule, _ in seen if rule != "transaction-control"] == [
        (f"db/{name}", "unreadable-file") for name in names
    ]
    assert "secret" not in run(root, "check", "--format", "sarif").out.replace("secretsmanager", "")
    listing = run(root, "list", under=powerless() or ())
    assert (listing.code, listing.err) == (0, "")
    for name in names:
        done = run(root, "chunks", f"db/{name}", under=powerless() or ())
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("manifest", "rules"),
    [
        ('{"migrationFiles": ["010-good.sql", "011-bad.sql"', {"manifest-unreadable"}),
        ('{"migrationFiles": ["010-good.sql", "010-good.sql", "011-bad.sql"]}', {"duplicate-entry"}),
        ('{"migrationFiles": ["010-good.sql", "../../etc/passwd", "011-bad.sql"]}', {"missing-file"}),
        ("[" * 100_000, None),
    ],
)
def test_bad_manifests(tmp_path: Path, manifest: str, rules: set[str] | None) -> None:
    config = '[migrations]\ndirectory = "db"\nmanifest = "db/migrations.json"\n'
    root = build(tmp_path, {**FILES, BAD: good(11, "bad"), MANIFEST: manifest, "mig-lsp.toml": config})
    seen = found(root)
    assert SEEN in seen
    if rules is not None:
        assert rules <= {rule for path, rule, _ in seen if path == MANIFEST}


def test_two_manifests(tmp_path: Path) -> None:
    stale = '{"migrationFiles": ["010-good.sql"]}'
    root = build(tmp_path, {**FILES, BAD: good(11, "bad"), "old/migrations.json": stale})
    seen = found(root)
    assert SEEN in seen
    assert [(path, rule) for path, rule, _ in seen if path.startswith("old")] == [
        ("old/migrations.json", "stale-manifest")
    ]


def test_a_configuration_with_unknown_keys_and_broken_lines(tmp_path: Path) -> None:
    root = build(tmp_path, {**FILES, BAD: good(11, "bad"), "mig-lsp.toml": "[migratons]\n\n= x\n[rules.nope]\n"})
    seen = found(root)
    assert SEEN in seen
    assert [line for path, rule, line in seen if (path, rule) == ("mig-lsp.toml", "config-error")] == [1, 3, 4]


def test_a_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    root = build(tmp_path, FILES)
    (root / "mig-lsp.toml").unlink()
    (root / "mig-lsp.toml").symlink_to("nothing")
    done = run(root, "check")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "mig-lsp: mig-lsp.toml is a link to a file that does not exist: without the configuration nothing is certain\n"
    )


@pytest.mark.parametrize(
    "name", ["011-a\nb.sql", "011-\x1b[31mred.sql", "011-é😀.sql", "011-a'b.sql", "011-a b%,:.sql"]
)
@pytest.mark.parametrize("form", ["text", "json", "github", "gitlab", "sarif", "junit"])
def test_strange_names(tmp_path: Path, name: str, form: str) -> None:
    root = build(tmp_path, {**FILES, f"db/{name}": good(11, "bad") + "COMMIT;\n"})
    done = run(root, "check", "--format", form, env={"PYTHONIOENCODING": "utf-8"})
    assert (done.code, done.err) == (1, "")
    assert "\x1b" not in done.out
    assert done.out.count("transaction-control") >= 2
    assert run(root, "list").code == 0


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    root = build(tmp_path, {**FILES, BAD: good(11, "bad")})
    if sys.platform != "linux":  # other systems take no such name, and have no trouble with it
        assert SEEN in found(root)
        return
    (root / os.fsdecode(b"db/012-\xff.sql")).write_bytes(b"BEGIN;")
    for form in ("text", "json", "github", "gitlab", "sarif", "junit"):
        done = run(root, "check", "--format", form)
        assert (done.code, done.err) == (1, "")
        assert "unreadable-file" in done.out
    assert "db/012-\\xff.sql" in run(root, "check").out
    assert "012-\\xff.sql" in run(root, "list").out


def test_a_read_only_disk(tmp_path: Path) -> None:
    root = build(tmp_path, {**FILES, BAD: good(11, "bad"), "db/012-new.sql": good(12, "new")})
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    for path in (*before, root / "db"):
        path.chmod(0o444 if path.is_file() else 0o555)
    under = powerless()
    try:
        if under is None:  # here a mode closes nothing, but nobody may write into /proc
            done = run(root, "check", "--root", "/proc/self/fdinfo")
            assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
            return
        assert SEEN in found(root)
        for args in (("check", "--fix"), ("new", "x"), ("register", "db/012-new.sql")):
            done = run(root, *args, under=under)
            assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
            assert "is read-only, so nothing was changed" in done.err
        assert run(root, "check", "--fix", "--dry-run", under=under).out.startswith("--- a/db/")
    finally:
        for path in (*before, root / "db"):
            path.chmod(0o644 if path.is_file() else 0o755)
    assert before == {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    """The log is read all the same."""
    log = '[log.dev]\nsource = "file"\npath = "dev.csv"\n'
    rows = "step_number,description,status\n1,010-good.sql,completed\n"
    root = build(tmp_path, {**FILES, BAD: good(11, "bad"), "mig-lsp.toml": log, "dev.csv": rows, "no-folder": ""})
    done = run(root, "log", "pull", env={"MIG_LSP_NO_CACHE": "", "XDG_CACHE_HOME": str(root / "no-folder")})
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("dev (file): 1 row, read ")
