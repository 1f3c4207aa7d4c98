--- The server's process: finding it, starting it, and what is done when it dies.
local messages = require("mig_lsp.messages")
local options = require("mig_lsp.options")
local version = require("mig_lsp.version")

local M = {}

local WINDOW = 3 * 60 -- seconds in which crashes are counted
local PAUSE = 500 -- milliseconds before a server is started again

---@type integer[] when the server crashed, in seconds
local crashes = {}
---@type { code: integer, signal: integer }? how the process that ends at the moment has ended
local ending = nil

M.given_up = false

--- Whether the program is there; if not, that is said once.
---@return boolean
function M.found()
  local program = options.chosen.cmd[1]
  if vim.fn.executable(program) == 1 then
    return true
  end
  messages.once("program",
    ("there is no program '%s' on the PATH, so migrations are not checked: install mig-lsp with Python 3.11 or newer "
      .. "(pip install mig-lsp), or say where it is with setup({ cmd = { ... } })"):format(program))
  return false
end

--- Starts the process; a function for the field `cmd` of a client's configuration.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@return vim.lsp.rpc.PublicClient
function M.start(dispatchers)
  local ours = vim.tbl_extend("force", dispatchers, {
    on_exit = function(code, signal)
      ending = { code = code, signal = signal }
      -- Neovim would say at each crash what is said here once, when there is no use in starting again.
      dispatchers.on_exit(0, 0)
      ending = nil
    end,
  })
  return vim.lsp.rpc.start(options.chosen.cmd, ours)
end

--- A client's `on_exit`: after a crash the server is started again, with a limit.
---@param code integer
---@param signal integer
---@param client_id integer
function M.on_exit(code, signal, client_id)
  if ending then
    code, signal = ending.code, ending.signal
  end
  local client = vim.lsp.get_client_by_id(client_id)
  local config = client and client.config
  local buffers = client and vim.tbl_keys(client.attached_buffers) or {}
  vim.schedule(function()
    M.forget_findings(client_id)
    if vim.v.exiting ~= vim.NIL or (code == 0 and (signal == 0 or signal == 15)) then
      return
    end
    local now = os.time()
    crashes = vim.tbl_filter(function(at)
      return now - at < WINDOW
    end, crashes)
    table.insert(crashes, now)
    if #crashes > options.chosen.restarts then
      M.given_up = true
      messages.once("crash",
        ("the server has crashed %d times within three minutes (exit code %d, signal %d), so migrations are not "
          .. "checked any more: :MigRestart tries again, its last words are in %s"):format(
          #crashes, code, signal, require("vim.lsp.log").get_filename()))
    elseif config then
      vim.defer_fn(function()
        M.attach(config, buffers)
      end, PAUSE)
    end
  end)
end

--- Gives buffers, as far as they are still there, a server.
---@param config vim.lsp.ClientConfig
---@param buffers integer[]
function M.attach(config, buffers)
  for _, buffer in ipairs(buffers) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      vim.lsp.start(config, { bufnr = buffer })
    end
  end
end

--- Starts counting crashes anew.
function M.forgive()
  crashes = {}
  M.given_up = false
  messages.again("crash")
  messages.again("program")
end

--- Takes away what a server has reported that is no longer there; no version of Neovim does so in every case.
---@param client_id integer
function M.forget_findings(client_id)
  for namespace, about in pairs(vim.diagnostic.get_namespaces()) do
    local of = about.name:match("^n?vim%.lsp%.mig_lsp%.(%d+)") or about.name:match("^nvim%.lsp%.mig_lsp%.(%d+)")
    if tonumber(of) == client_id then
      vim.diagnostic.reset(namespace)
    end
  end
end

--- Says once when the server is none, or not of the plugin's version.
---@param info { name: string?, version: string? }?
function M.compare(info)
  local program = table.concat(options.chosen.cmd, " ")
  if info == nil or info.name ~= "mig-lsp" then
    messages.once("version", ("'%s' starts something else than mig-lsp: look at the option 'cmd'"):format(program))
    return
  end
  local server, plugin = vim.version.parse(info.version or ""), vim.version.parse(version)
  if server == nil or plugin == nil or M.fit(server, plugin) then
    return
  end
  local older, what = "older", "update mig-lsp"
  if vim.version.gt(server, plugin) then
    older, what = "newer", "update the plugin"
  end
  messages.once("version",
    ("the server %s is %s than the plugin %s, so some commands may not work: %s"):format(
      info.version, older, version, what),
    vim.log.levels.WARN)
end

--- Whether two versions understand each other: before 1.0 the second number tells of changes, after it the first.
---@param one vim.Version
---@param other vim.Version
---@return boolean
function M.fit(one, other)
  return one.major == other.major and (one.major > 0 or one.minor == other.minor)
end

return M
