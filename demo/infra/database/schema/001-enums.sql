-- 001-enums.sql
-- The kinds of things that the library knows. Initial setup: runs on an empty database only.

CREATE TYPE user_role AS ENUM ('student', 'teacher', 'librarian');

CREATE TYPE book_format AS ENUM (
  'print',
  'audio',
  'braille'
);

CREATE TYPE loan_status AS ENUM ('open', 'returned', 'lost');
