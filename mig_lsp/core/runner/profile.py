"""Runners as data. Rules ask a runner's properties, never its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

Splitter = Literal["lambda-lines", "statement-breakpoint", "lexer", "whole-file"]


class Refusal(NamedTuple):
    """A whole file is refused before anything runs when *pattern* is found in any chunk, also in a string."""

    pattern: re.Pattern[str]
    word: str
    why: str


class Forbidden(NamedTuple):
    """What the team's validator blocks even where the runner would survive it; *rule* is the rule that finds it."""

    rule: str
    word: str
    problem: str
    fix: str


class Tolerance(NamedTuple):
    """A chunk's error that the runner takes for success.

    It holds for *initial* files or for migrations, for chunks whose trimmed, upper-cased text starts with *starts*, and
    for errors whose message contains one of *messages*; with *column*, for any error once the column exists that the
    chunk adds.
    """

    initial: bool
    starts: str
    messages: tuple[str, ...] = ()
    column: bool = False


class Limits(NamedTuple):
    """What one call may take: seconds until it is cancelled, characters of SQL, bytes of request and response."""

    seconds: int
    sql_characters: int
    request_bytes: int
    response_bytes: int


class LogTable(NamedTuple):
    """Where the runner remembers what it did: the table, and the column that identifies a file."""

    name: str
    key: str


@dataclass(frozen=True, eq=False)
class Runner:
    """How files are executed. Runners are compared by identity, so they can be keys of caches."""

    name: str
    splitter: Splitter
    transaction: Literal["statement", "file", "run"]
    """The scope of the transaction that the runner opens; "statement" is autocommit."""
    protocol: Literal["simple", "extended"]
    """The extended protocol takes one statement per call."""
    keeps_session: bool
    """Whether SET, a temporary table, an open transaction or an advisory lock lives on to the next chunk."""
    order: Literal["manifest", "journal", "directory"]
    """What says which files run, in which order."""
    refuses: tuple[Refusal, ...] = ()
    forbids: tuple[Forbidden, ...] = ()
    tolerates: tuple[Tolerance, ...] = ()
    limits: Limits | None = None
    log: LogTable | None = None
    client_commands: bool = False
    """Whether the runner has psql's own commands (`\\i`) and feeds COPY FROM STDIN from the file."""
    named_parameters: bool = False
    """Whether `:name` outside quotes is a parameter."""

    @property
    def opens_transaction(self) -> bool:
        """Whether chunks run inside a transaction block of the runner's own."""
        return self.transaction != "statement"

    @property
    def needs_manifest(self) -> bool:
        """Whether a file that no manifest or journal names never runs."""
        return self.order != "directory"


_CONCURRENTLY = Refusal(
    # JavaScript's \b and i flag, without its u flag, know ASCII only.
    re.compile(r"\bCONCURRENTLY\b", re.IGNORECASE | re.ASCII),
    "CONCURRENTLY",
    "the runner refuses the whole file before anything runs",
)

RDS_DATA_API = Runner(
    name="rds-data-api",
    splitter="lambda-lines",
    transaction="statement",
    protocol="extended",
    keeps_session=False,
    order="manifest",
    refuses=(_CONCURRENTLY,),
    forbids=(
        Forbidden(
            "concurrently",
            "CONCURRENTLY",
            "the runner refuses every file that contains CONCURRENTLY",
            "write CREATE INDEX IF NOT EXISTS without it, or build the index with psql in a maintenance window",
        ),
        Forbidden(
            "do-block",
            "DO $$",
            "the runner cuts a DO block at its first inner line that ends with ';'",
            "write plain statements with IF EXISTS or IF NOT EXISTS, or a function with a single-quoted body",
        ),
        Forbidden(
            "transaction-control",
            "BEGIN/COMMIT/ROLLBACK",
            "every statement is a call of its own that commits at once, so a transaction makes nothing atomic",
            "remove it and make every statement safe to run again",
        ),
    ),
    tolerates=(
        Tolerance(initial=True, starts="", messages=("already exists", "duplicate key")),
        Tolerance(initial=False, starts="CREATE TYPE", messages=("already exists",)),
        Tolerance(initial=False, starts="ALTER TABLE", column=True),
    ),
    limits=Limits(seconds=45, sql_characters=65_536, request_bytes=4 * 1024 * 1024, response_bytes=1024 * 1024),
    log=LogTable("migration_log", "description"),
    named_parameters=True,
)

DRIZZLE_MIGRATOR = Runner(
    name="drizzle-migrator",
    splitter="statement-breakpoint",
    transaction="run",
    # The drivers send a text without parameters by the simple protocol, which takes several statements.
    protocol="simple",
    keeps_session=True,
    order="journal",
    log=LogTable("drizzle.__drizzle_migrations", "hash"),
)

PSQL = Runner(
    name="psql",
    splitter="lexer",
    transaction="statement",
    protocol="simple",
    keeps_session=True,
    order="directory",
    client_commands=True,
)

PSQL_SINGLE_TRANSACTION = Runner(
    name="psql-single-transaction",
    splitter="lexer",
    transaction="file",
    protocol="simple",
    keeps_session=True,
    order="directory",
    client_commands=True,
)

PROFILES: Mapping[str, Runner] = MappingProxyType(
    {runner.name: runner for runner in (RDS_DATA_API, DRIZZLE_MIGRATOR, PSQL, PSQL_SINGLE_TRANSACTION)}
)
