-- The version of mig-lsp that this plugin belongs to.
return "0.1.0"
