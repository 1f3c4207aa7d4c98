-- Undoes 036-e-books.sql. Run it by hand.

ALTER TABLE books DROP COLUMN IF EXISTS ebook_url;
