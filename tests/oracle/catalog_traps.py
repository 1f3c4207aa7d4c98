"""Small files, and what is in the database before them: only the server says what becomes of them.

A section begins with `=== what it is about: title`. What stands before a line `---` is done before the file; before
all of them stands BASE. What stands behind a line `+++` is what others do before the file is run again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

BASE = """
CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL UNIQUE, name text,
  role text DEFAULT 'user' CHECK (role IN ('user', 'admin')), mood mood, seen int DEFAULT 0);
CREATE TABLE orders (id serial PRIMARY KEY, user_id int REFERENCES users (id), total numeric(8,2) CHECK (total >= 0),
  status varchar(20) NOT NULL DEFAULT 'new', note text);
CREATE TABLE settings (key text, value text);
CREATE INDEX orders_status ON orders (status);
CREATE VIEW open_orders AS SELECT id, user_id, total FROM orders WHERE status = 'new';
CREATE MATERIALIZED VIEW totals AS SELECT user_id, sum(total) AS total FROM orders GROUP BY user_id;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY own_orders ON orders USING (user_id = 1);
CREATE SEQUENCE tickets;
CREATE TABLE migration_log (id serial PRIMARY KEY, step_number int NOT NULL, description text NOT NULL,
  sql_executed text, status varchar(20) DEFAULT 'pending', error_message text, executed_at timestamp);
