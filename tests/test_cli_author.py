"""`new`, `prepare`, `register`, `rollback`: the files they write, and that a dry run writes none."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from tests.support.files import build, git, good, run

MANIFEST = "db/migrations.json"
FILES: dict[str, str | bytes] = {
    "db/schema/010-users.sql": good(10, "users"),
    "db/schema/011-books.sql": good(11, "books"),
    MANIFEST: '{\n  "migrationFiles": [\n    "010-users.sql",\n    "011-books.sql"\n  ]\n}\n',
    "mig-lsp.toml": "",
}
OUTPUT = """CREATE TABLE "loans" (
\t"id" serial PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE "books" ADD COLUMN "isbn" text;"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return build(tmp_path, FILES)


def listed(root: Path) -> list[str]:
    names = json.loads((root / MANIFEST).read_text())["migrationFiles"]
    assert isinstance(names, list)
    return names


def test_new(root: Path) -> None:
    done = run(root, "new", "Add é loans!")
    assert (done.code, done.err) == (0, "")
    assert done.out == "created db/schema/012-add-loans.sql\nchanged db/migrations.json\n"
    text = (root / "db/schema/012-add-loans.sql").read_text()
    assert text.startswith(f"-- Migration 012: Add é loans!\n-- Created: {date.today().isoformat()}\n")
    assert listed(root) == ["010-users.sql", "011-books.sql", "012-add-loans.sql"]
    assert run(root, "check").code == 0


def test_new_counts_the_numbers_of_other_branches(root: Path) -> None:
    git(root, "init", "--quiet")
    build(root, {"db/schema/020-other.sql": good(20, "other")})
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    git(root, "checkout", "--quiet", "-b", "feature")
    git(root, "rm", "--quiet", "db/schema/020-other.sql")
    assert run(root, "new", "next").out.startswith("created db/schema/021-next.sql\n")


def test_dry_runs_print_a_diff_and_write_nothing(root: Path) -> None:
    git(root, "init", "--quiet")
    build(root, {"db/schema/012-loans.sql": good(12, "loans"), "drizzle/migrations/0000_a.sql": OUTPUT})
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}
    for args in (("new", "x"), ("register", "db/schema/012-loans.sql"), ("prepare", "add loans")):
        done = run(root, *args, "--dry-run")
        assert (done.code, done.err) == (0, "")
        assert "+++ b/db/migrations.json\n" in done.out
        subprocess.run(["git", "apply", "--check", "-"], cwd=root, input=done.out.encode(), check=True)
    after = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}
    assert after == before


def test_register(root: Path) -> None:
    build(root, {"db/schema/012-loans.sql": good(12, "loans"), "db/schema/013-x.sql": good(13, "x")})
    done = run(root / "db/schema", "register", "013-x.sql", "012-loans.sql")
    assert (done.code, done.out) == (0, "changed db/migrations.json\n")
    assert listed(root) == ["010-users.sql", "011-books.sql", "012-loans.sql", "013-x.sql"]


def test_prepare_takes_the_newest_output(root: Path) -> None:
    build(root, {"drizzle/migrations/0000_old.sql": "SELECT 1;", "drizzle/migrations/0001_new.sql": OUTPUT})
    done = run(root, "prepare", "add loans")
    assert (done.code, done.err) == (0, "")
    text = (root / "db/schema/012-add-loans.sql").read_text()
    assert "statement-breakpoint" not in text
    assert 'ADD COLUMN IF NOT EXISTS "isbn" text;' in text
    assert listed(root)[-1] == "012-add-loans.sql"
    assert run(root, "check").code == 0


def test_prepare_from_a_file_anywhere(root: Path, tmp_path: Path) -> None:
    build(tmp_path.parent / "elsewhere", {"x.sql": OUTPUT})
    assert run(root, "prepare", "add loans", "--from", str(tmp_path.parent / "elsewhere/x.sql")).code == 0
    assert (root / "db/schema/012-add-loans.sql").exists()


def test_prepare_refuses_with_the_framed_report(root: Path) -> None:
    build(root, {"x.sql": "SELECT 1;\nCREATE INDEX CONCURRENTLY i ON books (id);\n"})
    done = run(root, "prepare", "index", "--from", "x.sql")
    assert (done.code, done.err) == (1, "")
    assert "SQL VALIDATION FAILED - Incompatible patterns detected" in done.out
    assert "Line 2: CONCURRENTLY" in done.out
    assert "  Problem: " in done.out
    assert "  Fix: " in done.out
    assert listed(root) == ["010-users.sql", "011-books.sql"]


def test_prepare_without_any_output(root: Path) -> None:
    done = run(root, "prepare", "x")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "mig-lsp: drizzle-kit has written no SQL file to drizzle/migrations: generate one, or name one with --from\n"
    )


def test_rollback(root: Path) -> None:
    build(root, {"x.sql": "CREATE TABLE a (id int);\nDROP TABLE b;\nCREATE INDEX i ON c (id);\n"})
    done = run(root, "rollback", "x.sql")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line for line in lines if not line.startswith("--")] == [
        "DROP INDEX IF EXISTS i;",
        "DROP TABLE IF EXISTS a;",
    ]
    assert any("b" in line for line in lines if line.startswith("--"))
    assert run(root, "rollback", "-", stdin=b"CREATE TABLE a (id int);").out == "DROP TABLE IF EXISTS a;\n"


def test_quiet_says_nothing(root: Path) -> None:
    assert run(root, "new", "x", "--quiet") == (0, "", "")


def test_several_sets_have_to_be_told_apart(tmp_path: Path) -> None:
    build(tmp_path, {f"{name}/{path}": text for name in ("a", "b") for path, text in FILES.items()})
    done = run(tmp_path, "new", "x")
    assert (done.code, done.out) == (2, "")
    assert "there are several migration sets (a/db/schema, b/db/schema)" in done.err
    assert run(tmp_path, "new", "x", "--root", "b").code == 0
    assert len(listed(tmp_path / "b")) == 3
    assert len(listed(tmp_path / "a")) == 2
