from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mig_lsp.core.change import CreateFile, Edit, EditFile, FileChange, RenameFile, SourceChange
from mig_lsp.core.snapshot import File
from mig_lsp.core.text import Span
from mig_lsp.disk.file import read
from mig_lsp.disk.write import WriteError, write
from tests.support.files import build


def change(*files: FileChange) -> SourceChange:
    return SourceChange("Change", files)


def insert(path: str, offset: int, text: str) -> EditFile:
    return EditFile(path, (Edit(Span(offset, offset), text),))


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_all_kinds_of_changes_at_once(tmp_path: Path) -> None:
    build(tmp_path, {"a.sql": "é1;\r\n", "b.sql": "2;", "list.json": "[]"})
    done = write(
        tmp_path,
        change(
            RenameFile("a.sql", "c.sql"),
            insert("c.sql", 1, "😀"),
            CreateFile("new/d.sql", "3;\n"),
            insert("list.json", 1, '"c.sql"'),
        ),
    )
    assert done == ("c.sql", "new/d.sql", "list.json")
    assert tree(tmp_path) == {
        "c.sql": "é😀1;\r\n".encode(),
        "b.sql": b"2;",
        "new/d.sql": b"3;\n",
        "list.json": b'["c.sql"]',
    }


def test_byte_order_mark_line_ends_and_mode_are_kept(tmp_path: Path) -> None:
    build(tmp_path, {"a.sql": b"\xef\xbb\xbfa\r\nb\rc\n"})
    (tmp_path / "a.sql").chmod(0o640)
    write(tmp_path, change(insert("a.sql", 0, "x")))
    assert tree(tmp_path) == {"a.sql": b"\xef\xbb\xbfxa\r\nb\rc\n"}
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "a.sql").stat().st_mode) == 0o640


def test_a_moved_file_keeps_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    build(tmp_path, {"a.sql": b"caf\xe9"})
    write(tmp_path, change(RenameFile("a.sql", "b.sql")))
    assert tree(tmp_path) == {"b.sql": b"caf\xe9"}


def test_files_move_into_places_that_others_leave(tmp_path: Path) -> None:
    build(tmp_path, {"044-a.sql": "a", "045-b.sql": "b"})
    write(tmp_path, change(RenameFile("045-b.sql", "046-b.sql"), RenameFile("044-a.sql", "045-b.sql")))
    assert tree(tmp_path) == {"046-b.sql": b"b", "045-b.sql": b"a"}


def test_files_change_places(tmp_path: Path) -> None:
    build(tmp_path, {"a": "1", "b": "2"})
    write(tmp_path, change(RenameFile("a", "t"), RenameFile("b", "a"), RenameFile("t", "b")))
    assert tree(tmp_path) == {"a": b"2", "b": b"1"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ((CreateFile("a.sql", ""),), "a.sql exists already and is not overwritten"),
        ((RenameFile("b.sql", "a.sql"),), "a.sql exists already and is not overwritten by b.sql"),
        ((insert("none.sql", 0, "x"),), "none.sql does not exist, so it cannot be changed"),
        ((RenameFile("none.sql", "x.sql"),), "none.sql does not exist, so it cannot be changed"),
        ((RenameFile("a.sql", "c.sql"), insert("a.sql", 0, "x")), "a.sql does not exist, so it cannot be changed"),
        ((CreateFile("c.sql", ""), CreateFile("c.sql", "")), "c.sql exists already and is not overwritten"),
        (
            (EditFile("a.sql", (Edit(Span(0, 2), ""), Edit(Span(1, 3), ""))),),
            "a.sql cannot be changed: overlapping edits at offset 1",
        ),
        ((CreateFile("../c.sql", ""),), "'../c.sql' is not a path inside the workspace, so nothing was changed"),
        ((CreateFile("/c.sql", ""),), "'/c.sql' is not a path inside the workspace, so nothing was changed"),
        ((CreateFile("", ""),), "'' is not a path inside the workspace, so nothing was changed"),
        ((CreateFile("away/c.sql", ""),), "away/c.sql leads out of the workspace, so nothing was changed"),
        ((RenameFile("a.sql", "away/c.sql"),), "away/c.sql leads out of the workspace, so nothing was changed"),
        (
            (insert("away/x.sql", 0, ""),),
            "away/x.sql leads out of the workspace, so nothing was changed",
        ),
        (
            (insert("latin.sql", 0, "x"),),
            "latin.sql is not UTF-8 (first bad byte 0xe9 at offset 0), so nothing was changed: "
            "convert it to UTF-8 first",
        ),
        ((CreateFile("c.sql", "\ud800"),), "the new text of c.sql has characters that are not Unicode"),
        ((RenameFile("link.sql", "c.sql"),), "link.sql is a link, so it was not moved"),
        ((CreateFile("a.sql/c.sql", ""),), "a.sql/c.sql cannot be written: Not a directory; nothing was changed"),
    ],
)
def test_what_is_refused_changes_nothing(tmp_path: Path, files: tuple[FileChange, ...], message: str) -> None:
    build(
        tmp_path,
        {"in/a.sql": "aaaa", "in/b.sql": "b", "in/latin.sql": b"\xe9", "out/x.sql": "secret"},
    )
    root = tmp_path / "in"
    (root / "away").symlink_to("../out", target_is_directory=True)
    (root / "link.sql").symlink_to("a.sql")
    before = tree(tmp_path)
    with pytest.raises(WriteError) as caught:
        write(root, change(CreateFile("good.sql", ""), *files))
    assert str(caught.value) == message
    assert tree(tmp_path) == before


