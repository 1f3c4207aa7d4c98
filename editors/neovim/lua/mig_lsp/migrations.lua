--- The migrations in run order, and what migration_log says of them.
local client_of = require("mig_lsp.client")
local messages = require("mig_lsp.messages")
local scratch = require("mig_lsp.scratch")

local M = {}

---@class mig_lsp.Migration
---@field uri string
---@field path string
---@field name string
---@field order integer?
---@field registered boolean
---@field exists boolean
---@field rollback boolean
---@field states table<string, string>
---@field findings table<string, integer>

---@class mig_lsp.Set
---@field folder string
---@field directory string
---@field environments string[]
---@field migrations mig_lsp.Migration[]

---@class mig_lsp.Log
---@field environment string
---@field entries integer
---@field fetchedAt string?
---@field problem string?

--- Hands all sets to *done*; when there is none, that is said instead.
---@param client vim.lsp.Client
---@param done fun(sets: mig_lsp.Set[])
function M.ask(client, done)
  client_of.request(client, "migLsp/migrations", vim.empty_dict(), function(error, answer)
    if error then
      messages.say(error.message)
    elseif #answer.sets == 0 then
      messages.say(
        "there is no migration set here: name its folder in mig-lsp.toml, as [migrations] directory",
        vim.log.levels.WARN
      )
    else
      done(answer.sets)
    end
  end)
end

--- Puts all migrations in the quickfix list and opens it.
---@param client vim.lsp.Client
function M.to_quickfix(client)
  M.ask(client, function(sets)
    local items = {}
    for _, set in ipairs(sets) do
      for _, each in ipairs(set.migrations) do
        local kind = (each.findings.error > 0 or not each.exists) and "E" or each.findings.warning > 0 and "W" or ""
        table.insert(items, {
          filename = each.exists and vim.uri_to_fname(each.uri) or nil,
          module = each.name,
          lnum = each.exists and 1 or nil,
          type = kind,
          text = (type(each.order) == "number" and each.order .. ". " or "") .. M.summary(each, set),
        })
      end
    end
    vim.fn.setqflist({}, " ", { title = "migrations", items = items })
    vim.cmd("botright copen")
  end)
end

--- Lets the person choose a migration, and opens it.
---@param client vim.lsp.Client
function M.choose(client)
  M.ask(client, function(sets)
    local choices = {}
    for _, set in ipairs(sets) do
      for _, each in ipairs(set.migrations) do
        if each.exists then
          table.insert(choices, { migration = each, set = set })
        end
      end
    end
    vim.ui.select(choices, {
      prompt = "Migration",
      kind = "mig_lsp_migration",
      format_item = function(choice)
        return ("%s  %s"):format(choice.migration.name, M.summary(choice.migration, choice.set))
      end,
    }, function(choice)
      if choice then
        vim.cmd.edit(vim.fn.fnameescape(vim.uri_to_fname(choice.migration.uri)))
      end
    end)
  end)
end

--- What there is to say of a migration, in one line.
---@param migration mig_lsp.Migration
---@param set mig_lsp.Set
---@return string
function M.summary(migration, set)
  local parts = {}
  if not migration.exists then
    table.insert(parts, "the file is missing")
  elseif migration.rollback then
    table.insert(parts, "rollback")
  elseif not migration.registered then
    table.insert(parts, "not registered")
  end
  for _, environment in ipairs(set.environments) do
    if migration.states[environment] then
      table.insert(parts, ("%s: %s"):format(environment, migration.states[environment]))
    end
  end
  for _, severity in ipairs({ "error", "warning", "info", "hint" }) do
    local count = migration.findings[severity]
    if count > 0 then
      local several = (severity == "info" or count == 1) and "" or "s"
      table.insert(parts, ("%d %s%s"):format(count, severity, several))
    end
  end
  return #parts > 0 and table.concat(parts, ", ") or "registered"
end

--- Shows what migration_log says, after it was read.
---@param client vim.lsp.Client
---@param logs mig_lsp.Log[]
---@param mods? table
function M.show_log(client, logs, mods)
  M.ask(client, function(sets)
    scratch.show(M.log_page(sets, logs), mods)
  end)
end

---@param sets mig_lsp.Set[]
---@param logs mig_lsp.Log[]
---@return mig_lsp.Page
function M.log_page(sets, logs)
  local lines, headings, uris = {}, {}, {}
  for _, log in ipairs(logs) do
    table.insert(lines, M.log_line(log))
  end
  for _, set in ipairs(sets) do
    table.insert(lines, "")
    table.insert(lines, set.directory == "" and "." or set.directory)
    table.insert(headings, #lines)
    local rows = {}
    for _, each in ipairs(set.migrations) do
      if not each.rollback then
        local row = { each.name }
        for _, environment in ipairs(set.environments) do
          table.insert(row, each.states[environment] or "-")
        end
        table.insert(rows, row)
        uris[#lines + 1 + #rows] = each.exists and each.uri or nil
      end
    end
    local header = { "" }
    vim.list_extend(header, set.environments)
    vim.list_extend(lines, M.table(header, rows))
  end
  return {
    name = "log",
    lines = lines,
    headings = headings,
    jump = function(line)
      if uris[line] then
        require("mig_lsp.chunks").jump(uris[line], 1)
      end
    end,
  }
end

---@param log mig_lsp.Log
---@return string
function M.log_line(log)
  local line = ("%s: %d rows"):format(log.environment, log.entries)
  if type(log.fetchedAt) == "string" then
    line = ("%s, read %s"):format(line, log.fetchedAt)
  end
  if type(log.problem) == "string" then
    line = ("%s, %s"):format(line, log.problem)
  end
  return (line:gsub("%s+", " "))
end

--- Rows of texts as lines with columns.
---@param header string[]
---@param rows string[][]
---@return string[]
function M.table(header, rows)
  local widths = {}
  for _, row in ipairs({ header, unpack(rows) }) do
    for column, text in ipairs(row) do
      widths[column] = math.max(widths[column] or 0, vim.fn.strdisplaywidth(text))
    end
  end
  return vim.tbl_map(function(row)
    local cells = {}
    for column, text in ipairs(row) do
      table.insert(cells, text .. (" "):rep(widths[column] - vim.fn.strdisplaywidth(text)))
    end
    return (table.concat(cells, "  "):gsub("%s+$", ""))
  end, { header, unpack(rows) })
end

return M
