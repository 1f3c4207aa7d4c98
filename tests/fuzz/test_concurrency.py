"""Everything at once, over real pipes: typing, the disk, two logs, questions, cancellations and diagnostics.

Whatever is shown must fit the text it is shown for; when all is quiet, the client must show what a new server says of
the same files, and what the command line says. `Crowd` is the client, `Life` the threads that keep it busy.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fuzz.crowd import Crowd, ended
from tests.fuzz.document import Document
from tests.lsp import raw
from tests.lsp.raw import profile, running
from tests.support import files
from tests.support.effort import Effort

EDITORS = ("vscode-1.139", "neovim-0.12", "emacs-30")
PATIENCE = 60.0  # seconds until an answer is given up
LULL = 1.6  # seconds from one pause in the typing to the next; the other half of them is one
MEMORY = 500  # MB; the server has less than a quarter of it

LOG = """CREATE TABLE migration_log (id serial PRIMARY KEY, step_number integer NOT NULL, description text NOT NULL,
sql_executed text NOT NULL, status varchar(20) DEFAULT 'pending', error_message text,
executed_at timestamp DEFAULT CURRENT_TIMESTAMP)"""
CONFIG = """[migrations]
directory = "db"
manifest = "migrations.json"
%s
[log.dev]
source = "postgres"
url-env = "CROWD_DATABASE"
[log.prod]
source = "file"
path = "prod.csv"
"""
SETTINGS = (
    "",
    "first-number = 12",
    "immutable = ['010-011']",
    "baseline = 11",
    "[rules.transaction-control]\nseverity = 'info'",
    "[rules.no-such-rule]\nseverity = 'info'",
)
STATEMENTS = (
    "CREATE TABLE t%d (id integer PRIMARY KEY, name text);",
    "CREATE TABLE IF NOT EXISTS t%d (id integer);",
    "ALTER TABLE t%d ADD COLUMN é text NOT NULL;",
    "CREATE INDEX CONCURRENTLY i%d ON t1 (id);",
    "INSERT INTO t%d VALUES (1, '😀 é');",
    "UPDATE t%d SET name = 'a;\nb' WHERE id = 2;",
    "BEGIN; -- %d\nCOMMIT;",
    "DROP TABLE t%d;",
    "CREATE TYPE y%d AS ENUM ('a', 'é');",
    "SELEKT %d;\r\n",
    "-- mig-lsp: ignore unguarded-create -- 😀 %d",
    "DO $$ BEGIN PERFORM %d; END $$;",
    "ALTER TABLE t%d RENAME TO t2;\x0c",
)


def migration(chance: random.Random) -> str:
    """The text of a migration, good and bad."""
    listed = (chance.choice(STATEMENTS) % chance.randrange(4) for _ in range(chance.randrange(12)))
    return "\n".join(("-- Migration 011: é😀", *listed, ""))


def log_row(chance: random.Random, names: list[str]) -> tuple[int, str, str, str | None]:
    status = chance.choice(("completed", "failed"))
    return chance.randrange(30), chance.choice(names), status, "é: *no* 😀" if status == "failed" else None


class Life:
    """What goes on around one server: each method that begins with `keep_` is the life of one thread."""

    def __init__(self, crowd: Crowd, root: Path, database: str, seed: int) -> None:
        self.crowd = crowd
        self.root = root
        self.database = database
        self.seed = seed
        self.others = [f"{number:03}-n{number}.sql" for number in range(20, 26)]
        self.opened = [f"{number:03}-o{number}.sql" for number in range(10, 14)]

    @property
    def lives(self) -> list[Callable[[random.Random], None]]:
        """One function per thread; each does one thing and is called again and again."""
        documents = [self.crowd.documents[f"db/{name}"] for name in self.opened]
        return [
            *(lambda chance, document=document: self.keep_typing(document, chance) for document in documents),
            lambda chance: self.keep_listing(self.crowd.documents["migrations.json"], chance),
            self.keep_asking,
            self.keep_asking,
            self.keep_cancelling,
            self.keep_writing_files,
            self.keep_deploying,
            self.keep_pulling,
        ]

    def keep_typing(self, document: Document, chance: random.Random) -> None:
        draw = chance.random()
        if time.monotonic() % LULL > LULL / 2:
            time.sleep(0.02)  # nobody types: the documents that are not edited get their turn
        elif draw < 0.02:
            self.crowd.close(document)
            time.sleep(chance.random() / 20)
            self.crowd.open(document, migration(chance))
        elif draw < 0.1:
            self.crowd.retype(document, migration(chance))
        else:
            self.crowd.type(document, chance)
        time.sleep(chance.random() / 30)

    def keep_listing(self, document: Document, chance: random.Random) -> None:
        if time.monotonic() % LULL < LULL / 2:
            self.crowd.retype(document, self.manifest(chance))
        time.sleep(chance.random() * 0.7)

    def keep_asking(self, chance: random.Random) -> None:
        document = chance.choice(list(self.crowd.documents.values()))
        if len(self.crowd.waiting) < 12:
            self.crowd.ask_about(document, chance)
        time.sleep(chance.random() / 30)

    def keep_cancelling(self, chance: random.Random) -> None:
        self.crowd.cancel(chance)
        time.sleep(chance.random() / 10)

    def keep_pulling(self, chance: random.Random) -> None:
        self.crowd.pull_what_is_old()
        time.sleep(chance.random() / 10)

    def keep_writing_files(self, chance: random.Random) -> None:
        name = chance.choice(self.others)
        draw = chance.random()
        if draw < 0.2:
            (self.root / "db" / name).unlink(missing_ok=True)
        elif draw < 0.3:
            new = self.root / "db" / chance.choice(self.others)
            with suppress(FileNotFoundError):
                self.crowd.remember(f"db/{new.name}", (self.root / "db" / name).read_bytes())
                (self.root / "db" / name).replace(new)
        elif draw < 0.4:
            self.write("mig-lsp.toml", CONFIG % chance.choice(SETTINGS), chance)
        elif draw < 0.5:
            self.write(
                f"db/{chance.choice(self.opened)}", migration(chance), chance
            )  # what is open counts all the same
        else:
            self.write(f"db/{name}", migration(chance), chance)
        if chance.random() < 0.8:
            self.crowd.tell("workspace/didChangeWatchedFiles", {"changes": []})
        time.sleep(chance.random() / 3)

    def keep_deploying(self, chance: random.Random) -> None:
        names = [*self.opened, *self.others]
        with psycopg.connect(self.database, autocommit=True) as connection:
            if chance.random() < 0.2:
                connection.execute("TRUNCATE migration_log")
            connection.execute(
                "INSERT INTO migration_log (step_number, description, sql_executed, status, error_message)"
                " VALUES (%s, %s, '', %s, %s)",
                log_row(chance, names),
            )
        rows = (log_row(chance, names) for _ in range(chance.randrange(4)))
        lines = (f"{step},{name},{status},{error or ''}\n" for step, name, status, error in rows)
        self.write("prod.csv", "step_number,description,status,error_message\n" + "".join(lines), chance)
        if chance.random() < 0.7:
            self.crowd.ask("workspace/executeCommand", {"command": "migLsp.refreshLog", "arguments": []})
        time.sleep(chance.random() / 2)

    def manifest(self, chance: random.Random) -> str:
        """The text of a manifest: mostly good, sometimes one that is being typed."""
        names = [name for name in (*self.opened, *self.others) if chance.random() < 0.8]
        text = json.dumps({"migrationFiles": names, "schemaDir": "db"}, indent=1)
        return text if chance.random() < 0.9 else text[: chance.randrange(len(text))]

    def write(self, path: str, text: str, chance: random.Random) -> None:
        """Writes a file as some programs do, in place, or as careful ones do."""
        target, data = self.root / path, text.encode()
        self.crowd.remember(path, data)
        if chance.random() < 0.5:
            target.write_bytes(data)
        else:
            part = self.root / f"{path}.{chance.random()}.part"
            part.write_bytes(data)
            part.replace(target)

    def begin(self) -> None:
        """Makes the workspace, and opens the documents."""
        chance = random.Random(self.seed)
        (self.root / "db").mkdir()
        for name in (*self.opened, *self.others):
            self.write(f"db/{name}", migration(chance), chance)
        self.write("mig-lsp.toml", CONFIG % "", chance)
        self.write("migrations.json", self.manifest(chance), chance)
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(LOG)
        for path in (*(f"db/{name}" for name in self.opened), "migrations.json"):
            self.crowd.add(path, random.Random(f"{self.seed} {path}"))

    def end(self) -> None:
        """Everything is saved, and the logs are read a last time."""
        chance = random.Random(0)
        self.write("migrations.json", self.manifest(random.Random(self.seed)), chance)
        self.crowd.retype(self.crowd.documents["migrations.json"], (self.root / "migrations.json").read_text())
        for path, document in self.crowd.documents.items():
            self.write(path, document.text, chance)
        self.crowd.tell("workspace/didChangeWatchedFiles", {"changes": []})
        self.crowd.until_answered(PATIENCE)
        asked = self.crowd.ask("workspace/executeCommand", {"command": "migLsp.refreshLog", "arguments": ["dev"]})
        self.crowd.until(lambda: asked not in self.crowd.waiting, PATIENCE, "the log was not read")


@pytest.fixture
def surroundings(
    database: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A database that the server may find, and caches of its own; the result is the database."""
    monkeypatch.setenv("CROWD_DATABASE", database)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("MIG_LSP_NO_CACHE", "0")
    yield database


