from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from mig_lsp.core.candidates import CONFIG_NAME
from mig_lsp.disk.file import MAX_SQL, read, stamp
from mig_lsp.disk.workspace import Workspace, load
from tests.support.files import build, good

SET: dict[str, str | bytes] = {
    "db/schema/010-users.sql": good(10, "users"),
    "db/schema/011-books.sql": good(11, "books"),
    "db/migrations.json": '{"migrationFiles": ["010-users.sql", "011-books.sql"]}\n',
}


def age(root: Path) -> None:
    """Makes all files and folders below *root* old enough for their time stamps to be trusted."""
    for path in (*root.rglob("*"), root):
        if not path.is_symlink():
            os.utime(path, (1_000_000_000, 1_000_000_000))


def test_a_set_is_loaded_with_its_manifest_and_configuration(tmp_path: Path) -> None:
    build(tmp_path, {**SET, "mig-lsp.toml": "[migrations]\nfirst-number = 20\n"})
    (snapshot,) = load(tmp_path)
    assert sorted(snapshot.files) == ["db/schema/010-users.sql", "db/schema/011-books.sql"]
    assert sorted(snapshot.documents) == ["db/migrations.json", "mig-lsp.toml"]
    assert snapshot.plan.migrations == ("010-users.sql", "011-books.sql")
    assert snapshot.plan.config.migrations.first_number == 20


def test_an_empty_folder_and_a_missing_one_have_no_sets(tmp_path: Path) -> None:
    assert load(tmp_path) == ()
    assert load(tmp_path / "nowhere") == ()


def test_several_sets_are_ordered_by_directory(tmp_path: Path) -> None:
    build(tmp_path, {f"{name}/{path}": text for name in ("b", "a") for path, text in SET.items()})
    assert [snapshot.plan.directory for snapshot in load(tmp_path)] == ["a/db/schema", "b/db/schema"]


@pytest.mark.parametrize(
    "folder", ["node_modules", ".git", ".hidden", ".venv", "dist", "cdk.out", "__pycache__", "a/target"]
)
def test_folders_of_tools_are_not_entered(tmp_path: Path, folder: str) -> None:
    build(tmp_path, {**SET, f"{folder}/migrations/010-other.sql": good(10, "other")})
    assert Workspace(tmp_path).paths == frozenset(SET)


def test_the_search_ends_at_its_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, SET)
    assert not Workspace(tmp_path).truncated
    monkeypatch.setattr("mig_lsp.disk.listing.MAX_DEPTH", 0)
    assert Workspace(tmp_path).truncated
    monkeypatch.setattr("mig_lsp.disk.listing.MAX_DEPTH", 40)
    monkeypatch.setattr("mig_lsp.disk.listing.MAX_ENTRIES", 2)
    workspace = Workspace(tmp_path)
    assert workspace.truncated
    assert workspace.paths < frozenset(SET)


@pytest.mark.parametrize(
    ("data", "text", "bom", "problem"),
    [
        ("a é 😀\r\n\f\r".encode(), "a é 😀\r\n\f\r", False, None),
        (b"\xef\xbb\xbfSELECT 1;", "SELECT 1;", True, None),
        (b"", "", False, None),
        (b"a\0b", "a\0b", False, None),
        (b"caf\xe9;", "caf\ufffd;", False, "is not UTF-8 (first bad byte 0xe9 at offset 3)"),
        (b"\xef\xbb\xbf\xff", "\ufffd", True, "is not UTF-8 (first bad byte 0xff at offset 3)"),
        (b"\xff\xfeS\0", "\ufffd\ufffdS\0", False, "is not UTF-8 (it looks like UTF-16)"),
    ],
)
def test_what_a_file_says(tmp_path: Path, data: bytes, text: str, bom: bool, problem: str | None) -> None:
    build(tmp_path, {"x.sql": data})
    file = read(tmp_path, "x.sql")
    assert (file.text, file.bom, file.problem) == (text, bom, problem)


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "x.sql").open("wb") as file:
        file.truncate(MAX_SQL + 1)
    assert read(tmp_path, "x.sql").problem == "is longer than 16 MiB, so it is not read"
    assert read(tmp_path, "x.sql").text == ""


@pytest.mark.parametrize("path", ["../secret.sql", "/etc/passwd", "a/../../secret.sql", "", "C:/x.sql", "a\nb.sql"])
def test_a_path_that_leads_out_is_not_read(tmp_path: Path, path: str) -> None:
    build(tmp_path, {"secret.sql": "secret", "root/x.sql": ""})
    file = read(tmp_path / "root", path)
    assert (file.text, file.problem) == ("", "is not a path inside the workspace, so it is not read")


