from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from mig_lsp.core.change import CreateFile, Edit, EditFile, FileChange, RenameFile, SourceChange
from mig_lsp.core.outcome import ImpossibleChangeError
from mig_lsp.core.text import Span
from mig_lsp.render.diff import diff
from tests.support.files import build, git

TEXTS = {"a.sql": "1 é\n2\f\r\n3", "b.sql": "x\n"}


def made(*files: FileChange, texts: Mapping[str, str] = TEXTS) -> str:
    return diff(SourceChange("", files), texts.__getitem__, texts.__contains__)


def test_an_edit() -> None:
    assert made(EditFile("a.sql", (Edit(Span(2, 3), "😀"),))) == (
        "--- a/a.sql\n+++ b/a.sql\n@@ -1,3 +1,3 @@\n-1 é\n+1 😀\n 2\f\r\n 3\n\\ No newline at end of file\n"
    )


def test_a_new_file() -> None:
    assert made(CreateFile("c.sql", "1\n2\n")) == (
        "diff --git a/c.sql b/c.sql\nnew file mode 100644\n--- /dev/null\n+++ b/c.sql\n@@ -0,0 +1,2 @@\n+1\n+2\n"
    )


def test_nothing() -> None:
    assert made(EditFile("a.sql", ())) == ""


def test_what_is_impossible() -> None:
    with pytest.raises(ImpossibleChangeError, match=r"^b\.sql exists already and is not overwritten by a\.sql$"):
        made(RenameFile("a.sql", "b.sql"))


def test_git_applies_it(tmp_path: Path) -> None:
    build(tmp_path, TEXTS)
    git(tmp_path, "init", "--quiet")
    patch = made(
        RenameFile("a.sql", "c.sql"),
        EditFile("c.sql", (Edit(Span(0, 1), "0"), Edit(Span(8, 9), "4"))),
        CreateFile("new/d.sql", "d"),
        EditFile("b.sql", (Edit(Span(0, 1), "y"),)),
    )
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch.encode(), check=True)
    found = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.sql")}
    assert found == {"c.sql": "0 é\n2\f\r\n4".encode(), "b.sql": b"y\n", "new/d.sql": b"d"}
