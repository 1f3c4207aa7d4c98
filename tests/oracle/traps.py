r"""Files that are not what they seem, and what the runner and the server make of them.

A section begins with `=== RULES: title`; RULES are the rules that must find something in it, `-` for none of the
categories runner and syntax. `<bom>`, `<cr>`, `<nbsp>`, `<nel>`, `<fs>`, `<ff>` and `<nul>` stand for those characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_CHARACTERS = {
    "<bom>": "\ufeff",
    "<cr>": "\r",
    "<nbsp>": "\xa0",
    "<nel>": "\x85",
    "<fs>": "\x1c",
    "<ff>": "\f",
    "<nul>": "\0",
}


class Trap(NamedTuple):
    """One file, and the rules that must speak, in alphabetical order."""

    title: str
    rules: tuple[str, ...]
    text: str


def traps() -> Iterator[Trap]:
    """Every trap below."""
    for match in re.finditer(r"^=== ([^:\n]*): ([^\n]*)\n(.*?)(?=^===|\Z)", _TRAPS, re.M | re.S):
        text = match[3].rstrip("\n") + "\n"
        for name, character in _CHARACTERS.items():
            text = text.replace(name, character)
        yield Trap(match[2], () if match[1] == "-" else tuple(sorted(match[1].split(", "))), text)


_TRAPS = r"""
=== -: an enum on one line
CREATE TYPE x AS ENUM ('a');
SELECT 1;
=== -: an enum closed by its own line
CREATE TYPE x AS ENUM (
  'a',
  'b'
);
SELECT 1;
=== merged-statements: an enum whose end stands apart
CREATE TYPE x AS ENUM ('a')
;
SELECT 1;
=== merged-statements: an enum with a space before its end
CREATE TYPE x AS ENUM ('a' ) ;
SELECT 1;
=== -: an enum with a space before its end, and nothing behind it
CREATE TYPE x AS ENUM ('a' ) ;
=== merged-statements: a shell type
CREATE TYPE x;
SELECT 1;
=== merged-statements: DROP TYPE swallows
DROP TYPE IF EXISTS x CASCADE;
CREATE TABLE u (
  a int
);
SELECT 1;
=== -: DROP TYPE stands last
SELECT 1;
DROP TYPE IF EXISTS x;
=== merged-statements: DROP TYPE in lower case, indented
  drop type if exists x;
select 1;
=== -: DROP TYPE on two lines
DROP
  TYPE IF EXISTS x;
SELECT 1;
=== -: DROP TYPE with two spaces is no starter
DROP  TYPE IF EXISTS x;
SELECT 1;
=== merged-statements: DROP TYPE with a dotless i
drop type if exists x;
SELECT 1;
=== -: ALTER TYPE is no starter
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'tired';
SELECT 1;
=== -: CREATE DOMAIN is no starter
CREATE DOMAIN d AS int;
SELECT 1;
=== merged-statements: a block starter inside another statement
COMMENT ON TABLE t IS E'see\
CREATE TYPE';
SELECT 1;
=== merged-statements: a function in dollar quotes, with a statement behind it
CREATE FUNCTION g() RETURNS int AS $$
BEGIN
  RETURN 1;
END;
$$ LANGUAGE plpgsql;
SELECT 1;
=== -: a function in dollar quotes, alone
CREATE FUNCTION g() RETURNS int AS $$
BEGIN
  RETURN 1;
END;
$$ LANGUAGE plpgsql;
=== split-statement: a function in dollar quotes with a line that ends with );
CREATE OR REPLACE FUNCTION g() RETURNS timestamptz AS $$
BEGIN
  RETURN now();
END;
$$ LANGUAGE plpgsql;
=== -: a function in single quotes
CREATE OR REPLACE FUNCTION g() RETURNS int AS '
BEGIN
  RETURN 1;
END;
' LANGUAGE plpgsql;
SELECT 1;
=== split-statement: a function in single quotes with NOW();
CREATE FUNCTION g() RETURNS timestamptz AS '
BEGIN
  RETURN now();
END;
' LANGUAGE plpgsql;
=== -: a function in single quotes with a space before the ;
CREATE FUNCTION g() RETURNS timestamptz AS '
BEGIN
  RETURN now() ;
END;
' LANGUAGE plpgsql;
SELECT 1;
=== merged-statements: LANGUAGE sql closes nothing
CREATE FUNCTION g() RETURNS int AS '
  SELECT 1;
' LANGUAGE sql;
SELECT 1;
=== merged-statements: LANGUAGE plpgsql STABLE closes nothing
CREATE FUNCTION g() RETURNS int AS '
BEGIN
  RETURN 1;
