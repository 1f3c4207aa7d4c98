--- What the plugin says to the person, each thing once in a session.
local M = {}

---@type table<string, true>
local said = {}

--- Says *text*, and never again under the same *key*.
---@param key string
---@param text string
---@param level? integer one of vim.log.levels, ERROR when absent
function M.once(key, text, level)
  if said[key] then
    return
  end
  said[key] = true
  M.say(text, level)
end

--- Says *text*; it is safe to call this from a callback of libuv.
---@param text string
---@param level? integer one of vim.log.levels, ERROR when absent
function M.say(text, level)
  vim.schedule(function()
    vim.notify("mig-lsp: " .. text, level or vim.log.levels.ERROR, { title = "mig-lsp" })
  end)
end

--- Forgets what was said under *key*, after the person has done something about it.
---@param key string
function M.again(key)
  said[key] = nil
end

return M