INSERT INTO users (email, name) VALUES ('a@x', 'A'), ('b@x', 'B');
INSERT INTO orders (user_id, total) VALUES (1, 10), (2, 20);
INSERT INTO settings VALUES ('a', '1'), ('b', NULL);
"""


class Trap(NamedTuple):
    """One file, what it is about, the SQL that comes before it, and what others do between two runs."""

    about: str
    title: str
    setup: str
    text: str
    meanwhile: str


def traps() -> Iterator[Trap]:
    """Every trap below."""
    for match in re.finditer(r"^=== ([^:\n]*): ([^\n]*)\n(.*?)(?=^===|\Z)", _TRAPS, re.M | re.S):
        setup, _, rest = match[3].rpartition("---\n")
        text, _, meanwhile = rest.partition("+++\n")
        yield Trap(match[1], match[2], BASE.lstrip("\n") + setup, text.rstrip("\n") + "\n", meanwhile)


_TRAPS = r"""
=== create: a table
CREATE TABLE tags (id int);
SELECT 1;
=== create: a table, guarded
CREATE TABLE IF NOT EXISTS tags (id int);
SELECT 1;
=== create: a table, dropped first
DROP TABLE IF EXISTS tags;
CREATE TABLE tags (id int);
SELECT 1;
=== create: a guarded table that is there with other columns
CREATE TABLE IF NOT EXISTS settings (key text, value text, extra int);
UPDATE settings SET extra = 1;
=== create: two tables
CREATE TABLE tags (id int PRIMARY KEY);
CREATE TABLE order_tags (tag_id int REFERENCES tags, order_id int REFERENCES orders);
=== create: a guarded table behind an unguarded one
CREATE TABLE tags (id int PRIMARY KEY);
CREATE TABLE IF NOT EXISTS order_tags (tag_id int REFERENCES tags);
=== create: a table that is there
CREATE TABLE users (id int);
=== create: a table with the name of a view
CREATE TABLE open_orders (id int);
=== create: a table with the name of an index, guarded
CREATE TABLE IF NOT EXISTS orders_status (id int);
=== create: a table with the name of a type
CREATE TABLE mood (id int);
=== create: a table with its serial's sequence in the way
CREATE SEQUENCE tags_id_seq;
CREATE TABLE tags (id serial);
SELECT 1;
=== create: an index
CREATE INDEX users_name ON users (name);
SELECT 1;
=== create: an index, guarded
CREATE INDEX IF NOT EXISTS users_name ON users (name);
SELECT 1;
=== create: an index without a name
CREATE INDEX ON users (name);
SELECT 1;
=== create: an index that is there on other columns
CREATE INDEX IF NOT EXISTS orders_status ON orders (note);
=== create: an index with a name that is taken
CREATE INDEX orders_status ON orders (note);
=== create: an index on a column that is not there
CREATE INDEX orders_day ON orders (day);
=== create: an index on a table that is not there
CREATE INDEX carts_day ON carts (day);
=== create: an index on a view
CREATE INDEX open_orders_total ON open_orders (total);
=== create: an index on a materialized view
CREATE INDEX totals_total ON totals (total);
=== create: a unique index
CREATE UNIQUE INDEX users_name ON users (name);
SELECT 1;
=== create: a partial index with a wrong column
CREATE INDEX orders_open ON orders (total) WHERE state = 'new';
=== create: an index on an expression, guarded
CREATE UNIQUE INDEX IF NOT EXISTS users_email_lower ON users (lower(email));
SELECT 1;
=== create: an index on an expression with a wrong column
CREATE INDEX users_mail_lower ON users (lower(mail));
=== create: an index whose function is not immutable
CREATE INDEX orders_age ON orders ((now()::text || note));
=== create: a type is tolerated
CREATE TYPE colour AS ENUM ('red');
SELECT 1;
=== create: a type with other labels is tolerated
CREATE TYPE mood AS ENUM ('happy', 'sad', 'tired');
ALTER TABLE users ALTER COLUMN mood SET DEFAULT 'tired';
=== create: a composite type
CREATE TYPE pair AS (a int, b int);
SELECT 1;
=== create: a domain
CREATE DOMAIN email AS text CHECK (value LIKE '%@%');
SELECT 1;
=== create: a view
CREATE VIEW names AS SELECT name FROM users;
SELECT 1;
=== create: a view, replaced
CREATE OR REPLACE VIEW names AS SELECT name FROM users;
SELECT 1;
=== create: a view with one column more at the end
CREATE OR REPLACE VIEW open_orders AS SELECT id, user_id, total, note FROM orders WHERE status = 'new';
SELECT 1;
=== create: a view with one column less
CREATE OR REPLACE VIEW open_orders AS SELECT id, user_id FROM orders WHERE status = 'new';
=== create: a view with a column in between
CREATE OR REPLACE VIEW open_orders AS SELECT id, note, user_id, total FROM orders WHERE status = 'new';
=== create: a view with a column renamed
CREATE OR REPLACE VIEW open_orders AS SELECT id, user_id AS owner_id, total FROM orders WHERE status = 'new';
=== create: a view of a wrong column
CREATE VIEW days AS SELECT day FROM orders;
=== create: a view of a missing table
CREATE VIEW carts AS SELECT * FROM cart_rows;
=== create: a view over a table
CREATE OR REPLACE VIEW settings AS SELECT 1 AS one;
=== create: a materialized view
CREATE MATERIALIZED VIEW names AS SELECT name FROM users;
SELECT 1;
=== create: a materialized view, guarded
CREATE MATERIALIZED VIEW IF NOT EXISTS names AS SELECT name FROM users;
REFRESH MATERIALIZED VIEW names;
=== create: a view of a view
CREATE VIEW big_orders AS SELECT id FROM open_orders WHERE total > 100;
SELECT 1;
=== create: a function
CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
=== create: a function, replaced
CREATE OR REPLACE FUNCTION one() RETURNS int AS 'BEGIN RETURN 1; END' LANGUAGE plpgsql;
SELECT one();
=== create: a function that is there with another result
CREATE OR REPLACE FUNCTION touch() RETURNS int AS 'BEGIN RETURN 1; END' LANGUAGE plpgsql;
=== create: a function with other arguments
CREATE FUNCTION touch(who int) RETURNS int AS 'BEGIN RETURN 1; END' LANGUAGE plpgsql;
SELECT 1;
=== create: a function with an argument renamed
CREATE OR REPLACE FUNCTION add(a int) RETURNS int AS 'BEGIN RETURN a; END' LANGUAGE plpgsql;
CREATE OR REPLACE FUNCTION add(b int) RETURNS int AS 'BEGIN RETURN b; END' LANGUAGE plpgsql;
=== create: a trigger
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
SELECT 1;
=== create: a trigger, replaced
CREATE OR REPLACE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
SELECT 1;
=== create: a trigger, dropped first
DROP TRIGGER IF EXISTS orders_touch ON orders;
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
SELECT 1;
=== create: a trigger with a missing function
CREATE TRIGGER orders_log AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION write_log();
=== create: a trigger on a missing column
CREATE TRIGGER orders_log AFTER UPDATE OF day ON orders FOR EACH ROW EXECUTE FUNCTION touch();
=== create: a trigger whose condition names a missing column
CREATE TRIGGER orders_log AFTER UPDATE ON orders FOR EACH ROW WHEN (old.day IS NULL) EXECUTE FUNCTION touch();
=== create: a trigger on a missing table
CREATE TRIGGER carts_touch BEFORE UPDATE ON carts FOR EACH ROW EXECUTE FUNCTION touch();
=== create: a policy
CREATE POLICY all_orders ON orders USING (true);
SELECT 1;
=== create: a policy, dropped first
DROP POLICY IF EXISTS all_orders ON orders;
CREATE POLICY all_orders ON orders USING (true);
SELECT 1;
=== create: a policy that names a missing column
CREATE POLICY day_orders ON orders USING (day IS NULL);
=== create: a sequence
CREATE SEQUENCE receipts;
SELECT 1;
=== create: a sequence, guarded
CREATE SEQUENCE IF NOT EXISTS receipts;
SELECT nextval('receipts');
=== create: a schema
CREATE SCHEMA archive;
CREATE TABLE archive.users (id int);
=== create: a schema, guarded
CREATE SCHEMA IF NOT EXISTS archive;
CREATE TABLE IF NOT EXISTS archive.users (id int);
=== create: a table in a missing schema
CREATE TABLE archive.users (id int);
=== create: an extension
CREATE EXTENSION plpgsql;
=== create: an extension, guarded
CREATE EXTENSION IF NOT EXISTS plpgsql;
=== create: a role
CREATE ROLE reporter;
SELECT 1;
=== create: a rule
CREATE RULE no_delete AS ON DELETE TO settings DO INSTEAD NOTHING;
SELECT 1;
=== create: a rule, replaced
CREATE OR REPLACE RULE no_delete AS ON DELETE TO settings DO INSTEAD NOTHING;
SELECT 1;
=== create: statistics
CREATE STATISTICS orders_both ON user_id, status FROM orders;
SELECT 1;
=== create: a publication
CREATE PUBLICATION changes;
SELECT 1;
=== create: a cast
CREATE CAST (mood AS int) WITH INOUT;
SELECT 1;
=== create: a table as a query
CREATE TABLE old_orders AS SELECT * FROM orders;
SELECT 1;
=== create: a table as a query, guarded
CREATE TABLE IF NOT EXISTS old_orders AS SELECT * FROM orders;
SELECT 1;
=== create: a table by SELECT INTO
SELECT * INTO old_orders FROM orders;
SELECT 1;
=== create: a table like another
CREATE TABLE old_orders (LIKE orders INCLUDING ALL);
SELECT 1;
=== create: a table like a missing one
CREATE TABLE old_carts (LIKE carts);
=== create: a partitioned table and its partition
CREATE TABLE events (day date, what text) PARTITION BY RANGE (day);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO events VALUES ('2024-05-05', 'x');
=== create: a partition of a plain table
CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM (1) TO (2);
=== create: a child table
CREATE TABLE big_orders (weight int) INHERITS (orders);
ALTER TABLE orders ADD COLUMN IF NOT EXISTS colour text;
SELECT colour FROM big_orders;
=== create: a temporary table does not live on
CREATE TEMP TABLE ids (id int);
INSERT INTO ids VALUES (1);
=== create: a column of a missing type
CREATE TABLE tags (id int, kind tag_kind);
=== create: a column of the set's own type
CREATE TABLE IF NOT EXISTS tags (id int, how mood DEFAULT 'happy');
=== create: a default that is no label
CREATE TABLE tags (id int, how mood DEFAULT 'tired');
=== create: a column twice
CREATE TABLE tags (id int, id text);
=== create: two primary keys
CREATE TABLE tags (id int PRIMARY KEY, name text PRIMARY KEY);
=== create: a key of a missing column
CREATE TABLE tags (id int, PRIMARY KEY (name));
=== create: a check of a missing column
CREATE TABLE tags (id int, CHECK (size > 0));
=== create: a foreign key to a missing table
CREATE TABLE tags (id int, cart_id int REFERENCES carts (id));
=== create: a foreign key to a missing column
CREATE TABLE tags (id int, user_id int REFERENCES users (uid));
=== create: a foreign key to a column without a key
CREATE TABLE tags (id int, user_name text REFERENCES users (name));
=== create: a foreign key to a table without a primary key
CREATE TABLE tags (id int, key text REFERENCES settings);
=== create: a foreign key of another type
CREATE TABLE tags (id int, user_id uuid REFERENCES users (id));
=== create: a foreign key to itself
CREATE TABLE IF NOT EXISTS tags (id int PRIMARY KEY, parent_id int REFERENCES tags (id));
=== create: constraints with the same name
CREATE TABLE tags (id int, size int, CONSTRAINT good CHECK (id > 0), CONSTRAINT good CHECK (size > 0));
=== drop: a table
DROP TABLE settings;
SELECT 1;
=== drop: a table, guarded
DROP TABLE IF EXISTS settings;
SELECT 1;
=== drop: a table with a foreign key on it
DROP TABLE users;
=== drop: a table with a view on it
DROP TABLE orders;
=== drop: a table with all that rests on it
DROP TABLE IF EXISTS orders CASCADE;
SELECT * FROM open_orders;
=== drop: a table that this file makes
CREATE TABLE IF NOT EXISTS scratch (id int);
INSERT INTO scratch SELECT id FROM users;
DROP TABLE scratch;
=== drop: a table that this file makes, guarded
CREATE TABLE IF NOT EXISTS scratch (id int);
DROP TABLE IF EXISTS scratch;
SELECT 1;
=== drop: a missing table
DROP TABLE carts;
=== drop: a view as if it were a table
DROP TABLE open_orders;
=== drop: a table as if it were a view, guarded
DROP VIEW IF EXISTS settings;
=== drop: a column
ALTER TABLE users DROP COLUMN name;
SELECT 1;
=== drop: a column, guarded
ALTER TABLE users DROP COLUMN IF EXISTS name;
SELECT 1;
=== drop: a column that a view reads
ALTER TABLE orders DROP COLUMN total;
=== drop: a column that a view reads, cascading
ALTER TABLE orders DROP COLUMN IF EXISTS total CASCADE;
SELECT 1;
=== drop: a column that a policy names
DROP VIEW IF EXISTS open_orders;
DROP MATERIALIZED VIEW IF EXISTS totals;
ALTER TABLE orders DROP COLUMN IF EXISTS user_id;
=== drop: a column with an index
DROP VIEW IF EXISTS open_orders;
ALTER TABLE orders DROP COLUMN IF EXISTS status;
DROP INDEX orders_status;
=== drop: a column that a trigger watches
CREATE TRIGGER names_touch BEFORE UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION touch();
---
ALTER TABLE users DROP COLUMN name;
=== drop: a column that a generated one needs
ALTER TABLE users ADD COLUMN loud text GENERATED ALWAYS AS (upper(name)) STORED;
---
ALTER TABLE users DROP COLUMN name;
=== drop: a key column that another table refers to
ALTER TABLE users DROP COLUMN id;
=== drop: a missing column
ALTER TABLE users DROP COLUMN nick;
=== drop: an index
DROP INDEX orders_status;
SELECT 1;
=== drop: an index, guarded
DROP INDEX IF EXISTS orders_status;
SELECT 1;
=== drop: the index of a constraint
DROP INDEX users_email_key;
=== drop: a constraint
ALTER TABLE users DROP CONSTRAINT users_email_key;
SELECT 1;
=== drop: a constraint, guarded
ALTER TABLE users DROP CONSTRAINT IF EXISTS users_email_key;
SELECT 1;
=== drop: the primary key that a foreign key needs
ALTER TABLE users DROP CONSTRAINT users_pkey;
=== drop: a missing constraint
ALTER TABLE users DROP CONSTRAINT users_name_key;
=== drop: a type
DROP TYPE IF EXISTS mood;
=== drop: a type, cascading
DROP TYPE IF EXISTS mood CASCADE;
=== drop: a type that nothing uses
CREATE TYPE colour AS ENUM ('red');
---
DROP TYPE colour;
=== drop: a function that a trigger calls
DROP FUNCTION touch();
=== drop: a function, guarded
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
---
DROP FUNCTION IF EXISTS one();
SELECT 1;
=== drop: a function with wrong arguments
DROP FUNCTION touch(int);
=== drop: a trigger
DROP TRIGGER users_touch ON users;
SELECT 1;
=== drop: a trigger, guarded
DROP TRIGGER IF EXISTS users_touch ON users;
SELECT 1;
=== drop: a guarded trigger of a missing table
DROP TRIGGER IF EXISTS carts_touch ON carts;
SELECT 1;
=== drop: a policy
DROP POLICY own_orders ON orders;
SELECT 1;
=== drop: a sequence
DROP SEQUENCE tickets;
SELECT 1;
=== drop: a sequence that a column owns
DROP SEQUENCE users_id_seq;
=== drop: a view
DROP VIEW open_orders;
SELECT 1;
=== drop: a view that another one reads
CREATE VIEW big_orders AS SELECT id FROM open_orders WHERE total > 100;
---
DROP VIEW open_orders;
=== drop: a schema that is not empty
CREATE SCHEMA archive;
CREATE TABLE archive.users (id int);
---
DROP SCHEMA archive;
=== drop: a schema, cascading
CREATE SCHEMA archive;
CREATE TABLE archive.users (id int);
---
DROP SCHEMA archive CASCADE;
SELECT 1;
=== drop: a view and made again
DROP VIEW IF EXISTS open_orders;
CREATE VIEW open_orders AS SELECT id FROM orders;
SELECT 1;
=== add column: unguarded is tolerated
ALTER TABLE users ADD COLUMN nick text;
SELECT 1;
=== add column: guarded
ALTER TABLE users ADD COLUMN IF NOT EXISTS nick text;
SELECT 1;
=== add column: with a schema is not tolerated
ALTER TABLE public.users ADD COLUMN nick text;
SELECT 1;
=== add column: without the word COLUMN is not tolerated
ALTER TABLE users ADD nick text;
SELECT 1;
=== add column: with IF EXISTS is not tolerated
ALTER TABLE IF EXISTS users ADD COLUMN nick text;
SELECT 1;
=== add column: in quotes is not tolerated
ALTER TABLE "users" ADD COLUMN nick text;
SELECT 1;
=== add column: two, the second is there
ALTER TABLE users ADD COLUMN nick text, ADD COLUMN name text;
SELECT nick FROM users;
=== add column: two, the first is there and the second gets lost
ALTER TABLE users ADD COLUMN name text, ADD COLUMN nick text;
SELECT nick FROM users;
=== add column: not null without a default in a table with rows
ALTER TABLE users ADD COLUMN nick text NOT NULL;
=== add column: not null without a default in an empty table
CREATE TABLE IF NOT EXISTS tags (id int);
ALTER TABLE tags ADD COLUMN IF NOT EXISTS nick text NOT NULL;
=== add column: a foreign key with it
ALTER TABLE users ADD COLUMN boss_id int REFERENCES users (id);
SELECT 1;
=== add column: a missing type
ALTER TABLE users ADD COLUMN nick nickname;
=== add column: a missing table
ALTER TABLE carts ADD COLUMN nick text;
=== add column: a missing table, guarded
ALTER TABLE IF EXISTS carts ADD COLUMN nick text;
SELECT 1;
=== add column: to a view
ALTER TABLE open_orders ADD COLUMN nick text;
=== add column: unique with it
ALTER TABLE users ADD COLUMN IF NOT EXISTS nick text UNIQUE;
SELECT 1;
=== add constraint: a check
ALTER TABLE orders ADD CONSTRAINT orders_small CHECK (total < 1000);
SELECT 1;
=== add constraint: dropped first
ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_small;
ALTER TABLE orders ADD CONSTRAINT orders_small CHECK (total < 1000);
SELECT 1;
=== add constraint: dropped first in the same statement
ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_small, ADD CONSTRAINT orders_small CHECK (total < 1000);
SELECT 1;
=== add constraint: another one dropped first
ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_tiny;
ALTER TABLE orders ADD CONSTRAINT orders_small CHECK (total < 1000);
SELECT 1;
=== add constraint: without a name
ALTER TABLE orders ADD CHECK (total < 1000);
SELECT 1;
=== add constraint: a foreign key
ALTER TABLE orders ADD CONSTRAINT orders_buyer FOREIGN KEY (user_id) REFERENCES users (id);
SELECT 1;
=== add constraint: a foreign key without a name
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;
SELECT 1;
=== add constraint: a foreign key to a column without a key
ALTER TABLE orders ADD CONSTRAINT orders_note FOREIGN KEY (note) REFERENCES users (name);
=== add constraint: unique
ALTER TABLE users ADD CONSTRAINT users_name_key UNIQUE (name);
SELECT 1;
=== add constraint: unique without a name
ALTER TABLE users ADD UNIQUE (name);
SELECT 1;
=== add constraint: a second primary key
ALTER TABLE users ADD PRIMARY KEY (email);
=== add constraint: a primary key
ALTER TABLE settings ADD COLUMN IF NOT EXISTS id serial;
ALTER TABLE settings ADD PRIMARY KEY (id);
=== add constraint: a column that is not there
ALTER TABLE orders ADD CONSTRAINT orders_day UNIQUE (day);
=== add constraint: that the rows violate
ALTER TABLE orders ADD CONSTRAINT orders_large CHECK (total > 1000);
=== add constraint: not valid, then validated
ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_small;
ALTER TABLE orders ADD CONSTRAINT orders_small CHECK (total < 1000) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_small;
=== add constraint: the index that is used is gone afterwards
CREATE UNIQUE INDEX IF NOT EXISTS users_name_i ON users (name);
ALTER TABLE users DROP CONSTRAINT IF EXISTS users_name_key;
ALTER TABLE users ADD CONSTRAINT users_name_key UNIQUE USING INDEX users_name_i;
SELECT 1;
=== rename: a table
ALTER TABLE settings RENAME TO options;
SELECT 1;
=== rename: a table, guarded
ALTER TABLE IF EXISTS settings RENAME TO options;
SELECT 1;
=== rename: a table, read under its new name
ALTER TABLE settings RENAME TO options;
SELECT * FROM options;
=== rename: a column
ALTER TABLE users RENAME COLUMN name TO full_name;
SELECT 1;
=== rename: a column that is made before
ALTER TABLE users ADD COLUMN IF NOT EXISTS nick text;
ALTER TABLE users RENAME COLUMN nick TO nickname;
=== rename: a column to a name that is there
ALTER TABLE users RENAME COLUMN name TO email;
=== rename: a missing column
ALTER TABLE users RENAME COLUMN nick TO nickname;
=== rename: an index
ALTER INDEX orders_status RENAME TO orders_by_status;
SELECT 1;
=== rename: an index, guarded
ALTER INDEX IF EXISTS orders_status RENAME TO orders_by_status;
SELECT 1;
=== rename: a constraint
ALTER TABLE users RENAME CONSTRAINT users_email_key TO users_email_once;
SELECT 1;
=== rename: a type
ALTER TYPE mood RENAME TO feeling;
SELECT 1;
=== rename: a label
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
SELECT 1;
=== rename: a table under views
ALTER TABLE orders RENAME TO purchases;
---
SELECT total FROM open_orders;
SELECT total FROM orders;
=== rename: a column under a view
ALTER TABLE orders RENAME COLUMN total TO amount;
---
SELECT total FROM open_orders;
SELECT total FROM orders;
=== rename: two tables swapped
ALTER TABLE settings RENAME TO settings_old;
CREATE TABLE settings (key text PRIMARY KEY, value text);
INSERT INTO settings SELECT key, value FROM settings_old;
DROP TABLE settings_old;
=== rename: a function
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
---
ALTER FUNCTION one() RENAME TO uno;
SELECT 1;
=== rename: a view
ALTER VIEW open_orders RENAME TO new_orders;
SELECT 1;
=== rename: a trigger
ALTER TRIGGER users_touch ON users RENAME TO users_touched;
SELECT 1;
=== rename: a schema
CREATE SCHEMA archive;
CREATE TABLE archive.users (id int);
---
ALTER SCHEMA archive RENAME TO attic;
SELECT id FROM attic.users;
=== rename: moved to another schema
CREATE SCHEMA archive;
---
ALTER TABLE settings SET SCHEMA archive;
SELECT * FROM archive.settings;
=== label: added
ALTER TYPE mood ADD VALUE 'tired';
SELECT 1;
=== label: added, guarded
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'tired';
UPDATE users SET mood = 'tired' WHERE id = 1;
=== label: before a missing one
ALTER TYPE mood ADD VALUE 'tired' BEFORE 'angry';
=== label: of a missing type
ALTER TYPE colour ADD VALUE 'red';
=== label: of a type that is no enum
CREATE TYPE pair AS (a int);
---
ALTER TYPE pair ADD VALUE 'red';
=== insert: without a key to conflict on
INSERT INTO settings (key, value) VALUES ('theme', 'dark');
SELECT 1;
=== insert: into a table with a unique key
INSERT INTO users (email, name) VALUES ('c@x', 'C');
SELECT 1;
=== insert: on conflict do nothing
INSERT INTO users (email, name) VALUES ('c@x', 'C') ON CONFLICT (email) DO NOTHING;
SELECT 1;
=== insert: on conflict do nothing, without a target
INSERT INTO users (email, name) VALUES ('c@x', 'C') ON CONFLICT DO NOTHING;
SELECT 1;
=== insert: on conflict do nothing that never fires
INSERT INTO settings (key, value) VALUES ('theme', 'dark') ON CONFLICT DO NOTHING;
SELECT 1;
=== insert: on conflict do nothing where only the serial is a key
INSERT INTO orders (user_id, total) VALUES (1, 5) ON CONFLICT DO NOTHING;
SELECT 1;
=== insert: on conflict of columns without a key
INSERT INTO settings (key, value) VALUES ('theme', 'dark') ON CONFLICT (key) DO NOTHING;
=== insert: on conflict of a missing column
INSERT INTO users (email) VALUES ('c@x') ON CONFLICT (mail) DO NOTHING;
=== insert: on conflict of a missing constraint
INSERT INTO users (email) VALUES ('c@x') ON CONFLICT ON CONSTRAINT users_mail_key DO NOTHING;
=== insert: on conflict of a constraint
INSERT INTO users (email) VALUES ('c@x') ON CONFLICT ON CONSTRAINT users_email_key DO UPDATE SET name = excluded.name;
SELECT 1;
=== insert: on conflict of an index's expression
CREATE UNIQUE INDEX users_email_lower ON users (lower(email));
---
INSERT INTO users (email) VALUES ('c@x') ON CONFLICT (lower(email)) DO NOTHING;
SELECT 1;
=== insert: on conflict of a partial index
CREATE UNIQUE INDEX settings_set ON settings (key) WHERE value IS NOT NULL;
---
INSERT INTO settings VALUES ('c', 'x') ON CONFLICT (key) WHERE value IS NOT NULL DO NOTHING;
SELECT 1;
=== insert: on conflict of a partial index without its condition
CREATE UNIQUE INDEX settings_set ON settings (key) WHERE value IS NOT NULL;
---
INSERT INTO settings VALUES ('c', 'x') ON CONFLICT (key) DO NOTHING;
=== insert: where it is not there yet
INSERT INTO settings (key, value) SELECT 'theme', 'dark' WHERE NOT EXISTS (SELECT 1 FROM settings WHERE key = 'theme');
SELECT 1;
=== insert: deleted first
DELETE FROM settings WHERE key = 'theme';
INSERT INTO settings (key, value) VALUES ('theme', 'dark');
SELECT 1;
=== insert: from a query
INSERT INTO settings (key, value) SELECT email, name FROM users;
SELECT 1;
=== insert: ids into a serial column
CREATE TABLE IF NOT EXISTS people (id serial PRIMARY KEY, name text);
INSERT INTO people (id, name) SELECT id, name FROM users ON CONFLICT DO NOTHING;
INSERT INTO people (name) VALUES ('new');
=== insert: a missing table
INSERT INTO carts VALUES (1);
=== insert: a missing column
INSERT INTO users (email, nick) VALUES ('c@x', 'C');
=== insert: too many values
INSERT INTO settings (key) VALUES ('a', 'b');
=== insert: more columns than values
INSERT INTO settings (key, value) VALUES ('a');
=== insert: a column twice
INSERT INTO settings (key, key) VALUES ('a', 'b');
=== insert: no label of the enum
INSERT INTO users (email, mood) VALUES ('c@x', 'tired');
=== insert: a value that the check does not allow
INSERT INTO users (email, role) VALUES ('c@x', 'guest');
=== insert: no value for a column that needs one
INSERT INTO users (name) VALUES ('C');
=== insert: null for a column that needs a value
INSERT INTO users (email) VALUES (NULL);
=== insert: text into a number
INSERT INTO orders (user_id) VALUES ('one');
=== insert: into a generated column
CREATE TABLE boxes (w int, h int, area int GENERATED ALWAYS AS (w * h) STORED);
---
INSERT INTO boxes (w, h, area) VALUES (1, 2, 2);
=== insert: into an identity column that is always made
CREATE TABLE boxes (id int GENERATED ALWAYS AS IDENTITY, w int);
---
INSERT INTO boxes (id, w) VALUES (1, 2);
=== insert: an id that a foreign key does not find
INSERT INTO orders (user_id, total) VALUES (99, 1);
=== insert: a literal key
INSERT INTO orders (id, user_id, total) VALUES (7, 1, 1);
SELECT 1;
=== insert: an alias that does not exist
INSERT INTO users AS u (email) VALUES ('c@x') ON CONFLICT (email) DO UPDATE SET name = users.name;
=== insert: excluded with a wrong column
INSERT INTO users (email) VALUES ('c@x') ON CONFLICT (email) DO UPDATE SET name = excluded.nick;
=== update: what it has set stays
UPDATE users SET role = 'admin' WHERE email = 'a@x';
SELECT 1;
=== update: a counter
UPDATE users SET seen = seen + 1;
SELECT 1;
=== update: text that grows
UPDATE orders SET note = coalesce(note, '') || '!';
SELECT 1;
=== update: only where it is empty
UPDATE orders SET note = 'none' WHERE note IS NULL;
SELECT 1;
=== update: overwrites what a later statement sets
UPDATE users SET name = upper(name);
UPDATE users SET name = 'Boss' WHERE id = 1;
=== update: a missing column
UPDATE users SET nick = name;
=== update: a missing column behind WHERE
UPDATE users SET name = 'x' WHERE nick = 'y';
=== update: a missing table
UPDATE carts SET id = 1;
=== update: from another table
UPDATE orders SET note = users.name FROM users WHERE users.id = orders.user_id;
SELECT 1;
=== update: from a table that is not there
UPDATE orders SET note = p.name FROM people p WHERE p.id = orders.user_id;
=== update: no label of the enum
UPDATE users SET mood = 'tired';
=== update: a value that the check does not allow
UPDATE users SET role = 'guest';
=== update: null where a value is needed
UPDATE orders SET status = NULL;
=== update: a column that a later statement drops
UPDATE users SET email = name WHERE email IS NULL;
ALTER TABLE users DROP COLUMN IF EXISTS name;
=== delete: rows
DELETE FROM settings WHERE value IS NULL;
SELECT 1;
=== delete: a missing table
DELETE FROM carts;
=== delete: a missing column
DELETE FROM users WHERE nick IS NULL;
=== delete: truncate
TRUNCATE settings;
INSERT INTO settings VALUES ('a', '1');
=== delete: truncate what a foreign key refers to
TRUNCATE users;
=== delete: what a foreign key refers to
DELETE FROM users;
=== read and drop: a backfill from a column that goes
ALTER TABLE orders ADD COLUMN IF NOT EXISTS remark text;
UPDATE orders SET remark = note;
ALTER TABLE orders DROP COLUMN IF EXISTS note;
=== read and drop: a copy of a table that goes
CREATE TABLE IF NOT EXISTS options AS SELECT * FROM settings;
DROP TABLE IF EXISTS settings;
=== read and drop: a copy that is not made again
CREATE TABLE IF NOT EXISTS options (key text, value text);
INSERT INTO options SELECT key, value FROM settings;
DROP TABLE IF EXISTS settings;
SELECT 1;
=== read and drop: an index on a column that goes
CREATE INDEX IF NOT EXISTS orders_note ON orders (note);
ALTER TABLE orders DROP COLUMN IF EXISTS note;
SELECT 1;
=== read and drop: a comment on what goes
COMMENT ON TABLE settings IS 'old';
DROP TABLE IF EXISTS settings;
SELECT 1;
=== read and drop: a grant on what goes
GRANT SELECT ON settings TO PUBLIC;
DROP TABLE IF EXISTS settings;
SELECT 1;
=== alter column: a type
ALTER TABLE users ALTER COLUMN name TYPE varchar(100);
SELECT 1;
=== alter column: a type that a view reads
ALTER TABLE orders ALTER COLUMN total TYPE bigint;
=== alter column: the same type, though a view reads it
ALTER TABLE orders ALTER COLUMN total TYPE numeric(8,2);
=== alter column: a type that needs USING
ALTER TABLE settings ALTER COLUMN value TYPE int;
=== alter column: a type by a constant
ALTER TABLE settings ALTER COLUMN value TYPE int USING 0;
UPDATE settings SET value = 5;
=== alter column: a type by a cast that runs once only
ALTER TABLE users ADD COLUMN IF NOT EXISTS born text;
ALTER TABLE users ALTER COLUMN born TYPE date USING to_date(born, 'DD.MM.YYYY');
SELECT 1;
=== alter column: a type with a default that does not fit
ALTER TABLE orders ADD COLUMN how text DEFAULT 'happy';
---
ALTER TABLE orders ALTER COLUMN how TYPE mood USING how::mood;
=== alter column: a type with the default dropped first
ALTER TABLE orders ADD COLUMN how text DEFAULT 'happy';
---
ALTER TABLE orders ALTER COLUMN how DROP DEFAULT, ALTER COLUMN how TYPE mood USING how::mood;
ALTER TABLE orders ALTER COLUMN how SET DEFAULT 'sad';
=== alter column: to a missing type
ALTER TABLE users ALTER COLUMN name TYPE nickname;
=== alter column: a missing one
ALTER TABLE users ALTER COLUMN nick TYPE text;
=== alter column: not null
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
SELECT 1;
=== alter column: not null where there are nulls
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
=== alter column: null again in a key
ALTER TABLE users ALTER COLUMN id DROP NOT NULL;
=== alter column: a default
ALTER TABLE users ALTER COLUMN name SET DEFAULT 'nobody';
SELECT 1;
=== alter column: a default of the wrong kind
ALTER TABLE orders ALTER COLUMN total SET DEFAULT 'much';
=== alter column: an identity
ALTER TABLE settings ADD COLUMN IF NOT EXISTS id int NOT NULL DEFAULT 0;
ALTER TABLE settings ALTER COLUMN id DROP DEFAULT;
ALTER TABLE settings ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY;
SELECT 1;
=== query: a missing table
SELECT * FROM carts;
=== query: a table of another schema
SELECT * FROM archive.users;
=== query: a missing column
SELECT nick FROM users;
=== query: a column of the wrong alias
SELECT o.email FROM orders o JOIN users u ON u.id = o.user_id;
=== query: a table hidden by its alias
SELECT users.email FROM users u;
=== query: an ambiguous column
SELECT id FROM orders o JOIN users u ON u.id = o.user_id;
=== query: a column of a join by name
SELECT id FROM orders JOIN users USING (id);
=== query: a common table expression
WITH n AS (SELECT name FROM users) SELECT name, email FROM n;
=== query: a common table expression that does more
WITH moved AS (DELETE FROM settings RETURNING key) SELECT key, value FROM moved;
=== query: an outer column
SELECT 1 FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND u.nick IS NULL);
=== query: a lateral one
SELECT u.id, o.total FROM users u, LATERAL (SELECT total FROM orders WHERE user_id = u.id) o;
=== query: not lateral
SELECT u.id, o.total FROM users u, (SELECT total FROM orders WHERE user_id = u.id) o;
=== query: a function's columns
SELECT g, n.n FROM generate_series(1, 2) g, generate_series(1, 2) AS n (n);
=== query: a row
SELECT u, u.*, (u).email FROM users u;
=== query: a missing function
SELECT shorten(email) FROM users;
=== query: a system column
SELECT ctid, xmin, tableoid::regclass FROM users;
=== query: order by an alias
SELECT name AS n FROM users ORDER BY n;
=== query: where with an alias
SELECT name AS n FROM users WHERE n IS NULL;
=== query: group by forgotten
SELECT name, count(*) FROM users;
=== query: union of different widths
SELECT id FROM users UNION SELECT id, user_id FROM orders;
=== query: text compared with a number
SELECT 1 FROM users WHERE email = 1;
=== query: a label that is none
SELECT 1 FROM users WHERE mood = 'tired';
=== query: a cast that cannot pass
SELECT 'abc'::int;
=== comment: on a missing table
COMMENT ON TABLE carts IS 'x';
=== comment: on a missing column
COMMENT ON COLUMN users.nick IS 'x';
=== comment: on what is there
COMMENT ON COLUMN users.name IS 'é😀';
SELECT 1;
=== comment: on a view as if it were a table
COMMENT ON TABLE open_orders IS 'x';
=== grant: to a missing role
GRANT SELECT ON users TO nobody_at_all;
=== grant: on a missing table
GRANT SELECT ON carts TO PUBLIC;
=== grant: owner to a missing role
ALTER TABLE users OWNER TO nobody_at_all;
=== session: nothing stays
SET search_path = archive;
SELECT 1 FROM users;
=== session: a block makes nothing atomic
BEGIN;
CREATE TABLE tags (id int);
ROLLBACK;
=== session: a savepoint
SAVEPOINT s;
=== session: a lock
LOCK TABLE users;
=== session: a prepared statement
PREPARE p AS SELECT 1;
EXECUTE p;
=== splitter: DROP TYPE swallows what follows
DROP TYPE IF EXISTS colour CASCADE;
CREATE TABLE tags (id int);
SELECT 1;
=== splitter: two statements on one line
CREATE TABLE tags (id int); CREATE TABLE more_tags (id int);
=== splitter: a note behind the end
CREATE TABLE tags (id int); -- é
SELECT 1;
=== splitter: an enum on one line
CREATE TYPE colour AS ENUM ('red', 'é');
CREATE TABLE IF NOT EXISTS tags (id int, how colour);
=== splitter: an enum on several lines
CREATE TYPE colour AS ENUM (
  'red',
  'green'
);
CREATE TABLE IF NOT EXISTS tags (id int, how colour);
=== splitter: a DO block
DO $$ BEGIN CREATE TABLE tags (id int); EXCEPTION WHEN duplicate_table THEN NULL; END $$;
SELECT 1 FROM tags;
=== splitter: a DO block that is cut
DO $$
BEGIN
  PERFORM 1;
