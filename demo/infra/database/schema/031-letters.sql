-- Migration 031: letters to members
--
-- Rollback:
--   DROP TABLE IF EXISTS letters;

CREATE TABLE IF NOT EXISTS letters (
  name varchar(40) PRIMARY KEY, -- shown in the list; never to the member;
  body text NOT NULL
);

INSERT INTO letters (name, body) VALUES ('overdue', 'Dear member,
your book is overdue;
please bring it back.') ON CONFLICT (name) DO NOTHING;

INSERT INTO letters (name, body) VALUES ('welcome', 'Welcome to the library! 📚
-- Your librarians
Monday to Friday, 8 to 16') ON CONFLICT (name) DO NOTHING;
