"""Prepared migrations against the server: the runner can stop behind any chunk and start again from the first."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from mig_lsp.core.author.prepare import prepare
from mig_lsp.core.change import CreateFile
from mig_lsp.core.runner.profile import RDS_DATA_API
from mig_lsp.core.runner.rerunnable import Around, guarded
from mig_lsp.core.runner.split import read
from mig_lsp.core.sql.statement import read as statements
from mig_lsp.replay import replay_file
from mig_lsp.shadow import Server
from tests.support.catalog import catalog
from tests.support.workspace import snapshot

BEFORE = """
CREATE TABLE "users" ("id" serial PRIMARY KEY NOT NULL, "email" text, "age" integer, "role" text);
CREATE TABLE "teams" ("id" serial PRIMARY KEY NOT NULL, "name" text, CONSTRAINT "teams_name_unique" UNIQUE("name"));
CREATE TYPE "public"."status" AS ENUM('open', 'closed');
CREATE TYPE "public"."unused" AS ENUM('a');
CREATE INDEX "users_age_idx" ON "users" USING btree ("age");
CREATE VIEW "public"."grown" AS (select "id" from "users" where "age" > 17);
CREATE POLICY "old" ON "users" AS PERMISSIVE FOR SELECT TO public USING (true);
CREATE SEQUENCE "public"."spare";
ALTER TABLE "users" ADD CONSTRAINT "users_age_check" CHECK ("users"."age" > 0);
"""

WORLD = {"db/schema/010-a.sql": "SELECT 1;\n", "handler.ts": "const MIGRATION_FILES = ['010-a.sql'];\n"}

# What drizzle-kit writes for changes of a schema, version by version.
OUTPUTS = {
    "a table with everything": """\
CREATE TYPE "public"."mood" AS ENUM('sad', 'it''s ok');--> statement-breakpoint
CREATE TABLE "posts" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "posts_id_seq" INCREMENT BY 1 START WITH 1),
	"author" integer NOT NULL,
	"mood" "mood" DEFAULT 'sad' NOT NULL,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"title" varchar(200),
	CONSTRAINT "posts_title_unique" UNIQUE("title"),
	CONSTRAINT "posts_check" CHECK ("posts"."author" > 0)
);
--> statement-breakpoint
CREATE TABLE "posts_to_teams" (
	"post_id" integer NOT NULL,
	"team_id" integer NOT NULL,
	CONSTRAINT "posts_to_teams_post_id_team_id_pk" PRIMARY KEY("post_id","team_id")
);
--> statement-breakpoint
ALTER TABLE "posts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "posts" ADD CONSTRAINT "posts_author_users_id_fk" FOREIGN KEY ("author") REFERENCES "public"."users"("id")\
 ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posts_to_teams" ADD CONSTRAINT "posts_to_teams_post_id_posts_id_fk" FOREIGN KEY ("post_id") REFERENCES\
 "public"."posts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "posts_author_idx" ON "posts" USING btree ("author","mood") WHERE "posts"."title" is not null;\
--> statement-breakpoint
CREATE POLICY "posts_own" ON "posts" AS PERMISSIVE FOR ALL TO public USING (author = 1) WITH CHECK (true);""",
    "columns": """\
ALTER TABLE "users" ALTER COLUMN "email" SET DATA TYPE varchar(255);--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "email" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "role" SET DEFAULT 'none';--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "é 😀" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "full" text GENERATED ALWAYS AS ("users"."role" || 'x') STORED;--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "full";--> statement-breakpoint
ALTER TABLE "users" DROP COLUMN "role";""",
    "constraints come and go": """\
ALTER TABLE "teams" DROP CONSTRAINT "teams_name_unique";--> statement-breakpoint
ALTER TABLE "users" DROP CONSTRAINT "users_age_check";--> statement-breakpoint
ALTER TABLE "teams" ADD CONSTRAINT "teams_name_unique" UNIQUE NULLS NOT DISTINCT("name");--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_age_check" CHECK ("users"."age" >= 0);--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_email_team_fk" FOREIGN KEY ("email") REFERENCES "public"."teams"("name");""",
    "types": """\
