"""Benchmarks: how fast mig-lsp and its peers are on the same files, measured side by side."""
