"""The rules' pages on a real server: every fix parses, removes its finding, adds none and leads to the same schema.

And every error about the schema is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from mig_lsp import replay
from mig_lsp.core.change import EditFile, Finding, Fix, Severity, apply
from mig_lsp.core.check import check_document
from mig_lsp.core.rules import by_name
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span
from tests.support.catalog import catalog
from tests.support.oracle import connect
from tests.support.specs import cases, claims
from tests.support.workspace import changed, snapshot

PAGES = Path(__file__).parents[2] / "mig_lsp" / "core" / "rules"

# Fixes that change the schema, and why that is what they are for.
OTHER_SCHEMA = {
    "applied-migration-edited": "the text is another one again",
    "broken-rollback": "what undid the migration was carried out with it, and is a comment now",
    "immutable-migration": "the text is another one again",
    "merged-migration-edited": "the text is another one again",
    "unregistered-migration": "the file runs now",
    "validation-scan": "NOT VALID leaves the constraint unvalidated",
}
# Where the fix makes a statement readable or gives it what it names, what is found in it afterwards was there before.
UNCOVERS = {"client-command", "concurrently", "foreign-dialect", "syntax-error", "unknown-label", "unknown-table"}
UNCOVERS |= {"unknown-column", "unknown-object", "unknown-type", "applied-migration-edited", "merged-migration-edited"}

# Two findings about the halves of one mistake; both fixes together make it right.
HALVES = "syntax-error: A dollar quote that a shell expanded"


class Case(NamedTuple):
    """One finding with its fix: the texts of its set, and where it stands."""

    title: str
    texts: dict[str, str]
    path: str
    finding: Finding
    fix: Fix


def test_every_fix_parses_and_removes_its_finding_and_adds_none() -> None:
    wrong = []
    for case in _cases():
        before, after = snapshot(case.texts), snapshot(_after(case))
        rules, now = _rules(before), _rules(after)
        own = case.finding.rule
        if case.title.startswith(HALVES):
            continue
        if now[own] >= rules[own] and case.finding.message in {each.message for each in _findings(after, own)}:
            wrong.append(f"{case.title}: the finding stays")
        added = {rule for rule in now if now[rule] > rules[rule]}
        if added and own not in UNCOVERS:
            wrong.append(f"{case.title}: adds {', '.join(sorted(added))}")
        if _faults(after) > _faults(before):
            wrong.append(f"{case.title}: does not parse")
    assert wrong == [], "\n".join(wrong)


def test_every_fix_leads_to_the_same_schema(database: str) -> None:
    verdicts: Counter[str] = Counter()
    wrong = []
    with connect(database) as connection:
        for case in _cases():
            if case.finding.rule in OTHER_SCHEMA:
                continue
            before, after = _run(connection, snapshot(case.texts)), _run(connection, snapshot(_after(case)))
            if before.failed:
                verdicts["repairs" if after.done > before.done else "did not run before"] += 1
            elif after.failed or before.schema != after.schema:
                wrong.append(f"{case.title}: {after.failed or sorted({*before.schema} ^ {*after.schema})}")
            else:
                verdicts["the same schema"] += 1
    print(f"\nfixes: {dict(verdicts)}")
    assert wrong == [], "\n".join(wrong)
    assert verdicts["the same schema"] >= 30


def _cases() -> Iterator[Case]:
    """Every finding of a page's own rule that has a fix."""
    for page in sorted(PAGES.glob("*.md")):
        rule = page.stem.replace("_", "-")
        for case in cases(page.read_text("utf-8")):
            texts = {path: claims(text)[0] for path, text in case.files.items()}
            world = snapshot(texts)
            for path in texts:
                for number, finding in enumerate(check_document(world, path)):
                    if finding.rule == rule and finding.fix is not None:
                        title = f"{rule}: {case.title}: {path}, {number}"
                        yield Case(title, texts, path, finding, finding.fix)


def _after(case: Case) -> dict[str, str]:
    texts = {**case.texts, case.path: apply(case.texts[case.path], case.fix.edits)}
    edits = [each for each in case.fix.others if not (isinstance(each, EditFile) and each.path == case.path)]
    own = [each for each in case.fix.others if isinstance(each, EditFile) and each.path == case.path]
    for each in own:
        texts[case.path] = apply(case.texts[case.path], (*case.fix.edits, *each.edits))
    return changed(texts, edits)


def _rules(world: Snapshot) -> Counter[str]:
    return Counter(each.rule for each in _findings(world))


def _findings(world: Snapshot, rule: str = "") -> list[Finding]:
    """The findings in the whole set, of one rule or of all."""
    paths = {*world.files, *world.documents}
    return [each for path in paths for each in check_document(world, path) if rule in {"", each.rule}]


def _faults(world: Snapshot) -> int:
    return sum(each.fault is not None for file in world.files.values() for each in file.statements.items)


class Run(NamedTuple):
    """What became of a set: how many chunks were carried out, the first error, and the schema."""

    done: int
    failed: str
    schema: list[str]


def _run(connection: psycopg.Connection[Any], world: Snapshot) -> Run:
    connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    done = 0
    for path in world.plan.run:
        file = world.files[path]
        initial = file.name in world.plan.initial
        result = replay.replay_file(connection, world.plan.runner, file.text, initial=initial)
        done += len(result.steps)
        if result.error:
            return Run(done, result.error, [])
    return Run(done, "", catalog(connection))


def test_every_error_about_the_schema_is_one(database: str) -> None:
    """Where a page's rule of the category schema says error, the server refuses the chunk."""
    wrong, count = [], 0
    with connect(database) as connection:
        for page in sorted(PAGES.glob("*.md")):
            if by_name()[page.stem.replace("_", "-")].category != "schema":
                continue
            for case in cases(page.read_text("utf-8")):
                world = snapshot({path: claims(text)[0] for path, text in case.files.items()})
                refused = _refused(connection, world)
                for path in world.plan.run:
                    for each in check_document(world, path):
                        if each.severity is Severity.ERROR and by_name()[each.rule].category == "schema":
                            count += 1
                            if not any(span.start <= each.span.start < span.end for span in refused[path]):
                                wrong.append(f"{page.stem}: {case.title}: {each.message}")
    assert wrong == [], "\n".join(wrong)
    assert count >= 60


def _refused(connection: psycopg.Connection[Any], world: Snapshot) -> dict[str, list[Span]]:
    """The chunks that the server refuses, by path; those behind them are sent as well."""
    connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    found: dict[str, list[Span]] = {}
    for path in world.plan.run:
        found[path] = []
        for placed in world.files[path].chunks(world.plan.runner).placed():
            if placed.chunk.sql and replay.send(connection.pgconn, world.plan.runner, placed.chunk).failed:
                found[path].append(Span(placed.start, placed.start + len(placed.chunk.text)))
            replay.new_session(connection.pgconn)
    return found