def test_everything_at_once(
    surroundings: str, tmp_path: Path, seed: int, effort: Effort, record_property: Callable[[str, object], None]
) -> None:
    editor = EDITORS[seed % len(EDITORS)]
    capabilities = profile(editor)["capabilities"]
    with Crowd.running(tmp_path, capabilities) as crowd:
        life = Life(crowd, tmp_path, surroundings, seed)
        life.begin()
        memory = crowd.live(life.lives, effort.seconds(4, 600), seed)
        life.end()
        with Crowd.running(tmp_path, capabilities) as fresh:
            fresh.begin_like(crowd)
            agree(crowd, fresh, tmp_path)
            assert 0 == ended(fresh)
        assert 0 == ended(crowd)
    counts = {
        "edits": crowd.edits,
        "requests": crowd.requests,
        "cancelled": crowd.cancelled,
        "published": crowd.published,
    }
    record_property("concurrency", {"editor": editor, **counts, "memory": memory})
    print(f"seed {seed}, {editor}: {counts}, MB at each tenth: {memory}")
    assert max(memory) < MEMORY


FROZEN = """
import atexit, gc, sys
from mig_lsp.lsp import reports, server
reports._SETTLE = 0.0
def tell():
    gc.collect()
    gc.unfreeze()
    print("left behind:", gc.collect(), file=sys.stderr)
atexit.register(tell)
sys.exit(server.serve_stdio())
"""


