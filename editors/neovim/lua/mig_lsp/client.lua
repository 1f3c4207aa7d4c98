--- The clients: how they are configured, which one answers for a buffer, and how it is asked.
local documents = require("mig_lsp.documents")
local messages = require("mig_lsp.messages")
local options = require("mig_lsp.options")
local quickfix = require("mig_lsp.quickfix")
local root = require("mig_lsp.root")
local server = require("mig_lsp.server")

local M = {}

M.name = "mig_lsp"

local NEW = vim.fn.has("nvim-0.11") == 1

-- Who renames with :MigRename or a file manager does both; Neovim's own defaults say that it does neither.
local CAPABILITIES = { workspace = { fileOperations = { willRename = true, didRename = true } } }

---@type table<integer, fun(client: vim.lsp.Client)[]> what waits until a server is ready
local waiting = {}
---@type table<string, integer> by folder, the clients that a command has started and that are not ready
local starting = {}

--- The configuration for `vim.lsp.config` and `vim.lsp.enable`.
---@return vim.lsp.Config
function M.config()
  return {
    name = M.name,
    cmd = server.start,
    filetypes = root.filetypes,
    root_dir = function(buffer, on_dir)
      local folder = M.folder(buffer)
      if folder then
        on_dir(folder)
      end
    end,
    settings = { migLsp = vim.empty_dict() },
    capabilities = CAPABILITIES,
    commands = M.commands(),
    handlers = { ["migLsp/documentsChanged"] = M.on_documents },
    on_init = M.on_init,
    on_exit = function(code, signal, client_id)
      documents.forget(client_id)
      waiting[client_id] = nil
      for folder, id in pairs(starting) do
        starting[folder] = id ~= client_id and id or nil
      end
      server.on_exit(code, signal, client_id)
    end,
  }
end

--- What the person chose, in the same form.
---@return vim.lsp.Config
function M.chosen()
  local chosen = options.chosen
  local config = { settings = { migLsp = next(chosen.settings) and chosen.settings or vim.empty_dict() } }
  config.capabilities = chosen.capabilities
  config.on_attach = chosen.on_attach
  return config
end

--- The folder whose server a buffer is for; nil when it is none of the server's business, or there is no server.
---@param buffer integer
---@return string?
function M.folder(buffer)
  local path = vim.api.nvim_buf_get_name(buffer)
  if path == "" or vim.bo[buffer].buftype ~= "" then
    return nil
  end
  local folder = root.of(path)
  local known = nil
  for _, client in ipairs(M.all()) do
    if client.config.root_dir == folder then
      known = documents.has(client.id, path)
    end
  end
  if known == nil then
    known = root.looks_right(buffer)
  end
  return known and not server.given_up and server.found() and folder or nil
end

--- Attaches a buffer, on Neovim 0.10; newer ones do it by themselves.
---@param buffer integer
function M.attach(buffer)
  local folder = M.folder(buffer)
  if folder then
    vim.lsp.start(M.resolved(folder), { bufnr = buffer })
  end
end

--- The whole configuration for one folder.
---@param folder string
---@return vim.lsp.ClientConfig
function M.resolved(folder)
  local config = NEW and vim.lsp.config[M.name] or vim.tbl_deep_extend("force", M.config(), M.chosen())
  config = vim.deepcopy(config)
  config.root_dir = folder
  if not NEW then
    local own = vim.lsp.protocol.make_client_capabilities()
    config.capabilities = vim.tbl_deep_extend("force", own, config.capabilities)
  end
  return config
end

--- All clients of this plugin.
---@return vim.lsp.Client[]
function M.all()
  return vim.lsp.get_clients({ name = M.name })
end

