--- Which files are the server's business, as far as that can be said without asking it, and in which folder they are.
local options = require("mig_lsp.options")

local M = {}

M.filetypes = {
  "sql",
  "toml",
  "json",
  "typescript",
  "typescriptreact",
  "javascript",
  "javascriptreact",
}

-- A list of migrations names their files in its first lines: who lists thousands has numbers in all of them.
local LINES = 2000

--- The folder to hand to the server: the nearest one above with a marker, else the one that the file is in.
---@param path string a file or a folder
---@return string
function M.of(path)
  return vim.fs.root(path, options.chosen.root_markers)
    or (vim.fn.isdirectory(path) == 1 and path or vim.fs.dirname(path))
end

--- Whether the file of a buffer looks like a migration, a list of migrations, or mig-lsp.toml.
---@param buffer integer
---@return boolean
function M.looks_right(buffer)
  local path = vim.api.nvim_buf_get_name(buffer)
  if path == "" or vim.bo[buffer].buftype ~= "" or path:match("^%a[%w+.-]*://") then
    return false
  end
  local name = vim.fs.basename(path)
  if name == "mig-lsp.toml" then
    return true
  end
  if name:match("%.sql$") then
    return name:match("^%d+") ~= nil or vim.fs.root(path, "mig-lsp.toml") ~= nil
  end
  if name == "_journal.json" then
    return vim.fs.basename(vim.fs.dirname(path)) == "meta"
  end
  return name:match("%.[cm]?[jt]sx?$") ~= nil and M.names_migrations(buffer)
    or name:match("%.json$") ~= nil and M.names_migrations(buffer)
    or false
end

--- Whether a buffer has the name of a numbered SQL file in quotes.
---@param buffer integer
---@return boolean
function M.names_migrations(buffer)
  for _, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, LINES, false)) do
    if line:find("%.sql[\"'`]") and line:find("[\"'`/]%d+[^\"'`/]*%.sql[\"'`]") then
      return true
    end
  end
  return false
end

return M
