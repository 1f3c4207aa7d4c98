-- Migration 036: e-books
--
-- Rollback: see 036-e-books-rollback.sql

ALTER TABLE books ADD COLUMN IF NOT EXISTS ebook_url text;
