"""What each kind of editor is told of the findings: pushed, pulled, and of files that nobody opened."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mig_lsp.core.check import check_document
from mig_lsp.core.text import Encoding, Lines
from mig_lsp.lsp.diagnostics import range_of
from tests.lsp.conftest import MakeFiles
from tests.lsp.editor import ENCODINGS, Editor
from tests.lsp.raw import RawClient, SilenceError, profile, rules, uri
from tests.support.workspace import snapshot

BEGIN = "-- é😀 BEGIN\nSELECT '😀é'; BEGIN;\n"
SET = {
    "db/010-a.sql": BEGIN,
    "db/011-b.sql": "CREATE INDEX CONCURRENTLY i ON a (id);\n",
    "db/012-c.sql": "CREATE TABLE c (id int);\n",
    "migrations.json": json.dumps({"migrationFiles": ["010-a.sql", "011-b.sql"], "schemaDir": "db"}),
    "README.md": "BEGIN;",
}
PROFILES = {"vscode-1.139": "utf-16", "neovim-0.12": "utf-8", "emacs-30": "utf-32"}


def serious(diagnostics: list[dict[str, Any]]) -> list[str]:
    """The rules of all findings that are no hints."""
    return [each["code"] for each in diagnostics if each["severity"] < 4]


def begin(client: RawClient, root: Path, editor: str) -> dict[str, Any]:
    result: dict[str, Any] = client.start(profile(editor)["capabilities"], root)["capabilities"]
    return result


@pytest.mark.parametrize(("editor", "encoding"), PROFILES.items())
def test_the_encoding_is_the_editors_first_choice(
    client: RawClient, files: MakeFiles, editor: str, encoding: str
) -> None:
    assert encoding == begin(client, files({}), editor)["positionEncoding"]


@pytest.mark.parametrize(
    ("editor", "expected"),
    [
        ("vscode-1.139", {"identifier": "mig-lsp", "interFileDependencies": True, "workspaceDiagnostics": True}),
        ("neovim-0.12", None),
        ("emacs-30", None),
    ],
)
def test_each_editor_is_offered_the_pull_that_it_can_take(
    client: RawClient, files: MakeFiles, editor: str, expected: object
) -> None:
    assert expected == begin(client, files({}), editor).get("diagnosticProvider")


def test_emacs_gets_everything_pushed_with_versions(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    begin(client, root, "emacs-30")
    assert "concurrently" in rules(client.pushed(uri(root / "db/011-b.sql")))
    assert ["unregistered-migration"] == serious(client.pushed(uri(root / "db/012-c.sql")))
    name = client.open(root / "db/010-a.sql", version=7)
    found = client.pushed(name, 7)
    (control,) = [each for each in found if each["code"] == "transaction-control"]
    assert {"start": {"line": 1, "character": 13}, "end": {"line": 1, "character": 18}} == control["range"]
    assert "mig-lsp" == control["source"]
    assert "https://mig-lsp.dev/rules/transaction-control" == control["codeDescription"]["href"]
    client.change(name, 8, "SELECT 1;\n")
    assert [] == serious(client.pushed(name, 8))
    client.tell("textDocument/didClose", {"textDocument": {"uri": name}})
    assert ["transaction-control"] == [rule for rule in serious(client.pushed(name)) if rule == "transaction-control"]


def test_vscode_pulls_an_open_document_which_is_never_pushed(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    begin(client, root, "vscode-1.139")
    name = client.open(root / "db/010-a.sql")
    first = client.pulled(name)
    assert "full" == first["kind"]
    assert "transaction-control" in rules(first["items"])
    assert {"kind": "unchanged", "resultId": first["resultId"]} == client.pulled(name, first["resultId"])
    client.change(name, 2, "SELECT 1;\n")
    second = client.pulled(name, first["resultId"])
    assert [] == serious(second["items"])
    client.change(name, 3, BEGIN)
    assert first == client.pulled(name, second["resultId"])
    said = [each["params"] for each in client.quiet(1.0) if each.get("method") == "textDocument/publishDiagnostics"]
    assert [] == [each for each in said if each["uri"] == name and each["diagnostics"]]


@pytest.mark.parametrize(("editor", "column"), [("vscode-1.139", 14), ("neovim-0.12", 17), ("emacs-30", 13)])
def test_positions_are_right_after_accents_and_emoji(
    client: RawClient, files: MakeFiles, editor: str, column: int
) -> None:
    root = files(SET)
    begin(client, root, editor)
    name = client.open(root / "db/010-a.sql")
    found = client.pulled(name)["items"] if editor == "vscode-1.139" else client.pushed(name, 1)
    expected = {"start": {"line": 1, "character": column}, "end": {"line": 1, "character": column + 5}}
    assert [expected] == [each["range"] for each in found if each["code"] == "transaction-control"]


def test_neovim_gets_everything_pushed(client: RawClient, files: MakeFiles) -> None:
    """It can pull, but does so only for what is on the screen."""
    root = files(SET)
    begin(client, root, "neovim-0.12")
    name = uri(root / "db/011-b.sql")
    assert "concurrently" in rules(client.pushed(name))
    client.open(root / "db/011-b.sql")
    assert "concurrently" in rules(client.pushed(name, 1))
    client.change(name, 2, "SELECT 1;\n")
    assert [] == serious(client.pushed(name, 2))
    client.tell("textDocument/didClose", {"textDocument": {"uri": name}})
    assert "concurrently" in rules(client.pushed(name))


def test_what_is_opened_again_is_pushed_again(client: RawClient, files: MakeFiles) -> None:
    """Neovim's `:edit!` closes and opens a document at once, under the same version, and drops its findings."""
    root = files(SET)
    begin(client, root, "neovim-0.12")
    name = client.open(root / "db/011-b.sql")
    first = client.pushed(name, 1)
    assert "concurrently" in rules(first)
    client.tell("textDocument/didClose", {"textDocument": {"uri": name}})
    client.open(root / "db/011-b.sql")
    assert first == client.pushed(name, 1)


