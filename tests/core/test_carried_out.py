"""A set whose files come and go, and change their order, is known as one that is read anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mig_lsp.core.check import glance, judge
from mig_lsp.core.discovery import find
from mig_lsp.core.rules import by_name
from mig_lsp.core.snapshot import File, Snapshot

TEXTS = (
    "CREATE TABLE a (x int);\n",
    "CREATE TABLE IF NOT EXISTS b (y int);\nINSERT INTO b VALUES (1);\n",
    "ALTER TABLE a ADD COLUMN z int;\n",
    "DROP TABLE a;\n",
    "SELECT x FROM c;\n",
    "CREATE VIEW c AS SELECT 1 AS x;\nDO $$ BEGIN EXECUTE 'x'; END $$;\n",
)
SETS = st.dictionaries(st.integers(10, 15), st.sampled_from(TEXTS), min_size=1)


@settings(max_examples=150, deadline=None)
@given(st.lists(SETS, min_size=2, max_size=4), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_a_set_that_follows_another_is_as_if_read_anew(sets: list[dict[int, str]], stops: list[int]) -> None:
    """Also where the work was stopped after a few ticks in between."""
    before: Snapshot | None = None
    files: dict[str, File] = {}
    for texts, stop in zip(sets, stops, strict=False):
        files = {
            path: known if (known := files.get(path)) and known.text == text else File(path, text)
            for path, text in ((f"db/0{number}-a.sql", text) for number, text in texts.items())
        }
        snapshot = made(files)
        if before is not None:
            snapshot.follow(before)
        before = snapshot
        stopped(snapshot, stop)
        if stop:
            assert said(made({path: File(path, file.text) for path, file in files.items()})) == said(snapshot)


@pytest.mark.parametrize("text", TEXTS)
def test_the_first_look_tells_nothing_that_the_second_one_takes_back(text: str) -> None:
    snapshot = made({"db/010-a.sql": File("db/010-a.sql", text), "db/011-b.sql": File("db/011-b.sql", TEXTS[0])})
    first = [each.shown for each in glance(snapshot, "db/010-a.sql")]
    assert not snapshot.is_carried_out
    assert set(first) <= {each.shown for each in judge(snapshot, "db/010-a.sql")}
    assert snapshot.is_carried_out


def made(files: dict[str, File]) -> Snapshot:
    (plan,) = find(list(files), lambda path: files[path].text, by_name())
    return Snapshot(replace(plan), files)


class StopError(Exception):
    pass


def stopped(snapshot: Snapshot, after: int) -> None:
    left = iter(range(after))

    def tick() -> None:
        if next(left, None) is None:
            raise StopError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mig_lsp.core.snapshot._AT_ONCE", 1)
        try:
            snapshot.carry_out(tick)
        except StopError:
            return


def said(snapshot: Snapshot) -> dict[str, list[object]]:
    return {path: [each.shown for each in judge(snapshot, path)] for path in snapshot.files}
