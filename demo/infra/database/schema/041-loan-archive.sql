-- Migration 041: an archive of old loans
-- Created: 2026-02-17
--
-- REQUIREMENTS OF THE RUNNER:
-- - No CONCURRENTLY: the runner refuses the whole file before anything runs
-- - One statement per call: end each with ; at the end of a line, and no inner line with it
-- - No BEGIN, COMMIT or ROLLBACK: every statement commits at once, and no session outlives it
-- - IF NOT EXISTS and IF EXISTS everywhere: a failed file runs again from its first statement
--
-- ROLLBACK PROCEDURE:
--   1. Run the rollback SQL:
--        ALTER TABLE courses RENAME COLUMN number TO code;
--        DROP TABLE IF EXISTS loan_archive;
--   2. Forget that it ran:
--        DELETE FROM migration_log WHERE description = '041-loan-archive.sql';
--   3. Take '041-loan-archive.sql' out of MIGRATION_FILES in db-init-handler.ts
--   4. Deploy again

CREATE TABLE loan_archive (
  loan_id bigint NOT NULL,
  title text NOT NULL,
  moved_on date
);

ALTER TABLE loan_archive ADD CONSTRAINT loan_archive_moved CHECK (moved_on > '2020-01-01');

INSERT INTO loan_archive (loan_id, title) VALUES (1, 'The Lighthouse and the Owl 🦉');

ALTER TABLE courses RENAME COLUMN code TO number;

CREATE INDEX IF NOT EXISTS idx_loan_archive_loan_id ON loan_archive (loan_id);
