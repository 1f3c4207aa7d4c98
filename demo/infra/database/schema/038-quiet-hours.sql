-- Migration 038: quiet hours
-- Created: 2026-02-09
--
-- REQUIREMENTS OF THE RUNNER:
-- - No CONCURRENTLY: the runner refuses the whole file before anything runs
-- - One statement per call: end each with ; at the end of a line, and no inner line with it
-- - No BEGIN, COMMIT or ROLLBACK: every statement commits at once, and no session outlives it
-- - IF NOT EXISTS and IF EXISTS everywhere: a failed file runs again from its first statement
--
-- ROLLBACK PROCEDURE:
--   1. Run the rollback SQL:
--        ALTER TABLE opening_hours DROP COLUMN IF EXISTS quiet_from;
--   2. Forget that it ran:
--        DELETE FROM migration_log WHERE description = '038-quiet-hours.sql';
--   3. Take '038-quiet-hours.sql' out of MIGRATION_FILES in db-init-handler.ts
--   4. Deploy again

ALTER TABLE opening_hours ADD COLUMN IF NOT EXISTS quiet_from time;
