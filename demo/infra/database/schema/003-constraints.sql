-- 003-constraints.sql
-- What must hold between the tables. Initial setup: runs on an empty database only.

ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
ALTER TABLE copies ADD CONSTRAINT copies_barcode_key UNIQUE (barcode);
ALTER TABLE copies ADD CONSTRAINT copies_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (id);
ALTER TABLE loans ADD CONSTRAINT loans_copy_id_fkey FOREIGN KEY (copy_id) REFERENCES copies (id);
ALTER TABLE loans ADD CONSTRAINT loans_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id);
ALTER TABLE loans ADD CONSTRAINT loans_due_after_lent CHECK (due_on >= lent_on);
