---@brief
---
--- https://github.com/mig-lsp/mig-lsp
---
--- Language server for PostgreSQL migrations that knows what the runner (for instance a Lambda with the RDS Data API)
--- will do with them.
---
--- `mig-lsp` needs Python 3.11 or newer:
---
--- ```sh
--- pip install mig-lsp
--- ```
---
--- It is started for numbered SQL files (`042-add-users.sql`), for the lists that name them, and for `mig-lsp.toml`,
--- where everything can be configured that it does not find by looking. Settings have the names of that file:
---
--- ```lua
--- vim.lsp.config('mig_lsp', {
---   settings = {
---     migLsp = {
---       runner = { ['postgres-version'] = 16 },
---     },
---   },
--- })
--- ```

local numbered = '[\'"`/]%d+[^\'"`/]*%.sql[\'"`]'

local function concerns(bufnr, name)
  if name == 'mig-lsp.toml' or name:match('^%d+.*%.sql$') or name == '_journal.json' then
    return true
  end
  if name:match('%.sql$') or name:match('%.toml$') then
    return false
  end
  return table.concat(vim.api.nvim_buf_get_lines(bufnr, 0, 2000, false), '\n'):find(numbered) ~= nil
end

---@type vim.lsp.Config
return {
  cmd = { 'mig-lsp', 'serve' },
  filetypes = { 'sql', 'toml', 'json', 'typescript', 'typescriptreact', 'javascript', 'javascriptreact' },
  root_dir = function(bufnr, on_dir)
    local fname = vim.api.nvim_buf_get_name(bufnr)
    if concerns(bufnr, vim.fs.basename(fname)) then
      on_dir(vim.fs.root(fname, { 'mig-lsp.toml', '.git' }) or vim.fs.dirname(fname))
    end
  end,
}
