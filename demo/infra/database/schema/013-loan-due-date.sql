-- Migration 013: loans without a due date get one
--
-- The body stands in single quotes, ends with ' LANGUAGE plpgsql; and no line of it ends with );
-- so the runner sends the function whole.
--
-- Rollback:
--   DROP TRIGGER IF EXISTS loans_due_date ON loans;
--   DROP FUNCTION IF EXISTS set_due_date();

CREATE OR REPLACE FUNCTION set_due_date() RETURNS trigger AS '
BEGIN
  IF NEW.due_on IS NULL THEN
    NEW.due_on := NEW.lent_on + 14;
  END IF;
  RETURN NEW;
END;
' LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS loans_due_date ON loans;
CREATE TRIGGER loans_due_date BEFORE INSERT ON loans FOR EACH ROW EXECUTE FUNCTION set_due_date();
