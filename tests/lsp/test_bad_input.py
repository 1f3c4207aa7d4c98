"""What a workspace may hold besides good files: one finding or message each, and everything else goes on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import MakeFiles
from tests.lsp.raw import RawClient, profile, rules, uri

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
