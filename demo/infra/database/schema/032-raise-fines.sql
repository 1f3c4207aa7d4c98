-- Migration 031: fines by age group
--
-- Rollback:
--   TODO: write the SQL that undoes this migration

CREATE TABLE IF NOT EXISTS fine_rates (age_from smallint PRIMARY KEY, cents smallint NOT NULL); -- per day
INSERT INTO fine_rates (age_from, cents) VALUES (0, 5), (18, 20) ON CONFLICT (age_from) DO NOTHING;

UPDATE fine_rates SET cents = $1 WHERE age_from = 18;

INSERT INTO migration_log (step_number, description, status) VALUES (32, '032-raise-fines.sql', 'completed');
