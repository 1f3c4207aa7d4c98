"""What can go wrong is said once and clearly, and the editor goes on."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from mig_lsp import __version__
from tests.editors import install
from tests.editors.neovim.conftest import WAYS
from tests.editors.neovim.session import PLUGIN, running, with_plugin
from tests.editors.program import ROOT, SCHEMA, environment

NEW = ["0.10", "0.12"]
NAMES = ("026-audit-trail.sql", "027-media-kinds.sql", "028-book-tags.sql")


@pytest.mark.parametrize("way", [*NEW, "0.12 enable"])
def test_no_program(root: Path, tmp_path: Path, way: str) -> None:
    version, init = WAYS[way]
    with running(version, tmp_path / "home", root, init, {"PATH": "/usr/bin:/bin"}) as neovim:
        for name in NAMES:
            neovim.edit(root / SCHEMA / name)
        told = neovim.until_told("there is no program 'mig-lsp' on the PATH")
        assert told.startswith("error: ") and "pip install mig-lsp" in told
        assert len(neovim.notices()) == 1
        neovim.type("ddp")
        assert neovim.text()
        neovim.command("checkhealth mig_lsp")
        assert "There is no program 'mig-lsp' on the PATH" in neovim.text()


def script(home: Path, text: str) -> None:
    """Puts another `mig-lsp` on the PATH; $SERVER is the right one."""
    environment(home)
    program = home / "bin" / "mig-lsp"
    right = program.rename(home / "server")
    program.write_text(f'#!/bin/sh\nSERVER="{right}"\n{text}\n', "utf-8")
    program.chmod(0o755)


@pytest.mark.parametrize("way", [*NEW, "0.12 enable"])
def test_a_crash_at_the_start(root: Path, tmp_path: Path, way: str) -> None:
    """A Python that is too old ends like this."""
    starts = tmp_path / "starts"
    script(tmp_path / "home", f'echo x >> "{starts}"; echo "mig-lsp needs Python 3.11 or newer" >&2; exit 1')
    version, init = WAYS[way]
    with running(version, tmp_path / "home", root, init) as neovim:
        neovim.edit(root / SCHEMA / NAMES[0])
        told = neovim.until_told("the server has crashed 4 times")
        assert "exit code 1" in told and ":MigRestart" in told and told.endswith("lsp.log")
        neovim.edit(root / SCHEMA / NAMES[1])
        neovim.lua("vim.wait(1500)")
        assert len(neovim.notices()) == 1
        assert starts.read_text("utf-8").count("x") == 4
        log = Path(told.rpartition(" in ")[2])
        assert "mig-lsp needs Python 3.11 or newer" in log.read_text("utf-8")
        neovim.command("checkhealth mig_lsp")
        assert "crashed again and again" in neovim.text()


@pytest.mark.parametrize("way", NEW)
def test_a_crash_in_the_middle(root: Path, tmp_path: Path, way: str) -> None:
    """The server is started again, three times, and knows what is open; then the person decides."""
    pid = tmp_path / "pid"
    script(tmp_path / "home", f'echo $$ > "{pid}"; exec "$SERVER" "$@"')
    version, init = WAYS[way]
    with running(version, tmp_path / "home", root, init) as neovim:
        neovim.edit(root / SCHEMA / "027-media-kinds.sql")
        for _ in range(3):
            neovim.until_found("027-media-kinds.sql", "merged-statements")
            os.kill(int(pid.read_text("ascii")), 9)
            neovim.until("return vim.tbl_isempty(vim.diagnostic.get(nil))")
        neovim.until_found("027-media-kinds.sql", "merged-statements")
        assert neovim.settled()["027-media-kinds.sql"] == ["merged-statements"]
        assert neovim.notices() == []
        os.kill(int(pid.read_text("ascii")), 9)
        assert "signal 9" in neovim.until_told("the server has crashed 4 times")
        neovim.command("MigList")
        neovim.until_told("there is no server: :checkhealth mig_lsp says why")
        neovim.command("MigRestart")
        neovim.until_found("027-media-kinds.sql", "merged-statements")


@pytest.mark.parametrize("way", NEW)
@pytest.mark.parametrize(
    ("server", "told"), [("0.0.9", "older"), ("0.1.7", ""), ("0.2.0", "newer"), ("1.0.0", "newer")]
)
def test_versions(root: Path, tmp_path: Path, way: str, server: str, told: str) -> None:
    version, init = WAYS[way]
    other = tmp_path / "other.py"
    other.write_text(
        f"import mig_lsp\nmig_lsp.__version__ = '{server}'\nfrom mig_lsp.cli import main\nmain()\n", "utf-8"
    )
    script(tmp_path / "home", f'exec {shlex.quote(sys.executable)} "{other}" "$@"')
    with running(version, tmp_path / "home", root, init) as neovim:
        neovim.edit(root / SCHEMA / NAMES[0])
        neovim.ready()
        neovim.until("return vim.lsp.get_clients()[1] ~= nil")
        neovim.lua("vim.wait(300)")
        expected = [f"warning: mig-lsp: the server {server} is {told} than the plugin {__version__}, so some commands "
                    f"may not work: update {'mig-lsp' if told == 'older' else 'the plugin'}"]  # fmt: skip
        assert neovim.notices() == (expected if told else [])


@pytest.mark.parametrize("way", NEW)
def test_a_workspace_without_migrations(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "leer"
    folder.mkdir()
    version, init = WAYS[way]
    (folder / "list.json").write_text('["001-not-here.sql"]', "utf-8")
    with running(version, tmp_path / "home", folder, init) as neovim:
        neovim.edit(folder / "list.json")
        neovim.until_told("no migrations are in ")
        neovim.edit(folder / "list.json")
        assert len(neovim.notices()) == 1
        neovim.command("MigList")
        neovim.until_told("there is no migration set here")
        neovim.command("MigNew x")
        neovim.until_told("error: mig-lsp: there is no migration set here")


OPTIONS: list[tuple[str, str]] = [
    ("{ restarts = 'x' }", "the option 'restarts' is a whole number, which \"x\" is not, so the default counts"),
    ("{ cmd = 'mig-lsp' }", "the option 'cmd' is a list of texts, which \"mig-lsp\" is not, so the default counts"),
    ("{ kmd = {} }", "there is no option 'kmd', so it does nothing: there are capabilities, cmd, on_attach, "
                     "quickfix, restarts, root_markers, save, settings"),
    ("5", "setup() takes a table, not number, so nothing of it counts"),
]  # fmt: skip


@pytest.mark.parametrize("version", NEW)
@pytest.mark.parametrize(("options", "told"), OPTIONS)
def test_options_of_the_wrong_kind(root: Path, tmp_path: Path, version: str, options: str, told: str) -> None:
    init = with_plugin(f'require("mig_lsp").setup({options})')
    with running(version, tmp_path / "home", root, init) as neovim:
        neovim.edit(root / SCHEMA / NAMES[0])
        neovim.until_found(NAMES[0], "split-statement")
        neovim.until_told(told)
        assert len(neovim.notices()) == 1


@pytest.mark.parametrize("version", NEW)
def test_a_setting_of_the_wrong_kind(root: Path, tmp_path: Path, version: str) -> None:
    """The server says so, and 0.10 shows what servers say among its messages."""
    init = with_plugin('require("mig_lsp").setup({ settings = { runner = { profile = 7 } } })')
    with running(version, tmp_path / "home", root, init) as neovim:
        neovim.edit(root / SCHEMA / NAMES[0])
        neovim.until_found(NAMES[0], "split-statement")
        told = " ".join(neovim.notices()) + neovim.lua("return vim.fn.execute('messages')")
        assert told.count("profile") == 1
        assert told.count("mig-lsp: ") == 1


def test_settings_win_over_the_file(root: Path, tmp_path: Path) -> None:
    setup = 'require("mig_lsp").setup({ settings = { rules = { ["split-statement"] = { severity = "off" } } } })'
    for version in NEW:
        with running(version, tmp_path / "home", root, with_plugin(setup)) as neovim:
            neovim.edit(root / SCHEMA / NAMES[0])
            neovim.until_found(NAMES[0], "failed-migration")
            assert "split-statement" not in neovim.settled()[NAMES[0]]
            assert neovim.notices() == []


def test_a_neovim_that_is_too_old(tmp_path: Path) -> None:
    with running("0.7", tmp_path / "home", tmp_path, with_plugin()) as neovim:
        neovim.until_told("the plugin needs Neovim 0.10")


def test_the_versions_are_one() -> None:
    assert f'return "{__version__}"' in (PLUGIN / "lua/mig_lsp/version.lua").read_text("utf-8")


@pytest.mark.parametrize("version", NEW)
def test_the_help_has_no_loose_ends(tmp_path: Path, version: str) -> None:
    """Every tag that is named is there, and none is there twice."""
    folder = tmp_path / "plugin" / "doc"
    folder.mkdir(parents=True)
    (folder / "mig-lsp.txt").write_text((PLUGIN / "doc/mig-lsp.txt").read_text("utf-8"), "utf-8")
    with running(version, tmp_path / "home", tmp_path, "") as neovim:
        neovim.command(f"helptags {folder}")
    text, own = ((folder / name).read_text("utf-8") for name in ("mig-lsp.txt", "tags"))
    others = Path(install.neovim(version).environment["VIMRUNTIME"]) / "doc/tags"
    there = {line.partition("\t")[0] for line in (own + others.read_text("utf-8")).splitlines()}
    assert {"mig-lsp", ":MigNew", "mig-lsp-options"} <= there
    assert set(re.findall(r"(?<!\S)\|([^|\s]+)\|", text)) <= there


def test_the_entry_for_nvim_lspconfig(root: Path, tmp_path: Path) -> None:
    """As nvim-lspconfig would have it: in a folder `lsp` of the runtime path, and nothing else."""
    folder = tmp_path / "lspconfig" / "lsp"
    folder.mkdir(parents=True)
    entry = (ROOT / "editors/neovim/lspconfig/mig_lsp.lua").read_text("utf-8")
    (folder / "mig_lsp.lua").write_text(entry, "utf-8")
    (root / "queries.sql").write_text("SELECT 1;", "utf-8")
    init = f'vim.opt.runtimepath:prepend("{folder.parent}")\nvim.lsp.enable("mig_lsp")\n'
    with running("0.12", tmp_path / "home", root, init) as neovim:
        neovim.edit(root / "queries.sql")
        neovim.lua("vim.wait(300)")
        assert neovim.lua("return #vim.lsp.get_clients()") == 0
        neovim.edit(root / SCHEMA / "027-media-kinds.sql")
        neovim.until_found("027-media-kinds.sql", "merged-statements")
        neovim.until_found("041-loan-archive.sql", "unguarded-create")
