-- 004-indexes.sql
-- The look-ups of the counter. Initial setup: runs on an empty database only.

CREATE INDEX idx_books_isbn ON books (isbn);
CREATE INDEX idx_copies_book_id ON copies (book_id);
CREATE INDEX idx_loans_user_id ON loans (user_id);
CREATE INDEX idx_loans_open ON loans (copy_id) WHERE status = 'open';