ALTER TYPE "public"."status" ADD VALUE 'new' BEFORE 'open';--> statement-breakpoint
DROP TYPE "public"."unused";--> statement-breakpoint
CREATE TYPE "public"."level" AS ENUM('low', 'high');--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "level" "level" DEFAULT 'low' NOT NULL;""",
    "the newest value last": """\
ALTER TABLE "teams" ADD COLUMN "status" "status";--> statement-breakpoint
ALTER TYPE "public"."status" RENAME VALUE 'closed' TO 'done';""",
    "names": """\
ALTER TABLE "teams" RENAME TO "groups";--> statement-breakpoint
ALTER INDEX "users_age_idx" RENAME TO "users_by_age";--> statement-breakpoint
ALTER SEQUENCE "public"."spare" SET SCHEMA "public";--> statement-breakpoint
ALTER TABLE "users" RENAME COLUMN "email" TO "mail";""",
    "views, sequences, schemas": """\
CREATE SCHEMA "app";
--> statement-breakpoint
CREATE SEQUENCE "app"."numbers" INCREMENT BY 2 MINVALUE 1 MAXVALUE 99 START WITH 1 CACHE 1;--> statement-breakpoint
DROP VIEW "public"."grown";--> statement-breakpoint
CREATE VIEW "public"."grown" AS (select "id", "age" from "users" where "age" > 18);--> statement-breakpoint
CREATE MATERIALIZED VIEW "app"."ages" AS (select "age" from "users") WITH NO DATA;--> statement-breakpoint
DROP SEQUENCE "public"."spare";""",
    "things that go": """\
DROP POLICY "old" ON "users" CASCADE;--> statement-breakpoint
DROP INDEX "users_age_idx";--> statement-breakpoint
ALTER TABLE "teams" DISABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP TABLE "teams" CASCADE;--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "users_email_lower" ON "users" USING btree (lower("email") DESC NULLS LAST);""",
    "an older version's guards": """\
DO $$ BEGIN
 CREATE TYPE "public"."size" AS ENUM('s', 'm');
EXCEPTION
 WHEN duplicate_object THEN null;
END $$;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "boxes" (
	"id" serial PRIMARY KEY NOT NULL,
	"size" "size",
	"owner" integer
);
--> statement-breakpoint
DO $$ BEGIN
 ALTER TABLE "boxes" ADD CONSTRAINT "boxes_owner_users_id_fk" FOREIGN KEY ("owner") REFERENCES "users"("id");
EXCEPTION
 WHEN duplicate_object THEN null;
END $$;""",
    "written by hand": """\
-- Custom SQL migration file, put your code below! --
-- A key that a foreign key of this file rests on.
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);

/* Two
   lines; */
ALTER TABLE teams
  ADD COLUMN owner text, -- the e-mail;
  ADD CONSTRAINT teams_owner_fk FOREIGN KEY (owner) REFERENCES users (email);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; -- trailing
CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE a AS SELECT 1 AS n; CREATE STATISTICS st ON id, age FROM users;
INSERT INTO users (id, email) VALUES (1, 'a;b -- c') ON CONFLICT DO NOTHING;
COMMENT ON TABLE users IS 'é 😀';
GRANT SELECT ON users TO public;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch();
""",
}

Connection = psycopg.Connection[tuple[object, ...]]


def _connect(dsn: str) -> Connection:
    made: Connection = psycopg.connect(dsn, autocommit=True, prepare_threshold=None)
    made.execute(BEFORE)
    return made


@pytest.fixture
def reference(postgres: Server, database: str) -> Iterator[Connection]:
    """A second database, in which the source itself runs."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE DATABASE reference TEMPLATE template0")
        with _connect(postgres.dsn("reference")) as other:
            yield other
        connection.execute("DROP DATABASE reference WITH (FORCE)")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_a_prepared_migration_runs_and_runs_again(
    database: str, reference: Connection, output: str, newline: str
) -> None:
    source = output.replace("\n", newline)
    prepared = prepare(snapshot(WORLD), "drizzle/0001_x.sql", source, "x", "2026-01-02")
    assert () == prepared.problems
    assert prepared.change is not None
    (made,) = (file for file in prepared.change.files if isinstance(file, CreateFile))
    chunks = [chunk for chunk in read(RDS_DATA_API, made.text).items if chunk.sql]
    assert [1] * len(chunks) == [chunk.count for chunk in chunks]

    reference.execute(source.encode())
    with _connect(database) as connection:
        # A failure behind any chunk, and the next deploy from the first one on.
        for number in range(1, len(chunks) + 1):
            for chunk in chunks[:number]:
                answer = replay_file(connection, RDS_DATA_API, chunk.text)
                assert "" == answer.error, chunk.sql
            # The last chunk may be one that cannot run twice: when it ran, the file is done.
            if number == len(chunks) - 1:
                run = replay_file(connection, RDS_DATA_API, made.text)
                assert "" == run.error
                break
        assert catalog(reference) == catalog(connection)


