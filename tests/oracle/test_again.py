"""The rules of the category rerun beside a real server, which runs each trap again after stopping behind each chunk.

`pytest -s` shows what the server says of every file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import Any

import psycopg
import pytest

from mig_lsp.core.catalog.values import UNKNOWN, Table
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.check import check_document
from mig_lsp.core.rules import by_name
from mig_lsp.core.runner.profile import PSQL
from tests.oracle.catalog_traps import Trap, traps
from tests.oracle.generated_ddl import statements
from tests.support import figures
from tests.support.again import KINDS, Again, run_again
from tests.support.oracle import connect
from tests.support.trial import wipe
from tests.support.workspace import snapshot

RERUN = frozenset(
    {
        "destructive-rerun",
        "reads-what-it-drops",
        "unguarded-constraint",
        "unguarded-create",
        "unguarded-drop",
        "unguarded-insert",
        "unguarded-rename",
        "unguarded-update",
        "useless-on-conflict",
    }
)
"""The rules that foretell what a second run does; what nobody foretells is a failure once all of them are there."""

UNTOLD: dict[str, str] = {}
"""Failures of a second run that no rule foretells, by `about: title` of the trap, and why."""

PARTS = 4

NO_SETTINGS: Mapping[str, str] = MappingProxyType({})

_SETUP = "010-before.sql"
_FILE = "011-trap.sql"


@pytest.mark.parametrize("part", range(PARTS))
def test_run_again(database: str, record_property: Callable[[str, object], None], part: int) -> None:
    seen: Counter[str] = Counter()
    false, missed, table = [], [], []
    with connect(database) as connection:
        for trap in islice(traps(), part, None, PARTS):
            name = f"{trap.about}: {trap.title}"
            result = run_again(connection, trap.setup, trap.text, trap.meanwhile)
            table.append(_row(name, result))
            certain, told = findings(trap, result)
            for chunk in range(len(result.chunks)):
                verdict = _verdict(chunk, result, certain, told)
                if verdict == "false":
                    false.append(f"{name}: {certain[chunk]}")
                elif verdict == "missed" and name in UNTOLD:
                    verdict = "missed, with a reason"
                elif verdict == "missed":
                    missed.append(f"{name}: {result.first}")
                seen[verdict] += 1
            seen["harm, foretold"] += len(result.acts & told.keys())
            seen["harm, not foretold"] += len(result.acts - told.keys())
    figures.record(record_property, "run again", {kind: seen[kind] for kind in KINDS})
    print("\n" + "\n".join(table))
    assert false == []
    if RERUN <= by_name().keys():
        assert missed == []


@pytest.mark.parametrize("seed", range(12))
def test_what_is_made_by_chance_runs_again(
    database: str, record_property: Callable[[str, object], None], seed: int
) -> None:
    """Of a generated set, all that the server takes, and then five statements of it as a file that runs again."""
    missed = []
    seen: Counter[str] = Counter()
    with connect(database) as connection:
        good = _taken(connection, seed)
        for at in range(10, min(len(good) - 5, 60), 12):
            trap = Trap("seed", f"{seed}, {at}", "".join(good[:at]), "".join(good[at : at + 5]), "")
            result = run_again(connection, trap.setup, trap.text, runner=_LEXER)
            _, told = findings(trap, result, _PSQL)
            unknown = _unknown(trap)
            for failure in result.first:
                known = "foretold" if failure.chunk in told else "unknown" if failure.chunk in unknown else "missed"
                seen[known] += 1
                if known == "missed":
                    missed.append(f"{trap.title}: {failure.sqlstate} {failure.message}: {trap.text}")
    print(f"\nseed {seed}: {dict(seen)}")
    assert missed == []
    assert seen["foretold"] > 0


_PSQL = {"mig-lsp.toml": '[runner]\nprofile = "psql"\n'}
# One statement after the other, whatever its text; a second run begins in another session.
_LEXER = replace(PSQL, keeps_session=False, protocol="extended")


def _taken(connection: psycopg.Connection[Any], seed: int) -> list[str]:
    """The statements of the seed that the server carries out, one after the other in an empty database."""
    wipe(connection)
    found = []
    for sql in statements(seed, 155):
        text = sql.strip().rstrip(";") + ";\n"
        with suppress(psycopg.Error):
            connection.execute(text.encode())
            found.append(text)
    return found


def _unknown(trap: Trap) -> set[int]:
    """The statements of the file that ask for what the catalog does not know."""
    world = snapshot({_SETUP: trap.setup, _FILE: trap.text, **_PSQL}).world
    replayed = world.replayed(_FILE)
    assert replayed is not None
    found = set()
    for number, moment in enumerate(replayed.moments):
        for value in moment.reads.values() if moment is not None else ():
            if value is UNKNOWN or (isinstance(value, Table) and not value.whole):
                found.add(number)
    return found


def findings(
    trap: Trap, result: Again, settings: Mapping[str, str] = NO_SETTINGS
) -> tuple[dict[int, str], dict[int, str]]:
    """What the rules say: the chunks that are certain to fail when they run again, and all that they speak of."""
    certain: dict[int, str] = {}
    told: dict[int, str] = {}
    for finding in check_document(snapshot({_SETUP: trap.setup, _FILE: trap.text, **settings}), _FILE):
        if by_name()[finding.rule].category != "rerun":
            continue
        chunk = _chunk(finding, result)
        told.setdefault(chunk, finding.rule)
        if finding.severity is Severity.ERROR:
            certain.setdefault(chunk, finding.rule)
    return certain, told


def _chunk(finding: Finding, result: Again) -> int:
    ends = [placed.start + len(placed.chunk.text) for placed in result.chunks]
    return next((index for index, end in enumerate(ends) if finding.span.start < end), len(ends) - 1)


def _verdict(chunk: int, result: Again, certain: dict[int, str], told: dict[int, str]) -> str:
    if chunk in {failure.chunk for failure in result.first}:
        return "fails, foretold" if chunk in told else "missed"
    if chunk in {failure.chunk for failure in result.behind}:
        return f"fails behind another, {'foretold' if chunk in told else 'not foretold'}"
    if result.once is not None and chunk >= result.once.chunk:
        return "nothing to tell"  # no run comes to it, or not beyond it
    return "false" if chunk in certain and chunk not in result.acts else "nothing to tell"


def _row(name: str, result: Again) -> str:
    parts = [] if result.once is None else [f"once {result.once.chunk} {result.once.sqlstate}"]
    parts += [f"again {failure.chunk} {failure.sqlstate}" for failure in result.first]
    parts += [f"behind {failure.chunk} {failure.sqlstate}" for failure in result.behind]
    parts += [f"acts {chunk}" for chunk in sorted(result.acts)]
    return f"{name:70.70} {', '.join(parts) or 'well'}"
