--- The commands: what each asks the server, and what is done with the answer.
local client_of = require("mig_lsp.client")
local documents = require("mig_lsp.documents")
local files = require("mig_lsp.files")
local messages = require("mig_lsp.messages")
local server = require("mig_lsp.server")

local M = {}

---@class mig_lsp.Command
---@field args string
---@field fargs string[]
---@field bang boolean
---@field smods table

---@class mig_lsp.Changed
---@field title string
---@field uris string[]
---@field created string[]

---@param arguments mig_lsp.Command
function M.new(arguments)
  M.described(arguments.args, "Description of the migration", function(client, description)
    M.change(client, "migLsp.new", { description = description, uri = M.own(client) })
  end)
end

---@param arguments mig_lsp.Command
function M.prepare(arguments)
  M.described(arguments.args, "Description of the migration", function(client, description)
    local path = vim.api.nvim_buf_get_name(0)
    local drizzle = path:match("%.sql$") and documents.kind(client.id, path) == "drizzle"
    M.change(client, "migLsp.prepare", { description = description, uri = drizzle and vim.uri_from_bufnr(0) or nil })
  end)
end

---@param arguments mig_lsp.Command
function M.register(arguments)
  client_of.with(function(client)
    local uris = vim.tbl_map(function(name)
      return M.uri(client, name)
    end, arguments.fargs)
    M.change(client, "migLsp.register", { uris = #uris > 0 and uris or { vim.uri_from_bufnr(0) } })
  end)
end

---@param arguments mig_lsp.Command
function M.renumber(arguments)
  local number = tonumber(arguments.args)
  if arguments.args ~= "" and not number then
    messages.say(("'%s' is no number"):format(arguments.args))
    return
  end
  client_of.with(function(client)
    M.change(client, "migLsp.renumber", { uri = vim.uri_from_bufnr(0), number = number })
  end)
end

---@param arguments mig_lsp.Command
function M.rename(arguments)
  local old = vim.api.nvim_buf_get_name(0)
  local name = vim.fs.normalize(arguments.args)
  local new = name:find("/") and vim.fn.fnamemodify(name, ":p") or vim.fs.joinpath(vim.fs.dirname(old), name)
  client_of.with(function(client)
    files.rename(client, old, new)
  end)
end

---@param arguments mig_lsp.Command
function M.chunks(arguments)
  client_of.with(function(client)
    local uri = arguments.args ~= "" and M.uri(client, arguments.args) or vim.uri_from_bufnr(0)
    require("mig_lsp.chunks").show(client, uri, arguments.smods)
  end)
end

---@param arguments mig_lsp.Command
function M.list(arguments)
  client_of.with(function(client)
    local migrations = require("mig_lsp.migrations")
    if arguments.bang then
      migrations.choose(client)
    else
      migrations.to_quickfix(client)
    end
  end)
end

---@param arguments mig_lsp.Command
function M.log(arguments)
  client_of.with(function(client)
    M.refresh(client, arguments.args ~= "" and { arguments.args } or {}, arguments.smods)
  end)
end

--- Starts the servers again, also after they were given up.
function M.restart()
  server.forgive()
  local stopped = client_of.all()
  for _, client in ipairs(stopped) do
    client_of.stop(client)
  end
  vim.wait(3000, function()
    return #client_of.all() == 0
  end, 20)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      client_of.attach(buffer)
    end
  end
end

--- Runs a command of the server, from a code action or a code lens.
---@param client vim.lsp.Client
---@param command string
---@param arguments any[]
function M.run(client, command, arguments)
  if command == "migLsp.showChunks" then
    require("mig_lsp.chunks").show(client, arguments[1])
  elseif command == "migLsp.refreshLog" then
    M.refresh(client, arguments)
  else
    M.change(client, command, arguments)
  end
end

--- Has the server change files; what it has changed is written, and what it has made is opened.
---@param client vim.lsp.Client
---@param command string
---@param arguments table by name, or a list
function M.change(client, command, arguments)
  local unsaved = files.unsaved()
  local params = { command = command, arguments = vim.islist(arguments) and arguments or { arguments } }
  client_of.request(client, "workspace/executeCommand", params, function(error, answer)
    if error then
      M.refused(error.message)
      return
    end
    ---@cast answer mig_lsp.Changed
    files.save(answer.uris, unsaved)
    if answer.created[1] then
      vim.cmd.edit(vim.fn.fnameescape(vim.uri_to_fname(answer.created[1])))
    end
    messages.say(answer.title, vim.log.levels.INFO)
  end)
end

--- Says why something was not done: a report of several lines is shown as it is.
---@param message string
function M.refused(message)
  local lines = vim.split(message, "\n")
  if #lines == 1 then
    messages.say(message)
    return
  end
  require("mig_lsp.scratch").show({ name = "report", lines = lines, headings = {} })
end

--- Reads migration_log and shows it.
---@param client vim.lsp.Client
---@param environments string[]
---@param mods? table
function M.refresh(client, environments, mods)
  local params = { command = "migLsp.refreshLog", arguments = environments }
  client_of.request(client, "workspace/executeCommand", params, function(error, answer)
    if error then
      messages.say(error.message)
      return
    end
    require("mig_lsp.migrations").show_log(client, answer.logs, mods)
  end)
end

--- Calls *done* with a description, which is asked for when the command has none.
---@param given string
---@param prompt string
---@param done fun(client: vim.lsp.Client, description: string)
function M.described(given, prompt, done)
  client_of.with(function(client)
    if given ~= "" then
      done(client, given)
      return
    end
    vim.ui.input({ prompt = prompt .. ": " }, function(words)
      if words and vim.trim(words) ~= "" then
        done(client, words)
      end
    end)
  end)
end

--- The URI of a file that a person named: a path, or the name of a migration.
---@param client vim.lsp.Client
---@param name string
---@return string
function M.uri(client, name)
  local path = vim.fn.fnamemodify(vim.fn.expand(name), ":p")
  if vim.uv.fs_stat(path) == nil then
    for _, each in ipairs(M.migrations(client)) do
      if each.name == name then
        return each.uri
      end
    end
  end
  return vim.uri_from_fname(path)
end

--- The URI of the current buffer when the server cares for it: it says which of several sets is meant.
---@param client vim.lsp.Client
---@return string?
function M.own(client)
  return documents.kind(client.id, vim.api.nvim_buf_get_name(0)) and vim.uri_from_bufnr(0) or nil
end

--- The migrations of all sets; none when the server does not answer in time.
---@param client vim.lsp.Client
---@return mig_lsp.Migration[]
function M.migrations(client)
  local answer = client_of.ask(client, "migLsp/migrations", vim.empty_dict())
  local found = {}
  for _, set in ipairs(answer and answer.sets or {}) do
    vim.list_extend(found, set.migrations)
  end
  return found
end

--- Completes the names of migrations that are not in the manifest.
---@param start string
---@return string[]
function M.unregistered(start)
  local names = {}
  for _, client in ipairs(client_of.all()) do
    for _, each in ipairs(M.migrations(client)) do
      if not each.registered and not each.rollback and vim.startswith(each.name, start) then
        table.insert(names, each.name)
      end
    end
  end
  return names
end

--- Completes the names of environments.
---@param start string
---@return string[]
function M.environments(start)
  local names = {}
  for _, client in ipairs(client_of.all()) do
    local answer = client_of.ask(client, "migLsp/migrations", vim.empty_dict())
    for _, set in ipairs(answer and answer.sets or {}) do
      vim.list_extend(names, set.environments)
    end
  end
  return vim.tbl_filter(function(name)
    return vim.startswith(name, start)
  end, names)
end

return M
