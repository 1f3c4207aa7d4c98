--- Buffers that show something and cannot be written.
local M = {}

local marks = vim.api.nvim_create_namespace("mig_lsp_scratch")

---@class mig_lsp.Page
---@field name string what the buffer is called, after "mig-lsp://"
---@field lines string[]
---@field headings integer[] numbers of lines that are set off, from 1
---@field syntax? string
---@field jump? fun(line: integer) what <CR> does on a line

--- Shows a page in a window of its own, or in the one where it is already.
---@param page mig_lsp.Page
---@param mods? table the modifiers of the command, like "vertical"
---@return integer buffer
function M.show(page, mods)
  local buffer = M.find(page.name)
  local window = buffer and vim.fn.bufwinid(buffer) or -1
  if window ~= -1 then
    vim.api.nvim_set_current_win(window)
  else
    buffer = buffer or vim.api.nvim_create_buf(false, true)
    vim.cmd({ cmd = "sbuffer", args = { tostring(buffer) }, mods = mods })
  end
  ---@cast buffer integer
  if vim.api.nvim_buf_get_name(buffer) == "" then
    vim.api.nvim_buf_set_name(buffer, "mig-lsp://" .. page.name)
    vim.bo[buffer].bufhidden = "wipe"
    vim.bo[buffer].swapfile = false
    vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buffer, desc = "Close" })
  end
  M.fill(buffer, page)
  return buffer
end

--- Puts a page in a buffer.
---@param buffer integer
---@param page mig_lsp.Page
function M.fill(buffer, page)
  vim.bo[buffer].modifiable = true
  vim.bo[buffer].readonly = false
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, page.lines)
  vim.bo[buffer].modified = false
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].readonly = true
  if vim.bo[buffer].syntax ~= (page.syntax or "") then
    vim.bo[buffer].syntax = page.syntax or "" -- not 'filetype', which would bring servers and plugins along
  end
  vim.api.nvim_buf_clear_namespace(buffer, marks, 0, -1)
  for _, line in ipairs(page.headings) do
    vim.api.nvim_buf_set_extmark(buffer, marks, line - 1, 0, { line_hl_group = "CursorLine", hl_group = "Title",
      end_row = line - 1, end_col = #page.lines[line] })
  end
  if page.jump then
    vim.keymap.set("n", "<CR>", function()
      page.jump(vim.api.nvim_win_get_cursor(0)[1])
    end, { buffer = buffer, desc = "Go to the place in the file" })
  end
end

--- The buffer of a page that is shown, or nil.
---@param name string
---@return integer?
function M.find(name)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_name(buffer) == "mig-lsp://" .. name then
      return buffer
    end
  end
end

return M
