--- What can be chosen, and what is chosen.
local messages = require("mig_lsp.messages")

local M = {}

---@class mig_lsp.Options
---@field cmd? string[] what starts the server
---@field settings? table<string, any> the names of mig-lsp.toml; they win over the file
---@field root_markers? string[] what lies in the folder that is handed to the server; the nearest one counts
---@field quickfix? boolean keep a quickfix list named "mig-lsp" with the findings of all files
---@field save? boolean write the files that a command has changed, unless they had unsaved changes before
---@field restarts? integer how often within three minutes a server that crashed is started again
---@field capabilities? table what else the editor can do, for instance from a completion plugin
---@field on_attach? fun(client: vim.lsp.Client, buffer: integer)

---@class mig_lsp.Chosen: mig_lsp.Options
---@field cmd string[]
---@field settings table<string, any>
---@field root_markers string[]
---@field quickfix boolean
---@field save boolean
---@field restarts integer
local defaults = {
  cmd = { "mig-lsp", "serve" },
  settings = {},
  root_markers = { "mig-lsp.toml", ".git" },
  quickfix = true,
  save = true,
  restarts = 3,
}

local kinds = {
  cmd = "a list of texts",
  settings = "a table",
  root_markers = "a list of texts",
  quickfix = "a boolean",
  save = "a boolean",
  restarts = "a whole number",
  capabilities = "a table",
  on_attach = "a function",
}

---@type table<string, fun(value: any): boolean>
local fits = {
  ["a boolean"] = function(value)
    return type(value) == "boolean"
  end,
  ["a function"] = function(value)
    return type(value) == "function"
  end,
  ["a table"] = function(value)
    return type(value) == "table"
  end,
  ["a whole number"] = function(value)
    return type(value) == "number" and value >= 0 and value == math.floor(value)
  end,
  ["a list of texts"] = function(value)
    return type(value) == "table"
      and #value > 0
      and vim.tbl_count(value) == #value
      and vim.tbl_count(vim.tbl_filter(function(each)
          return type(each) == "string"
        end, value))
        == #value
  end,
}

---@type mig_lsp.Chosen
M.chosen = vim.deepcopy(defaults)

--- Takes what the person chose. What cannot be is said once, and the default counts in its place.
---@param given? mig_lsp.Options
function M.choose(given)
  if given ~= nil and type(given) ~= "table" then
    messages.once("options", ("setup() takes a table, not %s, so nothing of it counts"):format(type(given)))
    given = nil
  end
  local chosen = vim.deepcopy(defaults)
  for name, value in pairs(given or {}) do
    local kind = kinds[name]
    if kind == nil then
      local known = vim.tbl_keys(kinds)
      table.sort(known)
      messages.once("option " .. tostring(name),
        ("there is no option '%s', so it does nothing: there are %s"):format(tostring(name), table.concat(known, ", ")))
    elseif not fits[kind](value) then
      messages.once("option " .. name,
        ("the option '%s' is %s, which %s is not, so the default counts"):format(name, kind, vim.inspect(value)))
    else
      chosen[name] = value
    end
  end
  M.chosen = chosen
end

return M
