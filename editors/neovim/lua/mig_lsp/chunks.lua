--- What the runner sends of a file, chunk by chunk.
local client_of = require("mig_lsp.client")
local messages = require("mig_lsp.messages")
local scratch = require("mig_lsp.scratch")

local M = {}

---@class mig_lsp.Chunk
---@field sql string
---@field startLine integer from 1
---@field endLine integer
---@field statements integer
---@field problem string? what the database says of it

---@class mig_lsp.Chunks
---@field path string
---@field runner string
---@field refused string?
---@field chunks mig_lsp.Chunk[]

--- Shows the chunks of a document; they follow it when it is edited.
---@param client vim.lsp.Client
---@param uri string
---@param mods? table
function M.show(client, uri, mods)
  M.ask(client, uri, function(answer)
    local buffer = scratch.show(M.page(answer, uri), mods)
    M.follow(client, uri, buffer)
  end)
end

---@param client vim.lsp.Client
---@param uri string
---@param done fun(answer: mig_lsp.Chunks)
function M.ask(client, uri, done)
  client_of.request(client, "migLsp/chunks", { uri = uri }, function(error, answer)
    if error then
      messages.say(error.message)
    elseif answer == nil or answer == vim.NIL then
      messages.say(("%s belongs to no migration set"):format(vim.fn.fnamemodify(vim.uri_to_fname(uri), ":~:.")))
    else
      done(answer)
    end
  end)
end

--- The chunks as a page; a line of dashes and a title stands before each.
---@param answer mig_lsp.Chunks
---@param uri string
---@return mig_lsp.Page
function M.page(answer, uri)
  local count = #answer.chunks
  local lines = { ("-- %s sends %d chunk%s of %s"):format(answer.runner, count, count == 1 and "" or "s", answer.path) }
  local headings, places = { 1 }, { 1 }
  if type(answer.refused) == "string" then
    vim.list_extend(lines, vim.split("-- It sends nothing: " .. answer.refused, "\n"))
    table.insert(headings, #lines)
  end
  for number, chunk in ipairs(answer.chunks) do
    table.insert(lines, "")
    table.insert(lines, M.title(number, count, chunk))
    table.insert(headings, #lines)
    places[#lines] = chunk.startLine
    if type(chunk.problem) == "string" then
      vim.list_extend(lines, vim.split("-- REFUSED: " .. chunk.problem, "\n"))
      table.insert(headings, #lines)
    end
    local first = #lines
    for offset, line in ipairs(vim.split(chunk.sql, "\r?\n")) do
      table.insert(lines, (line:gsub("\n", "")))
      places[first + offset] = chunk.startLine + offset - 1
    end
  end
  return {
    name = "chunks/" .. answer.path,
    lines = lines,
    headings = headings,
    syntax = "sql",
    jump = function(line)
      M.jump(uri, places[line] or 1)
    end,
  }
end

---@param number integer
---@param count integer
---@param chunk mig_lsp.Chunk
---@return string
function M.title(number, count, chunk)
  local where = chunk.startLine == chunk.endLine and ("line %d"):format(chunk.startLine)
    or ("lines %d-%d"):format(chunk.startLine, chunk.endLine)
  local several = chunk.statements > 1 and (", %d statements"):format(chunk.statements) or ""
  return ("-- %d of %d: %s%s"):format(number, count, where, several)
end

--- Goes to a line of a document, in the window where it is, if there is one.
---@param uri string
---@param line integer
function M.jump(uri, line)
  local buffer = vim.uri_to_bufnr(uri)
  local window = vim.fn.bufwinid(buffer)
  if window ~= -1 then
    vim.api.nvim_set_current_win(window)
  else
    vim.cmd({ cmd = "sbuffer", args = { tostring(buffer) } })
  end
  vim.api.nvim_win_set_cursor(0, { math.min(line, vim.api.nvim_buf_line_count(0)), 0 })
end

--- Asks anew whenever the document was edited, as long as its chunks are shown.
---@param client vim.lsp.Client
---@param uri string
---@param buffer integer
function M.follow(client, uri, buffer)
  local group = vim.api.nvim_create_augroup("mig_lsp_chunks_" .. buffer, { clear = true })
  vim.api.nvim_create_autocmd({ "TextChanged", "InsertLeave", "BufWritePost" }, {
    group = group,
    buffer = vim.uri_to_bufnr(uri),
    callback = function()
      if not vim.api.nvim_buf_is_valid(buffer) then
        vim.api.nvim_del_augroup_by_id(group)
        return
      end
      M.ask(client, uri, function(answer)
        if vim.api.nvim_buf_is_valid(buffer) then
          scratch.fill(buffer, M.page(answer, uri))
        end
      end)
    end,
  })
end

return M
