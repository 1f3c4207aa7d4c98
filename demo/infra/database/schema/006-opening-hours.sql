-- Migration 006: opening hours
--
-- Rollback:
--   DROP TABLE IF EXISTS opening_hours;

CREATE TABLE IF NOT EXISTS opening_hours (
  weekday smallint PRIMARY KEY CHECK (weekday BETWEEN 1 AND 7),
  opens time NOT NULL,
  closes time NOT NULL
);
