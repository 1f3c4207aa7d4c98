"""The commands of the plugin, typed, on 0.10 and 0.12."""

from __future__ import annotations

from pathlib import Path

from tests.editors.neovim.session import Neovim
from tests.editors.program import HANDLER, SCHEMA, until

NAME = "return vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ':t')"


def current(neovim: Neovim, name: str) -> None:
    """Waits until a file is the current one."""
    neovim.until(f"return ({NAME.removeprefix('return ')}) == ...", name)


def saved(neovim: Neovim) -> bool:
    """Whether nothing is left to write."""
    return not neovim.lua("return vim.tbl_contains(vim.tbl_map(function(b) return vim.bo[b].modified end, "
                          "vim.tbl_filter(vim.api.nvim_buf_is_loaded, vim.api.nvim_list_bufs())), true)")  # fmt: skip


def test_files_are_made_and_changed(neovim: Neovim, root: Path) -> None:
    handler = root / HANDLER
    # No file is open: a server is started for the folder.
    neovim.type(":MigNew Über näyttely<CR>")
    current(neovim, "042-ber-n-yttely.sql")
    neovim.until_told("New migration 042-ber-n-yttely.sql")
    assert '"042-ber-n-yttely.sql",' in handler.read_text("utf-8")
    assert neovim.text().startswith("-- Migration 042: Über näyttely\n")
    assert (root / SCHEMA / "042-ber-n-yttely.sql").read_text("utf-8").rstrip() == neovim.text().rstrip()

    neovim.lua("vim.ui.input = function(options, done) asked = options.prompt; done('second one') end")
    neovim.command("MigNew")
    current(neovim, "043-second-one.sql")
    assert neovim.lua("return asked") == "Description of the migration: "

    neovim.type(":MigRenumber 50<CR>")
    current(neovim, "050-second-one.sql")
    until("the new entry", lambda: '"050-second-one.sql",' in handler.read_text("utf-8"))
    assert neovim.text().startswith("-- Migration 050: second one")

    neovim.type(":MigRename 050-third-one.sql<CR>")
    current(neovim, "050-third-one.sql")
    until("the new entry", lambda: '"050-third-one.sql",' in handler.read_text("utf-8"))
    assert "second-one" not in handler.read_text("utf-8")
    assert not (root / SCHEMA / "050-second-one.sql").exists()

    offers = "local names = vim.fn.getcompletion('MigRegister 033', 'cmdline') return names[1] and names"
    assert neovim.until(offers) == ["033-waiting-list.sql"]
    neovim.type(":MigRegister 033-wait<Tab><CR>")
    until("the entry", lambda: '"033-waiting-list.sql",' in handler.read_text("utf-8"))
    neovim.until_lost("033-waiting-list.sql", "unregistered-migration")

    neovim.type(":MigPrepare book tags<CR>")
    current(neovim, "051-book-tags.sql")
    until("the entry", lambda: '"051-book-tags.sql",' in handler.read_text("utf-8"))
    assert saved(neovim)
    assert [each for each in neovim.notices() if each.startswith(("error", "warning"))] == []


def test_what_a_person_has_typed_is_not_written(neovim: Neovim, root: Path) -> None:
    before = (root / HANDLER).read_text("utf-8")
    neovim.edit(root / HANDLER)
    neovim.type("Go// mine<Esc>")
    neovim.ready()
    neovim.type(":MigNew one<CR>")
    current(neovim, "042-one.sql")
    neovim.until_told("New migration 042-one.sql")
    assert (root / HANDLER).read_text("utf-8") == before
    assert not saved(neovim)
    neovim.edit(root / HANDLER)
    assert '"042-one.sql",' in neovim.text() and neovim.text().endswith("// mine")


def test_refusals(neovim: Neovim, root: Path) -> None:
    neovim.edit(root / SCHEMA / "027-media-kinds.sql")
    neovim.ready()
    for command, part in (
        ("MigNew !!!", "no letter"),
        ("MigRenumber x", "'x' is no number"),
        ("MigRename 029-faster-counter.sql", "is there already"),
        ("MigRegister", "027-media-kinds.sql"),
        ("MigLog nowhere", "no environment nowhere is configured"),
        ("MigChunks README.md", "belongs to no migration set"),
    ):
        neovim.lua("notices = {}")
        neovim.command(command)
        told = neovim.until_told(part)
        assert told.startswith("error: mig-lsp: ")
        assert len(neovim.notices()) == 1
    neovim.edit(root / "drizzle/migrations/0002_open_wolverine.sql")
    neovim.type("ggdGiDO $$ BEGIN PERFORM 1; END $$;<Esc>")
    neovim.command("MigPrepare x")
    assert "DO" in neovim.until(
        "return vim.api.nvim_buf_get_name(0) == 'mig-lsp://report' "
        "and table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')"
    )


