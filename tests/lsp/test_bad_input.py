"""What a workspace may hold besides good files: one finding or message each, and everything else goes on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import MakeFiles
from tests.lsp.raw import COMMAND, RawClient, profile, rules, running, uri
from tests.support.files import powerless

GOOD = "BEGIN;\n"
BAD: dict[str, str | bytes] = {
    "db/010-good.sql": GOOD,
    "db/011-latin.sql": b"SELECT 'caf\xe9';\n",
    "db/012-empty.sql": "",
    "db/013-bom.sql": b"\xef\xbb\xbfBEGIN;\n",
    "db/014-nul.sql": b"SELECT 1\0;\nBEGIN;\n",
    "db/015-cr.sql": "SELECT 1;\rBEGIN;\r\nSELECT 2;\nBEGIN;\r",
    "db/016-long.sql": "INSERT INTO t VALUES (1);\n" * 40_000,
    "db/017-deep.sql": "SELECT " + "(" * 20_000 + "1" + ")" * 20_000 + ";\nBEGIN;\n",
    "db/018-open.sql": "SELECT 'never closed\n" * 2_000,
    "db/019-utf16.sql": "BEGIN;\n".encode("utf-16"),
    "db/020-folder.sql/inner.txt": "x",
    "db/021-late.sql": GOOD,
    "migrations.json": json.dumps({"migrationFiles": ["010-good.sql", "../../etc/passwd"], "schemaDir": "db"}),
    "old/migrations.json": json.dumps({"migrationFiles": ["010-good.sql"]}),
    "mig-lsp.toml": '[migrations]\nnonsense = 1\ndirectory = 5\n[runner]\nprofile = "no"\n[[[',
}


def checked(client: RawClient, root: Path, path: str) -> list[dict[str, Any]]:
    name = uri(root / path)
    found: list[dict[str, Any]] = client.call("textDocument/diagnostic", {"textDocument": {"uri": name}})["items"]
    return found


def test_everything_bad_at_once(client: RawClient, files: MakeFiles) -> None:
    root = files(BAD)
    if sys.platform != "win32":
        (root / "db/030-dangling.sql").symlink_to(root / "db/nowhere.sql")
        (root / "db/031-loop.sql").symlink_to(root / "db/031-loop.sql")
        (root / "db/round").symlink_to(root)
    client.start(profile("neovim-0.12")["capabilities"], root)
    assert "transaction-control" in rules(checked(client, root, "db/010-good.sql"))
    assert "transaction-control" in rules(checked(client, root, "db/021-late.sql"))
    assert "transaction-control" in rules(checked(client, root, "db/013-bom.sql"))
    assert "transaction-control" in rules(checked(client, root, "db/014-nul.sql"))
    assert "transaction-control" in rules(checked(client, root, "db/015-cr.sql"))
    assert "config-error" in rules(checked(client, root, "mig-lsp.toml"))
    for path in BAD:
        for finding in checked(client, root, path):
            assert "\n" not in finding["message"]
    (there,) = client.call("migLsp/migrations", None)["sets"]
    assert "db" == there["directory"]
    assert 0 == client.stop()


@pytest.mark.parametrize("path", [path for path in BAD if path.endswith((".sql", ".json", ".toml"))])
def test_every_feature_survives_every_bad_document(client: RawClient, files: MakeFiles, path: str) -> None:
    root = files(BAD)
    client.start(profile("vscode-1.139")["capabilities"], root)
    name = client.open(root / path, (root / path).read_bytes().decode("utf-8", "replace"))
    place = {"textDocument": {"uri": name}, "position": {"line": 0, "character": 3}}
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    for method in ("hover", "completion", "definition"):
        client.call(f"textDocument/{method}", place)
    client.call("textDocument/references", {**place, "context": {"includeDeclaration": True}})
    for method in ("documentLink", "documentSymbol", "foldingRange", "codeLens", "diagnostic"):
        client.call(f"textDocument/{method}", place)
    client.call("textDocument/codeAction", {**place, "range": span, "context": {"diagnostics": []}})
    client.call("workspace/symbol", {"query": ""})


def test_a_file_that_is_deleted_while_it_is_open_keeps_its_text(client: RawClient, files: MakeFiles) -> None:
    root = files(BAD)
    client.start(profile("neovim-0.12")["capabilities"], root)
    name = client.open(root / "db/010-good.sql")
    client.pulled(name)
    (root / "db/010-good.sql").unlink()
    client.tell("workspace/didDeleteFiles", {"files": [{"uri": name}]})
    client.change(name, 2, "SELECT 1;\nBEGIN;\n")
    assert "transaction-control" in rules(client.pulled(name)["items"])
    client.tell("textDocument/didClose", {"textDocument": {"uri": name}})
    assert [] == client.pulled(name)["items"]


def test_a_folder_that_does_not_exist_and_one_on_no_disk(client: RawClient, files: MakeFiles) -> None:
    root = files({})
    client.start(profile("emacs-30")["capabilities"], root / "nowhere")
    client.tell(
        "workspace/didChangeWorkspaceFolders",
        {"event": {"added": [{"uri": "vscode-vfs://github/x", "name": "x"}], "removed": []}},
    )
    assert {"sets": []} == client.call("migLsp/migrations", None)


def test_a_manifest_that_stops_being_readable_and_comes_back(client: RawClient, files: MakeFiles) -> None:
    root = files({**BAD, "mig-lsp.toml": ""})
    client.start(profile("emacs-30")["capabilities"], root)
    name = client.open(root / "migrations.json")
    text = str(BAD["migrations.json"])
    for version in range(2, len(text) + 2):
        client.change(name, version, text[: version - 2])
    client.change(name, len(text) + 2, text)
    assert "missing-file" in rules(client.pushed(name, len(text) + 2))
    assert 0 == client.stop()


def test_a_name_with_quotes_percent_and_spaces(client: RawClient, files: MakeFiles) -> None:
    odd = 'db/010-it\'s 100% "odd" #1 é😀.sql' if sys.platform != "win32" else "db/010-it's 100% #1 é😀.sql"
    root = files({odd: GOOD, "db/011-x.sql": GOOD})
    client.start(profile("emacs-30")["capabilities"], root)
    name = client.open(root / odd)
    assert "transaction-control" in rules(client.pushed(name, 1))
    assert "transaction-control" in rules(client.pushed(uri(root / "db/011-x.sql")))


HEAD = "-- Migration\n-- ROLLBACK: none\nSELECT 1;\n"
ONE_FINDING: dict[str, tuple[str | bytes, list[str]]] = {
    "db/010-good.sql": (HEAD, []),
    "db/011-latin.sql": (HEAD.encode() + b"SELECT 'caf\xe9';\n", ["invalid-encoding"]),
    "db/012-utf16.sql": (HEAD.encode("utf-16"), ["invalid-encoding"]),
    "db/013-empty.sql": ("", ["empty-migration"]),
    "db/014-bom.sql": (b"\xef\xbb\xbf" + HEAD.encode(), []),
    "db/015-nul.sql": (f"{HEAD}SELECT '\0';\n", ["syntax-error"]),
    "db/016-cr.sql": (HEAD.replace("\n", "\r"), ["empty-migration"]),
    "db/017-mixed.sql": (HEAD.replace("none\n", "none\r\n") + "SELECT 2;\rSELECT 3;\n", ["merged-statements"]),
    "db/018-long.sql": (f"-- {'x' * 10_000_000}\n{HEAD}", []),
    "db/020-folder.sql/inner.txt": ("", []),
    "old/migrations.json": (json.dumps({"migrationFiles": ["010-good.sql"]}), ["stale-manifest"]),
    "mig-lsp.toml": ("[migrations]\nnonsense = 1\n", ["config-error"]),
}


def test_each_bad_file_has_its_one_finding(files: MakeFiles) -> None:
    listed = [path.split("/")[1] for path in ONE_FINDING if path.startswith("db/")]
    wanted = {path: rules for path, (_, rules) in ONE_FINDING.items() if "inner" not in path}
    unreadable = ["db/020-folder.sql"]
    root = files({path: content for path, (content, _) in ONE_FINDING.items()})
    files({"../secret.sql": "COMMIT;\n"})
    if sys.platform != "win32":
        (root / "db/021-dangling.sql").symlink_to("nowhere.sql")
        (root / "db/022-loop.sql").symlink_to("022-loop.sql")
        (root / "db/023-out.sql").symlink_to("../../secret.sql")
        unreadable += ["db/021-dangling.sql", "db/022-loop.sql", "db/023-out.sql"]
    if powerless() is not None:
        files({"db/024-closed.sql": HEAD})
        (root / "db/024-closed.sql").chmod(0)
        unreadable.append("db/024-closed.sql")
    listed += [path.removeprefix("db/") for path in unreadable[1:]]
    files({"migrations.json": json.dumps({"migrationFiles": [*listed, "../../secret.sql", "010-good.sql"]})})
    wanted |= {path: ["unreadable-file"] for path in unreadable}
    wanted["migrations.json"] = ["missing-file", "duplicate-entry"]
    with running(*(powerless() or ()), *COMMAND) as client:
        client.start(profile("neovim-0.12")["capabilities"], root)
        assert wanted == {path: rules(checked(client, root, path)) for path in wanted}
        client.open(root / "db/025-new.sql", HEAD)
        assert ["unregistered-migration"] == rules(checked(client, root, "db/025-new.sql"))
        assert 0 == client.stop()


def test_a_workspace_without_migrations(client: RawClient, files: MakeFiles) -> None:
    root = files({"notes.sql": "BEGIN;\n", "package.json": "{}", "src/index.ts": "export const FILES = ['a.ts'];\n"})
    client.start(profile("vscode-1.139")["capabilities"], root)
    name = client.open(root / "notes.sql")
    assert [] == client.pulled(name)["items"]
    assert {"sets": []} == client.call("migLsp/migrations", None)
    asked = {"command": "migLsp.new", "arguments": ["x"]}
    said = client.error("workspace/executeCommand", asked)["message"]
    assert "there is no migration set here: name its folder in mig-lsp.toml, as [migrations] directory" == said
    (root / "db").mkdir()
    (root / "db/001-first.sql").write_text("BEGIN;\n")
    client.tell("workspace/didCreateFiles", {"files": [{"uri": uri(root / "db/001-first.sql")}]})
    assert "transaction-control" in rules(checked(client, root, "db/001-first.sql"))


def test_a_disk_and_a_cache_that_cannot_be_written(files: MakeFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is needed: the editor writes what is changed, and the log is read without a cache."""
    root = files(
        {
            "db/010-good.sql": HEAD,
            "db/migrations.json": '{"migrationFiles": ["010-good.sql"]}',
            "mig-lsp.toml": '[log.dev]\nsource = "file"\npath = "dev.csv"\n',
            "dev.csv": "step_number,description,status\n1,010-good.sql,completed\n",
        }
    )
    monkeypatch.setenv("XDG_CACHE_HOME", str(root / "dev.csv"))
    for path in (root / "db", root):
        path.chmod(0o555)
    try:
        with running(*(powerless() or ()), *COMMAND) as client:
            client.start(profile("vscode-1.139")["capabilities"], root)
            client.answers["workspace/applyEdit"] = lambda params: {"applied": True}
            (log,) = client.call("workspace/executeCommand", {"command": "migLsp.refreshLog"})["logs"]
            assert (1, None) == (log["entries"], log["problem"])
            made = client.call("workspace/executeCommand", {"command": "migLsp.new", "arguments": ["x"]})
            assert [uri(root / "db/011-x.sql")] == made["created"]
            assert 0 == client.stop()
    finally:
        for path in (root, root / "db"):
            path.chmod(0o755)
