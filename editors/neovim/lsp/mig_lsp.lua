-- Read by `vim.lsp.enable("mig_lsp")`, Neovim 0.11 and newer.
return require("mig_lsp.client").config()
