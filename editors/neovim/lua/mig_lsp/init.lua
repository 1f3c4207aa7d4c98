--- mig-lsp in Neovim 0.10 and newer: `require("mig_lsp").setup({})`.
local M = {}

--- Starts the server wherever migrations are; see `:help mig-lsp-options`.
---@param options? mig_lsp.Options
function M.setup(options)
  local messages = require("mig_lsp.messages")
  if vim.fn.has("nvim-0.10") == 0 then
    messages.once("neovim", "the plugin needs Neovim 0.10: :help mig-lsp-old has a way for older ones")
    return
  end
  require("mig_lsp.options").choose(options)
  local client = require("mig_lsp.client")
  if vim.lsp.config then
    vim.lsp.config(client.name, client.chosen())
    vim.lsp.enable(client.name)
    return
  end
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("mig_lsp", { clear = true }),
    pattern = require("mig_lsp.root").filetypes,
    callback = function(event)
      client.attach(event.buf)
    end,
  })
  local filetypes = require("mig_lsp.root").filetypes
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.tbl_contains(filetypes, vim.bo[buffer].filetype) then
      client.attach(buffer)
    end
  end
end

--- Renames a file, and with it its entry in the manifest; for file managers that do not do so themselves.
---@param old string
---@param new string
function M.rename(old, new)
  require("mig_lsp.client").with(function(client)
    require("mig_lsp.files").rename(client, vim.fn.fnamemodify(old, ":p"), vim.fn.fnamemodify(new, ":p"))
  end)
end

return M
