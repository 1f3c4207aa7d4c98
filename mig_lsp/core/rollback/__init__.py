"""Rollback sections, and the SQL that undoes a migration."""
