from __future__ import annotations

import pytest

from mig_lsp.core.candidates import could_be_manifest
from mig_lsp.core.change import apply
from mig_lsp.core.manifest.editor import insert
from mig_lsp.core.manifest.model import Manifest
from mig_lsp.core.manifest.reader import looks_like_manifest, read

CODE_FORMS = {
    "const": "const MIGRATION_FILES = ['010-a.sql', '011-b.sql'];",
    "typed": "export const MIGRATION_FILES: readonly string[] = ['010-a.sql', '011-b.sql'];",
    "as const": "export const MIGRATION_FILES = ['010-a.sql', '011-b.sql'] as const;",
    "satisfies": "const MIGRATION_FILES = (['010-a.sql', '011-b.sql'] as const) satisfies readonly string[];",
    "assertion": "let MIGRATION_FILES = <const>['010-a.sql', '011-b.sql']",
    "frozen": "var migrationFiles = Object.freeze(['010-a.sql', '011-b.sql'])",
    "double quotes": 'const MIGRATION_FILES = ["010-a.sql", "011-b.sql"];',
    "template": "const MIGRATION_FILES = [`010-a.sql`, `011-b.sql`];",
    "trailing comma": "const MIGRATION_FILES = [\n  '010-a.sql',\n  '011-b.sql',\n];",
    "comments": "const MIGRATION_FILES = [ // '001.sql'\n  '010-a.sql', /* '002.sql', */\n  '011-b.sql' // ]\n];",
    "object key": "export default { migrationFiles: ['010-a.sql', '011-b.sql'] };",
    "quoted key": "module.exports = { 'migration-files': ['010-a.sql', '011-b.sql'] };",
    "class": "class Runner { private static readonly MIGRATIONS = ['010-a.sql', '011-b.sql']; }",
    "assignment": "exports.migration_files = ['010-a.sql', '011-b.sql'];",
    "default export": "export default ['010-a.sql', '011-b.sql'];",
    "module export": "module.exports = ['010-a.sql', '011-b.sql'];",
    "unknown name": "const FILES = ['010-a.sql', '011-b.sql'];",
    "escapes": r"const MIGRATION_FILES = ['\x3010-a.sql', '\u{30}1\u0031-b.sql'];",
    "wrapped element": "const MIGRATION_FILES = [('010-a.sql'), '011-b.sql' as string];",
    "bom": "\ufeffconst MIGRATION_FILES = ['010-a.sql', '011-b.sql'];",
    "crlf, form feed": "// é😀\f\r\nconst MIGRATION_FILES = [\r\n  '010-a.sql',\r\n  '011-b.sql',\r\n];",
    "a syntax error before": "const { = 3;\nfunction (;\nconst MIGRATION_FILES = ['010-a.sql', '011-b.sql'];",
    "a syntax error behind": "const MIGRATION_FILES = ['010-a.sql', '011-b.sql'];\nif (x { return ]",
    "another list": "const FILES = ['x.sql', 'y.sql', 'z.sql'];\nconst MIGRATION_FILES = ['010-a.sql', '011-b.sql'];",
}


def manifest_of(path: str, text: str, array: str | None = None, initial: str | None = None) -> Manifest:
    manifest = read(path, text, array, initial)
    assert manifest is not None
    return manifest


def names(manifest: Manifest) -> list[str]:
    return [entry.name for entry in manifest.migrations]


def problems(manifest: Manifest) -> list[tuple[str, str]]:
    """Each problem as the text it stands at, and the first part of its message."""
    return [(manifest.text[slice(*span)], message.partition(",")[0]) for span, message in manifest.problems]


@pytest.mark.parametrize("form", CODE_FORMS)
@pytest.mark.parametrize("path", ["db/init.ts", "db/init.mts", "init.cjs", "init.js", "init.tsx"])
def test_a_list_in_code(path: str, form: str) -> None:
    if form == "assertion" and path.endswith("x"):
        form = "as const"  # `<const>` opens a tag in TSX
    manifest = manifest_of(path, CODE_FORMS[form])
    assert ["010-a.sql", "011-b.sql"] == names(manifest)
    assert problems(manifest) == []
    assert manifest.format == "code"


