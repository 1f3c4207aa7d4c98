-- Migration 033: everybody sees how long the waiting list is
--
-- Rollback:
--   DROP VIEW IF EXISTS waiting_list;

CREATE OR REPLACE VIEW waiting_list AS
SELECT book_id, count(*) AS waiting FROM reservations WHERE status = 'waiting' GROUP BY book_id;
