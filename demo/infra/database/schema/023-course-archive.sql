-- Migration 023: courses can be archived
--
-- Rollback:
--   ALTER TABLE courses DROP COLUMN IF EXISTS archived_by;
--   ALTER TABLE courses DROP COLUMN IF EXISTS archived_at;

-- mig-lsp: ignore masked-failure -- both columns are new in this file, so they come together
ALTER TABLE courses ADD COLUMN IF NOT EXISTS archived_at timestamptz, ADD COLUMN IF NOT EXISTS archived_by integer;
