"""What must be true of the readers of text, whatever they are given: a function for each, which raises when it is not.

`test_readers.py` gives them texts by chance and the kept corpus, `guided.py` what leads to new paths in the code.
"""

from __future__ import annotations

import json
import random
import re
import tomllib
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence

from mig_lsp.core import header, suppression
from mig_lsp.core.change import Edit, apply
from mig_lsp.core.comments import comment_lines
from mig_lsp.core.config import read as config
from mig_lsp.core.config.toml import Table, parse
from mig_lsp.core.log import parse_csv, parse_json
from mig_lsp.core.manifest.editor import insert, move, place, remove, rename, reregister
from mig_lsp.core.manifest.literal import decode
from mig_lsp.core.manifest.model import Entry, Manifest
from mig_lsp.core.manifest.reader import read
from mig_lsp.core.rollback.section import rollbacks
from mig_lsp.core.rules import by_name
from mig_lsp.core.runner import split
from mig_lsp.core.runner.profile import PROFILES
from mig_lsp.core.sql import statement
from mig_lsp.core.sql.pieces import Splice
from mig_lsp.core.text import Lines, Span
from tests.fuzz.pieces import pieces_are_the_text

Target = Callable[[str], None]
NEW = "011-é😀.sql"


def splitter(text: str) -> None:
    """Pieces cover the text, and are cut again after an edit as they would be cut anew."""
    pieces_are_the_text(text)
    chance = _chance(text)
    for _ in range(2):
        start = chance.randint(0, len(text))
        removed = chance.randint(0, min(30, len(text) - start))
        added = chance.choice((";", "\n", "'", "$$", "/*", "*/", "--", "", ";\n", text[-9:], "create type x;\n"))
        after = text[:start] + added + text[start + removed :]
        splice = Splice(start, removed, len(added))
        again = statement.read_again(statement.read(text), after, splice)
        assert _texts(statement.read(after).items) == _texts(again.items)
        for runner in PROFILES.values():
            chunks = split.read_again(runner, split.read(runner, text), after, splice)
            assert _texts(split.read(runner, after).items) == _texts(chunks.items)


def manifest_code(text: str) -> None:
    """An array in TypeScript."""
    _manifest("m.ts", text)


def manifest_json(text: str) -> None:
    """A JSON document: what is found in it is what a JSON reader finds."""
    found = _manifest("m.json", text)
    value = _loaded(text)
    if isinstance(value, dict) and isinstance(listed := value.get("migrationFiles"), list):
        if all(isinstance(each, str) for each in listed) and _no_other_list(value):
            assert found is not None
            assert listed == [each.name for each in found.migrations]
    elif value is None and found is not None and found.migrations:
        assert found.problems


def manifest_journal(text: str) -> None:
    """drizzle-kit's journal."""
    found = _manifest("meta/_journal.json", text)
    value = _loaded(text)
    if isinstance(value, dict) and isinstance(listed := value.get("entries"), list) and text.count('"entries"') == 1:
        tags = [each.get("tag") for each in listed if isinstance(each, dict)]
        if len(tags) == len(listed) and all(isinstance(tag, str) for tag in tags) and text.count('"tag"') == len(tags):
            assert found is not None
            assert [f"{tag}.sql" for tag in tags] == [each.name for each in found.migrations]


def comments(text: str) -> None:
    """A header, rollback sections and suppressions lie in the text, and say what stands there."""
    found = header.read(text)
    if found is not None:
        assert 0 <= found.span.start < found.span.end <= len(text)
        assert found.number_span is None or found.number == int(text[slice(*found.number_span)])
        assert found.number_span is None or _inside(found.number_span, found.span)
    _comment_lines_cover(text)
    for section in rollbacks(statement.read(text)):
        assert _inside(section.heading, section.span)
        assert _inside(section.span, Span(0, len(text)))
        for sql in section.statements:
            assert sql.sql == "\n".join(text[start:end] for start, end in sql.lines)
            assert [*sql.lines] == sorted(sql.lines)
            assert all(sql.sql[at] == text[sql.at(at)] for at in range(len(sql.sql)) if sql.sql[at] != "\n")
    _suppressions(text)


def configuration(text: str) -> None:
    """A configuration has problems where TOML does, and otherwise means what TOML says."""
    document = parse(text)
    _, problems = config.read(text, by_name())
    places = [(each.span, each.message) for each in document.problems]
    for span, message in (*places, *((each.span, each.message) for each in problems)):
        assert 0 <= span.start <= span.end <= len(text)
        assert message.isprintable()
    assert [*problems] == sorted(problems)
    try:
        expected = repr(tomllib.loads(text.removeprefix("\ufeff")))
    except (ValueError, RecursionError):
        assert document.problems
    else:
        assert not document.problems or _limited(text)
        assert document.problems or expected == repr(_plain(document.root))