END;
' LANGUAGE plpgsql STABLE;
SELECT 1;
=== merged-statements: language 'plpgsql' closes nothing
CREATE FUNCTION g() RETURNS int AS '
BEGIN
  RETURN 1;
END;
' language 'plpgsql';
SELECT 1;
=== -: language plpgsql in lower case closes
CREATE FUNCTION g() RETURNS int AS '
BEGIN
  RETURN 1;
END;
' language plpgsql;
SELECT 1;
=== -: a whole function on one line
CREATE FUNCTION g() RETURNS int AS 'BEGIN RETURN 1; END' LANGUAGE plpgsql;
SELECT 1;
=== -: a function with RETURN (...)
CREATE FUNCTION g(a int) RETURNS int RETURN (a + 1);
SELECT 1;
=== split-statement: BEGIN ATOMIC with a line that ends with );
CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC
  SELECT abs(1);
END;
=== do-block: DO over several lines
DO $$
BEGIN
  PERFORM 1;
END $$;
=== do-block: DO on one line arrives
DO $$ BEGIN PERFORM 1; END $$;
=== -: DO in single quotes on one line
DO 'BEGIN PERFORM 1; END';
=== split-statement: DO in single quotes over several lines
DO '
BEGIN
  PERFORM 1;
END';
=== split-statement: a procedure
CREATE PROCEDURE p() LANGUAGE plpgsql AS '
BEGIN
  NULL;
END';
=== split-statement: a procedure in dollar quotes
CREATE OR REPLACE PROCEDURE p() LANGUAGE plpgsql AS $$
BEGIN
  NULL;
END $$;
=== -: a procedure on one line
CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN NULL; END';
SELECT 1;
=== split-statement: a rule with two actions
CREATE RULE r AS ON INSERT TO t DO ALSO (
  SELECT 1;
  SELECT 2
);
=== -: a rule on one line
CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);
=== -: a trigger that calls a function
CREATE TRIGGER touch BEFORE UPDATE ON t
  FOR EACH ROW
  EXECUTE FUNCTION f();
