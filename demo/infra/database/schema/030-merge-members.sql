-- Migration 030: one row for members who registered twice
--
-- Rollback: cannot be undone; the double rows are gone.

BEGIN;

LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;

CREATE TEMPORARY TABLE doubles AS
SELECT lower(email) AS email, min(id) AS keep FROM users GROUP BY lower(email) HAVING count(*) > 1;

DO $$
DECLARE
  double record;
BEGIN
  FOR double IN SELECT * FROM doubles LOOP
    UPDATE loans SET user_id = double.keep
    WHERE user_id IN (SELECT id FROM users WHERE lower(email) = double.email);
  END LOOP;
END $$;

COMMIT;
