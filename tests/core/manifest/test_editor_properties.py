"""Whatever a manifest looks like, an edit gives the promised list and touches nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from mig_lsp.core.change import Edit, apply
from mig_lsp.core.manifest.editor import insert, move, place, remove, rename, reregister
from mig_lsp.core.manifest.literal import decode, encode
from mig_lsp.core.manifest.model import Entry, Manifest
from mig_lsp.core.manifest.reader import read

NAMES = st.builds(
    "{}{}.sql".format,
    st.sampled_from(("", "7_", "010-", "11_", "043-", "0100-")),
    st.text(st.sampled_from("abé😀 '\"`\\${}/*,[]\x01\u2028"), min_size=1, max_size=4),
)
SPACES = ("", " ", "\n  ", "\n\t", "\n\n    ")
CODE_SPACES = (*SPACES, " // it's, a [remark\n  ", " /* é😀 */ ", "\n  // 'x.sql',\n  ", " /* two\n lines */", " //\n")
BEFORE_CODE = (
    "",
    "\ufeff",
    "// é😀\f\nimport x from 'x';\n\n",
    "const INITIAL_SETUP_FILES = [\n  '001-é.sql', // one\n];\n",
)
DECLARATIONS = ("const {} = {};\n", "export const {}: readonly string[] = {} as const;", "export default {{ {}: {} }};")
STEPS = settings(max_examples=400, deadline=None)


@dataclass(frozen=True)
class Sample:
    path: str
    text: str
    names: list[str]


@st.composite
def samples(draw: st.DrawFn, min_size: int = 0) -> Sample:
    names = draw(st.lists(NAMES, min_size=min_size, max_size=6, unique=True))
    in_json = draw(st.booleans())
    spaces = st.sampled_from(SPACES if in_json else CODE_SPACES)
    style = draw(st.sampled_from(("any", "vertical", "inline", "comma first")))
    parts = []
    for number, name in enumerate(names):
        quote = '"' if in_json else draw(st.sampled_from("'\"`"))
        element = f"{quote}{encode(name, quote)}{quote}"
        last = number + 1 == len(names)
        comma = "" if last and (in_json or draw(st.booleans())) else ","
        if style == "vertical":
            parts.append(f"\n    {element}{comma}" + ("" if in_json else draw(st.sampled_from(("", " // why")))))
        elif style == "inline":
            parts.append(f"{element}{comma}{'' if last else ' '}")
        elif style == "comma first":
            remark = "" if in_json else draw(st.sampled_from(("", " // why")))
            parts.append(f"{', ' if number else ' '}{element}{remark}\n")
        else:
            parts.append(draw(spaces) + element + draw(spaces) + comma + draw(spaces))
    if style == "vertical":
        parts.append("\n  ")
    array = f"[{''.join(parts) if names else draw(spaces)}]"
    if in_json:
        text = f'{{\n  "schemaDir": "é😀",\n  "migrationFiles": {array},\n  "initialSetupFiles": ["001-é.sql"]\n}}\n'
    else:
        declaration = draw(st.sampled_from(DECLARATIONS)).format("MIGRATION_FILES", array)
        text = draw(st.sampled_from(BEFORE_CODE)) + declaration + draw(st.sampled_from(("", "\nrun('é.sql');\n")))
    text = text.replace("\n", draw(st.sampled_from(("\n", "\r\n", "\r"))))
    return Sample("m.json" if in_json else "m.ts", text, names)


def manifest_of(path: str, text: str) -> Manifest:
    manifest = read(path, text)
    assert manifest is not None
    return manifest


def listed(manifest: Manifest) -> list[str]:
    return [entry.name for entry in manifest.migrations]


def after(manifest: Manifest, edits: tuple[Edit, ...]) -> Manifest:
    """The manifest after *edits*, when it reads as well as before and is the same outside its migrations array."""
    text = apply(manifest.text, edits)
    changed = manifest_of(manifest.path, text)
    assert manifest.problems == changed.problems == ()
    if manifest.format == "json":
        json.loads(text)
    assert [entry.name for entry in manifest.initial] == [entry.name for entry in changed.initial]
    old, new = manifest.migrations_array, changed.migrations_array
    assert old is not None
    assert new is not None
    assert manifest.text[: old.span.start] == text[: new.span.start]
    assert manifest.text[old.span.end :] == text[new.span.end :]
    return changed


@given(samples())
@STEPS
def test_everything_is_read(sample: Sample) -> None:
    manifest = manifest_of(sample.path, sample.text)
    assert sample.names == listed(manifest)
    for entry in manifest.entries:
        assert entry.name == decode(sample.text[entry.span.start : entry.span.end])


@given(samples(), NAMES)
@STEPS
def test_insert(sample: Sample, name: str) -> None:
    manifest = manifest_of(sample.path, sample.text)
    edits = insert(manifest, name)
    if name in sample.names:
        assert not edits
        return
    expected = list(sample.names)
    expected.insert(place(manifest, name), name)
    assert expected == listed(after(manifest, edits))
    assert all(not sample.text[edit.span.start : edit.span.end].strip() for edit in edits)


@given(samples(min_size=1), st.data())
@STEPS
def test_remove(sample: Sample, data: st.DataObject) -> None:
    manifest = manifest_of(sample.path, sample.text)
    entry = data.draw(st.sampled_from(manifest.migrations))
    edits = remove(manifest, entry)
    assert [name for name in sample.names if name != entry.name] == listed(after(manifest, edits))
    assert all(edit.text == "" for edit in edits)


@given(samples(min_size=1), NAMES, st.data())
@STEPS
def test_rename(sample: Sample, name: str, data: st.DataObject) -> None:
    manifest = manifest_of(sample.path, sample.text)
    old = data.draw(st.sampled_from(sample.names))
    expected = [name if each == old else each for each in sample.names]
    assert expected == listed(after(manifest, rename(manifest, old, name)))


@given(samples(min_size=2), st.data())
@STEPS
def test_move_keeps_every_remark(sample: Sample, data: st.DataObject) -> None:
    manifest = manifest_of(sample.path, sample.text)
    entry = data.draw(st.sampled_from(manifest.migrations))
    index = data.draw(st.integers(0, len(sample.names) - 1))
    edits = move(manifest, entry, index)
    if edits is None:
        assert sample.names.index(entry.name) == index
        return
    expected = [name for name in sample.names if name != entry.name]
    expected.insert(index, entry.name)
    assert expected == listed(after(manifest, edits))
    text = apply(sample.text, edits)
    for word in ("why", "é😀 */", "it's, a [remark", "'x.sql',", "two"):
        assert sample.text.count(word) == text.count(word)


@given(samples(min_size=1), NAMES, st.data())
@STEPS
def test_reregister(sample: Sample, name: str, data: st.DataObject) -> None:
    manifest = manifest_of(sample.path, sample.text)
    old = data.draw(st.sampled_from(sample.names))
    others = [each for each in sample.names if each != old]
    index = place(manifest_without(manifest, old), name)
    expected = [*others[:index], name, *others[index:]]
    assert expected == listed(after(manifest, reregister(manifest, old, name)))


def manifest_without(manifest: Manifest, name: str) -> Manifest:
    entries: tuple[Entry, ...] = tuple(entry for entry in manifest.entries if entry.name != name)
    return Manifest(manifest.path, manifest.text, manifest.format, manifest.array, entries)


@given(st.text(st.sampled_from("ab'\"`\\${}\n\r\t\x00\u2028é😀\x7f/")), st.sampled_from("'\"`"))
def test_a_literal_comes_back(value: str, quote: str) -> None:
    written = encode(value, quote)
    assert value == decode(written)
    if quote == '"':
        assert value == json.loads(f'"{written}"')


@given(st.text(st.sampled_from("[]{}()'\"`,:;=/*\\ \n\r<>.$é😀\x00\ufeff\ud800MIGRATON_FLES.sqlcn")), st.booleans())
@STEPS
def test_no_text_breaks_the_reader(text: str, in_json: bool) -> None:
    start = '{"migrationFiles": ["a.sql",' if in_json else "const MIGRATION_FILES = ['a.sql',"
    manifest = read("m.json" if in_json else "m.ts", start + text)
    if manifest is not None:
        for entry in manifest.entries:
            assert 0 < entry.span.start <= entry.span.end < len(start + text)
        for problem in manifest.problems:
            assert 0 <= problem.span.start <= problem.span.end <= len(start + text)
            assert "\n" not in problem.message
        for edits in (insert(manifest, "x.sql"), *(remove(manifest, entry) for entry in manifest.migrations)):
            assert isinstance(apply(start + text, edits), str)
