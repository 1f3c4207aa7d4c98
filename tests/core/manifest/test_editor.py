from __future__ import annotations

from collections.abc import Callable

import pytest

from mig_lsp.core.change import Edit, apply
from mig_lsp.core.manifest.editor import insert, move, place, remove, rename, reregister
from mig_lsp.core.manifest.model import Manifest
from mig_lsp.core.manifest.reader import read

VERTICAL = """\
const MIGRATION_FILES = [
  // older ones
  '010-a.sql', // é😀
  '012-c.sql',
  '011-b.sql' // last
  // add new ones above
];
"""
JOURNAL = """\
{
  "version": "7",
  "entries": [
    {
      "idx": 0,
      "when": 1700000000000,
      "tag": "0000_a"
    },
    {
      "idx": 1,
      "when": 1700000000500,
      "tag": "0002_c"
    }
  ]
}
"""


def manifest_of(path: str, text: str) -> Manifest:
    manifest = read(path, text)
    assert manifest is not None
    return manifest


def edited(path: str, text: str, change: Callable[[Manifest], tuple[Edit, ...] | None]) -> str:
    manifest = manifest_of(path, text)
    edits = change(manifest)
    assert edits is not None
    return apply(text, edits)


@pytest.mark.parametrize(
    ("listed", "name", "index"),
    [
        ([], "010-a.sql", 0),
        (["010-a.sql", "011-b.sql"], "012-c.sql", 2),
        (["010-a.sql", "012-b.sql"], "011-c.sql", 1),
        (["010-a.sql", "11_b.sql"], "011-c.sql", 2),
        (["010-a.sql", "011-b.sql"], "7_c.sql", 0),
        (["010-a.sql", "0100-b.sql"], "99-c.sql", 1),
        (["010-a.sql", "030-b.sql", "020-c.sql"], "025-d.sql", 3),
        (["010-a.sql", "030-b.sql", "020-c.sql", "040-d.sql"], "025-e.sql", 4),
        (["010-a.sql", "030-b.sql", "020-c.sql", "040-d.sql"], "041-e.sql", 4),
        (["init.sql", "users.sql"], "010-a.sql", 2),
        (["init.sql", "010-b.sql"], "005-a.sql", 1),
        (["010-a.sql", "020-b.sql"], "extra.sql", 2),
        (["./schema/010-a.sql", "./schema/020-b.sql"], "015-c.sql", 1),
        (["010-a.sql"], f"{'9' * 5000}-b.sql", 1),
    ],
)
def test_place(listed: list[str], name: str, index: int) -> None:
    text = f"const MIGRATION_FILES = [{', '.join(repr(each) for each in listed)}];"
    assert index == place(manifest_of("m.ts", text), name)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("m.ts", "const MIGRATION_FILES = [];", "const MIGRATION_FILES = ['043-x.sql'];"),
        ("m.ts", "const MIGRATION_FILES = [ ];", "const MIGRATION_FILES = [ '043-x.sql' ];"),
        ("m.ts", "const MIGRATION_FILES = [ /* é😀 */ ];", "const MIGRATION_FILES = [ /* é😀 */ '043-x.sql' ];"),
        ("m.ts", 'run("x");\nconst MIGRATION_FILES = [];', 'run("x");\nconst MIGRATION_FILES = ["043-x.sql"];'),
        ("m.ts", "const MIGRATION_FILES = [\n];", "const MIGRATION_FILES = [\n  '043-x.sql',\n];"),
        (
            "m.ts",
            "const MIGRATION_FILES = [\r\n\t// none\r\n];\r\n",
            "const MIGRATION_FILES = [\r\n\t// none\r\n\t'043-x.sql',\r\n];\r\n",
        ),
        ("m.ts", "const MIGRATION_FILES = [ // none\n];", "const MIGRATION_FILES = [ // none\n  '043-x.sql',\n];"),
        ("m.json", '{"migrationFiles": []}', '{"migrationFiles": ["043-x.sql"]}'),
        ("m.json", '{\n    "migrationFiles": [\n    ]\n}', '{\n    "migrationFiles": [\n        "043-x.sql"\n    ]\n}'),
        ("m.ts", "const MIGRATION_FILES = ['01.sql'];", "const MIGRATION_FILES = ['01.sql', '043-x.sql'];"),
        (
            "m.ts",
            "const MIGRATION_FILES = ['01.sql','2.sql'];",
            "const MIGRATION_FILES = ['01.sql','2.sql','043-x.sql'];",
        ),
        ("m.ts", "const MIGRATION_FILES = [`01.sql`, ];", "const MIGRATION_FILES = [`01.sql`, `043-x.sql`, ];"),
        ("m.ts", "const MIGRATION_FILES = ['50.sql', 'a'];", "const MIGRATION_FILES = ['043-x.sql', '50.sql', 'a'];"),
        ("m.ts", "const MIGRATION_FILES = [...A, '50.sql'];", "const MIGRATION_FILES = [...A, '043-x.sql', '50.sql'];"),
        (
            "m.ts",
            "const MIGRATION_FILES = [\n'1.sql', ...A];",
            "const MIGRATION_FILES = [\n'1.sql', '043-x.sql', ...A];",
        ),
        (
            "m.ts",
            "const MIGRATION_FILES = ['01.sql',\n  '02.sql'];",
            "const MIGRATION_FILES = ['01.sql',\n  '02.sql',\n  '043-x.sql'];",
        ),
        (
            "m.ts",
            "const MIGRATION_FILES = [\n    '10.sql' // é\n  , '44.sql'\n  ];",
            "const MIGRATION_FILES = [\n    '10.sql' // é\n  , '043-x.sql'\n  , '44.sql'\n  ];",
        ),
        (
            "m.js",
            VERTICAL,
            VERTICAL.replace("'011-b.sql' // last\n", "'011-b.sql', // last\n  '043-x.sql'\n"),
        ),
    ],
)
def test_insert(path: str, before: str, after: str) -> None:
    assert after == edited(path, before, lambda manifest: insert(manifest, "043-x.sql"))


