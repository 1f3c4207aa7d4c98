-- Migration 015: search in titles and authors
--
-- Rollback:
--   DROP INDEX IF EXISTS idx_books_search;
--   ALTER TABLE books DROP COLUMN IF EXISTS search;

ALTER TABLE books ADD COLUMN IF NOT EXISTS search tsvector
  GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || author)) STORED;

CREATE INDEX IF NOT EXISTS idx_books_search ON books USING gin (search);
