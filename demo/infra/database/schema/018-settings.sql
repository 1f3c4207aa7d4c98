-- Migration 018: settings of the library
--
-- Rollback:
--   DROP TABLE IF EXISTS settings;

CREATE TABLE IF NOT EXISTS settings (
  name varchar(60) PRIMARY KEY,
  value jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO settings (name, value) VALUES
  ('loan_days', '14'),
  ('loan_limit', '{"student": 5, "teacher": 20}'),
  ('greeting', '"Bonjour à tous 📚"')
ON CONFLICT (name) DO NOTHING;
