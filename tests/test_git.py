from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mig_lsp import git, git_process
from mig_lsp.core.branches import Branches
from mig_lsp.core.snapshot import File
from mig_lsp.disk.file import read
from tests.support import files
from tests.support.files import build, commit

A, B = "app/db/010-a.sql", "app/db/011-b.sql"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in files.environment().items():
        if name.startswith("GIT_"):
            monkeypatch.setenv(name, value)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clone whose workspace is the folder `app`: one migration is merged, one only on a branch."""
    origin = tmp_path / "origin"
    build(origin, {A: "SELECT 'é';\n", "app/db/readme.md": "", "app/db/inner/012-c.sql": ""})
    files.git(origin, "init", "--quiet")
    commit(origin, "first")
    files.git(tmp_path, "clone", "--quiet", str(origin), "clone")
    clone = tmp_path / "clone"
    files.git(clone, "checkout", "--quiet", "-b", "feature")
    build(clone, {B: "SELECT 2;\n"})
    commit(clone, "second")
    return clone / "app"


def opened(root: Path) -> git.Repository:
    repository = git.repository(root)
    assert repository is not None
    return repository


def based(repository: git.Repository, configured: str | None = None) -> str | None:
    """The name of the base ref."""
    found = git.base(repository, git.refs(repository), configured)
    return None if found is None else found.name


def test_the_way_from_the_top_is_known(root: Path) -> None:
    assert opened(root).prefix == "app/"
    assert opened(root.parent).prefix == ""
    assert opened(root / "db").prefix == "app/db/"


def test_a_folder_outside_any_repository(tmp_path: Path) -> None:
    assert git.repository(tmp_path) is None


def test_without_git_there_is_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert git.repository(root) is None


def test_the_base_is_the_head_of_origin_or_what_is_configured(root: Path) -> None:
    repository = opened(root)
    assert based(repository) == "origin/main"
    files.git(root, "remote", "set-head", "origin", "--delete")
    assert based(repository) == "origin/main"
    assert based(repository, "feature") == "feature"
    assert based(repository, "nowhere") is None
    assert based(repository, "--help") is None


def test_names_of_every_ref(root: Path) -> None:
    first, both = frozenset(("010-a.sql",)), frozenset(("010-a.sql", "011-b.sql"))
    assert git.names_by_ref(opened(root), "db") == {"feature": both, "main": first, "origin/main": first}
    assert git.names_by_ref(opened(root), "db", most=1) == {"feature": both}
    assert git.names_by_ref(opened(root), "none") == {}
    assert git.names_by_ref(opened(root), "db\nHEAD:") == {}
    assert git.names_by_ref(opened(root / "db"), "") == {"feature": both, "main": first, "origin/main": first}


def test_text_at_a_ref(root: Path) -> None:
    repository = opened(root)
    assert git.text(repository, "main", "db/010-a.sql") == "SELECT 'é';\n"
    assert git.text(repository, "main", "db/011-b.sql") is None
    assert git.text(repository, "main", "db") is None
    assert git.text(repository, "nowhere", "db/010-a.sql") is None


@pytest.mark.parametrize(
    ("data", "same"),
    [
        ("SELECT 'é';\n".encode(), True),
        ("SELECT 'é';\r\n".encode(), True),
        ("\ufeffSELECT 'é';\n".encode(), False),
        (b"SELECT 1;\n", False),
        (b"\xff", False),
    ],
)
def test_unchanged_files_are_known_by_their_content(root: Path, data: bytes, same: bool) -> None:
    build(root, {"db/010-a.sql": data})
    file = read(root, "db/010-a.sql")
    assert git.unchanged(opened(root), "main", [file]) == (frozenset(("db/010-a.sql",)) if same else frozenset())


def found(root: Path, **texts: str) -> Branches:
    """What is known of the folder `db`, whose files have *texts* here."""
    here = [File(f"db/010-{name}.sql", text) for name, text in texts.items()]
    return git.branches(opened(root), "db", None, "migrations.json", (None, None), here)


def test_all_that_is_known_of_other_branches(root: Path) -> None:
    other = root.parent.parent / "other"
    files.git(root.parent.parent, "clone", "--quiet", str(root.parent.parent / "origin"), "other")
    build(other, {"app/db/011-rival.sql": "", "app/db/x.txt": "", "app/migrations.json": '["010-a.sql"]'})
    commit(other, "later")
    files.git(other, "push", "--quiet", "origin", "HEAD:refs/heads/rival", "HEAD:refs/heads/feature")
    files.git(other, "push", "--quiet", "origin", "HEAD:refs/heads/next")
    files.git(root, "fetch", "--quiet")
    files.git(root, "update-ref", "refs/remotes/origin/main", "refs/remotes/origin/next")
    branches = found(root, a="SELECT 2;\n")
    first, both = frozenset(("010-a.sql",)), frozenset(("010-a.sql", "011-rival.sql"))
    assert branches.names["main"] == first
    assert branches.names["origin/main"] == both
    # `main` is all in the present branch, and `origin/feature` is its own copy.
    assert branches.rivals[0] == "origin/main"
    assert sorted(branches.rivals) == ["origin/main", "origin/next", "origin/rival"]
    assert (branches.base, branches.listed) == ("origin/main", first)
    assert sorted(branches.blobs) == ["db/010-a.sql", "db/011-rival.sql"]
    assert branches.texts == {"db/010-a.sql": "SELECT 'é';\n"}
    assert found(root, a="SELECT 'é';\r\n").texts == {}


def test_a_file_that_the_base_ref_changed_is_known_as_it_was_before(root: Path) -> None:
    files.git(root, "checkout", "--quiet", "main")
    build(root, {"db/010-a.sql": "SELECT 3;\n"})
    commit(root, "changed")
    files.git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    files.git(root, "checkout", "--quiet", "feature")
    branches = found(root, a="SELECT 'é';\n")
    assert [branches.has("db/010-a.sql", text) for text in ("SELECT 'é';\n", "SELECT 3;\n", "")] == [True, True, False]
    assert branches.texts == {}


def test_without_a_base_ref_names_are_all_that_is_known(root: Path) -> None:
    branches = git.branches(opened(root), "db", "nowhere", None, (None, None), [])
    assert branches == Branches(git.names_by_ref(opened(root), "db"))


def test_a_head_without_commits_and_one_that_is_detached(root: Path, tmp_path: Path) -> None:
    files.git(tmp_path, "init", "--quiet", "fresh")
    assert git.branches(opened(tmp_path / "fresh"), "", None, None, (None, None), []) == Branches()
    files.git(root, "checkout", "--quiet", "--detach", "origin/main")
    branches = found(root)
    assert (branches.base, branches.rivals) == ("origin/main", ("feature",))


def test_no_more_texts_are_read_than_anybody_edits(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "MOST_TEXTS", 0)
    assert found(root, a="SELECT 2;\n").texts == {}


def test_files_that_are_not_at_the_ref_are_changed(root: Path) -> None:
    new, elsewhere = File("db/011-b.sql", "SELECT 2;\n"), File("other/011-b.sql", "SELECT 2;\n")
    assert git.unchanged(opened(root), "main", [new, elsewhere]) == frozenset()
    assert git.unchanged(opened(root), "feature", [new, elsewhere]) == {"db/011-b.sql"}


def test_the_merge_base(root: Path) -> None:
    main = files.git(root, "rev-parse", "main").strip()
    repository = opened(root)
    assert git.merge_base(repository, "main") == main
    assert git.merge_base(repository, "feature") == git.commit(repository, "HEAD")
    assert git.merge_base(repository, "nowhere") is None


def test_a_repository_of_sha256(tmp_path: Path) -> None:
    files.git(tmp_path, "init", "--quiet", "--object-format=sha256")
    build(tmp_path, {"010-a.sql": "SELECT 1;"})
    commit(tmp_path, "first")
    assert git.unchanged(opened(tmp_path), "HEAD", [read(tmp_path, "010-a.sql")]) == {"010-a.sql"}


def test_a_hook_does_not_lead_elsewhere(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert opened(root).prefix == "app/"


def test_nothing_that_a_repository_configures_is_run(root: Path, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nopen({str(witness)!r}, 'a').write('run')\n")
    program.chmod(0o755)
    hooks = root.parent / "hooks"
    build(
        root.parent,
        {
            ".gitattributes": "*.sql filter=evil diff=evil\n",
            **{f"hooks/{name}": program.read_text() for name in ("post-index-change", "reference-transaction")},
        },
    )
    for hook in hooks.iterdir():
        hook.chmod(0o755)
    settings = {
        "core.fsmonitor": program,
        "core.hooksPath": hooks,
        "core.pager": program,
        "core.sshCommand": program,
        "core.alternateRefsCommand": program,
        "diff.external": program,
        "diff.evil.textconv": program,
        "diff.evil.command": program,
        "filter.evil.clean": program,
        "filter.evil.smudge": program,
        "alias.cat-file": f"!{program}",
        "alias.rev-parse": f"!{program}",
        "remote.origin.url": f"ext::{program}",
        "remote.origin.uploadpack": program,
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "protocol.ext.allow": "always",
        "protocol.file.allow": "always",
        "extensions.partialClone": "origin",
    }
    for name, value in settings.items():
        files.git(root.parent, "config", name, str(value))
    lost = files.git(root.parent, "rev-parse", "main:app/db/010-a.sql").strip()
    (root.parent / ".git/objects" / lost[:2] / lost[2:]).unlink()
    repository = opened(root)
    based(repository)
    git.merge_base(repository, "main")
    git.names_by_ref(repository, "db")
    git.branches(repository, "db", "main", "a.json", (None, None), [read(root, "db/010-a.sql")])
    git.unchanged(repository, "main", [read(root, "db/010-a.sql"), read(root, "db/011-b.sql")])
    assert git.text(repository, "main", "db/010-a.sql") is None
    assert not witness.exists()
    files.git(root, "status")
    assert witness.exists()


def test_a_bare_repository_inside_the_workspace_is_not_used(tmp_path: Path) -> None:
    files.git(tmp_path, "init", "--quiet", "--bare", "evil")
    assert git.repository(tmp_path / "evil") is None


def test_a_git_inside_the_workspace_is_not_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = root / "git"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    real = os.environ["PATH"]
    monkeypatch.setenv("PATH", os.pathsep.join(("", ".", real)))
    assert git.repository(root) is not None
    monkeypatch.setenv("PATH", os.pathsep.join((str(root), real)))
    assert git.repository(root) is None


def test_a_command_that_takes_too_long_is_given_up(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(git_process, "TIMEOUT", 0.5)
    assert git.repository(root) is None
