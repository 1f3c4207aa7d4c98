from __future__ import annotations

import os
from pathlib import Path

import pytest

from mig_lsp.core.config.model import FileLog
from mig_lsp.core.log import LogEntry
from mig_lsp.ledger import file
from mig_lsp.ledger.fetching import FetchError

CSV = "description,status\n010-é😀.sql,completed\n"
JSON = '\n [{"description": "010-é😀.sql", "status": "completed"}]'


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        CSV.encode("utf-8-sig"),
        CSV.encode("utf-16"),
        b"\xfe\xff" + CSV.encode("utf-16-be"),
        JSON.encode(),
        JSON.encode("utf-8-sig"),
    ],
)
def test_an_export_is_read_in_any_encoding_that_tools_write(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "log").write_bytes(data)
    expected = ((LogEntry(0, "010-é😀.sql", "completed"),), ())
    assert expected == file.fetch(tmp_path, FileLog(path="exports\\log"))


def test_bytes_that_are_no_utf8_cost_only_themselves(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(b"description,status\n\xff.sql,completed\n")
    expected = ((LogEntry(0, "\ufffd.sql", "completed"),), ())
    assert expected == file.fetch(tmp_path, FileLog(path="log.csv"))


@pytest.mark.parametrize(
    "path",
    ["../log.csv", "sub/../../log.csv", "/etc/passwd", "C:\\log.csv", "\\\\server\\log.csv", "link.csv", "dir/log.csv"],
)
def test_nothing_outside_the_workspace_is_read(path: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(CSV, encoding="utf-8")
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "link.csv").symlink_to(tmp_path / "log.csv")
    (root / "dir").symlink_to(tmp_path, target_is_directory=True)
    check_problem(root, path, f"{path} lies outside the workspace: it is not read")


def test_what_cannot_be_read_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "directory.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "dangling.csv").symlink_to("gone.csv")
    (tmp_path / "big.csv").write_text(CSV, encoding="utf-8")
    monkeypatch.setattr(file, "MAX_BYTES", 3)
    check_problem(tmp_path, "directory.csv", "directory.csv is not a file")
    check_problem(tmp_path, "gone.csv", "gone.csv cannot be read: No such file or directory")
    check_problem(tmp_path, "dangling.csv", "dangling.csv cannot be read: No such file or directory")
    check_problem(tmp_path, "loop.csv", "loop.csv cannot be read: its links lead in a circle")
    check_problem(tmp_path, "nul\0.csv", "nul\0.csv lies outside the workspace: it is not read")
    check_problem(tmp_path, "big.csv", "big.csv is larger than 0 MiB: it is not read")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    check_problem(tmp_path, "pipe.csv", "pipe.csv is not a file")


def check_problem(root: Path, path: str, expected: str) -> None:
    with pytest.raises(FetchError) as caught:
        file.fetch(root, FileLog(path=path))
    assert expected == str(caught.value)
