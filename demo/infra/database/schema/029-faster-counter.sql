-- Migration 029: the counter finds open loans at once
--
-- Rollback:
--   DROP INDEX IF EXISTS idx_loans_due_on;

-- mig-lsp: ignore lock-timeout -- the table is small
SET lock_timeout = '5s';

CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_loans_due_on ON loans (due_on);
