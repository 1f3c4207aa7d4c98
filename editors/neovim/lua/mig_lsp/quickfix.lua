--- A quickfix list with the findings of all files, kept up to date; no window is opened and no list of the person's is
--- touched.
local options = require("mig_lsp.options")

local M = {}

local PAUSE = 100 -- milliseconds in which further findings may come before the list is made

---@type integer? the id of the list
local list = nil
local watching = false
local due = false

--- Keeps the list from now on.
function M.watch()
  if watching or not options.chosen.quickfix then
    return
  end
  watching = true
  vim.api.nvim_create_autocmd("DiagnosticChanged", {
    group = vim.api.nvim_create_augroup("mig_lsp_quickfix", { clear = true }),
    callback = function()
      if not due then
        due = true
        vim.defer_fn(M.update, PAUSE)
      end
    end,
  })
end

--- The server's findings in all files, open or not.
---@return vim.Diagnostic[]
function M.findings()
  return vim.tbl_filter(function(each)
    return each.source == "mig-lsp"
  end, vim.diagnostic.get(nil))
end

--- Makes the list say what is found now.
function M.update()
  due = false
  local items = vim.diagnostic.toqflist(M.findings())
  table.sort(items, function(one, other)
    local name, other_name = vim.api.nvim_buf_get_name(one.bufnr), vim.api.nvim_buf_get_name(other.bufnr)
    if name ~= other_name then
      return name < other_name
    end
    return one.lnum < other.lnum or (one.lnum == other.lnum and one.col < other.col)
  end)
  if list and vim.fn.getqflist({ id = list }).id == list then
    vim.fn.setqflist({}, "r", { id = list, title = "mig-lsp", items = items })
  elseif #items > 0 then
    local used = vim.fn.getqflist({ size = 0 }).size > 0
    vim.fn.setqflist({}, " ", { title = "mig-lsp", items = items })
    list = vim.fn.getqflist({ id = 0 }).id
    if used then
      vim.cmd("silent! colder") -- what the person looks through stays the current list; :cnewer is this one
    end
  end
end

return M