END $$;
=== splitter: concurrently
CREATE INDEX CONCURRENTLY users_name ON users (name);
=== order: a table before the one that it refers to
CREATE TABLE carts (id int PRIMARY KEY, owner_id int REFERENCES owners (id));
CREATE TABLE owners (id int PRIMARY KEY);
=== order: an index before its column
CREATE INDEX IF NOT EXISTS users_nick ON users (nick);
ALTER TABLE users ADD COLUMN IF NOT EXISTS nick text;
=== order: a type before its table
CREATE TYPE colour AS ENUM ('red');
CREATE TABLE IF NOT EXISTS cars (id int, how colour DEFAULT 'red');
INSERT INTO cars VALUES (1, 'blue');
=== order: dropped and then read
DROP TABLE IF EXISTS settings;
SELECT * FROM settings;
=== meanwhile: an update sets again what somebody changed
UPDATE users SET role = 'admin' WHERE email = 'a@x';
SELECT 1;
+++
UPDATE users SET role = 'user' WHERE email = 'a@x';
=== meanwhile: an update of all rows
UPDATE orders SET status = 'old';
SELECT 1;
+++
INSERT INTO orders (user_id, total, status) VALUES (1, 5, 'new');
=== meanwhile: an update of what is empty
ALTER TABLE orders ADD COLUMN IF NOT EXISTS remark text;
UPDATE orders SET remark = note WHERE remark IS NULL;
+++
UPDATE orders SET remark = 'changed';
=== meanwhile: a backfill of a new column
ALTER TABLE orders ADD COLUMN IF NOT EXISTS remark text;
UPDATE orders SET remark = 'from the file';
+++
UPDATE orders SET remark = 'changed';
=== meanwhile: an update that its own value keeps from running twice
UPDATE users SET name = 'Anna' WHERE email = 'a@x' AND name = 'A';
SELECT 1;
+++
UPDATE users SET name = 'Ann' WHERE email = 'a@x';
=== meanwhile: on conflict do update
INSERT INTO users (email, name) VALUES ('a@x', 'Seed') ON CONFLICT (email) DO UPDATE SET name = excluded.name;
SELECT 1;
+++
UPDATE users SET name = 'Ann' WHERE email = 'a@x';
=== meanwhile: on conflict do nothing
INSERT INTO users (email, name) VALUES ('c@x', 'Seed') ON CONFLICT (email) DO NOTHING;
SELECT 1;
+++
UPDATE users SET name = 'Ann' WHERE email = 'c@x';
=== meanwhile: a row that somebody deleted comes back
INSERT INTO users (email, name) VALUES ('c@x', 'Seed') ON CONFLICT (email) DO NOTHING;
SELECT 1;
+++
DELETE FROM users WHERE email = 'c@x';
=== meanwhile: a table dropped and made again loses its rows
DROP TABLE IF EXISTS tags;
CREATE TABLE tags (id int);
SELECT 1;
+++
INSERT INTO tags VALUES (1);
=== meanwhile: a column dropped and made again loses its values
ALTER TABLE users DROP COLUMN IF EXISTS seen;
ALTER TABLE users ADD COLUMN IF NOT EXISTS seen timestamptz;
SELECT 1;
+++
UPDATE users SET seen = '2024-01-01';
=== meanwhile: a type by a constant
ALTER TABLE settings ALTER COLUMN value TYPE int USING 0;
SELECT 1;
+++
UPDATE settings SET value = 7;
=== meanwhile: a type by a cast of its own
ALTER TABLE settings ALTER COLUMN value TYPE int USING value::int;
SELECT 1;
+++
UPDATE settings SET value = 7;
=== meanwhile: rows deleted
DELETE FROM settings WHERE value IS NULL;
SELECT 1;
+++
INSERT INTO settings VALUES ('c', NULL);
=== meanwhile: a table emptied
TRUNCATE settings;
SELECT 1;
+++
INSERT INTO settings VALUES ('c', '3');
=== meanwhile: deleted and inserted
DELETE FROM settings WHERE key = 'theme';
INSERT INTO settings (key, value) VALUES ('theme', 'dark');
SELECT 1;
+++
UPDATE settings SET value = 'light' WHERE key = 'theme';
=== meanwhile: a table swapped in
DROP TABLE IF EXISTS settings_new;
CREATE TABLE settings_new (key text PRIMARY KEY, value text);
INSERT INTO settings_new SELECT key, value FROM settings;
DROP TABLE IF EXISTS settings;
ALTER TABLE settings_new RENAME TO settings;
+++
UPDATE settings SET value = 'light';
=== meanwhile: a sequence set back
SELECT setval('users_id_seq', (SELECT max(id) FROM users));
+++
INSERT INTO users (email) VALUES ('c@x');
=== meanwhile: a view that others changed
CREATE OR REPLACE VIEW names AS SELECT name FROM users;
SELECT 1;
+++
CREATE OR REPLACE VIEW names AS SELECT name FROM users WHERE seen > 0;
=== meanwhile: a default that others changed
ALTER TABLE users ALTER COLUMN role SET DEFAULT 'admin';
SELECT 1;
+++
ALTER TABLE users ALTER COLUMN role SET DEFAULT 'user';
=== log: the file writes the log
INSERT INTO migration_log (step_number, description, status) VALUES (1, 'x.sql', 'completed');
"""