def test_spans_are_code_points() -> None:
    text = "// é😀\nconst INITIAL_SETUP_FILES = ['é.sql'];\nconst MIGRATION_FILES = ['😀a.sql', /* 😀é */ 'b.sql'];"
    manifest = manifest_of("m.ts", text)
    assert ["é.sql", "😀a.sql", "b.sql"] == [text[slice(*entry.span)] for entry in manifest.entries]
    assert [True, False, False] == [entry.initial for entry in manifest.entries]
    assert manifest.array == "MIGRATION_FILES"


def test_spans_are_right_behind_much_text() -> None:
    text = "// " + "é😀 " * 3_000 + "\nconst MIGRATION_FILES = [" + ", ".join(f"'{at}é.sql'" for at in range(900)) + "]"
    manifest = manifest_of("m.ts", text)
    assert [f"{at}é.sql" for at in range(900)] == [text[slice(*entry.span)] for entry in manifest.migrations]


def test_json() -> None:
    text = (
        '{\r\n  "schemaDir": "infra/d\\u00e9",\r\n  "initialSetupFiles": ["001-é.sql"],\r\n'
        '  "migrationFiles": ["010-😀.sql", "\\ud83d\\ude00.sql", "./a.sql", "010-😀.sql", "no-suffix"]\r\n}'
    )
    manifest = manifest_of("migrations.json", text)
    assert ["010-😀.sql", "😀.sql", "./a.sql", "010-😀.sql", "no-suffix"] == names(manifest)
    assert ["001-é.sql"] == [entry.name for entry in manifest.initial]
    assert (manifest.format, manifest.array, manifest.directory) == ("json", "migrationFiles", "infra/dé")
    assert problems(manifest) == []
    assert manifest.by_name("010-😀.sql") == manifest.migrations[0]
    assert manifest.by_name("other.sql") is None
    assert {"001-é.sql", "010-😀.sql", "😀.sql", "./a.sql", "no-suffix"} == manifest.names


def test_a_journal() -> None:
    text = '{"version": "7", "entries": [{"idx": 0, "tag": "0000_é"}, 7, {"idx": 1}, {"tag": "0001_b"}]}'
    manifest = manifest_of("drizzle/meta/_journal.json", text)
    assert ["0000_é.sql", "0001_b.sql"] == names(manifest)
    assert ["0000_é", "0001_b"] == [text[slice(*entry.span)] for entry in manifest.migrations]
    assert [("7", "'7' has no tag"), ('{"idx": 1}', "'{\"idx\": 1}' has no tag")] == problems(manifest)
    assert (manifest.format, manifest.array) == ("journal", "entries")


@pytest.mark.parametrize("text", ["", "{}", '{"entries": 3}', "[", '{"entries": '])
def test_a_journal_without_entries(text: str) -> None:
    manifest = manifest_of("meta/_journal.json", text)
    assert (manifest.array, manifest.entries, len(manifest.problems)) == (None, (), 1)


@pytest.mark.parametrize(
    ("element", "at", "message"),
    [
        ("...BASE", "...BASE", "'...BASE' cannot be read without running the code"),
        ("...more()", "...more()", "'...more()' cannot be read without running the code"),
        ("name + '.sql'", "name + '.sql'", "'name + '.sql'' is computed"),
        ("`${é}.sql`", "`${é}.sql`", "'`${é}.sql`' is computed"),
        ("join('c.sql')", "join('c.sql')", "'join('c.sql')' is computed"),
        ("NAME", "NAME", "'NAME' is computed"),
        ("7", "7", "'7' is not a file name"),
        ("null", "null", "'null' is not a file name"),
        ("['c.sql']", "['c.sql']", "'['c.sql']' is not a file name"),
        ("{ file: 'c.sql' }", "{ file: 'c.sql' }", "'{ file: 'c.sql' }' is not a file name"),
        (f"a{'b' * 60}", f"a{'b' * 60}", f"'a{'b' * 39}...' is computed"),
        ("", ",", "there is no file name before this comma"),
        ("'", "',", "the array 'MIGRATION_FILES' has a syntax error here"),
    ],
)
def test_what_cannot_be_read_hides_nothing_else(element: str, at: str, message: str) -> None:
    text = f"const MIGRATION_FILES = [\n  'é😀.sql',\n  {element},\n  'b.sql',\n];\nrun();\n"
    manifest = manifest_of("m.ts", text)
    assert ["é😀.sql", "b.sql"] == names(manifest)
    assert [(at, message)] == problems(manifest)


