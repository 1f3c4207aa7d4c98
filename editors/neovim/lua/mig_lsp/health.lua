--- `:checkhealth mig_lsp`
local M = {}

function M.check()
  local health = vim.health
  health.start("mig-lsp: the editor")
  if vim.fn.has("nvim-0.10") == 0 then
    health.error("Neovim is too old for the plugin", { "Use 0.10 or newer, or what :help mig-lsp-old shows" })
    return
  end
  health.ok(("Neovim %s, plugin %s"):format(tostring(vim.version()), require("mig_lsp.version")))
  if vim.lsp.config == nil and #vim.api.nvim_get_autocmds({ group = M.group(), event = "FileType" }) == 0 then
    health.warn("Nothing starts the server", { 'Call require("mig_lsp").setup({}) in your init.lua' })
  elseif vim.lsp.is_enabled and not vim.lsp.is_enabled("mig_lsp") then
    health.warn("Nothing starts the server", { 'Call vim.lsp.enable("mig_lsp") in your init.lua' })
  end
  M.program(health)
  M.servers(health)
end

--- Whether the program is there, and which one it is.
function M.program(health)
  health.start("mig-lsp: the server's program")
  local options = require("mig_lsp.options").chosen
  local program = options.cmd[1]
  local path = vim.fn.exepath(program)
  if path == "" then
    health.error(("There is no program '%s' on the PATH"):format(program), {
      "Install it with Python 3.11 or newer: pip install mig-lsp",
      'Or say where it is: require("mig_lsp").setup({ cmd = { "/path/to/mig-lsp", "serve" } })',
    })
    return
  end
  local done = vim.system({ path, "--version" }, { text = true, timeout = 10000 }):wait()
  local version = (done.stdout or ""):match("mig%-lsp%s+(%S+)")
  if done.code ~= 0 or version == nil then
    health.error(("%s does not run"):format(path), vim.split(vim.trim(done.stderr or ""), "\n"))
    return
  end
  health.ok(("mig-lsp %s: %s"):format(version, path))
  local server, plugin = vim.version.parse(version), vim.version.parse(require("mig_lsp.version"))
  if server and plugin and not require("mig_lsp.server").fit(server, plugin) then
    health.warn("Server and plugin are of different versions", { "Update the older one" })
  end
end

--- What runs.
function M.servers(health)
  health.start("mig-lsp: what runs")
  local client_of = require("mig_lsp.client")
  if require("mig_lsp.server").given_up then
    health.error("The server has crashed again and again", {
      "Read " .. require("vim.lsp.log").get_filename(),
      "Try again with :MigRestart",
    })
  end
  local clients = client_of.all()
  if #clients == 0 then
    health.info("No server runs: one is started when a migration, its manifest or mig-lsp.toml is opened")
  end
  for _, client in ipairs(clients) do
    local attached = vim.tbl_count(client.attached_buffers)
    health.ok(("%s, %d buffer%s"):format(client.config.root_dir, attached, attached == 1 and "" or "s"))
    local answer = client_of.ask(client, "migLsp/migrations", vim.empty_dict())
    for _, set in ipairs(answer and answer.sets or {}) do
      local manifest = type(set.manifest) == "string" and vim.fs.basename(vim.uri_to_fname(set.manifest))
      health.info(("%s: %d migrations, %s, runner %s"):format(
        set.directory == "" and "." or set.directory,
        #set.migrations,
        manifest and "listed in " .. manifest or "run in the order of their names",
        set.runner
      ))
    end
    if answer and #answer.sets == 0 then
      health.warn("There are no migrations", { "Name their folder in mig-lsp.toml, as [migrations] directory" })
    end
  end
  health.info(("%d findings in all files"):format(#require("mig_lsp.quickfix").findings()))
end

--- The group of the autocommands that attach buffers on 0.10.
---@return integer
function M.group()
  return vim.api.nvim_create_augroup("mig_lsp", { clear = false })
end

return M
