"""Scripts about tables for the server and the catalog; what the server says of each statement is not written down."""

from __future__ import annotations

SCRIPTS = (
    # --- Types ---
    """
    CREATE TABLE t (a int, b varchar(10), c char, d "char", e interval day to second(3), f json, g bigserial,
        h timestamp(3) with time zone, i bit, j interval(3), k numeric(10), l numeric(10, -2), m int[], n text[][3],
        o time, p timetz(2), q bit varying(3), r float(3), s float(30), t char(5), u interval year, v name, w bpchar,
        x interval(0), y timestamp(9), z varbit, aa _int4, ab bool, ac date, ad jsonb, ae uuid, af smallint, ag real,
        ah xml, ai tsvector, aj int4range, ak varchar, al timestamp, am dec, an national character varying(3));
    """,
    """
    CREATE TYPE mood AS ENUM ('a', 'b');
    CREATE TYPE pair AS (x int, y text);
    CREATE DOMAIN small AS int;
    CREATE SCHEMA app;
    CREATE TYPE app.kind AS ENUM ('x');
    CREATE TABLE t (a mood, b pair, c small, d mood[], e _mood, f app.kind, g public.mood);
    CREATE TABLE u (a t, b t[]);
    CREATE TABLE v (a kind);
    CREATE TABLE v (a nothing);
    CREATE TABLE v (a nowhere.kind);
    CREATE TABLE v (a app.nothing);
    CREATE TABLE v (a "integer");
    CREATE TABLE v (a record);
    CREATE TABLE v (a anyelement);
    CREATE TABLE mood (a int);
    CREATE TABLE pair (a int);
    CREATE TABLE small (a int);
    DROP TYPE mood;
    """,
    # --- Existence ---
    """
    CREATE TABLE t (a int);
    CREATE TABLE t (a int);
    CREATE TABLE IF NOT EXISTS t (b nothing);
    CREATE TABLE public.t (b int);
    CREATE TABLE nowhere.t (b int);
    CREATE TABLE IF NOT EXISTS nowhere.t (b int);
    CREATE TABLE u (a int, a text);
    CREATE TABLE u (ctid int);
    CREATE VIEW v AS SELECT a FROM t;
    CREATE TABLE v (a int);
    CREATE SEQUENCE s;
    CREATE TABLE s (a int);
    CREATE TEMP TABLE t (b int);
    CREATE TABLE w ();
    CREATE TEMP TABLE w2 (a int PRIMARY KEY, b serial);
    CREATE TABLE w2 (a int PRIMARY KEY, b serial);
    """,
    # --- Names that PostgreSQL chooses ---
    """
    CREATE TABLE t (id serial PRIMARY KEY, a int UNIQUE, b int CHECK (b > 0), c int CHECK (c > a), d int,
        UNIQUE (b, c), CHECK (a > 0), CHECK (d > a), CHECK (1 = 1), UNIQUE (d) INCLUDE (a),
        CHECK (t.a > 1), EXCLUDE (d WITH =), EXCLUDE USING btree (c WITH =, a WITH =) WHERE (a > 1));
    CREATE TABLE u (id int REFERENCES t, x int REFERENCES t (a), y int, z int,
        FOREIGN KEY (y, z) REFERENCES t (b, c), FOREIGN KEY (id) REFERENCES t (id) ON DELETE CASCADE ON UPDATE SET NULL,
        CONSTRAINT mine FOREIGN KEY (x) REFERENCES t (a) NOT VALID);
    CREATE INDEX ON t (a);
    CREATE INDEX ON t (a);
    CREATE INDEX ON t (lower(a::text), (a + b), (b::text), coalesce(a, b), (a::text COLLATE "C"), (greatest(a, b)));
    CREATE UNIQUE INDEX ON t (a, b) INCLUDE (c) WHERE b > 0;
    CREATE INDEX ON t ((CASE WHEN a > 1 THEN 1 ELSE 2 END), (nullif(a, b)), (array[a, b]), (a IS NULL));
    CREATE INDEX ON t ((CASE WHEN a > 1 THEN 1 ELSE b END), (abs(a)::text), lower(b::text), lower(c::text));
    """,
    """
    CREATE TABLE a_very_long_name_of_a_table_that_goes_on_and_on_and_on (
        another_very_long_name_of_a_column_that_goes_on_and_on serial UNIQUE,
        another_very_long_name_of_a_column_that_goes_on_and_on_too int CHECK (
            another_very_long_name_of_a_column_that_goes_on_and_on_too > 0),
        x int PRIMARY KEY,
        UNIQUE (x, another_very_long_name_of_a_column_that_goes_on_and_on),
        UNIQUE (another_very_long_name_of_a_column_that_goes_on_and_on_too,
            another_very_long_name_of_a_column_that_goes_on_and_on)
    );
    CREATE TABLE "ünïcödé_ünïcödé_ünïcödé_ünïcödé_ünïcödé_ü" (
        "ünïcödé_ünïcödé_ünïcödé_ünïcödé_ünïcödé_ü" serial, b int,
        UNIQUE (b, "ünïcödé_ünïcödé_ünïcödé_ünïcödé_ünïcödé_ü"));
    CREATE INDEX ON "ünïcödé_ünïcödé_ünïcödé_ünïcödé_ünïcödé_ü" ("ünïcödé_ünïcödé_ünïcödé_ünïcödé_ünïcödé_ü");
    CREATE TABLE "😀" (a serial PRIMARY KEY, "é" int UNIQUE);
    """,
    """
    CREATE TABLE t (a int, b int);
    CREATE TABLE t_a_seq (a int);
    CREATE TABLE x (t_pkey int);
    CREATE SEQUENCE x_pkey;
    CREATE TABLE y (id int);
    ALTER TABLE x ADD PRIMARY KEY (t_pkey);
    CREATE SEQUENCE z_a_key;
    CREATE TABLE z (a int UNIQUE, b int UNIQUE, CONSTRAINT z_b_key CHECK (b > 0));
    """,
    """
    CREATE TABLE p (id int PRIMARY KEY);
    CREATE TABLE t (a int REFERENCES p, b int CHECK (b > 0));
    ALTER TABLE t RENAME TO old;
    CREATE TABLE t (a int REFERENCES p, b int CHECK (b > 0));
    """,
    """
    CREATE TABLE t (a int PRIMARY KEY UNIQUE, b int UNIQUE, c int, UNIQUE (b), UNIQUE (c), UNIQUE (c),
        CONSTRAINT named UNIQUE (b));
    CREATE TABLE u (a int UNIQUE PRIMARY KEY, b int, UNIQUE (b, a), UNIQUE (a, b), UNIQUE (b, a));
    CREATE TABLE v (a int UNIQUE DEFERRABLE, b int UNIQUE NULLS NOT DISTINCT);
    """,
    # --- Constraints that are wrong ---
    """
    CREATE TABLE p (id int PRIMARY KEY, a int, b text UNIQUE, c uuid UNIQUE);
    CREATE TABLE q (a int);
    CREATE VIEW v AS SELECT id FROM p;
    CREATE TABLE t (a int PRIMARY KEY, b int PRIMARY KEY);
    CREATE TABLE t (a int, PRIMARY KEY (b));
    CREATE TABLE t (a int, PRIMARY KEY (a, a));
    CREATE TABLE t (a int, UNIQUE (b));
    CREATE TABLE t (a int, CHECK (b > 0));
    CREATE TABLE t (a int CHECK (u.a > 0));
    CREATE TABLE t (a int, CONSTRAINT x CHECK (a > 0), CONSTRAINT x CHECK (a > 1));
    CREATE TABLE t (a int, CONSTRAINT p UNIQUE (a));
    CREATE TABLE t (a int, CONSTRAINT p CHECK (a > 0));
    CREATE TABLE t2 (a int REFERENCES nothing);
    CREATE TABLE t2 (a int REFERENCES q);
    CREATE TABLE t2 (a int REFERENCES p (a));
    CREATE TABLE t2 (a int REFERENCES p (z));
    CREATE TABLE t2 (a int REFERENCES v);
    CREATE TABLE t2 (a int REFERENCES p (id, a));
    CREATE TABLE t2 (a int, FOREIGN KEY (b) REFERENCES p);
    CREATE TABLE t2 (a int REFERENCES p (b));
    CREATE TABLE t2 (a text REFERENCES p (c));
    CREATE TABLE t2 (a text REFERENCES p);
    CREATE TABLE t2 (a bigint REFERENCES p);
    CREATE TABLE t3 (a int PRIMARY KEY, b int REFERENCES t3, c int REFERENCES t3 (a));
    CREATE TABLE t4 (a smallint REFERENCES p, b varchar(10) REFERENCES p (b), c numeric REFERENCES p);
    CREATE TABLE t4 (a smallint REFERENCES p, b varchar(10) REFERENCES p (b));
    """,
    # --- Defaults, identities, generated columns ---
    """
    CREATE TABLE t (a int DEFAULT 5 NOT NULL, b text DEFAULT 'x,y' CHECK (b <> ''), c int DEFAULT NULL,
        d int GENERATED ALWAYS AS IDENTITY, e int GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME my_seq START 5),
        f int GENERATED ALWAYS AS (a + 1) STORED, g timestamptz DEFAULT now(), h int NULL DEFAULT (1 + 2),
        i text DEFAULT NULL::text, j varchar(3) DEFAULT NULL);
    CREATE TABLE u (a text GENERATED ALWAYS AS IDENTITY);
    CREATE TABLE u (a int, b int GENERATED ALWAYS AS (z + 1) STORED);
    ALTER TABLE t DROP COLUMN a;
    ALTER TABLE t ALTER a TYPE bigint;
    ALTER TABLE t ALTER f DROP EXPRESSION;
    ALTER TABLE t ALTER f DROP EXPRESSION;
    ALTER TABLE t ALTER f DROP EXPRESSION IF EXISTS;
    ALTER TABLE t DROP COLUMN a;
    ALTER TABLE t ALTER d SET DEFAULT 5;
    ALTER TABLE t ALTER d DROP NOT NULL;
    ALTER TABLE t ALTER d ADD GENERATED ALWAYS AS IDENTITY;
    ALTER TABLE t ALTER h ADD GENERATED ALWAYS AS IDENTITY;
    ALTER TABLE t ALTER h DROP DEFAULT;
    ALTER TABLE t ALTER h ADD GENERATED ALWAYS AS IDENTITY;
    ALTER TABLE t ALTER h SET NOT NULL;
    ALTER TABLE t ALTER h ADD GENERATED BY DEFAULT AS IDENTITY;
    ALTER TABLE t ALTER h SET GENERATED ALWAYS;
    ALTER TABLE t ALTER h DROP IDENTITY;
    ALTER TABLE t ALTER h DROP IDENTITY;
    ALTER TABLE t ALTER h DROP IDENTITY IF EXISTS;
    ALTER TABLE t ALTER h SET GENERATED ALWAYS;
    ALTER TABLE t ALTER h SET DEFAULT NULL;
    ALTER TABLE t ALTER h SET DEFAULT 3, ALTER c SET DEFAULT 4, ALTER c DROP DEFAULT;
    ALTER TABLE t ALTER zz SET DEFAULT 3;
    ALTER TABLE t DROP COLUMN d, DROP COLUMN e;
    ALTER TABLE t ALTER b SET DEFAULT 'é', ALTER b DROP DEFAULT, ALTER g DROP NOT NULL;
    """,
    # --- LIKE ---
    """
    CREATE TYPE mood AS ENUM ('a');
    CREATE TABLE p (id int PRIMARY KEY);
    CREATE TABLE t (id serial PRIMARY KEY, a int DEFAULT 5, b int UNIQUE CHECK (b > 0),
        c int GENERATED ALWAYS AS IDENTITY, d int GENERATED ALWAYS AS (a + 1) STORED,
        e mood NOT NULL, f int REFERENCES p);
    CREATE INDEX ON t (a);
    CREATE INDEX t_mine ON t (lower(a::text), b) WHERE a > 1;
    CREATE TABLE u (LIKE t);
    CREATE TABLE v (LIKE t INCLUDING ALL);
    CREATE TABLE w (x int PRIMARY KEY, LIKE t INCLUDING DEFAULTS INCLUDING CONSTRAINTS, y text UNIQUE);
    CREATE TABLE x (LIKE t INCLUDING INDEXES EXCLUDING CONSTRAINTS INCLUDING IDENTITY INCLUDING GENERATED);
    CREATE TABLE y (a int, LIKE t);
    CREATE TABLE y (LIKE nothing);
    CREATE VIEW vw AS SELECT a, b FROM t;
    CREATE TABLE z (LIKE vw);
    CREATE TABLE y (LIKE p_id_seq);
    DROP TYPE mood;
    """,
    # --- ALTER TABLE: columns ---
    """
    CREATE TABLE p (id int PRIMARY KEY);
    CREATE TABLE t (a int, b int);
    ALTER TABLE t ADD COLUMN c text NOT NULL DEFAULT 'x' CHECK (c <> '') UNIQUE;
    ALTER TABLE t ADD c int;
    ALTER TABLE t ADD COLUMN IF NOT EXISTS c int;
    ALTER TABLE t ADD COLUMN IF NOT EXISTS d int REFERENCES p, ADD COLUMN e serial PRIMARY KEY;
    ALTER TABLE t ADD COLUMN f int PRIMARY KEY;
    ALTER TABLE t ADD COLUMN f nothing;
    ALTER TABLE t ADD COLUMN f int REFERENCES nothing;
    ALTER TABLE t ADD COLUMN f int CHECK (zz > 0);
    ALTER TABLE t ADD COLUMN f int GENERATED ALWAYS AS (zz + 1) STORED;
    ALTER TABLE t ADD COLUMN v int GENERATED ALWAYS AS (a + 1) STORED, DROP COLUMN zz;
    ALTER TABLE t ADD COLUMN v int GENERATED ALWAYS AS (a + 1) STORED;
    ALTER TABLE t DROP COLUMN v;
    ALTER TABLE t ADD COLUMN f int DEFAULT 5, ADD CHECK (f > 0), ADD UNIQUE (f, a), DROP COLUMN b;
    ALTER TABLE t DROP COLUMN b;
    ALTER TABLE t DROP COLUMN IF EXISTS b;
    ALTER TABLE t DROP COLUMN e;
    ALTER TABLE t DROP f, ADD f text;
    ALTER TABLE t ADD g int, ALTER g SET NOT NULL, ALTER g SET DEFAULT 3;
    ALTER TABLE t ADD h int, ALTER h TYPE text;
    ALTER TABLE nothing ADD a int;
    ALTER TABLE nowhere.nothing ADD a int;
    ALTER TABLE IF EXISTS nowhere.nothing ADD a int;
    CREATE INDEX ON nowhere.nothing (a);
    CREATE TABLE u (LIKE nowhere.nothing);
    CREATE TABLE u (a int REFERENCES nowhere.nothing);
    CREATE TABLE u () INHERITS (nowhere.nothing);
    CREATE TABLE u (LIKE pg_class);
    ALTER TABLE t ALTER ctid SET DEFAULT 5;
    ALTER TABLE t DROP COLUMN ctid;
    ALTER TABLE IF EXISTS nothing ADD a int;
    ALTER TABLE t ALTER zz SET NOT NULL;
    ALTER TABLE t ALTER zz TYPE int;
    ALTER TABLE t ALTER a SET NOT NULL, ALTER a DROP NOT NULL;
    ALTER TABLE t ADD PRIMARY KEY (a);
    ALTER TABLE t ALTER a DROP NOT NULL;
    ALTER TABLE t ALTER zz SET STATISTICS 5;
    ALTER TABLE t ALTER a SET STATISTICS 5;
    ALTER TABLE t DROP COLUMN a, DROP COLUMN c, DROP COLUMN d;
    """,
    """
    CREATE TABLE t (a int, b int, c int, d int, e int, CHECK (a > b), UNIQUE (a, c), CHECK (c > 0));
    CREATE INDEX i ON t (a, b);
    CREATE INDEX j ON t (b) WHERE c > 1;
    CREATE INDEX k ON t (lower(c::text));
    CREATE INDEX l ON t (d) INCLUDE (e);
    ALTER TABLE t DROP COLUMN a;
    ALTER TABLE t DROP COLUMN c;
    ALTER TABLE t DROP COLUMN e;
    CREATE TABLE r (id int PRIMARY KEY, parent int REFERENCES r, other int UNIQUE);
    CREATE TABLE s (a int REFERENCES r, b int REFERENCES r (other));
    ALTER TABLE r DROP COLUMN id;
    ALTER TABLE r DROP COLUMN other;
    ALTER TABLE r DROP CONSTRAINT r_pkey;
    ALTER TABLE r DROP CONSTRAINT r_other_key CASCADE;
    ALTER TABLE r DROP COLUMN id CASCADE;
    """,
    """
    CREATE TABLE r (id int PRIMARY KEY, parent int REFERENCES r);
    ALTER TABLE r DROP COLUMN id;
    ALTER TABLE r DROP CONSTRAINT r_pkey;
    ALTER TABLE r DROP COLUMN parent;
    ALTER TABLE r DROP COLUMN id;
    """,
    """
    CREATE TABLE t (a int, b int, c int, d int, id int PRIMARY KEY);
    CREATE VIEW v AS SELECT a FROM t WHERE b > 1;
    CREATE VIEW w AS SELECT a FROM v;
    ALTER TABLE t DROP COLUMN b;
    ALTER TABLE t ALTER a TYPE bigint;
    ALTER TABLE t ALTER c TYPE bigint;
    ALTER TABLE t DROP COLUMN c;
    ALTER TABLE t DROP COLUMN b CASCADE;
    ALTER TABLE t ALTER a TYPE bigint;
    CREATE POLICY p ON t USING (a > 1);
    ALTER TABLE t ALTER a TYPE int;
    ALTER TABLE t DROP COLUMN a;
    ALTER TABLE t DROP COLUMN a CASCADE;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER g BEFORE UPDATE OF d ON t FOR EACH ROW EXECUTE FUNCTION f();
    ALTER TABLE t ALTER d TYPE bigint;
    ALTER TABLE t DROP COLUMN d;
    ALTER TABLE t DISABLE TRIGGER g;
    ALTER TABLE t DISABLE TRIGGER nothing;
    ALTER TABLE t ENABLE ROW LEVEL SECURITY;
    ALTER TABLE t DISABLE ROW LEVEL SECURITY;
    """,
    """
    CREATE TYPE mood AS ENUM ('a', 'b');
    CREATE TYPE mood2 AS ENUM ('a', 'b');
    CREATE TABLE t (a text, b text DEFAULT 'a', c int, d uuid, e bool, f timestamptz, g jsonb, h mood DEFAULT 'a',
        i varchar(10), j numeric DEFAULT 5, k int DEFAULT 5, l text);
    ALTER TABLE t ALTER a TYPE int;
    ALTER TABLE t ALTER a TYPE int USING a::int;
    ALTER TABLE t ALTER b TYPE mood;
    ALTER TABLE t ALTER b TYPE mood USING b::mood;
    ALTER TABLE t ALTER b DROP DEFAULT, ALTER b TYPE mood USING b::mood, ALTER b SET DEFAULT 'a';
    ALTER TABLE t ALTER c TYPE uuid;
    ALTER TABLE t ALTER c TYPE bigint;
    ALTER TABLE t ALTER c TYPE text;
    ALTER TABLE t ALTER d TYPE text;
    ALTER TABLE t ALTER e TYPE int;
    ALTER TABLE t ALTER e TYPE int USING e::int;
    ALTER TABLE t ALTER f TYPE date;
    ALTER TABLE t ALTER g TYPE text;
    ALTER TABLE t ALTER g TYPE jsonb;
    ALTER TABLE t ALTER h TYPE mood2;
    ALTER TABLE t ALTER h TYPE text;
    ALTER TABLE t ALTER i TYPE varchar(20);
    ALTER TABLE t ALTER i TYPE citext;
    ALTER TABLE t ALTER j TYPE int;
    ALTER TABLE t ALTER k TYPE bool USING k > 1;
    ALTER TABLE t ALTER k TYPE timestamptz USING now();
    ALTER TABLE t ALTER l TYPE mood[];
    ALTER TABLE t ALTER l TYPE text[] USING ARRAY[l];
    ALTER TABLE t ALTER l TYPE record;
    DROP TYPE mood;
    DROP TYPE mood2;
    """,
    # --- ALTER TABLE: constraints ---
    """
    CREATE TABLE t (a int, b int, c int);
    ALTER TABLE t ADD CONSTRAINT x CHECK (a > 0);
    ALTER TABLE t ADD CONSTRAINT x CHECK (a > 0);
    ALTER TABLE t ADD CONSTRAINT x UNIQUE (a);
    ALTER TABLE t ADD CONSTRAINT y UNIQUE (a);
    ALTER TABLE t ADD CONSTRAINT y UNIQUE (a);
    ALTER TABLE t DROP CONSTRAINT nothing;
    ALTER TABLE t ALTER c SET NOT NULL, ADD COLUMN nn int CONSTRAINT nn NOT NULL;
    ALTER TABLE t DROP CONSTRAINT nothing;
    ALTER TABLE t DROP CONSTRAINT IF EXISTS nothing;
    ALTER TABLE t DROP CONSTRAINT x, ADD CONSTRAINT x CHECK (b > 0);
    ALTER TABLE t ADD CHECK (a > 0) NOT VALID;
    ALTER TABLE t VALIDATE CONSTRAINT t_a_check;
    ALTER TABLE t VALIDATE CONSTRAINT nothing;
    ALTER TABLE t ALTER CONSTRAINT nothing DEFERRABLE;
    CREATE UNIQUE INDEX i ON t (b);
    CREATE INDEX j ON t (b);
    CREATE UNIQUE INDEX k ON t (b) WHERE a > 1;
    CREATE UNIQUE INDEX l ON t (lower(a::text));
    CREATE TABLE u (a int);
    CREATE UNIQUE INDEX m ON u (a);
    ALTER TABLE t ADD CONSTRAINT z UNIQUE USING INDEX nothing;
    ALTER TABLE t ADD CONSTRAINT z UNIQUE USING INDEX j;
    ALTER TABLE t ADD CONSTRAINT z UNIQUE USING INDEX k;
    ALTER TABLE t ADD CONSTRAINT z UNIQUE USING INDEX l;
    ALTER TABLE t ADD CONSTRAINT z UNIQUE USING INDEX m;
    ALTER TABLE t ADD CONSTRAINT z UNIQUE USING INDEX y;
    ALTER TABLE t ADD CONSTRAINT z PRIMARY KEY USING INDEX i;
    ALTER TABLE t ADD PRIMARY KEY (c);
    ALTER TABLE t DROP CONSTRAINT z;
    ALTER TABLE t ADD PRIMARY KEY (c);
    ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t (c) NOT VALID;
    ALTER TABLE t VALIDATE CONSTRAINT t_a_fkey;
    ALTER TABLE u ADD FOREIGN KEY (a) REFERENCES t;
    ALTER TABLE u ADD FOREIGN KEY (a) REFERENCES t;
    ALTER TABLE t DROP CONSTRAINT t_pkey;
    ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE;
    ALTER TABLE u REPLICA IDENTITY USING INDEX nothing;
    ALTER TABLE u CLUSTER ON nothing;
    ALTER TABLE u CLUSTER ON y;
    ALTER TABLE u CLUSTER ON m;
    ALTER TABLE u ADD CONSTRAINT named UNIQUE USING INDEX m, ADD COLUMN b int UNIQUE;
    """,
    # --- The wrong kind of relation ---
    """
    CREATE TABLE t (a int);
    CREATE VIEW v AS SELECT a FROM t;
    CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
    CREATE SEQUENCE s;
    CREATE INDEX i ON t (a);
    ALTER TABLE v ADD COLUMN b int;
    ALTER TABLE v DROP COLUMN a;
    ALTER TABLE m ADD COLUMN b int;
    ALTER TABLE s ADD COLUMN b int;
    ALTER TABLE i ADD COLUMN b int;
    ALTER TABLE v ADD CHECK (a > 0);
    ALTER TABLE v ADD UNIQUE (a);
    ALTER TABLE v ENABLE ROW LEVEL SECURITY;
    ALTER TABLE v ALTER a SET DEFAULT 5;
    ALTER TABLE v ALTER a TYPE bigint;
    ALTER TABLE v ALTER a SET NOT NULL;
    ALTER VIEW t ALTER a SET DEFAULT 5;
    ALTER VIEW nothing ALTER a SET DEFAULT 5;
    ALTER INDEX t SET (fillfactor = 50);
    ALTER INDEX i SET (fillfactor = 50);
    ALTER INDEX nothing SET (fillfactor = 50);
    ALTER TABLE i SET (fillfactor = 50);
    CREATE INDEX ON v (a);
    CREATE INDEX ON s (last_value);
    CREATE INDEX ON i (a);
    CREATE INDEX ON m (a);
    CREATE INDEX ON m (b);
    CREATE INDEX ON m (lower(b::text));
    """,
    # --- Indexes ---
    """
    CREATE TABLE t (a int, b text, c int);
    CREATE INDEX i ON t (a);
    CREATE INDEX i ON t (b);
    CREATE INDEX IF NOT EXISTS i ON t (zz);
    CREATE INDEX IF NOT EXISTS t ON t (a);
    CREATE INDEX j ON t (zz);
    CREATE INDEX j ON t (lower(zz));
    CREATE INDEX j ON t (a) WHERE zz > 0;
    CREATE INDEX j ON t (a) INCLUDE (zz);
    CREATE INDEX j ON nothing (a);
    CREATE INDEX IF NOT EXISTS j ON nothing (a);
    CREATE INDEX t ON t (a);
    CREATE UNIQUE INDEX CONCURRENTLY j ON t (a DESC NULLS LAST, lower(b)) INCLUDE (c) WHERE a > 0 AND b <> ')';
    CREATE INDEX k ON t USING hash (b);
    CREATE INDEX l ON public.t (b text_pattern_ops);
    CREATE SCHEMA app;
    CREATE TABLE app.t (a int);
    CREATE INDEX i ON app.t (a);
    CREATE INDEX ON app.t (a);
    CREATE INDEX ON t ((t.a), (t IS NULL));
    CREATE INDEX ON t ((now()::text || b));
    CREATE INDEX ON t (a) WHERE random() > 0.5;
    CREATE INDEX ON t (to_char(a, '9'));
    CREATE INDEX ON t (concat(b, 'x'));
    CREATE INDEX ON t (format('%s', b));
    CREATE TABLE g (a int, b text GENERATED ALWAYS AS (now()::text) STORED);
    """,
    # --- Inheritance ---
    """
    CREATE TABLE p (a int NOT NULL DEFAULT 5, b text, CHECK (a > 0), id int PRIMARY KEY);
    CREATE TABLE q (x int, b text);
    CREATE TABLE c (c int, b text) INHERITS (p, q);
    CREATE TABLE d () INHERITS (nothing);
    CREATE VIEW v AS SELECT a FROM p;
    CREATE TABLE d () INHERITS (v);
    ALTER TABLE p ADD COLUMN e int;
    ALTER TABLE c DROP COLUMN a;
    ALTER TABLE c ALTER a TYPE bigint;
    ALTER TABLE c DROP CONSTRAINT p_a_check;
    ALTER TABLE p ALTER a TYPE bigint;
    ALTER TABLE p ALTER e SET NOT NULL, ALTER e SET DEFAULT 4;
    ALTER TABLE p ADD CONSTRAINT more CHECK (e > 0);
    ALTER TABLE p DROP CONSTRAINT more;
    ALTER TABLE p DROP COLUMN e;
    ALTER TABLE c NO INHERIT q;
    CREATE TABLE f (x int);
    ALTER TABLE f INHERIT p;
    ALTER TABLE f INHERIT q;
    ALTER TABLE f ADD b text;
    ALTER TABLE f INHERIT q;
    ALTER TABLE f INHERIT q;
    """,
    # --- Partitions ---
    """
    CREATE TABLE p (id int, at date NOT NULL, kind text CHECK (kind <> ''), PRIMARY KEY (id, at))
        PARTITION BY RANGE (at);
    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE p2 PARTITION OF p (kind DEFAULT 'x', UNIQUE (kind)) FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE p3 PARTITION OF p1 DEFAULT;
    CREATE TABLE p3 PARTITION OF nothing DEFAULT;
    CREATE TABLE p3 (zz int) INHERITS (p);
    CREATE TABLE p3 PARTITION OF p (zz DEFAULT 'x') DEFAULT;
    ALTER TABLE p ADD UNIQUE (id);
    ALTER TABLE p ADD COLUMN more int DEFAULT 5;
    ALTER TABLE p DROP COLUMN at;
    ALTER TABLE p ALTER at TYPE timestamptz;
    ALTER TABLE p1 DROP COLUMN kind;
    ALTER TABLE p DROP COLUMN kind;
    CREATE UNIQUE INDEX ON p (id);
    CREATE TABLE q (a int PRIMARY KEY, b int) PARTITION BY LIST (b);
    CREATE TABLE q (a int, b int) PARTITION BY LIST (zz);
    CREATE TABLE q (a int, b int) PARTITION BY LIST (b);
    CREATE TABLE q1 (a int, b int);
    ALTER TABLE q ATTACH PARTITION q1 FOR VALUES IN (1);
    ALTER TABLE q ATTACH PARTITION q1 FOR VALUES IN (2);
    ALTER TABLE q ATTACH PARTITION nothing FOR VALUES IN (2);
    ALTER TABLE q1 ATTACH PARTITION q FOR VALUES IN (2);
    ALTER TABLE q DETACH PARTITION q1;
    ALTER TABLE q DETACH PARTITION q1;
    ALTER TABLE q1 DROP COLUMN a;
    """,
    """
    CREATE TABLE r (id int PRIMARY KEY);
    CREATE TABLE p (a int, b int REFERENCES r) PARTITION BY HASH (a);
    CREATE INDEX ON p (b);
    CREATE TABLE p1 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE INDEX mine ON p (a);
    CREATE TABLE p2 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    """,
    # --- OF a type ---
    """
    CREATE TYPE pair AS (a int, b text);
    CREATE TABLE t OF pair (PRIMARY KEY (a));
    CREATE TABLE u OF pair (a WITH OPTIONS DEFAULT 5, CHECK (a > 0));
    CREATE TABLE v OF nothing;
    """,
    # --- Serials without their default, copies of it ---
    """
    CREATE TABLE a (id serial PRIMARY KEY, x int);
    ALTER TABLE a ALTER id DROP DEFAULT;
    ALTER TABLE a RENAME COLUMN id TO key;
    ALTER TABLE a RENAME TO b;
    ALTER TABLE b DROP COLUMN key;
    DROP SEQUENCE a_id_seq;
    CREATE TABLE c (id serial, y int);
    ALTER TABLE c ALTER id SET DEFAULT 5;
    CREATE TABLE d (LIKE c INCLUDING ALL);
    CREATE TABLE c2 (id serial, y int);
    CREATE TABLE d2 (LIKE c2 INCLUDING DEFAULTS);
    DROP TABLE c2;
    DROP SEQUENCE c2_id_seq;
    ALTER TABLE d2 RENAME TO d3;
    DROP TABLE c2;
    DROP TABLE c2 CASCADE;
    DROP TABLE c;
    """,
    # --- Functions and sequences that tables rest on ---
    """
    CREATE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
    CREATE FUNCTION g(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
    CREATE SEQUENCE q;
    CREATE TABLE t (a int DEFAULT f(), b int DEFAULT nextval('q'), c int CHECK (g(c) > 0),
        d int GENERATED ALWAYS AS (g(a)) STORED);
    CREATE INDEX t_i ON t (g(b));
    CREATE INDEX t_j ON t (b) WHERE f() > b;
    DROP FUNCTION f;
    DROP FUNCTION g;
    DROP SEQUENCE q;
    ALTER TABLE t RENAME TO u;
    DROP FUNCTION f;
    DROP SEQUENCE q;
    DROP FUNCTION f CASCADE;
    DROP FUNCTION g CASCADE;
    DROP SEQUENCE q CASCADE;
    DROP TABLE u;
    CREATE TABLE t (a int, b int);
    CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
    ALTER TABLE t ALTER a SET DEFAULT public.f();
    DROP FUNCTION f;
    ALTER TABLE t ADD CHECK (f() > 0);
    DROP FUNCTION f CASCADE;
    """,
    # --- Several parents, and what is a child's own ---
    """
    CREATE TABLE p (a int, b int DEFAULT 1, c int, CONSTRAINT ck CHECK (a > 0),
        CONSTRAINT cl CHECK (b > 0) NO INHERIT);
    CREATE TABLE q (a int, b int, d int);
    CREATE TABLE c (z int) INHERITS (p, q);
    CREATE TABLE d (a int, b int, c int, CONSTRAINT ck CHECK (a > 0));
    ALTER TABLE d INHERIT p;
    ALTER TABLE d DROP COLUMN b;
    ALTER TABLE d DROP CONSTRAINT ck;
    ALTER TABLE p DROP COLUMN b;
    ALTER TABLE q DROP COLUMN b;
    ALTER TABLE p DROP CONSTRAINT ck;
    ALTER TABLE p DROP COLUMN c;
    ALTER TABLE c DROP COLUMN a;
    ALTER TABLE c NO INHERIT p;
    ALTER TABLE c DROP COLUMN a;
    ALTER TABLE c NO INHERIT q;
    ALTER TABLE c DROP COLUMN a;
    ALTER TABLE p ADD CONSTRAINT n CHECK (a > 0) NOT VALID;
    ALTER TABLE p VALIDATE CONSTRAINT n;
    ALTER TABLE p ADD CONSTRAINT o CHECK (a > 0) NO INHERIT;
    ALTER TABLE ONLY p ADD CONSTRAINT o2 CHECK (a > 0) NO INHERIT;
    ALTER TABLE ONLY p ADD CONSTRAINT o3 CHECK (a > 0);
    ALTER TABLE ONLY p ADD COLUMN zz int;
    ALTER TABLE ONLY p ALTER a TYPE bigint;
    ALTER TABLE ONLY p DROP CONSTRAINT n;
    ALTER TABLE ONLY p DROP COLUMN a;
    ALTER TABLE d DROP COLUMN a;
    """,
    # --- A circle, a diamond ---
    """
    CREATE TABLE g (a int, b int);
    CREATE TABLE p1 () INHERITS (g);
    CREATE TABLE p2 () INHERITS (g);
    CREATE TABLE k (own int) INHERITS (p1, p2);
    CREATE VIEW v AS SELECT b FROM k;
    ALTER TABLE g INHERIT k;
    ALTER TABLE g INHERIT g;
    ALTER TABLE g DROP COLUMN b;
    ALTER TABLE g DROP COLUMN b CASCADE;
    ALTER TABLE g ALTER a SET NOT NULL;
    ALTER TABLE g ALTER a DROP NOT NULL;
    ALTER TABLE p1 ALTER a SET NOT NULL;
    ALTER TABLE g ALTER a SET NOT NULL;
    ALTER TABLE g ALTER a DROP NOT NULL;
    ALTER TABLE g ALTER a SET DEFAULT 4;
    ALTER TABLE g ADD COLUMN own int;
    ALTER TABLE g DROP COLUMN own;
    DROP TABLE p1;
    DROP TABLE p1 CASCADE;
    """,
    # --- Triggers of partitions ---
    """
    CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TABLE p (a int, b int) PARTITION BY RANGE (a);
    CREATE TRIGGER tr BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION tf();
    CREATE TRIGGER ts AFTER INSERT ON p EXECUTE FUNCTION tf();
    CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (2);
    CREATE TABLE p2 (a int, b int);
    ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (2) TO (3);
    CREATE TABLE p3 (a int, b int, c int);
    ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (3) TO (4);
    CREATE TABLE p4 (a int);
    ALTER TABLE p ATTACH PARTITION p4 FOR VALUES FROM (3) TO (4);
    ALTER TABLE p ATTACH PARTITION p FOR VALUES FROM (3) TO (4);
    ALTER TABLE p1 ADD COLUMN z int;
    ALTER TABLE p1 INHERIT p4;
    ALTER TABLE p4 INHERIT p1;
    ALTER TABLE p4 INHERIT p;
    ALTER TABLE p1 NO INHERIT p;
    CREATE TABLE k () INHERITS (p1);
    ALTER TABLE p DETACH PARTITION p2;
    ALTER TABLE p2 DROP COLUMN b;
    ALTER TABLE ONLY p DROP COLUMN b;
    ALTER TABLE p DROP COLUMN b;
    CREATE TRIGGER tu BEFORE UPDATE ON p FOR EACH ROW EXECUTE FUNCTION tf();
    DROP TRIGGER tr ON p1;
    DROP TRIGGER tr ON p;
    DROP FUNCTION tf;
    DROP FUNCTION tf CASCADE;
    """,
    # --- Literals as defaults, contradictions, functions of text ---
    """
    CREATE TYPE m AS ENUM ('one', 'two');
    CREATE TABLE t (a m DEFAULT 'none');
    CREATE TABLE t (a m DEFAULT 'one', b int DEFAULT 'x');
    CREATE TABLE t (a m DEFAULT 'one', b uuid DEFAULT 1);
    CREATE TABLE t (a m DEFAULT 'one', b varchar(2) DEFAULT 'long', c text DEFAULT 1, d text[] DEFAULT '{}',
        e numeric DEFAULT -1.5, f boolean DEFAULT true, é date DEFAULT 'now', g bit(3) DEFAULT B'101');
    ALTER TABLE t ALTER a SET DEFAULT 'none';
    ALTER TABLE t ALTER a SET DEFAULT 'two';
    ALTER TABLE t ALTER a SET DEFAULT NULL;
    ALTER TABLE t ALTER f SET DEFAULT 1;
    ALTER TABLE t ALTER f SET DEFAULT false;
    ALTER TABLE t ALTER e SET DEFAULT true;
    ALTER TABLE t ALTER é SET DEFAULT 'soon';
    ALTER TABLE t ADD COLUMN h int[] DEFAULT 'x';
    ALTER TABLE t ADD COLUMN h m[] DEFAULT '{one}';
    CREATE TABLE u (a int DEFAULT 1 DEFAULT 2);
    CREATE TABLE u (a int NULL NOT NULL);
    CREATE TABLE u (a serial NULL);
    CREATE TABLE u (a serial DEFAULT 3);
    CREATE TABLE u (a int GENERATED ALWAYS AS IDENTITY DEFAULT 3);
    CREATE TABLE u (a int GENERATED ALWAYS AS IDENTITY NULL);
    CREATE TABLE u (a int, b int DEFAULT 3 GENERATED ALWAYS AS (a) STORED);
    CREATE TABLE u (a int NOT NULL NOT NULL, b int NULL NULL DEFAULT 1);
    ALTER TABLE u ADD COLUMN c int DEFAULT 1 DEFAULT 2;
    CREATE TABLE w (a text, b text, c date, d int);
    ALTER TABLE w ALTER a TYPE date USING to_date(a, 'YYYY');
    ALTER TABLE w ALTER a TYPE date USING to_date(a, 'YYYY');
    ALTER TABLE w ALTER b TYPE int USING lower(zz)::int;
    ALTER TABLE w ALTER d TYPE text USING upper(d);
    ALTER TABLE w ALTER d TYPE text USING d::text;
    ALTER TABLE w ALTER d TYPE text USING upper(d);
    ALTER TABLE w ALTER c TYPE timestamptz USING to_timestamp(d, 'YYYY');
    CREATE TABLE pk (id int PRIMARY KEY);
    CREATE TABLE x (a int, b int GENERATED ALWAYS AS (a) STORED, FOREIGN KEY (b) REFERENCES pk ON DELETE SET NULL);
    CREATE TABLE x (a int, b int GENERATED ALWAYS AS (a) STORED, FOREIGN KEY (b) REFERENCES pk ON UPDATE CASCADE);
    CREATE TABLE x (a int, b int GENERATED ALWAYS AS (a) STORED, FOREIGN KEY (b) REFERENCES pk ON DELETE CASCADE);
    ALTER TABLE pk VALIDATE CONSTRAINT pk_pkey;
    ALTER TABLE x VALIDATE CONSTRAINT x_b_fkey;
    CREATE VIEW v AS SELECT a FROM x;
    ALTER TABLE v ALTER zz SET DEFAULT 1;
    ALTER VIEW v ALTER a SET DEFAULT 1;
    ALTER VIEW v ALTER ctid DROP DEFAULT;
    ALTER TABLE v ALTER a DROP IDENTITY;
    ALTER TABLE v ALTER zz DROP IDENTITY IF EXISTS;
    ALTER TYPE m ADD ATTRIBUTE z int;
    ALTER TYPE m DROP ATTRIBUTE z;
    CREATE TABLE "Odd's" ("Id" serial, x int);
    ALTER SEQUENCE "Odd's_Id_seq" RENAME TO other;
    ALTER TABLE "Odd's" ALTER "Id" DROP DEFAULT;
    DROP TABLE "Odd's";
    CREATE TABLE ex (a int, b text UNIQUE, EXCLUDE USING btree (a WITH =));
    CREATE TABLE ey (LIKE ex INCLUDING INDEXES);
    CREATE TABLE ez AS SELECT * FROM t;
    DROP TYPE m;
    DROP TYPE m CASCADE;
    """,
)
