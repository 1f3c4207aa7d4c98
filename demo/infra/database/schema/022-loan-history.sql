-- Migration 022: loans that came back are marked as returned
--
-- Rollback: nothing to undo; the marks were missing before.

UPDATE loans SET status = 'returned' WHERE returned_on IS NOT NULL AND status = 'open';