def test_a_change_of_the_manifest_refreshes_open_documents(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    begin(client, root, "vscode-1.139")
    name = client.open(root / "db/012-c.sql")
    assert ["unregistered-migration"] == serious(client.pulled(name)["items"])
    manifest = client.open(root / "migrations.json")
    client.pulled(manifest)
    client.change(manifest, 2, SET["migrations.json"].replace('"011-b.sql"', '"011-b.sql", "012-c.sql"'))
    client.until(lambda message: message.get("method") == "workspace/diagnostic/refresh")
    assert [] == serious(client.pulled(name)["items"])


def test_a_change_of_the_manifest_is_pushed_for_all_documents(client: RawClient, files: MakeFiles) -> None:
    root = files({**SET, "db/013-d.sql": "CREATE TABLE d (id int);\n"})
    begin(client, root, "emacs-30")
    name = client.open(root / "db/012-c.sql")
    assert ["unregistered-migration"] == serious(client.pushed(name, 1))
    other = uri(root / "db/013-d.sql")
    assert ["unregistered-migration"] == serious(client.pushed(other))
    manifest = client.open(root / "migrations.json")
    listed = SET["migrations.json"].replace('"011-b.sql"', '"011-b.sql", "012-c.sql", "013-d.sql"')
    client.change(manifest, 2, listed)
    client.until(lambda m: m.get("method", "").endswith("publishDiagnostics") and serious_of(m, name) == [])
    client.until(lambda m: m.get("method", "").endswith("publishDiagnostics") and serious_of(m, other) == [])


def serious_of(message: dict[str, Any], name: str) -> list[str] | None:
    params = message["params"]
    return serious(params["diagnostics"]) if params["uri"] == name else None


def ask_workspace(client: RawClient, known: dict[str, str], **more: Any) -> int:
    previous = [{"uri": name, "value": value} for name, value in known.items()]
    return client.ask("workspace/diagnostic", {"previousResultIds": previous, **more})


def test_vscode_pulls_what_nobody_opened_and_waits_for_changes(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    begin(client, root, "vscode-1.139")
    name = client.open(root / "db/010-a.sql")
    items = client.answer(ask_workspace(client, {}))["result"]["items"]
    told = {item["uri"]: item for item in items}
    assert name not in told
    assert ["unregistered-migration"] == serious(told[uri(root / "db/012-c.sql")]["items"])
    known = {each: item["resultId"] for each, item in told.items()}
    held = ask_workspace(client, known)
    with pytest.raises(SilenceError):
        client.answer(held, 0.7)
    (root / "db/011-b.sql").write_text("-- Migration 011: b\nSELECT 1;\n")
    client.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri(root / "db/011-b.sql"), "type": 2}]})
    items = client.answer(held)["result"]["items"]
    assert [uri(root / "db/011-b.sql")] == [item["uri"] for item in items]
    assert "concurrently" not in rules(items[0]["items"])