def test_insert_writes_what_reads_back() -> None:
    text = "const MIGRATION_FILES = ['010-a.sql'];"
    assert r"const MIGRATION_FILES = ['010-a.sql', '011\\1-it\'s-é😀.sql'];" == edited(
        "m.ts", text, lambda manifest: insert(manifest, "011\\1-it's-é😀.sql")
    )


def test_insert_does_not_list_a_file_twice() -> None:
    assert insert(manifest_of("m.js", VERTICAL), "012-c.sql") == ()


def test_an_array_that_is_not_closed_yet() -> None:
    text = "const MIGRATION_FILES = [\n  '010-a.sql',\n"
    assert text[:-1] + "\n  '011-b.sql',\n" == edited("m.ts", text, lambda manifest: insert(manifest, "011-b.sql"))


@pytest.mark.parametrize(
    ("number", "old", "new"),
    [
        (0, "  '010-a.sql', // é😀\n", ""),
        (1, "  '012-c.sql',\n", ""),
        (2, "'012-c.sql',\n  '011-b.sql' // last\n", "'012-c.sql'\n"),
    ],
)
def test_remove(number: int, old: str, new: str) -> None:
    after = edited("m.js", VERTICAL, lambda manifest: remove(manifest, manifest.migrations[number]))
    assert VERTICAL.replace(old, new) == after


def test_remove_from_the_initial_files() -> None:
    text = '{"initialSetupFiles": ["a.sql", "b.sql"], "migrationFiles": ["a.sql"]}'
    after = edited("m.json", text, lambda manifest: remove(manifest, manifest.initial[0]))
    assert after == '{"initialSetupFiles": ["b.sql"], "migrationFiles": ["a.sql"]}'


def test_remove_of_a_foreign_entry_does_nothing() -> None:
    other = manifest_of("m.ts", "const MIGRATION_FILES = ['x.sql'];").migrations[0]
    assert remove(manifest_of("m.js", VERTICAL), other) == ()


def test_rename_everywhere() -> None:
    text = '{"initialSetupFiles": ["a.sql"], "migrationFiles": ["é.sql", "a.sql", "a.sql"]}'
    after = edited("m.json", text, lambda manifest: rename(manifest, "a.sql", 'b"😀.sql'))
    assert after == text.replace("a.sql", 'b\\"😀.sql')


