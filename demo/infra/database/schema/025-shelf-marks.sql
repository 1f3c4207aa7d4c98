-- Migration 025: shelf marks
--
-- Rollback:
--   ALTER TABLE copies DROP COLUMN IF EXISTS shelf_mark;

ALTER TABLE copies ADD COLUMN IF NOT EXISTS shelf_mark varchar(24);
