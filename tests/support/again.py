"""What a server says of a file that stopped behind one of its chunks and is run again from the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg

from mig_lsp import replay
from mig_lsp.core.runner import policy, split
from mig_lsp.core.runner.profile import RDS_DATA_API, Runner
from mig_lsp.core.runner.split import Placed
from tests.support.catalog import catalog
from tests.support.trial import wipe

KINDS = {
    "nothing to tell": "it runs again, or no second run comes to it, and no error is announced",
    "fails, foretold": "a second run stops there, a rule says so",
    "fails behind another, foretold": "it would fail if the ones before it did not, a rule says so",
    "fails behind another, not foretold": "it would fail if the ones before it did not, no rule says so",
    "false": "a rule has an error, the server runs it again and it does nothing new",
    "missed": "a second run stops there, no rule says so",
    "missed, with a reason": "the same, and the reason stands beside the test",
    "harm, foretold": "it runs again and changes something, a rule says so",
    "harm, not foretold": "it runs again and changes something, no rule says so",
}
"""How the rules and a second run can compare."""


class Failure(NamedTuple):
    """A chunk, by its place among those that are sent, that the server refuses and the runner does not tolerate."""

    chunk: int
    sqlstate: str
    message: str


@dataclass(frozen=True)
class Again:
    """A file's chunks, and what becomes of them.

    *once* is what fails the first time: nothing behind it is tried. *first* are the chunks at which a second run stops,
    for at least one place where the first one had stopped; *behind* those that would fail as well if the ones before
    them had been passed over. *acts* are the chunks that change something when they are sent once more behind the whole
    file, if a second run of the file changes what the first one left, or what others did since.
    """

    chunks: tuple[Placed, ...]
    once: Failure | None = None
    first: tuple[Failure, ...] = ()
    behind: tuple[Failure, ...] = ()
    acts: frozenset[int] = frozenset()


def run_again(
    connection: psycopg.Connection[Any], setup: str, text: str, meanwhile: str = "", runner: Runner = RDS_DATA_API
) -> Again:
    """Tries every place where the run of *text* can stop, each time in an empty database with *setup* alone.

    *meanwhile* is what others do between a whole first run and the second one.
    """
    assert runner.transaction == "statement" and not runner.keeps_session
    chunks = split.read(runner, text)
    sent = tuple(placed for placed in chunks.placed() if placed.chunk.sql)
    if policy.refusal(runner, chunks) is not None:
        return Again(sent, Failure(0, "", "the runner refuses the whole file"))
    _begin(connection, setup)
    failures = _run(connection, runner, sent, to_the_end=False)
    once = failures[0] if failures else None
    done = len(sent) if once is None else once.chunk
    single = None
    if once is None:
        connection.execute(meanwhile.encode())
        single = _content(connection)
    first: dict[int, Failure] = {}
    behind: dict[int, Failure] = {}
    for stop in range(done):
        _begin(connection, setup)
        _run(connection, runner, sent[: stop + 1], to_the_end=False)
        if stop + 1 == len(sent):
            connection.execute(meanwhile.encode())
        failures = _run(connection, runner, sent[:done], to_the_end=True)
        for place, failure in enumerate(failures):
            (behind if place else first).setdefault(failure.chunk, failure)
    differs = single is not None and _content(connection) != single
    return Again(
        sent,
        once,
        tuple(first[chunk] for chunk in sorted(first)),
        tuple(behind[chunk] for chunk in sorted(behind.keys() - first.keys())),
        _acting(connection, setup, runner, sent, meanwhile) if differs else frozenset(),
    )


def _acting(
    connection: psycopg.Connection[Any], setup: str, runner: Runner, sent: Sequence[Placed], meanwhile: str
) -> frozenset[int]:
    acting = set()
    for index, placed in enumerate(sent):
        _begin(connection, setup)
        _run(connection, runner, sent, to_the_end=True)
        connection.execute(meanwhile.encode())
        before = _content(connection)
        if not _run(connection, runner, [placed], to_the_end=True) and _content(connection) != before:
            acting.add(index)
    return frozenset(acting)


def _begin(connection: psycopg.Connection[Any], setup: str) -> None:
    wipe(connection)
    connection.execute(setup.encode())


def _run(
    connection: psycopg.Connection[Any], runner: Runner, sent: Sequence[Placed], *, to_the_end: bool
) -> list[Failure]:
    """The chunks that fail, tolerated ones left out; the first one only, unless the others are to be tried too."""
    failures: list[Failure] = []
    for index, placed in enumerate(sent):
        # A chunk is a file of one chunk: nothing that the splitter knows outlives its end.
        result = replay.replay_file(connection, runner, placed.chunk.text)
        if result.failure is not None:
            failures.append(Failure(index, result.failure.answer.sqlstate, result.failure.answer.message))
            if not to_the_end:
                break
    return failures


def _content(connection: psycopg.Connection[Any]) -> tuple[list[str], list[tuple[object, ...]]]:
    """The schema in words, and how many rows each table has and what is in them."""
    counts = [select for (select,) in connection.execute(_COUNTS.encode()).fetchall()]
    rows = connection.execute(" UNION ALL ".join(counts).encode()).fetchall() if counts else []
    return catalog(connection), rows


_COUNTS = """
    SELECT format('SELECT %L, count(*), md5(string_agg(r::text, chr(10) ORDER BY r::text)) FROM %s r', name, name)
      FROM (SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema$)' ORDER BY 1) tables
"""