def test_a_clean_or_vanished_file_is_said_to_be_clean(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    begin(client, root, "vscode-1.139")
    told = client.answer(ask_workspace(client, {}))["result"]["items"]
    known = {item["uri"]: item["resultId"] for item in told}
    held = ask_workspace(client, known)
    gone = root / "db/012-c.sql"
    gone.unlink()
    client.tell("workspace/didDeleteFiles", {"files": [{"uri": uri(gone)}]})
    last: list[dict[str, Any]] | None = None
    while last != []:  # a look at the disk in the very moment may find the name and no file
        items = {item["uri"]: item for item in client.answer(held)["result"]["items"]}
        last = items[uri(gone)]["items"] if uri(gone) in items else last
        known.update({name: item["resultId"] for name, item in items.items()})
        held = ask_workspace(client, known)
    with pytest.raises(SilenceError):
        client.answer(held, 0.7)


def test_parts_of_the_answer_are_streamed(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    begin(client, root, "vscode-1.139")
    asked = ask_workspace(client, {}, partialResultToken="parts")
    assert {"items": []} == client.answer(asked)["result"]
    parts = [each["params"] for each in client.log if each.get("method") == "$/progress"]
    assert {"parts"} == {part["token"] for part in parts}
    names = [item["uri"] for part in parts for item in part["value"]["items"]]
    assert len(names) == len(set(names))
    assert uri(root / "db/011-b.sql") in names


def test_a_held_request_is_cancelled_or_answered_at_shutdown(client: RawClient, files: MakeFiles) -> None:
    begin(client, files({}), "vscode-1.139")
    first, second = ask_workspace(client, {}), ask_workspace(client, {})
    client.tell("$/cancelRequest", {"id": first})
    assert -32800 == client.answer(first)["error"]["code"]
    client.call("shutdown", None)
    assert {"items": []} == client.answer(second)["result"]
    client.tell("exit", None)
    assert 0 == client.process.wait(30)


@pytest.mark.parametrize("editor", PROFILES)
def test_in_documents_of_no_set_the_server_is_silent(client: RawClient, files: MakeFiles, editor: str) -> None:
    root = files(SET)
    begin(client, root, editor)
    names = [client.open(root / "README.md"), client.open(Path("/elsewhere/010-x.sql"), BEGIN)]
    document = {"uri": "untitled:Untitled-1", "languageId": "sql", "version": 1, "text": BEGIN}
    client.tell("textDocument/didOpen", {"textDocument": document})
    names.append("untitled:Untitled-1")
    for name in names:
        client.change(name, 2, BEGIN + "ROLLBACK;\n")
        assert {"kind": "full", "items": []} == {k: v for k, v in client.pulled(name).items() if k != "resultId"}
        place = {"textDocument": {"uri": name}, "position": {"line": 1, "character": 1}}
        assert client.call("textDocument/hover", place) is None
    said = [each["params"] for each in client.quiet(1.0) if each.get("method") == "textDocument/publishDiagnostics"]
    assert [] == [each for each in said if each["uri"] in names]


def test_changes_on_the_disk_are_seen_without_watching(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    begin(client, root, "neovim-0.12")
    name = uri(root / "db/013-new.sql")
    client.quiet(0.5)
    (root / "db/013-new.sql").write_text("BEGIN;\n")
    assert "transaction-control" in rules(client.pushed(name))
    (root / "db/013-new.sql").unlink()
    client.until(lambda message: all_rules(message, name) == [])


def test_a_new_document_that_was_never_saved_belongs_to_the_set(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    begin(client, root, "emacs-30")
    name = client.open(root / "db/014-unsaved.sql", "CREATE TABLE x (id int);\n")
    assert ["unregistered-migration"] == serious(client.pushed(name, 1))


def test_two_folders_and_several_sets_each_have_their_own(client: RawClient, files: MakeFiles) -> None:
    root = files(
        {
            **{f"one/{path}": text for path, text in SET.items()},
            "two/a/migrations/001-x.sql": "BEGIN;\n",
            "two/b/migrations/001-y.sql": "SELECT 1;\n",
        }
    )
    client.start(profile("emacs-30")["capabilities"], root / "one", root / "two")
    assert "concurrently" in rules(client.pushed(uri(root / "one/db/011-b.sql")))
    assert "transaction-control" in rules(client.pushed(uri(root / "two/a/migrations/001-x.sql")))
    sets = client.call("migLsp/migrations", None)["sets"]
    assert ["db", "a/migrations", "b/migrations"] == [each["directory"] for each in sets]
    event = {"added": [], "removed": [{"uri": uri(root / "one"), "name": "one"}]}
    client.tell("workspace/didChangeWorkspaceFolders", {"event": event})
    assert [] == client.pushed(uri(root / "one/db/011-b.sql"))
    client.tell("workspace/didChangeWorkspaceFolders", {"event": {"added": event["removed"], "removed": []}})
    assert "concurrently" in rules(client.pushed(uri(root / "one/db/011-b.sql")))


def test_without_a_folder_the_project_of_an_opened_file_is_taken(client: RawClient, files: MakeFiles) -> None:
    root = files({**SET, "mig-lsp.toml": ""})
    client.start(profile("emacs-30")["capabilities"])
    name = client.open(root / "db/012-c.sql")
    assert ["unregistered-migration"] == serious(client.pushed(name, 1))


def test_settings_come_from_the_start_from_the_client_and_change(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    settings: dict[str, Any] = {"rules": {"concurrently": {"severity": "off"}}}
    client.answers["workspace/configuration"] = lambda params: [settings for _ in params["items"]]
    client.start(profile("emacs-30")["capabilities"], root)
    name = client.open(root / "db/011-b.sql")
    assert "concurrently" not in rules(client.pushed(name, 1))
    settings.clear()
    settings.update({"rules": {"concurrently": {"severity": "hint"}}, "runner": {"profile": "nonsense"}})
    client.tell("workspace/didChangeConfiguration", {"settings": None})
    shown = client.until(lambda message: message.get("method") == "window/showMessage")
    assert "migLsp.runner.profile" in shown["params"]["message"]
    client.change(name, 2, SET["db/011-b.sql"])
    (found,) = [each for each in client.pushed(name, 2) if each["code"] == "concurrently"]
    assert 4 == found["severity"]


def test_settings_of_the_start_count_for_a_client_without_configuration(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    client.start({}, root, initializationOptions={"rules": {"concurrently": {"severity": "off"}}})
    name = client.open(root / "db/011-b.sql")
    assert "concurrently" not in rules(client.pushed(name, 1))
    client.tell("workspace/didChangeConfiguration", {"settings": {"migLsp": {}}})
    client.change(name, 2, SET["db/011-b.sql"])
    assert "concurrently" in rules(client.pushed(name, 2))


def test_what_nobody_can_act_on_is_left_out_as_on_the_command_line(client: RawClient, files: MakeFiles) -> None:
    log = "id,step_number,description,status\n1,1,011-b.sql,completed\n"
    root = files(
        {
            **SET,
            "mig-lsp.toml": '[migrations]\nbase-ref = "main"\n[log.dev]\nsource = "file"\npath = "dev.csv"\n',
            "dev.csv": log,
        }
    )
    for command in (["init", "-qb", "main"], ["add", "."], ["commit", "-qm", "first"]):
        git(root, *command)
    begin(client, root, "emacs-30")
    merged, run = (uri(root / f"db/{name}.sql") for name in ("010-a", "011-b"))
    client.until(lambda message: all_rules(message, merged) == ["merged-statements", "transaction-control"])
    client.call("workspace/executeCommand", {"command": "migLsp.refreshLog"})
    # A new database would still be refused that file.
    assert ["concurrently"] == rules(client.pulled(run)["items"])
    client.open(root / "db/010-a.sql", BEGIN + "SELECT 2;\n", 2)
    client.until(lambda message: "missing-rollback" in (all_rules(message, merged) or ()))


def test_an_entry_that_a_merge_lost(client: RawClient, files: MakeFiles) -> None:
    root = files({**SET, "mig-lsp.toml": '[migrations]\nbase-ref = "main"\n'})
    for command in (["init", "-qb", "main"], ["add", "."], ["commit", "-qm", "first"]):
        git(root, *command)
    manifest = root / "migrations.json"
    text = manifest.read_text("utf-8")
    manifest.write_text(text.replace('"010-a.sql", ', ""), "utf-8")
    assert manifest.read_text("utf-8") != text
    begin(client, root, "emacs-30")
    client.until(lambda message: "lost-entry" in (all_rules(message, uri(manifest)) or ()))


def test_a_merged_migration_that_is_edited_says_so_while_one_types(client: RawClient, files: MakeFiles) -> None:
    root = files({**SET, "mig-lsp.toml": '[migrations]\nbase-ref = "main"\n'})
    for command in (["init", "-qb", "main"], ["add", "."], ["commit", "-qm", "first"]):
        git(root, *command)
    begin(client, root, "emacs-30")
    # The hints of a merged file are left out: when they are gone, the branches are known.
    client.until(lambda message: all_rules(message, uri(root / "db/012-c.sql")) == ["unregistered-migration"])
    name = client.open(root / "db/012-c.sql")
    for version, text in enumerate((SET["db/012-c.sql"] + "SELECT 'é😀';\n", SET["db/012-c.sql"]), 2):
        client.change(name, version, text)
        assert ("merged-migration-edited" in rules(client.pushed(name, version))) is (version == 2)
    client.change(name, 4, "SELECT 2;\n")
    (root / "db/012-c.sql").write_text("SELECT 2;\n")
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    asked = {"textDocument": {"uri": name}, "range": place, "context": {"diagnostics": []}}
    restore: list[Any] = []
    for _ in range(100):  # what is saved is noticed, and git asked for the merged text, in the background
        restore = [each for each in client.call("textDocument/codeAction", asked) if "Restore" in each["title"]]
        if restore:
            break
        client.quiet(0.1)
    assert ["Restore the text of main"] == [each["title"] for each in restore]


def all_rules(message: dict[str, Any], name: str) -> list[str] | None:
    params = message.get("params")
    if message.get("method") != "textDocument/publishDiagnostics" or params is None or params["uri"] != name:
        return None
    return rules(params["diagnostics"])


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True)


@pytest.fixture
def edited(files: MakeFiles) -> Iterator[Path]:
    yield files(SET)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_after_any_edits_the_server_says_what_a_fresh_look_at_the_editors_text_says(
    client: RawClient, edited: Path, encoding: Encoding
) -> None:
    capabilities = {"general": {"positionEncodings": [encoding]}, "textDocument": {"publishDiagnostics": {}}}
    client.start(capabilities, edited)
    name = client.open(edited / "db/010-a.sql")
    chance = random.Random(5)
    editor = Editor(BEGIN, encoding, chance)
    for version in range(2, 150):
        client.change(name, version, *(editor.edit() for _ in range(chance.choice((1, 1, 3)))))
        if version % 10 == 0:
            texts = {path: text for path, text in SET.items() if path != "README.md"}
            there = snapshot({**texts, "db/010-a.sql": editor.text})
            lines = Lines(editor.text)
            expected = [
                (each.rule, range_of(lines, each.span, encoding)) for each in check_document(there, "db/010-a.sql")
            ]
            assert expected == [(each["code"], each["range"]) for each in client.pushed(name, version)]
