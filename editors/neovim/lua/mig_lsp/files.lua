--- Files that commands change or rename.
local client_of = require("mig_lsp.client")
local messages = require("mig_lsp.messages")
local options = require("mig_lsp.options")

local M = {}

--- The buffers with unsaved changes.
---@return table<integer, true>
function M.unsaved()
  local found = {}
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].modified then
      found[buffer] = true
    end
  end
  return found
end

--- Writes the files that were changed, except those that had unsaved changes before: what was typed there is the
--- person's to save.
---@param uris string[]
---@param unsaved table<integer, true> from before the change
function M.save(uris, unsaved)
  for _, uri in ipairs(options.chosen.save and uris or {}) do
    local buffer = vim.uri_to_bufnr(uri)
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].modified and not unsaved[buffer] then
      vim.api.nvim_buf_call(buffer, function()
        vim.cmd("silent write ++p")
      end)
    end
  end
end

--- Renames a file after the server has said what else must change: the entry in the manifest, the number in the header.
---@param client vim.lsp.Client
---@param old string path
---@param new string path
function M.rename(client, old, new)
  if vim.uv.fs_stat(new) then
    messages.say(("%s is there already, so nothing is renamed"):format(new))
    return
  end
  local params = { files = { { oldUri = vim.uri_from_fname(old), newUri = vim.uri_from_fname(new) } } }
  client_of.request(client, "workspace/willRenameFiles", params, function(error, edit)
    if error then
      messages.say(("%s, so nothing is renamed"):format(error.message))
      return
    end
    local unsaved = M.unsaved()
    if edit and edit ~= vim.NIL then
      vim.lsp.util.apply_workspace_edit(edit, client.offset_encoding)
    end
    vim.lsp.util.rename(old, new, {})
    client_of.tell(client, "workspace/didRenameFiles", params)
    M.save(M.touched(edit), unsaved)
  end)
end

--- The documents that an edit changes.
---@param edit lsp.WorkspaceEdit?
---@return string[] uris
function M.touched(edit)
  if not edit or edit == vim.NIL then
    return {}
  end
  local uris = vim.tbl_keys(edit.changes or {})
  for _, change in ipairs(edit.documentChanges or {}) do
    if change.textDocument then
      table.insert(uris, change.textDocument.uri)
    end
  end
  return uris
end

return M