@pytest.mark.parametrize("element", ["1", "null", "true", '{"a": "x.sql"}', '["x.sql"]'])
def test_what_is_no_name_in_json(element: str) -> None:
    manifest = manifest_of("m.json", f'{{"migrationFiles": ["a.sql", {element}, "b.sql"]}}')
    assert ["a.sql", "b.sql"] == names(manifest)
    assert [element] == [at for at, _ in problems(manifest)]


@pytest.mark.parametrize(
    ("inside", "at", "expected"),
    [
        ('"a.sql", "b.sql",', ",", "JSON allows no comma after the last element"),
        ('"a.sql", // é😀\n"b.sql"', "//", "JSON has no comments"),
        ("'a.sql', 'b.sql'", "'", "JSON has no single quotes"),
        ('"a.sql" "b.sql"', '"', "the JSON has a syntax error here (expecting '"),
        ('"a.sql",, "b.sql"', ",", "the JSON has a syntax error here (expecting value)"),
        ('"a.sql", NaN, "b.sql"', "NaN", "NaN is not JSON"),
        ('"a.sql", "NaN", "b.sql", -Infinity', "-Infinity", "-Infinity is not JSON"),
        ('\n<<<<<<< HEAD\n"a.sql"\n=======\n"b.sql"\n>>>>>>> x\n', "<<<<<<<", "a merge conflict is not resolved"),
    ],
)
def test_broken_json_is_one_problem(inside: str, at: str, expected: str) -> None:
    manifest = manifest_of("m.json", f'{{"é": "😀", "migrationFiles": [{inside}]}}')
    assert ["a.sql", "b.sql"] == [name for name in names(manifest) if name.endswith(".sql")]
    assert [(at, expected)] == problems(manifest)


def test_a_comma_at_the_end_of_an_object() -> None:
    manifest = manifest_of("m.json", '{"migrationFiles": ["a.sql"],\n}')
    assert [(",", "JSON allows no comma after the last element")] == problems(manifest)


def test_a_key_that_stands_twice() -> None:
    manifest = manifest_of("m.json", '{"migrationFiles": ["a.sql", "b.sql"], "migrationFiles": ["c.sql"]}')
    assert ["c.sql"] == names(manifest)
    assert [
        (
            '"migrationFiles"',
            "the key 'migrationFiles' stands again below and only the last one counts; remove this one",
        )
    ] == problems(manifest)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("m.json", '{"migrationFiles": ["a.sql", "b.sql"'),
        ("m.json", '{"migrationFiles": ["a.sql",\n"b.sql",\n"\n]}'),
        ("m.json", '{"migrationFiles": ["a.sql", "b.sql", "c.sql'),
        ("m.json", '{"migrationFiles": ["a.sql", "b.sql", "]}'),
        ("m.ts", "const MIGRATION_FILES = ['a.sql', 'b.sql', \"x\n]"),
        ("m.ts", "const MIGRATION_FILES = [\n  'a.sql',\n  'b.sql',\n\nexport function f() { return 'c.sql'; }"),
        ("m.ts", "const MIGRATION_FILES: string[] = ['a.sql', 'b.sql'"),
        ("m.ts", "const MIGRATION_FILES = ['a.sql' 'b.sql'];"),
        ("m.ts", "const MIGRATION_FILES = [\n<<<<<<< HEAD\n'a.sql',\n=======\n'b.sql',\n>>>>>>> x\n];"),
    ],
)
def test_names_are_read_while_somebody_types(path: str, text: str) -> None:
    manifest = manifest_of(path, text)
    assert ["a.sql", "b.sql"] == names(manifest)
    assert len(manifest.problems) == 1