def test_edits_leave_nothing_behind(tmp_path: Path, effort: Effort) -> None:
    """What is kept out of the collector's sight must not be what every edit makes anew."""
    texts = {f"db/{number}-t.sql": files.good(number, f"t{number}") for number in range(10, 30)}
    root = files.build(tmp_path, {**texts, "db/30-last.sql": "BEGIN;\n"})
    with (
        tempfile.TemporaryFile() as log,
        running(sys.executable, "-c", FROZEN, env=files.environment(), stderr=log) as client,
    ):
        client.start(profile("emacs-30")["capabilities"], root)
        client.pushed(raw.uri(root / "db/30-last.sql"))
        client.quiet(0.5)  # everything was looked at once
        name = client.open(root / "db/29-t.sql")
        for version in range(2, effort.count(100, 5000)):
            client.change(name, version, migration(random.Random(version)) * 5)
            client.pushed(name, version)
        assert 0 == client.stop()
        log.seek(0)
        left = re.search(rb"left behind: (\d+)", log.read())
    assert left is not None
    assert int(left[1]) < 10_000


def agree(crowd: Crowd, fresh: Crowd, root: Path) -> None:
    """Waits until the client, one with a new server, and the command line say the same of every document."""
    said: dict[str, list[Any]] = {}

    def same() -> bool:
        crowd.pull_what_is_old()
        fresh.pull_what_is_old()
        return crowd.shown() == fresh.shown() == said

    done = files.run(root, "check", "--format", "json", env={"MIG_LSP_NO_CACHE": "0"})
    assert done.code in (0, 1), done.err
    said.update(command_line(done.out))
    end = time.monotonic() + PATIENCE / 2
    while not same() and time.monotonic() < end:
        time.sleep(0.05)
    for path in sorted({*crowd.shown(), *fresh.shown(), *said}):
        new = fresh.shown().get(path)
        assert new == said.get(path), f"a new server and the command line differ about {path}"
        assert new == crowd.shown().get(path), f"a new server and the old one differ about {path}"
    crowd.fail_if_anything_was_wrong()


def command_line(output: str) -> dict[str, list[Any]]:
    """The findings that `check --format json` prints, by path."""
    found: dict[str, list[Any]] = {}
    for each in json.loads(output)["findings"]:
        span = [each["range"][side]["offset"] for side in ("start", "end")]
        found.setdefault(each["path"], []).append((*span, each["rule"], each["severity"], each["message"]))
    return {path: sorted(listed) for path, listed in found.items()}
