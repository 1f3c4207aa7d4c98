"""Where migration_log is read from: a database, the RDS Data API, or an exported file; and the offline copy."""