def test_a_list_that_reaches_into_the_other_one_does_not_have_its_names() -> None:
    text = '{"migrationFiles": [X "y": {"a"\n"migrationFiles": ["010-é.sql"], "initialSetupFiles": ["001.sql"]}'
    manifest = manifest_of("m.json", text)
    assert [("010-é.sql", False), ("001.sql", True)] == [(each.name, each.initial) for each in manifest.entries]


def test_what_a_method_makes_of_the_list_is_unknown() -> None:
    manifest = manifest_of("m.ts", "const MIGRATION_FILES = ['a.sql'].concat(MORE).sort();")
    assert ["a.sql"] == names(manifest)
    assert [
        (
            "sort",
            "what .sort() makes of the list cannot be known without running the code; the files are taken as written",
        )
    ] == problems(manifest)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("m.ts", ""),
        ("m.json", ""),
        ("m.json", "{}"),
        ("m.json", "nonsense"),
        ("m.sql", "select 'a.sql'"),
        ("m.ts", "const MIGRATION_FILES = config.migrationFiles; run('a.sql');"),
        ("m.ts", "const MIGRATION_FILES = readdirSync('x').filter((f) => f.endsWith('.sql'));"),
        ("m.ts", "const migrations = [];"),
        ("m.ts", "const migrationFiles = []; migrationFiles.push('a.sql');"),
        ("m.ts", "export default { migrations: [User1, User2] };"),
        ("m.ts", "const FILES = ['a.sql', 'b.txt'];"),
        ("m.ts", "const GLOBS = ['db/*.sql'];"),
        ("jest.json", '{"setupFiles": ["./setup.js"]}'),
        ("m.json", '{"migrations": {"a": "x.sql"}}'),
    ],
)
def test_no_manifest(path: str, text: str) -> None:
    assert read(path, text) is None


@pytest.mark.parametrize(
    ("path", "text", "array"),
    [
        ("m.ts", "const MIGRATION_FILES = [];", "MIGRATION_FILES"),
        ("m.ts", "export const MIGRATIONS: string[] = [\n  // none yet\n];", "MIGRATIONS"),
        ("m.ts", "export const migrationFiles = [] as const;", "migrationFiles"),
        ("m.json", '{"migrationFiles": []}', "migrationFiles"),
        ("meta/_journal.json", '{"version": "7", "entries": []}', "entries"),
    ],
)
def test_an_empty_list_is_a_manifest(path: str, text: str, array: str) -> None:
    manifest = manifest_of(path, text)
    assert (manifest.array, manifest.entries, manifest.problems) == (array, (), ())


@pytest.mark.parametrize("value", ["null", '"a.sql"', '{"a": ["x.sql"]}'])
def test_a_known_key_that_is_no_array(value: str) -> None:
    manifest = manifest_of("m.json", f'{{"migrationFiles": {value}}}')
    assert (manifest.array, manifest.entries) == (None, ())
    assert [(value, "'migrationFiles' is no array")] == problems(manifest)


def test_broken_json_without_its_list_is_a_manifest_that_cannot_be_read() -> None:
    manifest = manifest_of("m.json", '{"migrationFiles": ')
    assert (manifest.array, manifest.entries, len(manifest.problems)) == (None, (), 1)


def test_configured_names() -> None:
    text = "const A = ['a.sql'];\nconst B = ['b.sql', 'c.sql'];\nconst MIGRATION_FILES = ['d.sql'];"
    manifest = manifest_of("m.ts", text, "A", "B")
    assert (manifest.array, names(manifest)) == ("A", ["a.sql"])
    assert ["b.sql", "c.sql"] == [entry.name for entry in manifest.initial]