def links(root: Path) -> dict[str, tuple[str, str | None]]:
    found = {path: Workspace(root).file(path) for path in Workspace(root).paths}
    return {path: (file.text, file.problem) for path, file in sorted(found.items()) if file}


def test_a_linked_file_counts_when_it_ends_up_below_the_root(tmp_path: Path) -> None:
    build(tmp_path, {"out/secret.sql": "secret", "in/real/010-a.sql": "SELECT 1;"})
    root = tmp_path / "in"
    for name, target in {
        "011-in.sql": "real/010-a.sql",
        "012-out.sql": "../out/secret.sql",
        "013-none.sql": "nowhere.sql",
        "014-loop.sql": "014-loop.sql",
        "015-a.sql": "016-b.sql",
        "016-b.sql": "015-a.sql",
    }.items():
        (root / name).symlink_to(target)
    assert links(root) == {
        "011-in.sql": ("SELECT 1;", None),
        "012-out.sql": ("", "is a link that leads out of the workspace, so it is not read"),
        "013-none.sql": ("", "is a link to a file that does not exist"),
        "014-loop.sql": ("", "is a link that leads round in a circle"),
        "015-a.sql": ("", "is a link that leads round in a circle"),
        "016-b.sql": ("", "is a link that leads round in a circle"),
        "real/010-a.sql": ("SELECT 1;", None),
    }


def test_linked_folders_are_not_entered(tmp_path: Path) -> None:
    build(tmp_path, {"out/010-a.sql": "", "in/x/010-b.sql": ""})
    (tmp_path / "in/x/up").symlink_to("..", target_is_directory=True)
    (tmp_path / "in/away").symlink_to("../out", target_is_directory=True)
    assert Workspace(tmp_path / "in").paths == {"x/010-b.sql"}


def test_a_configured_path_through_a_linked_folder_is_not_read(tmp_path: Path) -> None:
    config = '[migrations]\nmanifest = "away/migrations.json"\n'
    build(tmp_path, {"out/migrations.json": '{"migrationFiles": ["010-a.sql"]}', "in/mig-lsp.toml": config})
    (tmp_path / "in/away").symlink_to("../out", target_is_directory=True)
    (snapshot,) = load(tmp_path / "in")
    assert snapshot.plan.manifest is None


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    build(tmp_path / "real", SET)
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    (snapshot,) = load(tmp_path / "link")
    assert all(file.problem is None for file in snapshot.files.values())


def test_what_is_no_file_is_never_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, {"010-a.sql": ""})
    os.mkfifo(tmp_path / "011-pipe.sql")
    (tmp_path / "012-folder.sql").mkdir()
    (tmp_path / "013-link.sql").symlink_to("011-pipe.sql")
    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("014-socket.sql")
        found = {path: problem for path, (_, problem) in links(tmp_path).items()}
    assert found == {
        "010-a.sql": None,
        "011-pipe.sql": "is a device, a pipe or a socket, not a file",
        "012-folder.sql": "is a folder, not a file",
        "013-link.sql": "is a folder, a device, a pipe or a socket, not a file",
        "014-socket.sql": "is a device, a pipe or a socket, not a file",
    }
    assert read(tmp_path, "011-pipe.sql").problem == "is a folder, a device, a pipe or a socket, not a file"


def test_strange_names_are_listed(tmp_path: Path) -> None:
    names = ["010-new\nline.sql", "011-é😀.sql", "012- blank .sql", "013-%41.sql"]
    build(tmp_path, dict.fromkeys(names, "SELECT 1;"))
    try:
        (tmp_path / os.fsdecode(b"014-\xff.sql")).write_bytes(b"")
    except OSError:  # a file system that only takes Unicode
        expected = []
    else:
        expected = [os.fsdecode(b"014-\xff.sql")]
    found = links(tmp_path)
    assert sorted(found) == sorted([*names, *expected])
    assert all(found[name] == ("SELECT 1;", None) for name in names)
    assert all("is not UTF-8" in (found[name][1] or "") for name in expected)