def test_the_rollback_in_the_header_undoes_it(database: str) -> None:
    """What was new is gone again; what the file dropped is named in the header, and stays gone."""
    prepared = prepare(snapshot(WORLD), "d/0001_x.sql", OUTPUTS["a table with everything"], "x", "2026-01-02")
    assert prepared.change is not None
    (made,) = (file for file in prepared.change.files if isinstance(file, CreateFile))
    with _connect(database) as connection:
        before = catalog(connection)
        assert "" == replay_file(connection, RDS_DATA_API, made.text).error
        steps = [line.removeprefix("--").strip() for line in made.text.split("\n") if line.startswith("--        ")]
        for step in steps:
            if not step.startswith("DELETE FROM migration_log"):
                connection.execute(step.encode())
        assert before == catalog(connection)


HAZARDS = (
    ('ALTER TABLE "users" RENAME COLUMN "email" TO "mail"', "the old name is gone"),
    ("ALTER TYPE status RENAME VALUE 'open' TO 'new'", "RENAME VALUE fails"),
    ("CREATE TABLE p (a int); ALTER TABLE p ADD PRIMARY KEY (a)", "without a name"),
    ("CREATE PUBLICATION p", "CREATE PUBLICATION fails"),
    ("CREATE DOMAIN d AS int", "CREATE DOMAIN fails"),
    ("CREATE SCHEMA s CREATE TABLE t (a int)", "with objects in it"),
    ("CREATE TABLE p (a int NOT NULL); ALTER TABLE p ALTER a ADD GENERATED ALWAYS AS IDENTITY", "has no guard"),
    ("INSERT INTO users (id) VALUES (1)", "adds its rows again"),
    ("ALTER TABLE users ALTER role SET DEFAULT 'x'; ALTER TABLE users DROP COLUMN role", "takes users.role away"),
    ("CREATE INDEX i ON teams (name); DROP TABLE teams", "takes teams away"),
    ("CREATE INDEX i ON teams (name); ALTER TABLE teams RENAME TO groups", "takes teams away"),
    (
        "ALTER TABLE teams ALTER name TYPE varchar(9); ALTER TABLE teams ADD COLUMN n int"
        " GENERATED ALWAYS AS (length(name)) STORED",
        "rests on name by then",
    ),
    ("ALTER TABLE teams ALTER name TYPE varchar(9); CREATE VIEW v AS SELECT name FROM teams", "rests on name by then"),
)


@pytest.mark.parametrize(("sql", "reason"), HAZARDS)
def test_what_is_refused_really_fails_the_second_time(database: str, sql: str, reason: str) -> None:
    """Refused where another statement follows; on the server, the second run from the first statement fails."""
    refused = prepare(snapshot(WORLD), "d.sql", f"{sql};\nSELECT 1;\n", "x", "2026-01-02")
    assert None is refused.change
    assert any(reason in problem.problem for problem in refused.problems), refused.problems
    with _connect(database) as connection:
        items = [item for item in statements(sql + ";").items if not item.blank]
        codes = [guarded(item, Around(RDS_DATA_API, 15)).code for item in items]
        for code in codes:
            connection.execute(code.encode())
        with pytest.raises(psycopg.Error):
            for code in codes:
                connection.execute(code.encode())