SELECT 1;
=== merged-statements: a comment behind the ;
SELECT 1; -- note
SELECT 2;
=== merged-statements: a block comment behind the ;
SELECT 1; /* note */
SELECT 2;
=== -: a comment behind the last ;
SELECT 1;
SELECT 2; -- done
=== merged-statements: a breakpoint behind the ;
ALTER TABLE t ADD COLUMN IF NOT EXISTS x int;--> statement-breakpoint
ALTER TABLE t ADD COLUMN IF NOT EXISTS y int;
=== -: a breakpoint on its own line
CREATE TABLE u (a int);
--> statement-breakpoint
CREATE TABLE w (a int);
=== merged-statements: two on a line
SELECT 1; SELECT 2;
=== -: an empty statement behind the ;
SELECT 1;;
SELECT 2;
=== -: a lone ;
;
SELECT 2;
=== split-statement: a comment behind a column that ends with ;
CREATE TABLE u (
  a int, -- the key;
  b int
);
=== -: a comment behind a column
CREATE TABLE u (
  a int, -- the key; never null
  b int
);
=== -: a comment line that ends with ;
CREATE TABLE u (
  -- the key;
  a int
);
=== split-statement: a string that is cut
INSERT INTO t VALUES (1, 'one;
two');
=== -: a string with ; inside a line
INSERT INTO t VALUES (1, 'one; two');
=== -: a string over two lines
INSERT INTO t VALUES (1, 'one
two');
=== split-statement: a quoted name that is cut
SELECT 1 AS "a;
b";
=== split-statement: dollar quotes that are cut
INSERT INTO t VALUES (1, $$one;
two$$);
=== split-statement: an E string that is cut
INSERT INTO t VALUES (1, E'it\'s;
two');
=== split-statement: a block comment that is cut
/* Once
   SELECT 1;
*/
SELECT 2;
=== -: a block comment without a line end ;
/* Once; long
   ago */
SELECT 2;
=== dropped-comment-line: a line of a string is lost
INSERT INTO t VALUES (1, 'one
-- two
three');
=== -: a comment line in a function's body
CREATE FUNCTION g() RETURNS int AS '
BEGIN
  -- it counts
  RETURN 1;
END;
' LANGUAGE plpgsql;
SELECT 1;
=== dropped-comment-line: the end of a block comment is lost
/* one
-- two */
SELECT 1;
=== -: the words of a block comment are lost
/* one
-- two
*/
SELECT 1;
=== transaction-control: BEGIN and COMMIT
BEGIN;
CREATE TABLE u (a int);
COMMIT;
=== transaction-control: START TRANSACTION and ROLLBACK
START TRANSACTION;
CREATE TABLE u (a int);
ROLLBACK;
=== transaction-control: END alone
SELECT 1;
END;
=== transaction-control: ABORT
ABORT;
=== session-state, transaction-control: SAVEPOINT
BEGIN;
SAVEPOINT a;
RELEASE SAVEPOINT a;
COMMIT;
=== session-state: LOCK TABLE
LOCK TABLE t IN EXCLUSIVE MODE;
=== session-state: a cursor
DECLARE c CURSOR FOR SELECT 1;
=== session-state: a cursor WITH HOLD is accepted
DECLARE c CURSOR WITH HOLD FOR SELECT 1;
=== session-state: SET is accepted
SET lock_timeout = '5s';
ALTER TABLE t ADD COLUMN d int;
=== session-state: SET LOCAL is accepted
SET LOCAL statement_timeout = 0;
=== session-state: a temporary table
CREATE TEMP TABLE u AS SELECT 1 AS a;
INSERT INTO u VALUES (2);
=== session-state: SELECT INTO TEMP
SELECT 1 AS a INTO TEMP u;
=== session-state: PREPARE
PREPARE p AS SELECT $1::int;
=== session-state: an advisory lock
SELECT pg_advisory_lock(1);
=== session-state: set_config
SELECT set_config('search_path', 'public', false);
=== concurrently: CREATE INDEX CONCURRENTLY
CREATE INDEX CONCURRENTLY IF NOT EXISTS i2 ON t (c);
=== concurrently: the word in lower case
create index concurrently i2 on t (c);
=== concurrently: DROP INDEX
DROP INDEX CONCURRENTLY IF EXISTS i;
=== concurrently: REINDEX
REINDEX TABLE CONCURRENTLY t;
=== concurrently: what PostgreSQL would accept in a block
REFRESH MATERIALIZED VIEW CONCURRENTLY m;
=== concurrently: the word in a string
COMMENT ON TABLE t IS 'built concurrently';
=== concurrently: the word in a comment behind a statement
SELECT 1; -- not CONCURRENTLY
=== -: the word in a comment line
-- CREATE INDEX CONCURRENTLY would be refused
CREATE INDEX IF NOT EXISTS i2 ON t (c);
=== -: the word inside a longer one
SELECT 1 AS concurrently_made;
=== bind-parameter: $1
UPDATE t SET b = $1;
=== bind-parameter: $1 with a cast
SELECT $1::int;
=== bind-parameter: $2 in WHERE
DELETE FROM t WHERE a = $2;
=== -: $1 in a string and a comment
SELECT '$1' /* $2 */;
=== -: $1 in a function's body
CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
=== bind-parameter: a named parameter
SELECT :name;
=== -: a cast and a slice
SELECT '1'::int, (ARRAY[1, 2])[1:2];
=== -: a colon in a string
SELECT 'a :name';
=== client-command: COPY FROM STDIN
COPY t FROM STDIN;
=== client-command: COPY FROM STDIN with its rows
COPY t (a, b) FROM STDIN;
1	one
\.
SELECT 1;
=== client-command: COPY TO STDOUT
COPY t TO STDOUT WITH (FORMAT csv);
=== client-command: \i
\i other.sql
SELECT 1;
=== client-command: \gset
SELECT 1 AS a \gset
=== client-command: \d
\d users
=== client-command: LISTEN is accepted
LISTEN changes;
=== -: NOTIFY
NOTIFY changes, 'done';
=== -: VACUUM outside a block
VACUUM t;
=== -: ALTER SYSTEM outside a block
ALTER SYSTEM RESET work_mem;
=== -: REINDEX of a table
REINDEX TABLE t;
=== syntax-error: a missing comma
CREATE TABLE u (
  a int
  b int
);
=== syntax-error: a comma too many
CREATE TABLE u (
  a int,
);
=== syntax-error: ADD CONSTRAINT IF NOT EXISTS
ALTER TABLE t ADD CONSTRAINT IF NOT EXISTS t_b_key UNIQUE (b);
=== syntax-error: CREATE TYPE IF NOT EXISTS
CREATE TYPE IF NOT EXISTS x AS ENUM ('a');
=== syntax-error: CREATE TRIGGER IF NOT EXISTS
CREATE TRIGGER IF NOT EXISTS touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
=== syntax-error: CREATE POLICY IF NOT EXISTS
CREATE POLICY IF NOT EXISTS p ON t USING (true);
=== syntax-error: a misspelt keyword
CREATE TABEL u (a int);
=== syntax-error: a statement without its ;
CREATE TABLE u (a int)
CREATE TABLE w (a int);
=== syntax-error: a string without an end
INSERT INTO t VALUES (1, 'one);
SELECT 1;
=== syntax-error: dollar quotes without an end
SELECT $$one;
SELECT 1;
=== syntax-error: a block comment without an end
SELECT 1;
/* one
SELECT 2;
=== -: curly quotes are letters, so this is the name of a column that is not there
INSERT INTO t VALUES (1, “one”);
=== syntax-error: a conflict marker
<<<<<<< HEAD
SELECT 1;
=======
SELECT 2;
>>>>>>> other
=== syntax-error: a parenthesis too many
CREATE TABLE u (a int));
=== syntax-error: a reserved word as a name
CREATE TABLE order (a int);
=== syntax-error: a dollar sign that a shell has eaten
DO 4711
BEGIN
  PERFORM 1;
END 4711;
=== syntax-error: a NUL
SELECT '<nul>';
=== syntax-error: one error between good ones
SELECT 1;
SELEC 2;
SELECT 3;
=== column-count: more values than columns
INSERT INTO t (a, b) VALUES (1, 'x', 2);
=== column-count: a UNION of different widths
SELECT 1 UNION SELECT 1, 2;
=== column-count: VALUES of different widths
VALUES (1), (1, 2);
=== foreign-dialect: backticks and AUTO_INCREMENT
CREATE TABLE `u` (`a` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`a`)) ENGINE=InnoDB;
=== foreign-dialect: an inline KEY
CREATE TABLE u (a int NOT NULL, b int, KEY idx_b (b)) ENGINE=InnoDB;
=== foreign-dialect: SQL Server
CREATE TABLE [u] ([a] int IDENTITY(1,1) PRIMARY KEY, [b] nvarchar(max));
=== foreign-dialect: SQLite
CREATE TABLE u (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT);
=== -: a BOM before a comment line
<bom>-- Migration 043
SELECT 1;
=== -: line ends of Windows
CREATE TABLE u (<cr>
  a int -- the key<cr>
);<cr>
SELECT 1;<cr>
=== -: a no-break space behind the ;
SELECT 1;<nbsp>
SELECT 2;
=== -: a no-break space before a statement
SELECT 1;
<nbsp>SELECT 2;
=== -: no-break spaces before a comment line
SELECT 1;
<nbsp><nbsp>-- one
SELECT 2;
=== merged-statements, syntax-error: U+0085 behind the ; is no white space of JavaScript's
SELECT 1;<nel>
SELECT 2;
=== -: a form feed behind the ;
SELECT 1;<ff>
SELECT 2;
=== -: é and an emoji everywhere
CREATE TABLE "é😀" (a text DEFAULT 'é😀;');
-- é😀;
INSERT INTO "é😀" VALUES ('😀é');
=== split-statement: é and an emoji before the cut
INSERT INTO t VALUES (1, 'é😀;
é');
=== merged-statements: é and an emoji before the comment
SELECT 'é😀'; -- é😀
SELECT 'é';
=== masked-failure: an ALTER TABLE with two columns runs
ALTER TABLE t ADD COLUMN IF NOT EXISTS x int, ADD COLUMN IF NOT EXISTS y int;
=== empty-migration: nothing but comments
-- CREATE TABLE u (a int);
=== -: no line end at the end of the file
SELECT 1;
SELECT 2
=== -: no ; at the end of the file
CREATE TABLE u (
  a int
)
=== -: nested block comments
/* a /* b */ c */
SELECT 1;
=== -: what guards look like
CREATE TABLE IF NOT EXISTS u (a int PRIMARY KEY, b mood NOT NULL DEFAULT 'happy');
ALTER TABLE u DROP CONSTRAINT IF EXISTS u_a_check;
ALTER TABLE u ADD CONSTRAINT u_a_check CHECK (a > 0);
CREATE UNIQUE INDEX IF NOT EXISTS u_b ON u (b) WHERE a > 1;
INSERT INTO u (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b;
DROP TABLE IF EXISTS u;
=== -: a view over several lines
CREATE OR REPLACE VIEW w AS
WITH recent AS (
  SELECT a FROM t WHERE a > 1
)
SELECT a, ';' AS sign FROM recent;
SELECT 1;
=== -: a policy and a grant
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON t USING (a > 0);
GRANT SELECT ON t TO PUBLIC;
=== -: an operator with a comment sign in it
SELECT 1 - -1, 2--3
;
=== -: dollar quotes on one line
COMMENT ON TABLE t IS $$it's; fine$$;
SELECT 1;
=== -: nested dollar quotes on one line
SELECT $a$ $b$ ; $b$ $a$;
SELECT 1;
=== -: MERGE
MERGE INTO t USING (SELECT 1 AS a) AS n ON t.a = n.a WHEN NOT MATCHED THEN INSERT (a) VALUES (n.a);
"""
