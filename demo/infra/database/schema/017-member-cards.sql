-- Migration 017: member cards
--
-- Rollback:
--   ALTER TABLE users DROP COLUMN IF EXISTS card_expires_on;
--   ALTER TABLE users DROP COLUMN IF EXISTS card_number;

ALTER TABLE users
  ADD COLUMN IF NOT EXISTS card_number varchar(16),
  ADD COLUMN IF NOT EXISTS card_expires_on date;

CREATE UNIQUE INDEX IF NOT EXISTS idx_users_card_number ON users (card_number);