def test_a_link_inside_stays_a_link(tmp_path: Path) -> None:
    build(tmp_path, {"real.sql": "a"})
    (tmp_path / "link.sql").symlink_to("real.sql")
    write(tmp_path, change(insert("link.sql", 1, "b")))
    assert (tmp_path / "link.sql").is_symlink()
    assert (tmp_path / "real.sql").read_text() == "ab"


def test_a_dangling_link_is_in_the_way_of_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "a.sql").symlink_to("../outside.sql")
    with pytest.raises(WriteError, match="exists already"):
        write(tmp_path, change(CreateFile("a.sql", "")))
    assert not (tmp_path.parent / "outside.sql").exists()


def test_a_file_that_somebody_else_changed_is_refused(tmp_path: Path) -> None:
    build(tmp_path, {"a.sql": "new"})
    seen = {"a.sql": File("a.sql", "old")}
    with pytest.raises(WriteError, match="was changed by somebody else meanwhile"):
        write(tmp_path, change(insert("a.sql", 0, "x")), seen.get)
    seen["a.sql"] = read(tmp_path, "a.sql")
    write(tmp_path, change(insert("a.sql", 0, "x")), seen.get)
    assert tree(tmp_path) == {"a.sql": b"xnew"}


def fails_at(monkeypatch: pytest.MonkeyPatch, name: str, calls: int) -> None:
    """Makes the method *name* of paths fail like a full disk from call number *calls* on, but only once."""
    real: Callable[..., object] = getattr(Path, name)
    count = 0

    def method(self: Path, *args: object, **kwargs: object) -> object:
        nonlocal count
        count += 1
        if count == calls:
            raise OSError(28, "No space left on device")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, name, method)


@pytest.mark.parametrize(
    ("method", "calls"),
    [("open", 1), ("open", 2), ("open", 3), ("replace", 1), ("replace", 2), ("unlink", 1), ("mkdir", 1), ("mkdir", 2)],
)
def test_a_full_disk_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, calls: int
) -> None:
    build(tmp_path, {"a.sql": "a", "b.sql": "b", "c.sql": "c"})
    before = tree(tmp_path)
    wanted = change(
        insert("a.sql", 0, "x"),
        insert("b.sql", 0, "x"),
        RenameFile("c.sql", "d.sql"),
        CreateFile("new/folder/e.sql", "e"),
    )
    with monkeypatch.context() as patched:
        fails_at(patched, method, calls)
        with pytest.raises(WriteError, match="cannot be written: No space left on device; nothing was changed"):
            write(tmp_path, wanted)
    assert tree(tmp_path) == before
    assert not (tmp_path / "new").exists()
    write(tmp_path, wanted)
    assert sorted(tree(tmp_path)) == ["a.sql", "b.sql", "d.sql", "new/folder/e.sql"]


@pytest.mark.parametrize("text", ["", "a\n"])
def test_a_new_file_has_the_usual_mode(tmp_path: Path, text: str) -> None:
    (tmp_path / "usual").write_text("")
    write(tmp_path, change(CreateFile("a.sql", text)))
    assert (tmp_path / "a.sql").read_text() == text
    assert (tmp_path / "a.sql").stat().st_mode == (tmp_path / "usual").stat().st_mode
    assert (tmp_path / "a.sql").stat().st_nlink == 1
