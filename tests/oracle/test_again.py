"""The rules of the category rerun beside a real server, which runs each trap again after stopping behind each chunk.

`pytest -s` shows what the server says of every file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import islice

import pytest

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.check import check_document
from mig_lsp.core.rules import by_name
from tests.oracle.catalog_traps import Trap, traps
from tests.support import figures
from tests.support.again import KINDS, Again, run_again
from tests.support.oracle import connect
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


def findings(trap: Trap, result: Again) -> tuple[dict[int, str], dict[int, str]]:
    """What the rules say: the chunks that are certain to fail when they run again, and all that they speak of."""
    certain: dict[int, str] = {}
    told: dict[int, str] = {}
    for finding in check_document(snapshot({_SETUP: trap.setup, _FILE: trap.text}), _FILE):
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