def test_what_is_shown(neovim: Neovim, root: Path) -> None:
    path = root / SCHEMA / "027-media-kinds.sql"
    neovim.edit(path)
    neovim.until_found(path.name, "merged-statements")

    neovim.command("vertical MigChunks")
    neovim.until("return vim.api.nvim_buf_get_name(0):find('mig%-lsp://chunks/')")
    shown = neovim.text().split("\n")
    assert shown[0] == f"-- rds-data-api sends 2 chunks of {SCHEMA}/027-media-kinds.sql"
    assert neovim.lua("return { vim.bo.modifiable, vim.bo.buftype, vim.bo.syntax, vim.fn.winlayout()[1] }") == [
        False, "nofile", "sql", "row"]  # fmt: skip
    assert shown[3].startswith("-- REFUSED: cannot insert multiple commands into a prepared statement")
    sent = [line for line in shown[1:] if line and not line.startswith("-- ")]
    assert set(sent) <= set(path.read_text("utf-8").split("\n"))
    second = next(number for number, line in enumerate(shown, 1) if line.startswith("-- 2 of 2: lines "))
    line = int(shown[second - 1].partition("lines ")[2].partition("-")[0])
    neovim.lua("vim.api.nvim_win_set_cursor(0, { ..., 0 })", second)
    neovim.type("<CR>")
    current(neovim, path.name)
    assert neovim.lua("return vim.api.nvim_win_get_cursor(0)") == [line, 0]

    # The page follows the file.
    neovim.type("ggOSELECT 'é 😀';<Esc>")
    shows = "return table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr('mig-lsp://chunks'), 0, -1, false), '\\n')"
    until("the new chunk", lambda: "SELECT 'é 😀';" in neovim.lua(shows))
    neovim.command("silent! bwipeout! mig-lsp://chunks/*")

    neovim.command("MigList")
    neovim.until("return vim.bo.buftype == 'quickfix'")
    listed = neovim.text().split("\n")
    assert "026-audit-trail.sql" in next(line for line in listed if "dev: failed" in line)
    assert any(line.startswith("033-waiting-list.sql") and "not registered" in line for line in listed)
    assert any(line.startswith("035-club-meeting.sql") and "the file is missing" in line for line in listed)
    neovim.command("cclose")

    neovim.lua("""
      vim.ui.select = function(items, options, done)
        choices = vim.tbl_map(options.format_item, items)
        done(items[1], 1)
      end""")
    neovim.command("MigList!")
    current(neovim, "001-enums.sql")
    assert any(each.startswith("026-audit-trail.sql  dev: failed") for each in neovim.lua("return choices"))

    neovim.command("MigLog")
    neovim.until("return vim.api.nvim_buf_get_name(0) == 'mig-lsp://log'")
    log = neovim.text()
    assert log.startswith("dev: 20 rows, read ")
    assert ["026-audit-trail.sql", "failed", "pending"] in [line.split() for line in log.split("\n")]
    neovim.place("{|}026-audit")
    neovim.type("<CR>")
    current(neovim, "026-audit-trail.sql")
    offers = "local names = vim.fn.getcompletion('MigLog p', 'cmdline') return names[1] and names"
    assert neovim.until(offers) == ["prod"]


def test_code_lenses_run(neovim: Neovim, root: Path) -> None:
    """What stands above a file leads to the same commands."""
    neovim.edit(root / SCHEMA / "033-waiting-list.sql")
    neovim.until_found("033-waiting-list.sql", "unregistered-migration")
    neovim.lua(
        """
      local client = vim.lsp.get_clients()[1]
      local params = { textDocument = vim.lsp.util.make_text_document_params(0) }
      local new = vim.fn.has("nvim-0.11") == 1
      local ask = new and function(...) return client:request_sync(...) end or client.request_sync
      lenses = ask("textDocument/codeLens", params, 10000, 0).result
      for _, lens in ipairs(lenses) do
        if lens.command.title:find(...) and lens.command.command ~= "" then
          if client.exec_cmd then client:exec_cmd(lens.command, { bufnr = 0 })
          else client:_exec_cmd(lens.command, { bufnr = vim.api.nvim_get_current_buf() }) end
        end
      end""",
        "^Register in",
    )
    until("the entry", lambda: '"033-waiting-list.sql",' in (root / HANDLER).read_text("utf-8"))
    assert saved(neovim)
