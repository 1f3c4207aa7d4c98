"""SQL text to statements. The only package that imports pglast; nothing in it raises on bad SQL."""