def log(text: str) -> None:
    """An exported log: every row is an entry or a problem, and a problem is one line."""
    for entries, problems in (parse_csv(text), parse_json(text)):
        assert all(each.name.strip() for each in entries)
        assert all(each.isprintable() for each in problems)
    value = _loaded(text)
    if isinstance(value, list):
        entries, problems = parse_json(text)
        assert len(entries) + len(problems) == len(value) or len(problems) > 50


TARGETS: Mapping[str, Target] = {
    "splitter": splitter,
    "manifest-code": manifest_code,
    "manifest-json": manifest_json,
    "manifest-journal": manifest_journal,
    "comments": comments,
    "configuration": configuration,
    "log": log,
}


def _manifest(path: str, text: str) -> Manifest | None:
    """Names and problems lie in the text, and an edit of a good list gives the list that it promises."""
    found = read(path, text)
    for array in (None, "MIGRATION_FILES", "é.list"):
        read(path, text, array, "INITIAL")
    if found is None:
        return None
    size = len(text)
    for problem in found.problems:
        assert 0 <= problem.span.start <= problem.span.end <= size
        assert "\n" not in problem.message
    for entry in found.entries:
        assert 0 < entry.span.start <= entry.span.end < size
        written = decode(text[entry.span.start : entry.span.end])
        assert entry.name == (f"{written}.sql" if found.format == "journal" else written)
    assert [each.span for each in found.entries] == sorted({each.span for each in found.entries})
    names = [each.name for each in found.migrations]
    # Where there are several lists, the one that counts may be another one after an edit.
    named = found.format == "journal" or len(re.findall("migration", text, re.IGNORECASE)) == 1 == text.count("[")
    good = named and not found.problems and found.migrations_array is not None
    # A list is edited also where something in it cannot be read: then the edits need only be edits.
    expected = [*names]
    if NEW not in names:
        expected.insert(place(found, NEW), NEW)
    _after(found, insert(found, NEW), expected if good else None)
    for entry in _few(found.migrations):
        others = [name for name, each in zip(names, found.migrations, strict=True) if each is not entry]
        _after(found, remove(found, entry), others if good else None)
        renamed = [NEW if name == entry.name else name for name in names]
        _after(found, rename(found, entry.name, NEW), renamed if good else None)
        _after(found, reregister(found, entry.name, NEW), None)
        last = len(names) - 1
        _after(found, move(found, entry, last) or (), [*others, entry.name] if good else None)
    return found


def _after(found: Manifest, edits: Sequence[Edit], expected: Sequence[str] | None) -> None:
    text = apply(found.text, edits)
    if expected is None:
        return
    after = read(found.path, text)
    if after is None:
        assert not expected, text  # an empty list may be any list, when its name does not say which
        return
    assert not after.problems, (after.problems[0], text)
    assert [*expected] == [each.name for each in after.migrations], text
    assert [each.name for each in found.initial] == [each.name for each in after.initial]


def _few(entries: Sequence[Entry]) -> Iterable[Entry]:
    return dict.fromkeys((*entries[:1], *entries[1:2], *entries[-1:]))


def _suppressions(text: str) -> None:
    lines = Lines(text)
    found = suppression.read(lines)
    for each in found:
        assert _inside(each.span, each.comment)
        assert each.rule == text[slice(*each.span)]
        after = suppression.read(Lines(apply(text, [suppression.removal(lines, found, each)])))
        # Behind a comment that is gone, what was a part of it may be one itself.
        assert len(after) <= len(found) or text.count("mig-lsp:") > len({one.comment for one in found})


def _comment_lines_cover(text: str) -> None:
    for placed in statement.read(text).placed():
        start, end = placed.start, placed.span.start
        at = start
        for line in comment_lines(text, start, end):
            assert at <= line.span.start <= line.span.end <= end
            assert text[at : line.span.start] in ("", "\n", "\r", "\r\n")
            assert text.startswith(line.words, line.start) or line.rule
            at = line.span.end
        assert text[at:end] in ("", "\n", "\r", "\r\n")


def _inside(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start <= inner.end <= outer.end


def _texts(items: Iterable[statement.Statement | split.Chunk]) -> list[str]:
    return [each.text for each in items]


def _loaded(text: str) -> object:
    """What the runner reads; None where it cannot."""
    try:
        value: object = json.loads(text.removeprefix("\ufeff"), parse_int=float, parse_constant=lambda _: 1 // 0)
    except (ValueError, RecursionError, ZeroDivisionError):
        return None
    return value


def _no_other_list(value: Mapping[str, object]) -> bool:
    return all(not isinstance(each, list | dict) for key, each in value.items() if key != "migrationFiles")


def _limited(text: str) -> bool:
    """Whether the text is so large or deep that the reader refuses it on purpose."""
    return len(text) > 100_000 or any(text.count(sign) > 16 for sign in "[{.")


def _plain(data: object) -> object:
    if isinstance(data, Table):
        return {name: _plain(entry.value.data) for name, entry in data.entries.items()}
    if isinstance(data, list):
        return [_plain(item.data) for item in data]
    return data


def _chance(text: str) -> random.Random:
    """Chance that is the same for the same text."""
    return random.Random(zlib.crc32(text.encode("utf-8", "surrogatepass")))
