"""Carrying out again what an edit reaches gives what carrying out everything gives."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mig_lsp.core.catalog.layer import Layer
from mig_lsp.core.catalog.moment import Moment, Setting
from mig_lsp.core.catalog.replay import Replayed, Source, World, carry_out_again, replay, replay_again
from mig_lsp.core.catalog.statements import carry_out
from mig_lsp.core.catalog.values import UNKNOWN, Gone, Origin, relation_key
from mig_lsp.core.sql.statement import Statement, read

POOL = (
    "CREATE TABLE a (x int, y text);",
    "CREATE TABLE IF NOT EXISTS a (x int PRIMARY KEY);",
    "CREATE TABLE b (x int REFERENCES a, m mood);",
    "DROP TABLE a;",
    "DROP TABLE IF EXISTS a CASCADE;",
    "ALTER TABLE a ADD COLUMN z int;",
    "ALTER TABLE a DROP COLUMN y;",
    "ALTER TABLE a RENAME TO c;",
    "ALTER TABLE c RENAME TO a;",
    "CREATE TYPE mood AS ENUM ('ok');",
    "DROP TYPE mood;",
    "CREATE INDEX i ON a (x);",
    "DROP INDEX i;",
    "CREATE VIEW v AS SELECT x FROM a;",
    "INSERT INTO a (x, y) VALUES (1, 'é');",
    "SELECT x FROM v;",
    "DO $$ BEGIN EXECUTE 'x'; END $$;",
    "DO $$ BEGIN ALTER TABLE a ADD w int; END $$;",
    "CREATE TABLE a (;",
    "",
)

FILES = st.lists(st.lists(st.sampled_from(range(len(POOL))), max_size=5), min_size=1, max_size=4)
EDITS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 2), st.sampled_from(range(len(POOL)))), max_size=4
)


@settings(max_examples=300, deadline=None)
@given(FILES, EDITS)
def test_an_edit_reaches_all_it_should(files: list[list[int]], edits: list[tuple[int, int, int, int]]) -> None:
    texts = [[Statement(POOL[each]) for each in file] for file in files]
    world = replay(Setting(), _sources(texts))
    for file, place, gone, new in edits:
        statements = texts[file % len(texts)]
        statements[place : place + gone] = [Statement(POOL[new])]
        world = _ask_ahead(replay_again(world, _sources(texts, world)))
        assert _said(replay(Setting(), _sources(texts), world)) == _said(world)


@settings(max_examples=300, deadline=None)
@given(FILES, EDITS, st.integers(0, 15))
def test_an_edit_reaches_the_second_run_too(
    files: list[list[int]], edits: list[tuple[int, int, int, int]], asked: int
) -> None:
    """Whether the second run was asked for before the edit, as the bits of *asked* say, or not."""
    texts = [[Statement(POOL[each]) for each in file] for file in files]
    world = replay(Setting(), _sources(texts))
    for number, (file, place, gone, new) in enumerate(edits):
        if asked >> number & 1:
            _second(world)
        statements = texts[file % len(texts)]
        statements[place : place + gone] = [Statement(POOL[new])]
        world = replay_again(world, _sources(texts, world))
    assert _second(replay(Setting(), _sources(texts), world)) == _second(world)


def test_what_is_not_reached_is_left_alone() -> None:
    texts = [["CREATE TABLE a (x int);", "CREATE TABLE b (x int);"], ["SELECT x FROM a;"], ["SELECT x FROM b;"]]
    sources = [Source(str(place), tuple(map(Statement, file))) for place, file in enumerate(texts)]
    old = replay(Setting(), sources)
    first = sources[0].statements
    sources[0] = Source("0", (Statement("CREATE TABLE a (x int, y int);"), first[1]))
    new = replay_again(old, sources)
    assert [old.files[0].moments[1], old.files[2].moments[0]] == [new.files[0].moments[1], new.files[2].moments[0]]
    assert old.files[1].moments[0] is not new.files[1].moments[0]
    assert replay_again(new, sources) is new


def test_a_later_statement_is_seen_from_before() -> None:
    def later(world: World) -> object:
        moment = world.files[0].moments[0]
        assert moment is not None
        found = moment.later(relation_key("public", "a"))
        return found and found.made.path  # type: ignore[union-attr]  # whatever it is, a statement has made it

    select, create = read("SELECT x FROM a;").items, read("CREATE TABLE a (x int);").items
    world = replay(Setting(), [Source("0", select), Source("1", ())])
    assert later(world) is None
    world = replay_again(world, [Source("0", select), Source("1", create)])
    assert later(world) == "1"
    assert later(replay_again(world, [Source("0", select), Source("1", ())])) is None


def test_a_file_that_doubts_everything_keeps_what_it_makes_afterwards() -> None:
    text = "CREATE TABLE a (x int); DO $$ BEGIN EXECUTE 'x'; END $$; CREATE TABLE b (x int); DROP TABLE b;"
    world = replay(Setting(), [Source("0", read(text).items), Source("1", read("CREATE TABLE c (x int);").items)])
    found = [world.at(2, relation_key("public", name)) for name in "abcd"]
    assert [found[0], found[3]] == [UNKNOWN, UNKNOWN]
    assert isinstance(found[1], Gone)
    assert isinstance(world.at(0, relation_key("public", "a")), type(None))


def _second(world: World) -> list[list[object]]:
    found: list[list[object]] = []
    for file in world.files:
        again = world.replayed(file.source.path)
        assert again is not None
        for moments in carry_out_again(again, world.setting, [*range(len(again.moments))]):
            found.append([each and (each.origin, each.writes, each.objections) for each in moments])
    return found


def _sources(texts: list[list[Statement]], old: World | None = None) -> list[Source]:
    """The files; with those of *old* where nothing changed, as an unedited file keeps its tuple."""
    sources = []
    for place, file in enumerate(texts):
        known = old.files[place].source.statements if old else ()
        same = len(known) == len(file) and all(a is b for a, b in zip(known, file, strict=True))
        sources.append(Source(str(place), known if same else tuple(file)))
    return sources


def _ask_ahead(world: World) -> World:
    """Asks what rules ask: what is found later, too, has to be found again when it changes."""
    for file in world.files:
        world.replayed(file.source.path)
        for moment in file.moments:
            if moment is not None:
                moment.later(relation_key("public", "a"))
                moment.before(relation_key("public", "c"))
    return world


def _said(world: World) -> list[list[object]]:
    return [[_moment(world, file, place) for place in range(len(file.moments))] for file in world.files]


def _moment(world: World, file: Replayed, place: int) -> object:
    world.replayed(file.source.path)
    moment = file.moments[place]
    if moment is None:
        return None
    ahead, at = relation_key("public", "a"), moment.before(relation_key("public", "c"))
    return moment.origin, moment.writes, moment.objections, moment.later(ahead), at


def test_a_statement_is_carried_out_by_itself() -> None:
    moment = Moment(Statement("SELECT 1"), Origin("a.sql", 0), Setting(), Layer())
    carry_out(moment)
    assert (moment.writes, moment.objections) == ({}, [])
