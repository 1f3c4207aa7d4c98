"""What people do in a file, typed as they type it, in every Neovim and with every set-up that the documents show."""

from __future__ import annotations

from pathlib import Path

from tests.editors.neovim.session import Neovim
from tests.editors.program import HANDLER, SCHEMA, until

OFFERED = """
local words = vim.tbl_map(function(each) return each.word end, vim.fn.complete_info({ "items" }).items)
return words[1] and words
"""

HOVER = """
for _, window in ipairs(vim.api.nvim_list_wins()) do
  if vim.api.nvim_win_get_config(window).relative ~= "" then
    return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), "\\n")
  end
end
"""

# Every answer is taken as the person would choose it in the menu.
ACT = """
local wanted = ...
vim.ui.select = function(items, options, done)
  for number, item in ipairs(items) do
    local title = options.format_item(item)
    if title:find(wanted, 1, true) == 1 then return done(item, number) end
  end
  error("there is no action '" .. wanted .. "'")
end
vim.lsp.buf.code_action()
"""

# What plugins for renaming do; Neovim itself asks nobody.
RENAME = """
local old, new = ...
local client = (vim.lsp.get_clients or vim.lsp.get_active_clients)()[1]
local files = { files = { { oldUri = vim.uri_from_fname(old), newUri = vim.uri_from_fname(new) } } }
local recent = vim.fn.has("nvim-0.11") == 1
local request = recent and function(...) return client:request_sync(...) end or client.request_sync
local answer = request("workspace/willRenameFiles", files, 10000, 0)
vim.lsp.util.apply_workspace_edit(answer.result, client.offset_encoding)
vim.lsp.util.rename(old, new, {})
vim.cmd("silent wall")
"""


def test_a_person_at_work(any_neovim: Neovim, root: Path) -> None:
    neovim, path = any_neovim, root / SCHEMA / "029-faster-counter.sql"
    neovim.edit(path)
    neovim.until_found(path.name, "concurrently", "session-state")
    neovim.until_found("041-loan-archive.sql", "unguarded-create")  # never opened

    neovim.place("CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_loans_due_on ON lo{|}ans")
    neovim.lua("vim.lsp.buf.hover()")
    assert "**Chunk 2 of 2**, line 9" in neovim.until(HOVER)
    neovim.command("only")

    # é and 😀 stand before the places that are edited, and are one, two or four units wide for one editor or another.
    neovim.type("ggO-- é 😀<Esc>Go/* é 😀 */ SELECT * FROM loa")
    neovim.type("<C-x><C-o>")
    assert "loans" in neovim.until(OFFERED)
    neovim.type(";<Esc>")
    neovim.until("return not vim.api.nvim_get_mode().mode:find('i')")
    assert neovim.text().endswith("/* é 😀 */ SELECT * FROM loans;")

    neovim.place("CREATE INDEX CONCURREN{|}TLY")
    neovim.lua(ACT, "Remove CONCURRENTLY")
    until("the fix", lambda: "CONCURRENTLY" not in neovim.text())
    neovim.command("write")
    neovim.until_lost(path.name, "concurrently")
    assert "CONCURRENTLY" not in path.read_text("utf-8")
    assert path.read_text("utf-8").startswith("-- é 😀\n")


def test_a_code_action_on_another_file(any_neovim: Neovim, root: Path) -> None:
    neovim, path = any_neovim, root / SCHEMA / "033-waiting-list.sql"
    neovim.edit(path)
    neovim.until_found(path.name, "unregistered-migration")
    neovim.lua(ACT, "Register in db-init-handler.ts")
    neovim.until_lost(path.name, "unregistered-migration")
    neovim.command("wall")
    assert f'"{path.name}",' in (root / HANDLER).read_text("utf-8")


def test_a_renamed_file_keeps_its_entry(any_neovim: Neovim, root: Path) -> None:
    """By what file managers send."""
    neovim, path = any_neovim, root / SCHEMA / "029-faster-counter.sql"
    new = path.with_name("029-slow-counter.sql")
    neovim.edit(path)
    neovim.until_found(path.name, "concurrently")
    neovim.lua(RENAME, str(path), str(new))
    neovim.until_found(new.name, "concurrently")
    neovim.until("return not vim.diagnostic.get(nil)[1] or true")
    assert not path.exists() and new.exists()
    listed = (root / HANDLER).read_text("utf-8")
    assert f'"{new.name}"' in listed and path.name not in listed
    assert "unregistered-migration" not in neovim.findings()[new.name]
