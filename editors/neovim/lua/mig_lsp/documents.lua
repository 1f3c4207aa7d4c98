--- The documents that a server cares for, as it has said itself.
local M = {}

---@class mig_lsp.Documents
---@field documents { uri: string, kind: string }[]
---@field patterns { baseUri: string, pattern: string }[]

---@type table<integer, { kinds: table<string, string>, patterns: { base: string, glob: vim.lpeg.Pattern }[] }>
local told = {}

---@param uri string
---@return string path with `/` and none at its end
local function path_of(uri)
  return vim.fs.normalize(vim.uri_to_fname(uri))
end

--- Takes what the server of a client says.
---@param client_id integer
---@param answer mig_lsp.Documents
function M.take(client_id, answer)
  local kinds, patterns = {}, {}
  for _, document in ipairs(answer.documents) do
    kinds[path_of(document.uri)] = document.kind
  end
  for _, each in ipairs(answer.patterns) do
    local base = path_of(each.baseUri) .. "/"
    table.insert(patterns, { base = base, glob = vim.glob.to_lpeg(each.pattern) })
  end
  told[client_id] = { kinds = kinds, patterns = patterns }
end

---@param client_id integer
function M.forget(client_id)
  told[client_id] = nil
end

--- Whether the server cares for a file; nil when it has not said yet.
---@param client_id integer
---@param path string
---@return boolean?
function M.has(client_id, path)
  local known = told[client_id]
  if known == nil then
    return nil
  end
  path = vim.fs.normalize(path)
  if known.kinds[path] then
    return true
  end
  for _, each in ipairs(known.patterns) do
    if vim.startswith(path, each.base) and each.glob:match(path:sub(#each.base + 1)) then
      return true
    end
  end
  return false
end

--- What a document is to the server: "migration", "manifest", "config", "drizzle", ..., or nil.
---@param client_id integer
---@param path string
---@return string?
function M.kind(client_id, path)
  return told[client_id] and told[client_id].kinds[vim.fs.normalize(path)]
end

return M
