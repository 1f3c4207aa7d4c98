-- The commands. Nothing else is loaded before one of them is used or a migration is opened.
if vim.g.loaded_mig_lsp or vim.fn.has("nvim-0.10") == 0 then
  return
end
vim.g.loaded_mig_lsp = true

---@param name string
---@param run string the function of mig_lsp.commands
---@param options table
local function command(name, run, options)
  vim.api.nvim_create_user_command(name, function(arguments)
    require("mig_lsp.commands")[run](arguments)
  end, options)
end

local function unregistered(...)
  return require("mig_lsp.commands").unregistered(...)
end

local function environments(...)
  return require("mig_lsp.commands").environments(...)
end

command("MigNew", "new", { nargs = "*", desc = "Make and register the next migration" })
command("MigPrepare", "prepare", { nargs = "*", desc = "Make a migration of drizzle-kit's output" })
command("MigRegister", "register", { nargs = "*", complete = unregistered, desc = "Add files to the manifest" })
command("MigRenumber", "renumber", { nargs = "?", desc = "Give this migration another number, or the next free one" })
command("MigRename", "rename", { nargs = 1, desc = "Rename this file, and its entry in the manifest" })
command("MigChunks", "chunks", { nargs = "?", complete = "file", desc = "Show what the runner sends of this file" })
command("MigList", "list", { bang = true, desc = "All migrations in the quickfix list; with !, choose one" })
command("MigLog", "log", { nargs = "?", complete = environments, desc = "Read migration_log and show it" })
command("MigRestart", "restart", { desc = "Start the server again" })
