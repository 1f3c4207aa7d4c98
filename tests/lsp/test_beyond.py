"""The requests and notifications that the protocol does not have: what editors build their own views from."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import MakeFiles
from tests.lsp.raw import Message, RawClient, profile, uri

HEAD = "-- Migration\n-- ROLLBACK: none\n"
SET = {
    "db/010-a.sql": HEAD + "CREATE TABLE IF NOT EXISTS a (id int);\n",
    "db/011-b.sql": HEAD + "CREATE INDEX CONCURRENTLY i ON a (id);\n",
    "migrations.json": json.dumps({"migrationFiles": ["010-a.sql"], "schemaDir": "db"}, indent=2) + "\n",
    "mig-lsp.toml": '[log.dev]\nsource = "file"\npath = "dev.csv"\n',
    "dev.csv": "step_number,description,status,error_message\n1,010-a.sql,failed,ERROR: no é😀\n",
}
PARAMS, CANCELLED = -32602, -32800


def begin(client: RawClient, root: Path, **more: Any) -> None:
    client.start(profile("vscode-1.139")["capabilities"], root, **more)


def told(client: RawClient, method: str) -> Any:
    message: Message = client.until(lambda each: each.get("method") == method)
    return message["params"]


def migrations(answer: Any) -> dict[str, Any]:
    (only,) = answer["sets"]
    return {each["name"]: each for each in only["migrations"]}


def until_true(client: RawClient, answer: Any, wanted: Any) -> dict[str, Any]:
    """The migrations of the answer, or of the first notification in which *wanted* holds."""
    while not wanted(migrations(answer)):
        answer = told(client, "migLsp/migrationsChanged")
    return migrations(answer)


def test_the_sets_say_when_each_file_runs_and_what_became_of_it(client: RawClient, files: MakeFiles) -> None:
    begin(client, files(SET))
    answer = client.call("migLsp/migrations", None)
    there = until_true(client, answer, lambda there: there["010-a.sql"]["states"].get("dev") == "failed")
    assert "runs 1st of 1" == there["010-a.sql"]["place"]
    assert {"dev": {"executedAt": None, "error": "ERROR: no é😀"}} == there["010-a.sql"]["attempts"]
    assert ({}, {}) == (there["011-b.sql"]["states"], there["011-b.sql"]["attempts"])
    assert 1 == there["011-b.sql"]["findings"]["error"]
    (only,) = client.call("migLsp/migrations", None)["sets"]
    (log,) = only["logs"]
    assert ("dev", 1, None) == (log["environment"], log["entries"], log["problem"])


def test_who_asked_once_is_told_when_a_file_an_entry_or_a_text_changes(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    begin(client, root)
    answer = client.call("migLsp/migrations", None)
    (root / "db/012-c.sql").write_text(HEAD + "SELECT 1;\n", "utf-8")
    client.tell("workspace/didCreateFiles", {"files": [{"uri": uri(root / "db/012-c.sql")}]})
    until_true(client, answer, lambda there: "012-c.sql" in there and not there["012-c.sql"]["registered"])
    name = client.open(root / "db/011-b.sql")
    client.change(name, 2, HEAD + "CREATE INDEX i ON a (id);\n")
    until_true(
        client, told(client, "migLsp/migrationsChanged"), lambda there: there["011-b.sql"]["findings"]["error"] == 0
    )
    text = SET["migrations.json"].replace('"010-a.sql"', '"010-a.sql", "012-c.sql"')
    client.open(root / "migrations.json", text, language="json")
    until_true(client, told(client, "migLsp/migrationsChanged"), lambda there: there["012-c.sql"]["registered"])


def test_who_never_asked_is_not_told(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    begin(client, root)
    name = client.open(root / "db/011-b.sql")
    client.change(name, 2, "SELECT 1;\n")
    client.pulled(name)
    assert [] == [each for each in client.quiet(1.5) if each.get("method") == "migLsp/migrationsChanged"]


def test_a_keystroke_that_changes_nothing_of_the_sets_is_not_told(client: RawClient, files: MakeFiles) -> None:
    # Without a log: the file of one is read twice while it is young, and that is told.
    root = files({name: text for name, text in SET.items() if name not in ("mig-lsp.toml", "dev.csv")})
    begin(client, root)
    client.call("migLsp/migrations", None)
    client.quiet(2.0)
    name = client.open(root / "db/010-a.sql")
    client.change(name, 2, SET["db/010-a.sql"] + "\n")
    client.pulled(name)
    assert [] == [each for each in client.quiet(1.5) if each.get("method") == "migLsp/migrationsChanged"]


@pytest.mark.parametrize(
    ("command", "argument", "title"),
    [
        ("migLsp.new", {"description": "Add users!"}, "012-add-users.sql"),
        ("migLsp.register", {"uri": "db/011-b.sql"}, "migrations.json"),
        ("migLsp.renumber", {"uri": "db/011-b.sql", "number": 20}, "020"),
        ("migLsp.insertHeader", {"uri": "db/011-b.sql"}, "header"),
    ],
)
def test_a_preview_says_what_a_command_would_do_and_does_nothing(
    client: RawClient, files: MakeFiles, command: str, argument: dict[str, Any], title: str
) -> None:
    texts = {**SET, "db/011-b.sql": "CREATE INDEX CONCURRENTLY i ON a (id);\n"}
    root = files(texts)
    begin(client, root)
    shown = client.call("migLsp/preview", {"command": command, "arguments": [argument]})
    assert shown["applied"] is False
    assert title in shown["title"]
    assert shown["uris"]
    assert [] == [each for each in client.log if each.get("method") == "workspace/applyEdit"]
    assert texts == {path: (root / path).read_text("utf-8") for path in texts}


def test_a_preview_of_what_cannot_be_done_says_why(client: RawClient, files: MakeFiles) -> None:
    begin(client, files(SET))
    refused = {"command": "migLsp.new", "arguments": ["!!!"]}
    assert -32803 == client.error("migLsp/preview", refused)["code"]
    for params in (None, {}, {"command": "migLsp.showChunks", "arguments": []}, {"command": ["migLsp.new"]}):
        assert PARAMS == client.error("migLsp/preview", params)["code"]


def test_chunks_say_what_the_database_would_refuse(client: RawClient, files: MakeFiles) -> None:
    root = files({**SET, "db/012-c.sql": HEAD + "SELECT 1; -- é😀\nSELECT 2;\nSELECT 3;\n"})
    begin(client, root)
    shown = client.call("migLsp/chunks", {"uri": uri(root / "db/012-c.sql")})
    first, second = shown["chunks"]
    assert (3, 4, 2) == (first["startLine"], first["endLine"], first["statements"])
    assert "merged-statements" in first["problem"]
    assert (5, None) == (second["startLine"], second["problem"])
    assert "CONCURRENTLY" in client.call("migLsp/chunks", {"uri": uri(root / "db/011-b.sql")})["refused"]
    assert client.call("migLsp/chunks", {"uri": uri(root / "other.sql")}) is None
    assert PARAMS == client.error("migLsp/chunks", {"uri": 5})["code"]


def test_check_counts_everything_and_tells_how_far_it_is(client: RawClient, files: MakeFiles) -> None:
    many = {f"db/{number:03}-x.sql": HEAD + "DROP TABLE nowhere;\n" * 20 for number in range(100, 220)}
    begin(client, files({**SET, **many}))
    counted = client.call("migLsp/check", {"workDoneToken": "t"})
    assert len(many) + 4 == counted["files"]
    assert len(many) < counted["error"] + counted["warning"]
    values = [
        each["params"]["value"]
        for each in client.log
        if each.get("method") == "$/progress" and each["params"]["token"] == "t"
    ]
    kinds = [value["kind"] for value in values]
    assert ("begin", "end") == (kinds[0], kinds[-1])
    percentages = [value["percentage"] for value in values if value["kind"] == "report"]
    assert sorted(percentages) == percentages
    assert all(re.match(rf"\d+ of {counted['files']}: ", each["message"]) for each in values if "message" in each)


def test_check_can_be_cancelled_and_others_have_their_turn(client: RawClient, files: MakeFiles) -> None:
    many = {f"db/{number:04}-x.sql": HEAD + "DROP TABLE nowhere;\n" * 200 for number in range(1000, 1400)}
    root = files({**SET, **many})
    begin(client, root)
    check = client.ask("migLsp/check", {})
    client.call("migLsp/documents", None)
    client.tell("$/cancelRequest", {"id": check})
    assert CANCELLED == client.answer(check)["error"]["code"]
    assert client.call("migLsp/chunks", {"uri": uri(root / "db/010-a.sql")})["chunks"]


def test_patterns_match_names_to_the_letter(client: RawClient, files: MakeFiles) -> None:
    begin(client, files({"app/[lang]/{x}/migrations/001-a.sql": HEAD, "app/[lang]/{x}/migrations/002-b.sql": HEAD}))
    patterns = [each["pattern"] for each in client.call("migLsp/documents", None)["patterns"]]
    assert "app/[[]lang[]]/[{]x[}]/migrations/*.sql" in patterns


def test_without_a_folder_the_projects_of_named_files_are_taken_up(client: RawClient, files: MakeFiles) -> None:
    root = files(SET)
    client.start(profile("vscode-1.139")["capabilities"])
    assert {"documents": [], "patterns": []} == client.call("migLsp/documents", None)
    answer = client.call("migLsp/documents", {"uris": [uri(root / "db/010-a.sql"), "untitled:x", 5]})
    assert {"baseUri": uri(root), "pattern": "db/*.sql"} in answer["patterns"]


def test_with_a_folder_named_files_elsewhere_stay_out(client: RawClient, files: MakeFiles) -> None:
    root = files({**SET, "other/db/001-x.sql": HEAD, "other/db/002-y.sql": HEAD})
    begin(client, root / "db")
    answer = client.call("migLsp/documents", {"uris": [uri(root / "other/db/001-x.sql")]})
    assert [uri(root / "db")] == sorted({each["baseUri"] for each in answer["patterns"]})


def test_a_wrong_setting_is_said_once_and_again_after_it_was_right(client: RawClient, files: MakeFiles) -> None:
    settings: dict[str, Any] = {"runner": {"profile": "nonsense"}}
    client.answers["workspace/configuration"] = lambda params: [settings for _ in params["items"]]
    begin(client, files(SET))

    def said() -> int:
        client.tell("workspace/didChangeConfiguration", {"settings": None})
        client.call("migLsp/documents", None)
        return len([each for each in client.quiet(1.0) if each.get("method") == "window/showMessage"])

    assert "nonsense" in told(client, "window/showMessage")["message"]
    assert 0 == said()
    settings["runner"] = {"profile": "psql"}
    assert 0 == said()
    settings["runner"] = {"profile": "nonsense"}
    assert 1 == said()