@pytest.mark.parametrize(
    ("number", "index", "lines"),
    [
        (2, 1, ["'010-a.sql', // é😀", "'011-b.sql', // last", "'012-c.sql'"]),
        (0, 2, ["'012-c.sql',", "'011-b.sql', // last", "'010-a.sql' // é😀"]),
        (1, 0, ["'012-c.sql',", "'010-a.sql', // é😀", "'011-b.sql' // last"]),
    ],
)
def test_move(number: int, index: int, lines: list[str]) -> None:
    after = edited("m.js", VERTICAL, lambda manifest: move(manifest, manifest.migrations[number], index))
    head, tail = VERTICAL.split("  '010-a.sql'")[0], "  // add new ones above\n];\n"
    assert head + "".join(f"  {line}\n" for line in lines) + tail == after


@pytest.mark.parametrize("index", [-1, 1, 3])
def test_no_move(index: int) -> None:
    manifest = manifest_of("m.js", VERTICAL)
    assert move(manifest, manifest.migrations[1], index) is None


def test_reregister_moves_to_the_place_of_the_new_name() -> None:
    after = edited("m.js", VERTICAL, lambda manifest: reregister(manifest, "010-a.sql", "013-z.sql"))
    assert after.splitlines()[2:5] == ["  '012-c.sql',", "  '011-b.sql', // last", "  '013-z.sql' // é😀"]


def test_reregister_stays_where_the_order_is_right() -> None:
    text = "const MIGRATION_FILES = ['010-a.sql', '011-b.sql'];"
    after = edited("m.ts", text, lambda manifest: reregister(manifest, "011-b.sql", "012-b.sql"))
    assert after == "const MIGRATION_FILES = ['010-a.sql', '012-b.sql'];"


@pytest.mark.parametrize("listed", ["['9.sql', '9.sql', '5.sql']", "['5.sql', ...A, '9.sql']"])
def test_reregister_renames_a_file_that_is_listed_twice_or_already_in_place(listed: str) -> None:
    text = f"const MIGRATION_FILES = {listed};"
    assert text.replace("9", "8") == edited("m.ts", text, lambda manifest: reregister(manifest, "9.sql", "8.sql"))


def journal(*entries: tuple[int, int, str]) -> str:
    objects = (
        f'    {{\n      "idx": {index},\n      "when": {when},\n      "tag": "{tag}"\n    }}'
        for index, when, tag in entries
    )
    return '{\n  "version": "7",\n  "entries": [\n' + ",\n".join(objects) + "\n  ]\n}\n"


A, C, NEW = (1700000000000, "0000_a"), (1700000000500, "0002_c"), 1700000000501


def test_a_journal_counts_its_entries() -> None:
    assert journal((0, *A), (1, *C)) == JOURNAL
    insertion = edited("_journal.json", JOURNAL, lambda manifest: insert(manifest, "0001_é😀.sql"))
    assert journal((0, *A), (1, NEW, "0001_é😀"), (2, *C)) == insertion
    appended = edited("_journal.json", JOURNAL, lambda manifest: insert(manifest, "0003_d.sql"))
    assert journal((0, *A), (1, *C), (2, NEW, "0003_d")) == appended
    removed = edited("_journal.json", JOURNAL, lambda manifest: remove(manifest, manifest.migrations[0]))
    assert journal((0, *C)) == removed
    moved = edited("_journal.json", JOURNAL, lambda manifest: move(manifest, manifest.migrations[0], 1))
    assert journal((0, *C), (1, *A)) == moved
    again = edited("_journal.json", JOURNAL, lambda manifest: reregister(manifest, "0000_a.sql", "0003_a.sql"))
    assert journal((0, *C), (1, A[0], "0003_a")) == again
    renamed = edited("_journal.json", JOURNAL, lambda manifest: rename(manifest, "0002_c.sql", "0002_é.sql"))
    assert JOURNAL.replace("0002_c", "0002_é") == renamed


def test_the_first_entry_of_a_journal() -> None:
    after = edited("_journal.json", '{"version": "6", "entries": []}', lambda manifest: insert(manifest, "0000_a.sql"))
    entry = '{ "idx": 0, "version": "6", "when": 1, "tag": "0000_a", "breakpoints": true }'
    assert f'{{"version": "6", "entries": [{entry}]}}' == after


def test_a_journal_that_does_not_count_from_its_start_is_not_renumbered() -> None:
    text = '{"entries": [{"idx": 4, "tag": "0004_a"}, {"idx": 9, "tag": "0009_b"}]}'
    after = edited("_journal.json", text, lambda manifest: insert(manifest, "0005_c.sql"))
    assert text.replace(', {"idx": 9', ', {"idx": 10, "tag": "0005_c"}, {"idx": 9') == after
