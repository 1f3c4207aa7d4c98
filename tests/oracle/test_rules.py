"""The rules against a real server: an error means a refusal, and a refusal was announced as an error.

Judged are the hand-written traps, every fence of every rule's page, and each of them again after each of its fixes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from mig_lsp.core.check import check_document
from mig_lsp.core.rules import by_name
from mig_lsp.core.runner.profile import PROFILES
from mig_lsp.core.snapshot import File, Snapshot
from tests.oracle.traps import Trap, traps
from tests.support.oracle import connect, fixed, try_file
from tests.support.specs import cases, claims
from tests.support.workspace import snapshot

PAGES = Path(__file__).parents[2] / "mig_lsp" / "core" / "rules"
TRAPS = tuple(traps())
_CATEGORIES = {"runner", "syntax"}

# Where rules and server disagree, and why: by title, of the trap or of the page's heading. What is settled must go.
KNOWN: dict[str, dict[str, str]] = {
    "rds-data-api": {},
    "drizzle-migrator": {
        "a BOM before a comment line": "miss: the lexer passes over a BOM, as a file's first character it is dropped",
    },
    "psql": {},
    "psql-single-transaction": {},
}
KNOWN_FENCES: dict[str, str] = {}
_DEFAULT = "rds-data-api"


class Example(NamedTuple):
    """One file in its set."""

    title: str
    world: Snapshot
    file: File


@pytest.mark.parametrize(
    "trap", [trap for trap in TRAPS if trap.title not in KNOWN[_DEFAULT]], ids=lambda trap: trap.title
)
def test_what_the_rules_say_of_a_trap(trap: Trap) -> None:
    example = _example(trap)
    found = {finding.rule for finding in check_document(example.world, example.file.path)}
    assert tuple(sorted(rule for rule in found if by_name()[rule].category in _CATEGORIES)) == trap.rules


def test_there_are_enough_traps() -> None:
    assert len(TRAPS) >= 100
    assert len({trap.title for trap in TRAPS}) == len(TRAPS)


@pytest.mark.parametrize("profile", PROFILES)
def test_traps(database: str, profile: str) -> None:
    verdicts = _judge(database, f"traps, {profile}", (_example(trap, profile) for trap in TRAPS))
    assert _disagreements(verdicts) == KNOWN[profile].keys()
    assert [title for title, verdict in verdicts.items() if verdict == "unproven"] == []


def test_pages(database: str) -> None:
    assert _disagreements(_judge(database, "fences of the pages", _fences())) == KNOWN_FENCES.keys()


def test_every_fix(database: str) -> None:
    """A fixed file is judged like any other, and what the fix is for is gone."""
    examples = [*map(_example, TRAPS), *_fences()]
    after = [each for example in examples for each in _fixed(example)]
    assert _disagreements(_judge(database, "fixed files", after)) == set()


def _judge(database: str, name: str, examples: Iterable[Example]) -> dict[str, str]:
    """The verdict on each example; the figures, and what is not agreed on, are shown by `pytest -s`."""
    verdicts: dict[str, str] = {}
    with connect(database) as connection:
        for example in examples:
            trial = try_file(connection, example.world, example.file)
            verdicts[example.title] = trial.verdict
            if trial.verdict not in ("agree", "decree"):
                print(f"\n{example.title}: {trial}", end="")
    print(f"\n{name}: {len(verdicts)} files, {dict(Counter(verdicts.values()))}")
    return verdicts


def _disagreements(verdicts: dict[str, str]) -> set[str]:
    return {title for title, verdict in verdicts.items() if verdict in ("false", "miss")}


def _example(trap: Trap, profile: str = _DEFAULT) -> Example:
    path = "migrations/043-x.sql"
    world = snapshot({path: trap.text, "mig-lsp.toml": f'[runner]\nprofile = "{profile}"\n'})
    return Example(trap.title, world, world.files[path])


def _fences() -> Iterator[Example]:
    """The files of every page, those that are shown as fixed included."""
    for page in sorted(PAGES.glob("*.md")):
        for case in cases(page.read_text("utf-8")):
            bare = {path: claims(text)[0] for path, text in case.files.items()}
            for title, texts in ((case.title, bare), (f"{case.title}, fixed", {**bare, **case.fixed})):
                if title != case.title and not case.fixed:
                    continue
                world = snapshot(texts)
                for path, file in world.files.items():
                    yield Example(f"{page.stem}: {title}: {path}", world, file)


def _fixed(example: Example) -> Iterator[Example]:
    """The file after each fix of a rule about runner or syntax that edits the file itself."""
    world, file = example.world, example.file
    for number, finding in enumerate(check_document(world, file.path)):
        if by_name()[finding.rule].category not in _CATEGORIES or not finding.fix or not finding.fix.edits:
            continue
        after, text = fixed(world, file, finding.fix)
        left = {(each.rule, each.span, each.message) for each in check_document(after, text.path)}
        assert (finding.rule, finding.span, finding.message) not in left, f"{example.title}: {finding.fix.title}"
        yield Example(f"{example.title}, fix {number}: {finding.fix.title}", after, text)
