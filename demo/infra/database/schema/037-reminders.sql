-- Migration 037: reminders, three days before a loan is due
--
-- Rollback:
--   DROP TABLE IF EXISTS reminders;

-- CREATE TABLE IF NOT EXISTS reminders (
--   loan_id bigint PRIMARY KEY REFERENCES loans (id),
--   sent_at timestamptz
-- );
