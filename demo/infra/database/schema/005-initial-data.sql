-- 005-initial-data.sql
-- The first librarian and a book to lend. Initial setup: runs on an empty database only.

INSERT INTO users (email, full_name, role)
VALUES ('desk@library.example', 'Zoë Öberg', 'librarian')
ON CONFLICT (email) DO NOTHING;

INSERT INTO books (isbn, title, author)
SELECT '978-0-00-000001-2', 'The Lighthouse and the Owl 🦉', 'R. Marsh'
WHERE NOT EXISTS (SELECT 1 FROM books WHERE isbn = '978-0-00-000001-2');
