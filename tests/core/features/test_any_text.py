"""No text makes a feature fail, and every answer lies in the text that it is about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mig_lsp.core.check import check_document
from mig_lsp.core.features import actions, completion, folding, hover, lens, navigation, symbols
from mig_lsp.core.outcome import ImpossibleChangeError, outcomes
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span
from tests.support.workspace import snapshot

TODAY, NOW = "2026-01-02", "2026-01-02T03:04:05Z"
PIECES = [
    *(
        "-- Migration 011: é 😀",
        "-- ROLLBACK",
        "-- DROP TABLE t;",
        "/*",
        "*/",
        "'",
        '"',
        "$$",
        "$a$",
        ";",
        "\n",
        "\r\n",
        "\r",
    ),
    *("\f", "\0", "\ufeff", "\u2028", "\ud800", "(", ")", ",", ".", "::", " ", "\\", "`", "{", "}", "[", "]", "=", "#"),
    *(
        "CREATE TABLE t (a int)",
        "CREATE TYPE",
        "SELECT",
        "FROM t",
        "INSERT INTO t (",
        "VALUES",
        "ALTER TABLE t ADD COLUMN b",
    ),
    *("BEGIN", "CONCURRENTLY", "010-a.sql", "011-b.sql", "DELETE FROM migration_log WHERE description = '", "DO $$"),
    *(
        "-- mig-lsp: ignore ",
        "merged-statements",
        "[migrations]",
        "[log.dev]",
        "source = ",
        '"file"',
        "manifest = ",
        "x",
        "é",
    ),
]
text = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


def ask_everything(world: Snapshot, path: str, offset: int, other: int) -> None:
    file = world.file(path)
    assert file is not None
    size = len(file.text)
    shown = check_document(world, path)
    found = hover.hover(world, path, offset, NOW, shown)
    if found is not None:
        assert 0 <= found.span.start <= found.span.end <= size
        assert "\0" not in found.markdown.replace(file.text, "")
    for item in completion.complete(world, path, offset, TODAY):
        assert 0 <= item.span.start <= offset <= item.span.end <= size
    for link in navigation.links(world, path):
        assert file.text[link.span.start : link.span.end]
    navigation.definition(world, path, offset)
    navigation.references(world, path, offset)
    for symbol in symbols.document_symbols(world, path):
        assert 0 <= symbol.span.start <= symbol.selection.start <= symbol.selection.end <= symbol.span.end <= size
    symbols.workspace_symbols(world, file.text[:10])
    for fold in folding.folds(world, path):
        assert 0 <= fold.start_line < fold.end_line < len(file.lines.starts)
    lens.lenses(world, path)
    span = Span(min(offset, other), max(offset, other))
    for action in actions.actions(world, path, span, TODAY, shown):
        for change in action.change.files if action.change else ():
            assert change is not None
        if action.change is not None:
            carried_out(world, action)


def carried_out(world: Snapshot, action: actions.Action) -> None:
    def present(path: str) -> str:
        file = world.file(path)
        assert file is not None, path
        return file.text

    assert action.change is not None
    try:
        outcomes(action.change, present, lambda path: world.file(path) is not None)
    except ImpossibleChangeError as error:
        pytest.fail(f"{action.title}: {error}")


@settings(max_examples=150, deadline=None)
@given(text, st.integers(0, 300), st.integers(0, 300))
def test_a_migration(sql: str, one: int, two: int) -> None:
    world = snapshot(
        {
            "m.json": '{"migrationFiles": ["010-a.sql"]}',
            "migrations/010-a.sql": "CREATE TABLE t (a int);\n",
            "migrations/011-b.sql": sql,
        }
    )
    ask_everything(world, "migrations/011-b.sql", min(one, len(sql)), min(two, len(sql)))


@settings(max_examples=150, deadline=None)
@given(text, st.integers(0, 300), st.integers(0, 300))
def test_a_configuration(toml: str, one: int, two: int) -> None:
    world = snapshot({"mig-lsp.toml": toml, "migrations/010-a.sql": "SELECT 1;\n"})
    ask_everything(world, "mig-lsp.toml", min(one, len(toml)), min(two, len(toml)))


@settings(max_examples=150, deadline=None)
@given(text, st.integers(0, 300))
def test_a_manifest(code: str, offset: int) -> None:
    manifest = f"export const MIGRATION_FILES = ['010-a.sql',\n{code}];\n"
    world = snapshot({"m.ts": manifest, "migrations/010-a.sql": "SELECT 1;\n", "migrations/011-b.sql": "SELECT 1;\n"})
    if world.file("m.ts") is not None:
        offset = min(offset, len(manifest))
        ask_everything(world, "m.ts", offset, offset)
