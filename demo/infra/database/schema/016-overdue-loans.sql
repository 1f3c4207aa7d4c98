-- Migration 016: the list of overdue loans
--
-- Rollback:
--   DROP VIEW IF EXISTS overdue_loans;

CREATE OR REPLACE VIEW overdue_loans AS
SELECT loans.id, users.full_name, books.title, loans.due_on, current_date - loans.due_on AS days
FROM loans
JOIN users ON users.id = loans.user_id
JOIN copies ON copies.id = loans.copy_id
JOIN books ON books.id = copies.book_id
WHERE loans.status = 'open' AND loans.due_on < current_date;
