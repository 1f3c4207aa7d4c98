from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import MakeFiles
from tests.lsp.raw import RawClient, profile, uri

SET = {
    "db/010-a.sql": "CREATE TABLE IF NOT EXISTS a (id int);\n-- note\nSELECT 1;\n",
    "db/011-b.sql": "CREATE INDEX CONCURRENTLY i ON a (id);\n",
    "migrations.json": json.dumps({"migrationFiles": ["010-a.sql"], "schemaDir": "db"}, indent=2) + "\n",
    "drizzle/migrations/0000_cool.sql": 'CREATE TABLE "c" ("id" serial PRIMARY KEY NOT NULL);--> statement-breakpoint\n'
    'ALTER TABLE "c" ADD COLUMN "n" text;\n',
}
FAILED, PARAMS = -32803, -32602


class Editor:
    """Answers `workspace/applyEdit`, and keeps what it was asked to do."""

    def __init__(self, client: RawClient, applied: bool = True) -> None:
        self.client = client
        self.edits: list[dict[str, Any]] = []
        self.applied = applied
        client.answers["workspace/applyEdit"] = self._apply

    def _apply(self, params: dict[str, Any]) -> dict[str, Any]:
        self.edits.append(params)
        return {"applied": self.applied} if self.applied else {"applied": False, "failureReason": "no room"}

    def run(self, command: str, *arguments: Any) -> Any:
        return self.client.call("workspace/executeCommand", {"command": command, "arguments": list(arguments)})

    def refuse(self, command: str, *arguments: Any) -> dict[str, Any]:
        return self.client.error("workspace/executeCommand", {"command": command, "arguments": list(arguments)})


def begin(client: RawClient, files: MakeFiles, editor: str = "vscode-1.139", **more: Any) -> tuple[Editor, Path]:
    root = files(SET)
    client.start(profile(editor)["capabilities"], root, **more)
    return Editor(client), root


@pytest.mark.parametrize("editor", ["vscode-1.139", "neovim-0.12"])
@pytest.mark.parametrize("arguments", [["Add users!"], [{"description": "Add users!"}]])
def test_new_makes_and_registers_a_file_in_one_edit(
    client: RawClient, files: MakeFiles, editor: str, arguments: list[Any]
) -> None:
    does, root = begin(client, files, editor)
    result = does.run("migLsp.new", *arguments)
    made = uri(root / "db/012-add-users.sql")
    assert [made] == result["created"]
    (asked,) = does.edits
    steps = asked["edit"]["documentChanges"]
    create, text, manifest = steps
    assert {"kind": "create", "uri": made, "options": {"overwrite": False, "ignoreIfExists": False}} == create
    assert "Migration 012" in text["edits"][0]["newText"]
    assert uri(root / "migrations.json") == manifest["textDocument"]["uri"]
    assert "012-add-users.sql" in "".join(edit["newText"] for edit in manifest["edits"])


def test_an_editor_that_cannot_create_files_is_told(client: RawClient, files: MakeFiles) -> None:
    does, _ = begin(client, files, "emacs-30")
    error = does.refuse("migLsp.new", "x")
    assert FAILED == error["code"]
    assert "cannot create db/012-x.sql" in error["message"]
    assert [] == does.edits


def test_an_editor_that_applies_nothing_is_told_and_a_refused_edit_is_said(client: RawClient, files: MakeFiles) -> None:
    does, _ = begin(client, files)
    does.applied = False
    assert "no room" in does.refuse("migLsp.new", "x")["message"]


def test_register_renumber_and_header(client: RawClient, files: MakeFiles) -> None:
    does, root = begin(client, files)
    name = uri(root / "db/011-b.sql")
    does.run("migLsp.register", name)
    assert uri(root / "migrations.json") == does.edits[-1]["edit"]["documentChanges"][0]["textDocument"]["uri"]
    does.run("migLsp.insertHeader", "db/011-b.sql")
    assert name == does.edits[-1]["edit"]["documentChanges"][0]["textDocument"]["uri"]
    does.run("migLsp.renumber", name, 20)
    steps = does.edits[-1]["edit"]["documentChanges"]
    assert [uri(root / "db/020-b.sql")] == [step["newUri"] for step in steps if step.get("kind") == "rename"]
    assert "already" in does.refuse("migLsp.register", uri(root / "db/010-a.sql"))["message"]


def test_prepare_takes_the_newest_output_or_the_named_one(client: RawClient, files: MakeFiles) -> None:
    does, root = begin(client, files)
    assert [uri(root / "db/012-add-c.sql")] == does.run("migLsp.prepare", "add c")["created"]
    text = does.edits[-1]["edit"]["documentChanges"][1]["edits"][0]["newText"]
    assert "--> statement-breakpoint" not in text
    result = does.run("migLsp.prepare", uri(root / "drizzle/migrations/0000_cool.sql"))
    assert [uri(root / "db/012-cool.sql")] == result["created"]


