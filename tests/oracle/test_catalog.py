"""The catalog beside a real server: what each statement meets, and what there is behind it.

`MIG_LSP_ORACLE_SET` names a workspace of your own that is tried as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from mig_lsp import replay as server
from mig_lsp.core.catalog.moment import Setting
from mig_lsp.core.catalog.replay import Source, replay
from mig_lsp.core.change import Severity
from mig_lsp.core.check import check_document
from mig_lsp.core.rules import by_name
from mig_lsp.core.runner.profile import RDS_DATA_API
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.sql import statement
from mig_lsp.disk.workspace import load
from tests.oracle import catalog_traps
from tests.oracle.generated_ddl import statements
from tests.support import figures, introspect
from tests.support.oracle import connect
from tests.support.trial import Kind, Outcome, Trial, count, not_foretold, wipe

DEMO = Path(__file__).parents[2] / "demo"
OWN_SET = os.environ.get("MIG_LSP_ORACLE_SET")

BLOCKS = 4
SEEDS = 12
LENGTH = 150

Record = Callable[[str, object], None]


def test_the_demo_set(database: str, record_property: Record) -> None:
    (demo,) = load(DEMO)
    paths = [path for path in demo.plan.run if not _is_broken(demo, path)]
    sources = [Source(path, demo.files[path].statements.items) for path in paths]
    outcomes: list[Outcome] = []
    with connect(database) as connection:
        world = replay(Setting(version=connection.info.server_version // 10_000), sources)
        for place, path in enumerate(paths):
            file = demo.files[path]
            initial = file.name in demo.plan.initial
            result = server.replay_file(connection, RDS_DATA_API, file.text, initial=initial)
            assert (path, result.error) == (path, "")
            moments = [moment for moment in world.files[place].moments if moment is not None]
            assert (path, len(moments)) == (path, len(result.steps))
            outcomes += [
                Outcome(moment.statement.code, moment, step.answer)
                for moment, step in zip(moments, result.steps, strict=True)
            ]
            found = introspect.actual(connection)
            different = introspect.differences(found, partial(world.at, place + 1), world.layer.versions)
            assert (path, different) == (path, [])
    _record(outcomes, record_property, "the demo set")
    assert _told(outcomes, "false", "other code", "miss") == []


def test_traps(database: str, record_property: Record) -> None:
    outcomes: list[Outcome] = []
    different: dict[str, list[str]] = {}
    with connect(database) as connection:
        for trap in catalog_traps.traps():
            wipe(connection)
            trial = Trial(connection)
            trial.begin(trap.setup)
            for item in statement.read(trap.text).items:
                if not item.blank:
                    outcomes.append(trial.step(item.text))
                    found = [] if outcomes[-1].answer.failed else trial.differences()
                    if found:
                        different.setdefault(trap.title, found)
    _record(outcomes, record_property, "traps")
    assert different == {}
    assert _told(outcomes, "false", "other code", "miss") == []


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("ALTER TABLE users ADD COLUMN nick text", "relation public users: columns"),
        ("ALTER TABLE users ALTER COLUMN name TYPE varchar(9)", "relation public users: columns"),
        ("ALTER TABLE users ALTER COLUMN name SET NOT NULL", "relation public users: columns"),
        ("ALTER TABLE users ALTER COLUMN name SET DEFAULT 'x'", "relation public users: columns"),
        ("ALTER TABLE users DROP CONSTRAINT users_email_key", "relation public users: constraints"),
        ("ALTER TABLE users ADD CHECK (seen > 0) NOT VALID", "relation public users: constraints"),
        ("ALTER TABLE users ENABLE ROW LEVEL SECURITY", "relation public users: row security"),
        ("DROP TRIGGER users_touch ON users", "relation public users: triggers"),
        ("DROP POLICY own_orders ON orders", "relation public orders: policies"),
        ("DROP TABLE settings", "relation public settings: the catalog has it"),
        ("CREATE TABLE tags ()", "relation public tags: the server has it"),
        ("DROP INDEX orders_status; CREATE INDEX orders_status ON orders (id)",
         "relation public orders_status: columns"),
        ("DROP INDEX orders_status; CREATE INDEX orders_status ON orders (status) WHERE id > 0",
         "relation public orders_status: partial"),
        ("CREATE OR REPLACE VIEW open_orders AS SELECT *, 1 AS one FROM (SELECT id, user_id, total FROM orders) o",
         "relation public open_orders: columns"),
        ("ALTER TYPE mood ADD VALUE 'tired' BEFORE 'sad'", "type public mood: labels"),
        ("CREATE TYPE pair AS (a int)", "type public pair: the server has it"),
        ("CREATE FUNCTION touch(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "routine public touch: arguments"),
        ("DROP SEQUENCE tickets", "relation public tickets: the catalog has it"),
        ("ALTER SEQUENCE tickets OWNED BY users.id", "relation public tickets: owner"),
        ("CREATE SCHEMA archive", "schema archive: the server has it"),
    ],
)  # fmt: skip
def test_a_difference_is_found(database: str, change: str, part: str) -> None:
    with connect(database) as connection:
        trial = Trial(connection)
        trial.begin(catalog_traps.BASE)
        assert trial.differences() == []
        connection.execute(change.encode())
        found = trial.differences()
    assert any(line.startswith(part) for line in found), found


@pytest.mark.parametrize("block", range(BLOCKS))
def test_generated_sets(database: str, record_property: Record, block: int) -> None:
    outcomes: list[Outcome] = []
    different: list[tuple[int, str, list[str]]] = []
    with connect(database) as connection:
        for seed in range(block * SEEDS, (block + 1) * SEEDS):
            wipe(connection)
            trial = Trial(connection)
            for sql in statements(seed, LENGTH):
                outcomes.append(trial.step(sql))
                found = [] if outcomes[-1].answer.failed else trial.differences()
                if found:
                    different.append((seed, sql, found))
                    break  # one difference leads to the next
    _record(outcomes, record_property, "generated sets")
    assert different == []
    # Much is wrong at once with a statement made by chance: the server names what it meets first.
    assert _told(outcomes, "false", "miss") == []


if OWN_SET:

    def test_own_set(database: str) -> None:
        assert OWN_SET
        told = []
        for own in load(Path(OWN_SET)):
            with connect(database) as connection:
                wipe(connection)
                trial = Trial(connection)
                before: set[str] = set()
                for path in own.plan.run:
                    told += [f"{path}: {line}" for line in _tried(trial, own, path, before)]
                print({kind: number for kind, number in count(trial.outcomes).items() if number})
        print("\n".join(told))
        assert [line for line in told if ": false: " in line or ": state: " in line] == []


def _tried(trial: Trial, own: Snapshot, path: str, before: set[str]) -> list[str]:
    """What the server and the catalog do not agree upon in one file, and is not in *before*."""
    outcomes = [trial.step(item.text, path) for item in own.files[path].statements.items if not item.blank]
    found = {*trial.differences()}
    told = _told(outcomes, "false", "miss", "other code")
    told += [f"state: {line}" for line in sorted(found - before)]
    before |= found
    return told


def _record(outcomes: list[Outcome], record_property: Record, title: str) -> None:
    figures.record(record_property, title, count(outcomes))
    figures.record(record_property, figures.NOT_FORETOLD, not_foretold(outcomes))


def _told(outcomes: list[Outcome], *wrong: Kind) -> list[str]:
    return [str(outcome) for outcome in outcomes if outcome.kind in wrong]


def _is_broken(demo: Snapshot, path: str) -> bool:
    """Whether the rules of the runner and of the syntax say that the file cannot run."""
    return any(
        finding.severity is Severity.ERROR and by_name()[finding.rule].category in {"runner", "syntax", "schema"}
        for finding in check_document(demo, path)
    )
