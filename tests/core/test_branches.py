from __future__ import annotations

import pytest

from mig_lsp.core.branches import NO_BRANCHES, Branches, blob_id
from mig_lsp.core.snapshot import File, Snapshot

BOM = "\ufeff"


def known(*texts: str) -> Branches:
    """A base ref that has `db/a.sql`, with *texts* as its contents there and where the present branch left it."""
    return Branches(base="main", blobs={"db/a.sql": tuple(blob_id(text.encode(), 40) for text in texts)})


@pytest.mark.parametrize(
    ("base", "here", "same"),
    [
        ("SELECT 'é😀';\n", "SELECT 'é😀';\n", True),
        ("SELECT 1;\n", "SELECT 1;\r\n", True),
        ("SELECT 1;\r\n", "SELECT 1;\n", True),
        (BOM + "SELECT 1;\n", "SELECT 1;\n", True),
        (BOM + "SELECT 1;\r\n", "SELECT 1;\n", True),
        ("SELECT 1;\n", "SELECT 1;", False),
        ("SELECT 1;\f\n", "SELECT 1;\n", False),
        ("SELECT 1;\n", "SELECT '\ud800';\n", False),
        ("", "", True),
    ],
)
def test_a_text_is_the_merged_one_whatever_its_line_ends(base: str, here: str, same: bool) -> None:
    branches, file = known(base), File("db/a.sql", here)
    assert branches.has("db/a.sql", here) is same
    assert branches.other_paths(here) == (("db/a.sql",) if same else ())
    world = Snapshot(branches=branches)
    assert (world.is_merged(file), world.is_edited(file)) == (same, not same)


def test_what_only_the_base_ref_changed_is_not_edited_here() -> None:
    world = Snapshot(branches=known("SELECT 2;\n", "SELECT 1;\n"))
    texts = ("SELECT 1;\n", "SELECT 2;\n", "SELECT 3;\n")
    assert [world.is_edited(File("db/a.sql", text)) for text in texts] == [False, False, True]
    assert world.branches.other_paths("SELECT 1;\n") == ()


def test_files_that_are_not_there_or_cannot_be_read_are_neither() -> None:
    other, broken = File("db/b.sql", "SELECT 1;\n"), File("db/a.sql", "SELECT 1;\n", problem="is not UTF-8")
    for world in (Snapshot(), Snapshot(branches=known("SELECT 1;\n"))):
        assert [world.is_merged(each) or world.is_edited(each) for each in (other, broken)] == [False, False]
    assert NO_BRANCHES.other_paths("") == ()


def test_an_answer_is_kept_for_the_same_branches_only() -> None:
    file, first = File("db/a.sql", "SELECT 1;\n"), Snapshot(branches=known("SELECT 1;\n"))
    assert first.is_merged(file)
    assert not first.with_branches(known("SELECT 2;\n")).is_merged(file)


def test_the_plan_stays_when_nothing_in_it_is_different() -> None:
    first = Snapshot(branches=known("SELECT 1;\n"))
    assert first.with_branches(known("SELECT 2;\n")).plan is first.plan
    named = first.with_branches(Branches({"main": frozenset({"a.sql"})}, listed=frozenset({"a.sql"})))
    assert named.plan.refs == {"main": frozenset({"a.sql"})}
    assert named.plan.base_entries == frozenset({"a.sql"})


def test_ids_of_either_length() -> None:
    assert blob_id(b"", 40) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert len(blob_id(b"", 64)) == 64