def test_a_configured_name_that_is_absent() -> None:
    manifest = manifest_of("m.ts", "const MIGRATION_FILES = ['d.sql'];", "FILES", "SETUP")
    assert (manifest.array, manifest.entries) == (None, ())
    assert ["there is no array 'FILES' in this file", "there is no array 'SETUP' in this file"] == [
        message for _, message in problems(manifest)
    ]
    assert read("m.ts", "const x = 1;", "FILES") is None
    assert insert(manifest, "a.sql") == ()


@pytest.mark.parametrize(
    ("path", "head", "expected"),
    [
        ("infra/migrations.json", b'{"migrationFiles": ["a.sql"', True),
        ("lambda/handler.ts", b"const MIGRATION_FILES = [", True),
        ("lambda/handler.JS", b"'010-a.sql'", True),
        ("drizzle/meta/_journal.json", b'{"entries": []}', True),
        ("drizzle/meta/_journal.json", b"{}", False),
        ("drizzle/meta/0001_snapshot.json", b'"a.sql"', False),
        ("lambda/handler.ts", b"const x = 1", False),
        ("lambda/handler.d.ts", b"'a.sql'", False),
        ("lambda/handler.test.ts", b"'a.sql'", False),
        ("lambda/handler.spec.tsx", b"'a.sql'", False),
        ("package.json", b"'a.sql'", False),
        ("node_modules/x/m.js", b"'a.sql'", False),
        ("db/010-a.sql", b"'a.sql'", False),
        ("readme", b"'a.sql'", False),
    ],
)
def test_looks_like_manifest(path: str, head: bytes, expected: bool) -> None:
    assert expected == looks_like_manifest(path, head)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("infra/migrations.json", True),
        ("meta/_journal.json", True),
        ("Handler.TS", True),
        ("src/app.test.ts", False),
        ("meta/0001_snapshot.json", False),
        ("tsconfig.build.json", False),
        ("node_modules/x/m.js", False),
        ("x.sql", False),
        ("", False),
    ],
)
def test_could_be_manifest(path: str, expected: bool) -> None:
    assert expected == could_be_manifest(path)


HOSTILE = {
    "brackets": "[" * 100_000,
    "closed brackets": "[" * 50_000 + "'a.sql'" + "]" * 50_000,
    "objects": "{migrationFiles:['a.sql'," * 20_000,
    "keys": '{"migrationFiles":["a.sql",' * 20_000,
    "open comments": "['a.sql' /* " * 20_000,
    "open strings": "['a.sql" * 5_000,
    "calls": "['a.sql']" + ".map(x)" * 50_000,
    "parentheses": "(" * 50_000 + "['a.sql']" + ")" * 50_000,
    "nul": "['a.sql',\0" * 5_000,
    "lone surrogates": "['\ud800.sql', '\udfff" * 2_000,
    "one word": "a" * 1_000_000,
}


@pytest.mark.parametrize("path", ["m.ts", "m.tsx", "m.json", "meta/_journal.json"])
@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_text_neither_crashes_nor_hangs(path: str, shape: str) -> None:
    start = '{"migrationFiles": ' if path.endswith("json") else "const MIGRATION_FILES = "
    manifest = read(path, start + HOSTILE[shape])
    for entry in manifest.entries if manifest is not None else ():
        assert entry.name.encode("utf-8")


def test_ten_megabytes() -> None:
    listed = [f"{number:06d}-é-{'long-' * 10}.sql" for number in range(140_000)]
    text = '{"migrationFiles": [\n' + ",\n".join(f'  "{name}"' for name in listed) + "\n]}\n"
    manifest = manifest_of("m.json", text)
    assert listed == names(manifest)
    assert text.replace("\n]}", ',\n  "900000-z.sql"\n]}') == apply(text, insert(manifest, "900000-z.sql"))
