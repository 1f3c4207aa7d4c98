"""Which sets are found in a workspace, without and with configuration."""

from __future__ import annotations

import pytest

from tests.support.workspace import snapshots


def listing(*names: str) -> str:
    return '{"migrationFiles": [' + ", ".join(f'"{name}"' for name in names) + "]}"


def array(*names: str) -> str:
    return "const MIGRATION_FILES = [" + ", ".join(f"'{name}'" for name in names) + "];\n"


SQL = "SELECT 1;\n"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param({"a/010-x.sql": SQL}, [("a", None, ())], id="numbered files"),
        pytest.param({"a/x.sql": SQL}, [], id="no numbers, no set"),
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"db/handler.ts": array("010-x.sql"), "db/schema/010-x.sql": SQL, "tests/010-fixture.sql": SQL},
            [("db/schema", "db/handler.ts", ())],
            id="a manifest makes other directories none of our business",
        ),
        pytest.param(
            {
                "db/migrations.json": listing("010-x.sql", "011-y.sql"),
                "db/old.js": array("010-x.sql"),
                "db/sql/010-x.sql": SQL,
                "db/sql/011-y.sql": SQL,
            },
            [("db/sql", "db/migrations.json", ("db/old.js",))],
            id="the manifest that names most of the files wins",
        ),
        pytest.param(
            {
                "a/migrations.json": listing("010-x.sql"),
                "a/sql/010-x.sql": SQL,
                "b/migrations.json": listing("010-x.sql", "011-y.sql"),
                "b/sql/010-x.sql": SQL,
                "b/sql/011-y.sql": SQL,
            },
            [("a/sql", "a/migrations.json", ()), ("b/sql", "b/migrations.json", ())],
            id="two packages with equal names",
        ),
        pytest.param(
            {
                "drizzle/migrations/0000_a.sql": SQL,
                "drizzle/migrations/meta/_journal.json": '{"entries": [{"idx": 0, "tag": "0000_a", "when": 1}]}',
            },
            [("drizzle/migrations", "drizzle/migrations/meta/_journal.json", ())],
            id="drizzle-kit's output is the set when there is no other",
        ),
        pytest.param(
            {
                "mig-lsp.toml": '[migrations]\nmanifest = "old.js"\ndirectory = "sql"\n',
                "old.js": array("010-x.sql"),
                "migrations.json": listing("010-x.sql", "011-y.sql"),
                "sql/010-x.sql": SQL,
                "sql/011-y.sql": SQL,
            },
            [("sql", "old.js", ("migrations.json",))],
            id="the configured manifest wins",
        ),
        pytest.param(
            {
                "mig-lsp.toml": '[migrations]\ndirectory = "b"\n',
                "a/010-x.sql": SQL,
                "b/010-x.sql": SQL,
            },
            [("b", None, ())],
            id="the configured directory",
        ),
        pytest.param(
            {
                "one/mig-lsp.toml": '[migrations]\ndirectory = "sql"\n',
                "one/sql/010-x.sql": SQL,
                "two/mig-lsp.toml": '[runner]\nprofile = "psql"\n',
                "two/sql/010-x.sql": SQL,
            },
            [("one/sql", None, ()), ("two/sql", None, ())],
            id="a configuration per package",
        ),
        pytest.param(
            {"mig-lsp.toml": '[migrations]\ndirectory = "../elsewhere"\n', "a/010-x.sql": SQL},
            [("a", None, ())],
            id="a directory outside the workspace is not looked at",
        ),
    ],
)
def test_sets(texts: dict[str, str], expected: list[tuple[str, str | None, tuple[str, ...]]]) -> None:
    found = [(s.plan.directory, s.plan.manifest and s.plan.manifest.path, s.plan.stale) for s in snapshots(texts)]
    assert expected == found


def test_a_configuration_s_mistakes_are_told_once() -> None:
    texts = {
        "mig-lsp.toml": "nonsense = 1\n",
        "a/migrations.json": listing("010-x.sql"),
        "a/010-x.sql": SQL,
        "b/migrations.json": listing("020-y.sql"),
        "b/020-y.sql": SQL,
    }
    assert [1, 0] == [len(found.plan.config_problems) for found in snapshots(texts)]
