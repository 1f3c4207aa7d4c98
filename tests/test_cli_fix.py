"""`check --fix`: what it changes, what it leaves alone, and what it says."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from mig_lsp.commands.check import STDIN
from mig_lsp.commands.fix import fix_all
from mig_lsp.commands.workspace import World
from mig_lsp.core.change import CreateFile, Edit, EditFile, Finding, Fix, RenameFile, Severity
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span
from mig_lsp.disk.workspace import Workspace
from mig_lsp.render.report import Item
from tests.support.files import build, commit, git, good, run

A, B = "db/010-a.sql", "db/011-b.sql"
MANIFEST = "db/migrations.json"
FILES: dict[str, str | bytes] = {
    A: good(10, "a") + "BEGIN;\nSELECT 'é';\nCOMMIT;\n",
    B: good(11, "b"),
    MANIFEST: '{"migrationFiles": ["010-a.sql", "011-b.sql"]}\n',
    "mig-lsp.toml": "",
}
FIXED = good(10, "a") + "SELECT 'é';\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return build(tmp_path, FILES)


def text(root: Path, path: str) -> str:
    return (root / path).read_bytes().decode()


def test_fix_writes_and_says_what_it_did(root: Path) -> None:
    done = run(root, "check", "--fix")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "db/010-a.sql:7: fixed[transaction-control] Remove BEGIN\n"
        "db/010-a.sql:9: fixed[transaction-control] Remove COMMIT\n"
        "no findings in 4 files\n"
    )
    assert text(root, A) == FIXED
    assert run(root, "check", "--fix").out == "no findings in 4 files\n"


def test_line_ends_and_byte_order_mark_are_kept(root: Path) -> None:
    content = FILES[A]
    assert isinstance(content, str)
    build(root, {A: "\ufeff" + content.replace("\n", "\r\n")})
    run(root, "check", "--fix", "--quiet")
    assert text(root, A) == "\ufeff" + FIXED.replace("\n", "\r\n")


def test_dry_run_prints_a_diff_that_can_be_applied(root: Path) -> None:
    git(root, "init", "--quiet")
    done = run(root, "check", "--fix", "--dry-run")
    assert done.code == 0
    assert text(root, A) == FILES[A]
    assert "-BEGIN;\n" in done.out
    assert "fixed[transaction-control] Remove BEGIN" in done.err
    subprocess.run(["git", "apply", "-"], cwd=root, input=done.out.encode(), check=True)
    assert text(root, A) == FIXED


def test_json_stays_json(root: Path) -> None:
    build(root, {B: good(11, "b") + "SELECT $1;\n"})
    done = run(root, "check", "--fix", "--format", "json")
    assert done.code == 1
    assert [each["rule"] for each in json.loads(done.out)["findings"]] == ["bind-parameter"]
    assert "fixed[transaction-control]" in done.err


def test_only_what_is_selected_is_fixed(root: Path) -> None:
    assert run(root, "check", "--fix", "--ignore", "transaction-control").out == "no findings in 4 files\n"
    assert run(root, "check", "--fix", B).code == 0
    assert text(root, A) == FILES[A]


def test_unsafe_fixes_are_made_on_request(root: Path) -> None:
    build(
        root, {"db/12_c.sql": good(12, "c"), MANIFEST: '{"migrationFiles": ["010-a.sql", "011-b.sql", "12_c.sql"]}\n'}
    )
    assert "12_c.sql" in run(root, "check", "--fix", "--fail-on", "info").out
    assert (root / "db/12_c.sql").exists()
    done = run(root, "check", "--fix", "--unsafe", "--fail-on", "info")
    assert (done.code, done.err) == (0, "")
    assert "fixed[file-name] Rename to 012-c.sql" in done.out
    assert text(root, "db/012-c.sql") == good(12, "c")
    assert "012-c.sql" in text(root, MANIFEST)


def test_files_that_are_not_to_be_edited_are_spared(root: Path) -> None:
    for config in ('[migrations]\nimmutable = ["010"]\n', "[migrations]\nbaseline = 10\n"):
        build(root, {"mig-lsp.toml": config})
        done = run(root, "check", "--fix")
        assert done.err == (
            "mig-lsp: 2 more could be fixed in files that are immutable, merged or applied: --all fixes these too\n"
        )
        assert text(root, A) == FILES[A]
    assert run(root, "check", "--fix", "--all").code == 0
    assert text(root, A) == FIXED


def test_merged_and_applied_files_are_spared(root: Path, tmp_path: Path) -> None:
    git(root, "init", "--quiet")
    commit(root, "first")
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert run(root, "check", "--fix").code == 1
    assert text(root, A) == FILES[A]
    git(root, "update-ref", "-d", "refs/remotes/origin/main")
    build(root, {"mig-lsp.toml": '[log.dev]\nsource = "file"\npath = "dev.csv"\n'})
    build(root, {"dev.csv": "description,status\n010-a.sql,completed\n"})
    run(root, "check", "--fix")
    assert text(root, A) == FILES[A]


def test_a_file_that_cannot_be_written_is_one_line(root: Path) -> None:
    build(root, {"other/real.sql": FILES[A]})
    (root / A).unlink()
    (root / A).symlink_to(root / "other/real.sql")
    (root / "mig-lsp.toml").write_text('[migrations]\ndirectory = "db"\nmanifest = "db/migrations.json"\n')
    assert run(root, "check", "--fix").code == 0
    assert (root / A).is_symlink()
    assert text(root, "other/real.sql") == FIXED


def test_standard_input_cannot_be_fixed(root: Path) -> None:
    done = run(root, "check", "-", "--fix", stdin=b"BEGIN;")
    assert (done.code, done.err) == (
        2,
        "mig-lsp: what comes from standard input cannot be fixed: name the file instead\n",
    )
    assert STDIN not in done.out


def fixes(root: Path, *found: tuple[str, Fix]) -> dict[str, str | None]:
    """The texts after fixing findings of these files that go away when their file changes or moves."""
    world = World(root, ".", Workspace(root), None)
    before = {path: file.text for snapshot in world.look() for path, file in snapshot.files.items()}

    def findings(snapshots: Sequence[Snapshot]) -> list[Item]:
        now = {path: file.text for snapshot in snapshots for path, file in snapshot.files.items()}
        return [
            Item(path, Finding("syntax-error", Span(0, 0), "", fix, severity=Severity.ERROR))
            for path, fix in found
            if now.get(path) == before[path]
        ]

    fixed = fix_all(world, findings, unsafe=False, everything=True)
    (snapshot,) = fixed.snapshots
    after = {path: file.text for path, file in snapshot.files.items()}
    return {path: after.get(path) for path in {*before, *after} if after.get(path) != before.get(path)}


def edit(start: int, end: int, new: str) -> tuple[Edit, ...]:
    return (Edit(Span(start, end), new),)


SMALL: dict[str, str | bytes] = {
    A: "SELECT 1;\n",
    B: "SELECT 2;\n",
    MANIFEST: '{"migrationFiles": ["010-a.sql", "011-b.sql"]}\n',
}
BROKEN = '{"migrationFiles": ["010-a.sql", "011-b.sql"}\n'


@pytest.mark.parametrize(
    ("found", "changed"),
    [
        pytest.param([(A, Fix("", edit(7, 8, "3")))], {A: "SELECT 3;\n"}, id="one"),
        pytest.param([(A, Fix("", edit(7, 8, "'")))], {}, id="what-no-longer-parses-is-left-out"),
        pytest.param([(A, Fix("", edit(7, 8, "1")))], {}, id="what-changes-nothing-is-left-out"),
        pytest.param([(A, Fix("", edit(7, 8, "3"), safe=False))], {}, id="unsafe"),
        pytest.param(
            [(A, Fix("", edit(7, 8, "3"))), (A, Fix("", edit(8, 8, "4")))],
            {A: "SELECT 3;\n"},
            id="fixes-that-touch-wait-for-the-next-round",
        ),
        pytest.param(
            [(A, Fix("", edit(0, 0, "/**/"))), (A, Fix("", edit(9, 9, " ")))],
            {A: "/**/SELECT 1; \n"},
            id="fixes-apart-go-together",
        ),
        pytest.param(
            [(A, Fix("", edit(7, 8, "3"), others=(EditFile(B, edit(7, 8, "4")),)))],
            {A: "SELECT 3;\n", B: "SELECT 4;\n"},
            id="two-files",
        ),
        pytest.param(
            [(A, Fix("", edit(7, 8, "3"), others=(EditFile(B, edit(7, 8, "'")),)))], {}, id="all-of-a-fix-or-nothing"
        ),
        pytest.param(
            [(A, Fix("", others=(EditFile(MANIFEST, edit(44, 45, "")),)))], {}, id="the-manifest-must-stay-readable"
        ),
        pytest.param(
            [(A, Fix("", others=(RenameFile(A, "db/012-c.sql"),)))],
            {A: None, "db/012-c.sql": "SELECT 1;\n"},
            id="rename",
        ),
        pytest.param(
            [(A, Fix("", edit(7, 8, "3"), others=(RenameFile(A, "db/012-c.sql"),)))],
            {A: None, "db/012-c.sql": "SELECT 3;\n"},
            id="edit-and-rename",
        ),
        pytest.param([(A, Fix("", others=(RenameFile(A, B),)))], {}, id="never-over-another-file"),
        pytest.param([(A, Fix("", others=(CreateFile(B, ""),)))], {}, id="never-anew-over-a-file"),
        pytest.param([(A, Fix("", edit(5, 900, ""), others=()))], {}, id="edits-beyond-the-end"),
    ],
)
def test_rounds(tmp_path: Path, found: list[tuple[str, Fix]], changed: dict[str, str | None]) -> None:
    assert fixes(build(tmp_path, SMALL), *found) == changed


def test_fixes_without_end_are_stopped(tmp_path: Path) -> None:
    world = World(build(tmp_path, SMALL), ".", Workspace(tmp_path), None)
    fix = Fix("Grow", edit(0, 0, " "))
    fixed = fix_all(
        world,
        lambda _: [Item(A, Finding("syntax-error", Span(0, 0), "", fix, severity=Severity.ERROR))],
        unsafe=False,
        everything=True,
    )
    assert not fixed.stable
    assert len(fixed.lines) == 10
