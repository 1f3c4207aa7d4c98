"""What must be true of any set of files, whatever stands in them; `python -m tests.fuzz.judge` tries one seed.

The cases run in a process of their own: what takes it down, or never ends, is a failure that names its case.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import random
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar, get_args

from mig_lsp.core.author import AuthorError
from mig_lsp.core.author.new import insert_header
from mig_lsp.core.author.prepare import prepare
from mig_lsp.core.author.renumber import renumber
from mig_lsp.core.change import Edit, EditFile, Finding, Fix, SourceChange, apply
from mig_lsp.core.check import check_document, documents
from mig_lsp.core.config.model import Profile
from mig_lsp.core.outcome import ImpossibleChangeError, outcomes
from mig_lsp.core.rollback.derive import derive
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.sql import statement
from mig_lsp.core.sql.parse import parse
from tests.core.features.test_any_text import ask_everything
from tests.fuzz import statements
from tests.fuzz.pieces import pieces_are_the_text
from tests.support.workspace import changed, snapshot

SLOW = 5.0  # seconds of CPU for one file; what takes a second on a fast machine
STUCK = 60.0  # seconds without a result after which a case hangs
TODAY = "2026-01-02"

Texts = Mapping[str, str]
T = TypeVar("T")


def judge(texts: Texts, seed: int) -> None:
    """Raises AssertionError, or whatever the product raises, when something is wrong with *texts*."""
    chance = random.Random(seed)
    for path, text in texts.items():
        if path.endswith(".sql"):
            pieces_are_the_text(text)
            undoing_parses(text)
    world = snapshot(texts)
    for profile in get_args(Profile):
        there = with_profile(world, profile)
        for path in documents(there):
            findings = timely(partial(check_document, there, path))
            findings_are_in_place(there, path, findings)
    path = chance.choice(sorted(world.files))
    size = len(world.files[path].text)
    for _ in range(3):
        timely(partial(ask_everything, world, path, chance.randint(0, size), chance.randint(0, size)))
    fixes_help(texts, world, chance)
    authors_work(texts, world, path)
    edits_lead_to_the_same(world, path, chance)


def with_profile(world: Snapshot, profile: Profile) -> Snapshot:
    """The set with another runner."""
    config = world.plan.config
    plan = replace(world.plan, config=replace(config, runner=replace(config.runner, profile=profile)))
    return replace(world, plan=plan)


def timely(work: Callable[[], T]) -> T:
    """What *work* answers, when it does so in good time."""
    start = time.process_time()
    answer = work()
    taken = time.process_time() - start
    assert taken < SLOW, f"took {taken:.1f} s of CPU"
    return answer


def undoing_parses(text: str) -> None:
    """The SQL that undoes a file is SQL."""
    undo = derive(statement.read(text).items)
    for sql in (*undo.sql, *undo.maybe):
        assert parse(sql).fault is None, f"undone by {sql!r}"


def findings_are_in_place(world: Snapshot, path: str, findings: tuple[Finding, ...]) -> None:
    """No finding, and nothing that belongs to one, lies outside of its text."""
    file = world.file(path)
    text = file.text if file is not None else ""
    for each in findings:
        assert 0 <= each.span.start <= each.span.end <= len(text), each
        assert each.severity is not None, each
        for related in each.related:
            other = world.file(related.path)
            assert 0 <= related.span.start <= related.span.end <= (len(other.text) if other else 0), each
        if each.fix is not None:
            assert apply(text, each.fix.edits) != text or each.fix.others, each
            assert all(0 <= start <= end <= len(text) for (start, end), _ in each.fix.edits), each
    assert [*findings] == sorted(findings, key=lambda each: (each.span, each.rule, each.message))


def fixes_help(texts: Texts, world: Snapshot, chance: random.Random) -> None:
    """A fix, carried out, takes its finding away and leaves SQL that parses as well as before."""
    found = [(path, each, each.fix) for path in world.files for each in check_document(world, path) if each.fix]
    for path, finding, fix in chance.sample(found, min(4, len(found))):
        after = fixed(texts, path, fix)
        later = snapshot(after)
        place = moved(finding.span.start, fix.edits)
        was, now = said(world, path, finding), said(later, path, finding)
        # The next one of the same words may move to where this one was.
        assert place not in now or len(now) < len(was), f"{finding.rule} stays after {fix.title!r}"
        assert faults(later) <= faults(world), f"{finding.rule}: {fix.title!r} leads to a syntax error"


def said(world: Snapshot, path: str, like: Finding) -> list[int]:
    """Where the same is said of a file."""
    if path not in world.files:
        return []
    found = check_document(world, path)
    return [each.span.start for each in found if (each.rule, each.message) == (like.rule, like.message)]


def moved(offset: int, edits: Iterable[Edit]) -> int:
    """Where the character at *offset* stands after *edits*; one that is replaced is where the new text begins."""
    by = 0
    for (start, end), text in edits:
        if end <= offset:
            by += len(text) - (end - start)
        elif start < offset:
            return start + by
    return offset + by


def faults(world: Snapshot) -> int:
    """How many statements of the set do not parse."""
    return sum(each.fault is not None for file in world.files.values() for each in file.statements.items)


def fixed(texts: Texts, path: str, fix: Fix) -> dict[str, str]:
    """The texts after a fix."""
    after = {**texts, path: apply(texts[path], fix.edits)}
    own = [each for each in fix.others if isinstance(each, EditFile) and each.path == path]
    for each in own:
        after[path] = apply(texts[path], (*fix.edits, *each.edits))
    return changed(after, [each for each in fix.others if each not in own])


def authors_work(texts: Texts, world: Snapshot, path: str) -> None:
    """What is written for people can be carried out, and is refused with a reason otherwise."""
    changes: list[Callable[[], SourceChange | None]] = [
        lambda: insert_header(world, path, TODAY),
        lambda: renumber(world, path),
        lambda: prepare(world, "drizzle/0000_x.sql", texts[path], "é new one", TODAY).change,
    ]
    for make in changes:
        with contextlib.suppress(AuthorError):
            change = make()
            if change is not None:
                carried_out(world, change)


def carried_out(world: Snapshot, change: SourceChange) -> None:
    """Every file that *change* names can be changed as it says."""

    def text(path: str) -> str:
        file = world.file(path)
        assert file is not None, path
        return file.text

    try:
        outcomes(change, text, lambda path: world.file(path) is not None)
    except ImpossibleChangeError as error:
        raise AssertionError(f"{change.title}: {error}") from error


def edits_lead_to_the_same(world: Snapshot, path: str, chance: random.Random) -> None:
    """A text that was reached by edits has the findings of a text that was there at once."""
    now = world
    for version in range(3):
        file = now.files[path]
        now = now.with_text(file.edited(statements.edited(chance, file.text), version))
        others = {each: check_document(now, each) for each in now.files}
        fresh = replace(now, plan=replace(now.plan), files={each: replace(file) for each, file in now.files.items()})
        for each, findings in others.items():
            expected = check_document(fresh, each)
            assert expected == findings, f"after an edit of {path}: {file.text!a}, to {now.files[path].text!a}"


def shrunk(texts: Texts, seed: int) -> dict[str, str]:
    """A smaller set that fails in the same way."""
    wanted = failure(texts, seed)
    smallest, until = dict(texts), time.monotonic() + 60
    changed_something = True
    while changed_something:
        changed_something = False
        for path in [*smallest]:
            for text in ("", *statements.smaller(smallest[path])):
                if time.monotonic() > until:
                    return smallest
                attempt = {**smallest, path: text}
                if len(text) < len(smallest[path]) and failure(attempt, seed) == wanted:
                    smallest, changed_something = attempt, True
                    break
    return smallest


def failure(texts: Texts, seed: int) -> str | None:
    """How *texts* fail, without what is different in any case."""
    try:
        judge(texts, seed)
    except Exception as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        return f"{type(error).__name__} at {where}"
    return None


def main() -> int:
    """Tries *count* cases of a seed; prints the number of each before it is tried, and the first failure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int)
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    chosen = parser.parse_args()
    faulthandler.enable()
    for number in range(chosen.first, chosen.first + chosen.count):
        print(number, flush=True)
        faulthandler.dump_traceback_later(STUCK, exit=True)
        own = chosen.seed * 1_000_003 + number
        texts = statements.workspace(random.Random(own))
        try:
            judge(texts, own)
        except Exception as error:
            faulthandler.cancel_dump_traceback_later()
            print(f"case {number} of seed {chosen.seed}: {type(error).__name__}: {str(error)!a}", file=sys.stderr)
            print(f"with {shrunk(texts, own)!a}", file=sys.stderr)
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