def test_prepare_refuses_with_the_framed_report(client: RawClient, files: MakeFiles) -> None:
    does, root = begin(client, files)
    (root / "drizzle/migrations/0001_bad.sql").write_text("CREATE INDEX CONCURRENTLY i ON a (id);\n")
    client.tell("workspace/didCreateFiles", {"files": []})
    assert "SQL VALIDATION FAILED" in does.refuse("migLsp.prepare", "bad")["message"]


def test_show_chunks_gives_what_the_command_line_prints(client: RawClient, files: MakeFiles) -> None:
    does, root = begin(client, files)
    shown = does.run("migLsp.showChunks", uri(root / "db/010-a.sql"))
    assert {
        "version": 1,
        "path": "db/010-a.sql",
        "runner": "rds-data-api",
        "refused": None,
        "chunks": [
            {"sql": "CREATE TABLE IF NOT EXISTS a (id int);", "start_line": 1, "end_line": 1, "statements": 1},
            {"sql": "SELECT 1;", "start_line": 3, "end_line": 3, "statements": 1},
        ],
    } == shown
    assert "CONCURRENTLY" in does.run("migLsp.showChunks", {"uri": uri(root / "db/011-b.sql")})["refused"]
    client.open(root / "db/010-a.sql", "SELECT 2;")
    assert ["SELECT 2;"] == [each["sql"] for each in does.run("migLsp.showChunks", "db/010-a.sql")["chunks"]]


@pytest.mark.parametrize(
    ("command", "arguments", "expected"),
    [
        ("migLsp.register", ["file:///elsewhere/x.sql"], FAILED),
        ("migLsp.register", [], PARAMS),
        ("migLsp.register", [5], PARAMS),
        ("migLsp.new", ["!!!"], FAILED),
        ("migLsp.new", ["x", "file:///elsewhere/x.sql"], FAILED),
        ("migLsp.renumber", ["db/011-b.sql", -1], PARAMS),
        ("migLsp.renumber", ["db/011-b.sql", 10], FAILED),
        ("migLsp.showChunks", ["../../etc/passwd"], FAILED),
        ("migLsp.refreshLog", [], FAILED),
        ("migLsp.refreshLog", ["nowhere"], FAILED),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    client: RawClient, files: MakeFiles, command: str, arguments: list[Any], expected: int
) -> None:
    does, _ = begin(client, files)
    error = does.refuse(command, *arguments)
    assert expected == error["code"]
    assert "\n" not in error["message"]


def test_without_trust_no_database_is_asked_and_nothing_is_run(client: RawClient, files: MakeFiles) -> None:
    root = files({**SET, "mig-lsp.toml": '[log.dev]\nsource = "postgres"\nurl-env = "NEVER_SET_ANYWHERE"\n'})
    options = {"trusted": False}
    client.start(profile("vscode-1.139")["capabilities"], root, initializationOptions=options)
    does = Editor(client)
    assert "not trusted" in does.refuse("migLsp.refreshLog")["message"]
    assert "not trusted" in does.refuse("migLsp.verify", "db/010-a.sql")["message"]


def test_verify_says_what_a_real_server_says(client: RawClient, files: MakeFiles) -> None:
    does, root = begin(client, files)
    (root / "db/012-c.sql").write_text("SELECT 1;\nDROP TABLE nowhere;\n")
    client.tell("workspace/didCreateFiles", {"files": []})
    names = [uri(root / f"db/{name}.sql") for name in ("010-a", "011-b", "012-c")]
    good, refused, failed = does.run("migLsp.verify", *names)["files"]
    assert ("completed", None) == (good["outcome"], good["message"])
    assert ("refused", {"line": 1, "column": 14, "offset": 13}) == (refused["outcome"], refused["position"])
    assert ("failed", "42P01") == (failed["outcome"], failed["sqlstate"])
    assert 2 == failed["position"]["line"]
    assert "no migration" in does.refuse("migLsp.verify", "migrations.json")["message"]


def test_a_log_that_cannot_be_read_is_a_note_not_an_error(client: RawClient, files: MakeFiles) -> None:
    root = files({**SET, "mig-lsp.toml": '[log.dev]\nsource = "postgres"\nurl-env = "NEVER_SET_ANYWHERE"\n'})
    client.start(profile("vscode-1.139")["capabilities"], root)
    (said,) = Editor(client).run("migLsp.refreshLog")["logs"]
    assert ("dev", 0, None) == (said["environment"], said["entries"], said["fetchedAt"])
    assert "NEVER_SET_ANYWHERE" in said["problem"]


def test_several_sets_want_to_be_told_apart(client: RawClient, files: MakeFiles) -> None:
    root = files({"a/migrations/001-x.sql": "SELECT 1;\n", "b/migrations/001-y.sql": "SELECT 1;\n"})
    client.start(profile("vscode-1.139")["capabilities"], root)
    does = Editor(client)
    assert "a/migrations, b/migrations" in does.refuse("migLsp.new", "z")["message"]
    assert does.run("migLsp.new", "z", "b/migrations/001-y.sql")["created"][0].startswith(uri(root / "b/migrations"))
