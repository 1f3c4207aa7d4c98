"""The findings of all files reach `vim.diagnostic` and the quickfix list, and are always those of the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.editors.neovim.conftest import WAYS
from tests.editors.neovim.session import Neovim, running
from tests.editors.program import HANDLER, ROOT, SCHEMA, environment, until

QUICKFIX = """
local found = {}
for _, each in ipairs(vim.fn.getqflist({ nr = ..., items = 0 }).items) do
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(each.bufnr), ":t")
  found[name] = (found[name] or 0) + 1
end
return found
"""


def check(root: Path) -> dict[str, list[str]]:
    """What the command line finds: the rules, by the names of the files."""
    done = subprocess.run(
        [sys.executable, "-m", "mig_lsp", "check", "--format", "json", "--root", str(root)],
        env=environment(root.parent / "home"),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    found = defaultdict(list)
    for each in json.loads(done.stdout)["findings"]:
        found[Path(each["path"]).name].append(each["rule"])
    return {name: sorted(rules) for name, rules in found.items()}


def agree(neovim: Neovim, expected: dict[str, list[str]]) -> None:
    """The editor shows what the command line finds, once it has heard everything."""
    with suppress(AssertionError):  # the comparison below says what is different
        until("agreement", lambda: neovim.findings() == expected, 15)
    assert expected == neovim.settled()


@pytest.fixture(params=["0.10", "0.12", "0.12 enable"])
def neovim(request: pytest.FixtureRequest, root: Path, tmp_path: Path) -> Iterator[Neovim]:
    version, init = WAYS[request.param]
    with running(version, tmp_path / "home", root, init) as neovim:
        yield neovim


def test_all_files(neovim: Neovim, root: Path) -> None:
    """One file is opened, and all are known; then they are opened, edited and closed, and nothing is stale."""
    waiting, study = "033-waiting-list.sql", "033-study-rooms.sql"
    on_disk = check(root)
    neovim.edit(root / SCHEMA / study)
    agree(neovim, on_disk)
    assert neovim.lua(QUICKFIX, 0) == {name: len(rules) for name, rules in neovim.findings().items()}

    # An open file and an unopened one follow the manifest, which is edited and not saved.
    neovim.edit(root / SCHEMA / waiting)
    neovim.edit(root / HANDLER)
    agree(neovim, on_disk)
    neovim.place(f'{{|}}"{study}",')
    neovim.type(f'O"{waiting}",<Esc>:s/^/  /|%s/035-club-meeting.sql/035-club-meetings.sql/<CR>')
    neovim.until_lost(waiting, "unregistered-migration")
    neovim.until_lost("035-club-meetings.sql", "unregistered-migration")
    neovim.until_lost("db-init-handler.ts", "missing-file")
    counts = {name: len(rules) for name, rules in neovim.settled().items()}
    assert counts == neovim.lua(QUICKFIX, 0)

    # What was not saved is forgotten, and all is as on the disk.
    neovim.command("bdelete!")
    neovim.until_found(waiting, "unregistered-migration")
    agree(neovim, on_disk)

    # An open file is deleted, an unopened one is changed, both behind the editor's back.
    (root / SCHEMA / "038-quiet-hours.sql").write_text("-- Migration 038\nBEGIN;\n", "utf-8")
    (root / SCHEMA / study).write_text("-- Migration 033\nSELECT 1;\n", "utf-8")
    neovim.until_found("038-quiet-hours.sql", "transaction-control")
    neovim.edit(root / SCHEMA / study)
    neovim.command("edit!")
    neovim.until_found(study, "missing-rollback")
    neovim.command("edit!")
    neovim.until_found(study, "missing-rollback")
    agree(neovim, check(root))
    assert neovim.notices() == []


def test_a_list_of_the_person_stays(neovim: Neovim, root: Path) -> None:
    neovim.command("call setqflist([], ' ', #{title: 'mine', lines: ['a']})")
    neovim.edit(root / SCHEMA / "029-faster-counter.sql")
    neovim.until_found("041-loan-archive.sql", "unguarded-create")
    neovim.until("return vim.fn.getqflist({ nr = '$' }).nr == 2")
    assert neovim.lua("return vim.fn.getqflist({ nr = 0, title = 0 })") == {"nr": 1, "title": "mine"}
    neovim.command("cnewer")
    assert neovim.lua("return vim.fn.getqflist({ title = 0 }).title") == "mig-lsp"
    assert neovim.lua("return #vim.api.nvim_list_wins()") == 1


# Which file, of a workspace without a configuration, is the server's business.
STARTS = [
    ("db/001-a.sql", "SELECT 1;", True),
    ("db/042_b.SQL.sql", "", True),
    ("db/queries.sql", "SELECT 1;", False),
    ("other/mig-lsp.toml", "", True),
    ("other/queries.sql", "SELECT 1;", True),
    ("pyproject.toml", "", False),
    ("list.ts", 'export const FILES = [\n  "001-a.sql",\n];', True),
    ("app.ts", 'const sql = "SELECT 1"; run("a.sql");', False),
    ("migrations.json", '["db/001-a.sql"]', True),
    ("package.json", '{"name": "x"}', False),
    ("out/meta/_journal.json", '{"entries": []}', True),
]


@pytest.mark.parametrize("way", ["0.10", "0.12"])
def test_the_server_starts_only_where_migrations_are(tmp_path: Path, way: str) -> None:
    version, init = WAYS[way]
    folder = tmp_path / "é work"
    (folder / ".git").mkdir(parents=True)
    for name, text, _ in STARTS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    with running(version, tmp_path / "home", folder, init) as neovim:
        looks = []
        for name, _, _ in STARTS:
            neovim.edit(folder / name)
            looks.append((name, neovim.lua("return require('mig_lsp.root').looks_right(0)")))
            neovim.ready()
        attached = [
            name
            for name, _, _ in STARTS
            if neovim.lua("return #vim.lsp.get_clients({ bufnr = vim.fn.bufnr(...) })", str(folder / name))
        ]
        neovim.until("return #vim.lsp.get_clients() == 2")  # two folders, two servers
    assert [(name, starts) for name, _, starts in STARTS] == looks
    assert set(attached) <= {name for name, _, starts in STARTS if starts}


@pytest.mark.parametrize("way", ["0.10", "0.12"])
@pytest.mark.parametrize("name", ["queries.sql", "app.ts", "pyproject.toml"])
def test_no_server_for_other_files(tmp_path: Path, way: str, name: str) -> None:
    version, init = WAYS[way]
    (tmp_path / name).write_text("x", "utf-8")
    with running(version, tmp_path / "home", tmp_path, init) as neovim:
        neovim.edit(tmp_path / name)
        neovim.lua("vim.wait(300)")
        assert neovim.lua("return vim.tbl_count(vim.lsp.get_clients())") == 0
        assert neovim.notices() == []
