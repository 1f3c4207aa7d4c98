"""mig-lsp: what the deploy would do with a PostgreSQL migration, said while it is written."""

__version__ = "0.1.0"
