-- Migration 010: book covers
-- The catalogue page shows the cover, when there is one.
--
-- Rollback:
--   ALTER TABLE books DROP COLUMN IF EXISTS cover_url;

ALTER TABLE books ADD COLUMN IF NOT EXISTS cover_url text;