--- Calls *done* with the client that a command in the current buffer is for, once it is ready. One is started for the
--- folder of the buffer, or of the editor, when there is none.
---@param done fun(client: vim.lsp.Client)
function M.with(done)
  local client = vim.lsp.get_clients({ name = M.name, bufnr = 0 })[1]
  local path = vim.api.nvim_buf_get_name(0)
  local here = vim.fs.normalize(vim.bo.buftype == "" and path ~= "" and path or vim.fn.getcwd())
  for _, each in ipairs(client and {} or M.all()) do
    local folder = vim.fs.normalize(each.config.root_dir or "")
    if folder ~= "" and (here == folder or vim.startswith(here, folder .. "/")) then
      client = each
    end
  end
  if client == nil and vim.bo.buftype ~= "" and #M.all() == 1 then
    client = M.all()[1] -- from the quickfix list or one of the plugin's own buffers
  end
  if client == nil then
    if server.given_up or not server.found() then
      messages.say("there is no server: :checkhealth mig_lsp says why")
      return
    end
    local folder = root.of(here)
    starting[folder] = starting[folder] or M.start(M.resolved(folder))
    client = starting[folder] and vim.lsp.get_client_by_id(starting[folder])
    if client == nil then
      starting[folder] = nil
      return
    end
  end
  if client.initialized then
    done(client)
  else
    waiting[client.id] = waiting[client.id] or {}
    table.insert(waiting[client.id], done)
  end
end

--- Starts a server without a buffer.
---@param config vim.lsp.ClientConfig
---@return integer? client_id
function M.start(config)
  if NEW then
    return vim.lsp.start(config, { attach = false })
  end
  return vim.lsp.start_client(config)
end

--- Sends a request.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param done fun(error: lsp.ResponseError?, result: any)
function M.request(client, method, params, done)
  local request = client.request
  if NEW then
    request(client, method, params, done)
  else
    request(method, params, done) -- before 0.11 the functions of a client know it
  end
end

--- Sends a request and waits for the answer, two seconds at most.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@return any? result
function M.ask(client, method, params)
  local answer
  M.request(client, method, params, function(_, result)
    answer = result
  end)
  vim.wait(2000, function()
    return answer ~= nil
  end, 10)
  return answer
end

--- Sends a notification.
---@param client vim.lsp.Client
---@param method string
---@param params table
function M.tell(client, method, params)
  local notify = client.notify
  if NEW then
    notify(client, method, params)
  else
    notify(method, params)
  end
end

--- Stops a client.
---@param client vim.lsp.Client
function M.stop(client)
  local stop = client.stop
  if NEW then
    stop(client)
  else
    stop()
  end
end

---@param client vim.lsp.Client
---@param result lsp.InitializeResult
function M.on_init(client, result)
  server.compare(result.serverInfo)
  quickfix.watch()
  M.request(client, "migLsp/documents", vim.empty_dict(), function(error, answer)
    if error == nil and answer then
      M.on_documents(nil, answer, { client_id = client.id })
      if #answer.documents == 0 then
        messages.once("empty " .. client.config.root_dir,
          ("no migrations are in %s: if there are some, name their folder in mig-lsp.toml, as [migrations] directory")
            :format(vim.fn.fnamemodify(client.config.root_dir, ":~")),
          vim.log.levels.INFO)
      end
    end
  end)
  vim.schedule(function()
    starting[client.config.root_dir] = nil
    local ready = waiting[client.id] or {}
    waiting[client.id] = nil
    for _, done in ipairs(ready) do
      done(client)
    end
  end)
end

--- Takes the documents that the server cares for, and attaches those that are open already.
---@param _ lsp.ResponseError?
---@param answer mig_lsp.Documents
---@param context { client_id: integer }
function M.on_documents(_, answer, context)
  documents.take(context.client_id, answer)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client == nil then
    return
  end
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    local path = vim.api.nvim_buf_get_name(buffer)
    local open = vim.api.nvim_buf_is_loaded(buffer) and vim.tbl_contains(root.filetypes, vim.bo[buffer].filetype)
    if open and not client.attached_buffers[buffer] and documents.has(client.id, path) then
      vim.lsp.buf_attach_client(buffer, client.id)
    end
  end
end

--- The server's commands, as code actions and code lenses run them.
---@return table<string, fun(command: lsp.Command, context: table)>
function M.commands()
  local run = {}
  for _, name in ipairs({ "new", "prepare", "register", "renumber", "insertHeader", "showChunks", "refreshLog" }) do
    run["migLsp." .. name] = function(command, context)
      local client = vim.lsp.get_client_by_id(context.client_id)
      if client then
        require("mig_lsp.commands").run(client, command.command, command.arguments or {})
      end
    end
  end
  return run
end

return M
