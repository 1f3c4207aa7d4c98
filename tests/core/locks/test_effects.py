from __future__ import annotations

import pytest

from mig_lsp.core.locks.effects import effects
from mig_lsp.core.locks.facts import FACTS, Mode, fact
from mig_lsp.core.sql.actions import action_spans
from mig_lsp.core.sql.statement import read


def found(sql: str, version: int = 18) -> list[tuple[str, tuple[str, ...], str]]:
    return [(each.fact.statement, each.table, each.item) for each in effects(read(sql).items[0], version)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            'ALTER TABLE IF EXISTS ONLY app."Té😀" ADD "é" serial NOT NULL, DROP b',
            [
                ("ADD COLUMN of a serial type", ("app", "Té😀"), "é"),
                ("DROP COLUMN", ("app", "Té😀"), "b"),
            ],
        ),
        (
            "ALTER TABLE t ADD a int NOT NULL UNIQUE REFERENCES t CHECK (a > 0)",
            [
                ("ADD COLUMN", ("t",), "a"),
                ("ADD COLUMN NOT NULL without a default", ("t",), "a"),
                ("ADD COLUMN with CHECK", ("t",), "a"),
                ("ADD COLUMN with UNIQUE", ("t",), "a"),
                ("ADD COLUMN with REFERENCES", ("t",), "a"),
            ],
        ),
        (
            "ALTER TABLE t ADD a uuid DEFAULT public.uuid_generate_v4()",
            [("ADD COLUMN with a volatile default", ("t",), "a")],
        ),
        ("ALTER TABLE t ADD a uuid DEFAULT my_own()", [("ADD COLUMN", ("t",), "a")]),
        ("ALTER VIEW v ALTER c SET DEFAULT 1", []),
        ("VACUUM", []),
        ("CLUSTER", []),
        ("REINDEX DATABASE", []),
        ("COMMENT ON COLUMN s.t.c IS 'x'", [("COMMENT", ("s", "t"), "c")]),
        ("SELECT 1", []),
        ("ALTER TABLE", []),
        (";", []),
    ],
)
def test_effects(sql: str, expected: list[tuple[str, tuple[str, ...], str]]) -> None:
    assert expected == found(sql)


def test_a_default_that_is_too_deep_to_be_read_is_not_volatile_for_certain() -> None:
    for depth in (100, 1_000, 20_000):
        sql = f"ALTER TABLE t ADD a int DEFAULT {'(' * depth}random(){')' * depth}"
        assert len(found(sql)) <= 1


def test_an_older_server_does_what_the_oldest_known_one_does() -> None:
    assert "SET ACCESS METHOD" == fact("SET ACCESS METHOD", 11).statement
    assert all(each == fact(each.statement, each.since) for each in FACTS)


@pytest.mark.parametrize(
    ("mode", "blocks"),
    [
        (Mode.ACCESS_EXCLUSIVE, "reads and writes"),
        (Mode.EXCLUSIVE, "writes"),
        (Mode.SHARE_ROW_EXCLUSIVE, "writes"),
        (Mode.SHARE, "writes"),
        (Mode.SHARE_UPDATE_EXCLUSIVE, "schema changes"),
        (Mode.ROW_EXCLUSIVE, "nothing that an application does"),
    ],
)
def test_whom_a_lock_blocks(mode: Mode, blocks: str) -> None:
    assert blocks == mode.blocks


@pytest.mark.parametrize(
    ("sql", "actions"),
    [
        ("ALTER TABLE t ADD a int", ["ADD a int"]),
        (
            '-- x, y\nALTER TABLE IF EXISTS ONLY s . "a,b" * ADD a numeric(1, 2), /* , */ DROP b;',
            ["ADD a numeric(1, 2)", "DROP b"],
        ),
        ("ALTER TABLE ONLY (t) ADD a int[], ADD b int DEFAULT a[1, 2]", ["ADD a int[]", "ADD b int DEFAULT a[1, 2]"]),
        ('ALTER MATERIALIZED VIEW "é😀" SET (x = 1)', ["SET (x = 1)"]),
        ("ALTER TABLE t", []),
        ("ALTER", []),
        ("ALTER TABLE ONLY", []),
        ("ALTER ROLE x SET a = 1, 2", []),
        ("ALTER TABLE t ,,, )", [")"]),
    ],
)
def test_the_stretch_of_each_action(sql: str, actions: list[str]) -> None:
    statement = read(sql).items[0]
    assert actions == [statement.text[start:end] for start, end in action_spans(statement)]
