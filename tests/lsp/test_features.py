"""Every request of an editor, answered by a real server on a small workspace, in three encodings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import MakeFiles
from tests.lsp.raw import RawClient, profile, uri

FIRST = '-- Migration 010: café 😀\n\nCREATE TABLE IF NOT EXISTS "é😀" (\n  id int\n);\n\nBEGIN;\n'
MANIFEST = json.dumps({"migrationFiles": ["010-a.sql"], "schemaDir": "db"}, indent=2) + "\n"
SET = {
    "db/010-a.sql": FIRST,
    "db/011-b.sql": "CREATE INDEX IF NOT EXISTS i ON t (id);\n",
    "migrations.json": MANIFEST,
    "mig-lsp.toml": '[log.dev]\nsource = "file"\npath = "dev.csv"\n',
    "dev.csv": "id,step_number,description,status,error_message,executed_at\n"
    "1,1,010-a.sql,completed,,2026-01-02 03:04:05\n",
}
_STANDING = ("number", "order", "registered", "states")
EDITORS = ["vscode-1.139", "neovim-0.12", "emacs-30"]


def begin(client: RawClient, root: Path, editor: str) -> str:
    client.start(profile(editor)["capabilities"], root)
    return client.open(root / "db/010-a.sql")


def at(name: str, line: int, character: int, **more: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": name}, "position": {"line": line, "character": character}, **more}


def whole(name: str, line: int = 0, **more: Any) -> dict[str, Any]:
    place = {"line": line, "character": 0}
    return {"textDocument": {"uri": name}, "range": {"start": place, "end": place}, **more}


def inside(text: str, range_: dict[str, Any], editor: str) -> str:
    """The text that a range of the editor covers."""
    encoding, width = {"vscode-1.139": ("utf-16-le", 2), "neovim-0.12": ("utf-8", 1), "emacs-30": ("utf-32-le", 4)}[
        editor
    ]
    lines = text.split("\n")
    first, last = range_["start"]["line"], range_["end"]["line"]
    tail = lines[last].encode(encoding)[: range_["end"]["character"] * width]
    covered = [*(line.encode(encoding) for line in lines[first:last]), tail]
    covered[0] = covered[0][range_["start"]["character"] * width :]
    return "\n".join(line.decode(encoding) for line in covered)


@pytest.mark.parametrize("editor", EDITORS)
def test_every_feature_answers(client: RawClient, files: MakeFiles, editor: str) -> None:
    root = files({**SET, "mig-lsp.toml": ""})
    name = begin(client, root, editor)
    manifest = client.open(root / "migrations.json", language="json")

    hover = client.call("textDocument/hover", at(name, 6, 2))
    assert ("plaintext" if editor == "emacs-30" else "markdown") == hover["contents"]["kind"]
    assert "transaction-control" in hover["contents"]["value"]
    assert "BEGIN" in inside(FIRST, hover["range"], editor)

    line = MANIFEST.split("\n").index('    "010-a.sql"')
    target = client.call("textDocument/definition", at(manifest, line, 6))
    assert name == target["uri"]
    references = client.call("textDocument/references", at(name, 0, 3, context={"includeDeclaration": True}))
    assert manifest in [each["uri"] for each in references]
    links = client.call("textDocument/documentLink", {"textDocument": {"uri": manifest}})
    assert [name] == [link["target"] for link in links]
    assert "010-a.sql" == inside(MANIFEST, links[0]["range"], editor).strip('"')

    symbols = client.call("textDocument/documentSymbol", {"textDocument": {"uri": name}})
    (table,) = [each for each in symbols if "é😀" in each["name"]]
    assert inside(FIRST, table["range"], editor).startswith("CREATE TABLE")
    assert "é😀" == inside(FIRST, table["selectionRange"], editor).strip('"')
    found = client.call("workspace/symbol", {"query": "é😀"})
    assert name in [each["location"]["uri"] for each in found]

    folds = client.call("textDocument/foldingRange", {"textDocument": {"uri": name}})
    assert {"startLine": 2, "endLine": 4} in [{k: each[k] for k in ("startLine", "endLine")} for each in folds]

    lenses = client.call("textDocument/codeLens", {"textDocument": {"uri": name}})
    assert "migLsp.showChunks" in [each["command"]["command"] for each in lenses]
    (chunks,) = [each for each in lenses if each["command"]["command"] == "migLsp.showChunks"]
    assert [name] == chunks["command"]["arguments"]

    items = client.call("textDocument/completion", at(manifest, line, 6))
    assert "011-b.sql" in [item["label"] for item in items]

    actions = client.call("textDocument/codeAction", whole(name, 6, context={"diagnostics": []}))
    assert any(each["title"].startswith("Ignore transaction-control") for each in actions)
    assert all(each["kind"] in ("quickfix", "refactor.rewrite", "source.fixAll.mig-lsp") for each in actions)


def test_what_the_log_has_settled_is_neither_explained_nor_fixed(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    name = begin(client, root, EDITORS[0])
    client.call("workspace/executeCommand", {"command": "migLsp.refreshLog"})
    assert "transaction-control" not in client.call("textDocument/hover", at(name, 6, 2))["contents"]["value"]
    actions = client.call("textDocument/codeAction", whole(name, 6, context={"diagnostics": []}))
    assert [] == [each["title"] for each in actions if each["kind"] == "quickfix"]


@pytest.mark.parametrize("editor", EDITORS)
def test_an_action_names_the_diagnostics_it_fixes_and_its_edit_the_version(
    client: RawClient, files: MakeFiles, editor: str
) -> None:
    root = files(SET)
    begin(client, root, editor)
    name = client.open(root / "db/011-b.sql", version=3)
    told = client.pushed(name, 3) if editor == "emacs-30" else client.pulled(name)["items"]
    context = {"diagnostics": told, "only": ["quickfix"]}
    actions = client.call("textDocument/codeAction", whole(name, context=context))
    (register,) = [each for each in actions if each["title"].startswith("Register in migrations.json")]
    assert ["unregistered-migration"] == [each["code"] for each in register["diagnostics"]]
    assert True is register["isPreferred"]
    (step,) = register["edit"]["documentChanges"]
    assert {"uri": uri(root / "migrations.json"), "version": None} == step["textDocument"]
    assert any("011-b.sql" in edit["newText"] for edit in step["edits"])
    (header,) = [each for each in actions if each["title"].startswith("Insert rollback header")]
    (step,) = header["edit"]["documentChanges"]
    assert {"uri": name, "version": 3} == step["textDocument"]
    resolved = client.call("codeAction/resolve", header)
    assert header["edit"] == resolved["edit"]


def test_only_asked_kinds_are_offered(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    name = begin(client, root, "vscode-1.139")
    actions = client.call("textDocument/codeAction", whole(name, 6, context={"diagnostics": [], "only": ["source"]}))
    assert {each["kind"] for each in actions} <= {"source.fixAll.mig-lsp"}


def test_a_client_without_trees_gets_a_flat_outline_and_without_literals_commands(
    client: RawClient, files: MakeFiles
) -> None:
    root = files(SET)
    client.start({}, root)
    name = client.open(root / "db/010-a.sql")
    symbols = client.call("textDocument/documentSymbol", {"textDocument": {"uri": name}})
    assert all(name == each["location"]["uri"] for each in symbols)
    assert any("é😀" in each["name"] for each in symbols)
    actions = client.call("textDocument/codeAction", whole(name, 6, context={"diagnostics": []}))
    assert all(isinstance(each["command"], str) for each in actions)


def test_a_rename_takes_the_manifest_along(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    name = begin(client, root, "vscode-1.139")
    renamed = {"oldUri": name, "newUri": uri(root / "db/010-better.sql")}
    edit = client.call("workspace/willRenameFiles", {"files": [renamed]})
    (step,) = edit["documentChanges"]
    assert uri(root / "migrations.json") == step["textDocument"]["uri"]
    assert "better" in "".join(each["newText"] for each in step["edits"])
    foreign = {"oldUri": uri(root / "x.md"), "newUri": uri(root / "y.md")}
    assert client.call("workspace/willRenameFiles", {"files": [foreign]}) is None


def test_the_list_of_documents_and_of_migrations(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    name = begin(client, root, "neovim-0.12")
    told = client.call("migLsp/documents", None)
    kinds = {each["uri"]: each["kind"] for each in told["documents"]}
    assert {
        name: "migration",
        uri(root / "db/011-b.sql"): "migration",
        uri(root / "migrations.json"): "manifest",
        uri(root / "mig-lsp.toml"): "config",
    } == kinds
    assert {"baseUri": uri(root), "pattern": "db/*.sql"} in told["patterns"]
    client.call("workspace/executeCommand", {"command": "migLsp.refreshLog"})
    (there,) = client.call("migLsp/migrations", None)["sets"]
    assert "rds-data-api" == there["runner"]
    assert ["dev"] == there["environments"]
    first, second = there["migrations"]
    assert [10, 1, True, {"dev": "completed"}] == [first[key] for key in _STANDING]
    assert {"error": 0, "warning": 0, "info": 0, "hint": 0} == first["findings"]  # it has run everywhere
    assert second["findings"]["warning"] > 0
    assert [11, None, False, {}] == [second[key] for key in _STANDING]
    (root / "db/012-c.sql").write_text("SELECT 1;\n")
    said = client.until(lambda message: message.get("method") == "migLsp/documentsChanged")
    assert uri(root / "db/012-c.sql") in [each["uri"] for each in said["params"]["documents"]]


def test_the_log_is_in_the_hover_and_follows_its_file(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    name = begin(client, root, "vscode-1.139")
    client.call("workspace/executeCommand", {"command": "migLsp.refreshLog", "arguments": ["dev"]})
    assert "completed" in client.call("textDocument/hover", at(name, 0, 4))["contents"]["value"]
    changed = SET["dev.csv"].replace("completed", "failed")
    (root / "dev.csv").write_text(changed)
    client.tell("workspace/didChangeWatchedFiles", {"changes": []})
    for _ in range(100):
        if "failed" in client.call("textDocument/hover", at(name, 0, 4))["contents"]["value"]:
            return
        client.quiet(0.1)
    raise AssertionError("the new log was never read")