def test_refresh_sees_every_kind_of_change_and_keeps_the_rest(tmp_path: Path) -> None:
    build(tmp_path, SET)
    age(tmp_path)
    workspace = Workspace(tmp_path)
    (before,) = workspace.snapshots()
    assert not workspace.refresh()
    (same,) = workspace.snapshots()
    assert all(same.files[path] is file for path, file in before.files.items())

    users, books = "db/schema/010-users.sql", "db/schema/011-books.sql"
    (tmp_path / users).write_text("SELECT 1;")
    assert workspace.refresh()
    (after,) = workspace.snapshots()
    assert after.files[users].text == "SELECT 1;"
    assert after.files[books] is before.files[books]

    build(tmp_path, {"db/schema/012-new.sql": "SELECT 2;"})
    assert workspace.refresh()
    (tmp_path / books).unlink()
    assert workspace.refresh()
    assert not workspace.refresh()
    assert sorted(workspace.snapshots()[0].files) == [users, "db/schema/012-new.sql"]


def test_a_change_within_the_same_time_stamp_is_seen(tmp_path: Path) -> None:
    build(tmp_path, {"010-a.sql": "SELECT 1;"})
    workspace = Workspace(tmp_path)
    assert workspace.file("010-a.sql") is not None
    before = stamp(tmp_path / "010-a.sql")
    assert before is not None
    (tmp_path / "010-a.sql").write_text("SELECT 2;")
    os.utime(tmp_path / "010-a.sql", ns=(before.modified, before.modified))
    assert workspace.refresh()
    file = workspace.file("010-a.sql")
    assert file is not None
    assert file.text == "SELECT 2;"


def test_a_file_that_is_touched_stays_the_same_object(tmp_path: Path) -> None:
    build(tmp_path, SET)
    workspace = Workspace(tmp_path)
    before = workspace.file("db/schema/010-users.sql")
    age(tmp_path)
    assert not workspace.refresh()
    assert workspace.file("db/schema/010-users.sql") is before


def test_a_file_that_is_deleted_between_the_search_and_the_reading_has_a_problem(tmp_path: Path) -> None:
    build(tmp_path, SET)
    workspace = Workspace(tmp_path)
    (tmp_path / "db/schema/011-books.sql").unlink()
    (snapshot,) = workspace.snapshots()
    assert snapshot.files["db/schema/011-books.sql"].problem == "cannot be read: No such file or directory"
    assert snapshot.files["db/schema/010-users.sql"].problem is None


def test_stamp_of_what_is_not_there(tmp_path: Path) -> None:
    assert stamp(tmp_path / "x") is None
    assert stamp(tmp_path / "x\0y") is None


def test_overlays_stand_in_for_files(tmp_path: Path) -> None:
    build(tmp_path, SET)
    workspace = Workspace(tmp_path)
    users = workspace.file("db/schema/010-users.sql")
    assert users is not None
    edited = users.edited("SELECT 1;", 7)
    manifest = read(tmp_path, "db/migrations.json")
    manifest = manifest.edited(manifest.text.replace("011-books", "012-new"), 1)
    new = edited.__class__("db/schema/012-new.sql", "SELECT 2;", 1)
    (snapshot,) = workspace.snapshots(
        None,
        {users.path: edited, "db/schema/011-books.sql": None, new.path: new, manifest.path: manifest},
    )
    assert snapshot.files == {users.path: edited, new.path: new}
    assert snapshot.plan.migrations == ("010-users.sql", "012-new.sql")


def test_a_given_configuration_is_the_only_one(tmp_path: Path) -> None:
    build(
        tmp_path,
        {**SET, CONFIG_NAME: "[migrations]\nfirst-number = 20\n", "ci.toml": "[migrations]\nfirst-number = 30\n"},
    )
    (snapshot,) = Workspace(tmp_path).snapshots(config=read(tmp_path, "ci.toml"))
    assert snapshot.plan.config.migrations.first_number == 30
    assert snapshot.plan.config_path == "ci.toml"
    assert sorted(snapshot.documents) == ["ci.toml", "db/migrations.json"]


def test_the_drizzle_output_and_the_template_belong_to_the_set(tmp_path: Path) -> None:
    output: dict[str, str | bytes] = {
        "drizzle/migrations/0000_a.sql": "SELECT 1;",
        "drizzle/migrations/meta/_journal.json": '{"entries": []}',
        "db/header.sql": "-- {number}\n",
        CONFIG_NAME: '[migrations]\ntemplate = "db/header.sql"\n',
    }
    build(tmp_path, {**SET, **output})
    (snapshot,) = [each for each in load(tmp_path) if each.plan.directory == "db/schema"]
    assert set(output) <= set(snapshot.documents)
