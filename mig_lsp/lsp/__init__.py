"""The language server: what stands between the core and an editor."""
