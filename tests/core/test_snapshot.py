"""What a snapshot shares from one moment to the next, and what a plan says of names and manifest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mig_lsp.core.check import check_document
from mig_lsp.core.runner.profile import PROFILES
from mig_lsp.core.snapshot import File
from tests.support.workspace import snapshot

RUNNER = PROFILES["rds-data-api"]
MANIFEST = '{"initialSetupFiles": ["001-a.sql"], "migrationFiles": ["010-b.sql", "012-d.sql", "011-c.sql"]}'


def test_the_plan_follows_the_manifest_and_not_the_numbers() -> None:
    names = ("001-a.sql", "010-b.sql", "011-c.sql", "012-d.sql", "013-e.sql")
    plan = snapshot({"m/migrations.json": MANIFEST} | {f"m/sql/{name}": "SELECT 1;" for name in names}).plan
    assert "m/sql" == plan.directory
    assert names == plan.names
    assert ("001-a.sql",) == plan.initial
    assert {"001-a.sql": 0, "010-b.sql": 1, "012-d.sql": 2, "011-c.sql": 3} == plan.order
    assert {1, 10, 11, 12, 13} == plan.taken
    assert "m/sql/013-e.sql" == plan.path_of("013-e.sql")


def test_without_a_manifest_the_directory_is_the_order() -> None:
    plan = snapshot({f"{name}.sql": "" for name in ("2-b", "10-c", "1-a", "1-a-rollback", "notes")}).plan
    assert ("1-a.sql", "2-b.sql", "10-c.sql") == plan.migrations
    assert "" == plan.directory


def test_an_edit_leaves_all_other_statements_and_chunks_in_place() -> None:
    text = "".join(f"SELECT {number};\n" for number in range(100))
    file = File("a.sql", text)
    before, chunks = file.statements, file.chunks(RUNNER)
    after = file.edited(text.replace("SELECT 50;", "SELECT 'fifty';"), 2)
    same = [one is other for one, other in zip(before.items, after.statements.items, strict=True)]
    assert 2 >= same.count(False) and not same[50]
    same = [one is other for one, other in zip(chunks.items, after.chunks(RUNNER).items, strict=True)]
    assert 2 >= same.count(False)


SQL = st.lists(
    st.sampled_from([*"ab ;'\"$-/*\n\r().", "$$", "--", "CREATE TYPE ", "é", "😀", ");\n"]), max_size=60
).map("".join)


@given(SQL, SQL)
def test_an_edited_file_is_the_file_read_afresh(before: str, after: str) -> None:
    file = File("a.sql", before)
    _ = file.statements, file.chunks(RUNNER)  # what is not read yet is not carried over
    edited, fresh = file.edited(after, 1), File("a.sql", after)
    assert [item.text for item in fresh.statements.items] == [item.text for item in edited.statements.items]
    assert [item.text for item in fresh.chunks(RUNNER).items] == [item.text for item in edited.chunks(RUNNER).items]


@given(st.lists(SQL, min_size=2, max_size=4))
def test_findings_after_edits_are_the_findings_afresh(texts: list[str]) -> None:
    world = snapshot({"migrations/010-a.sql": texts[0], "migrations/011-b.sql": "BEGIN;"})
    path = "migrations/010-a.sql"
    for text in texts[1:]:
        check_document(world, path)
        world = world.with_text(world.files[path].edited(text, 1))
    fresh = snapshot({"migrations/010-a.sql": texts[-1], "migrations/011-b.sql": "BEGIN;"})
    assert check_document(fresh, path) == check_document(world, path)
