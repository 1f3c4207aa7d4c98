"""Reads a manifest of any format. Nothing is evaluated, and nothing raises: what cannot be read is a problem."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.candidates import JOURNAL, could_be_manifest, grammar_of
from mig_lsp.core.manifest.elements import Elements, read_elements, syntax_problem
from mig_lsp.core.manifest.journal import read_journal
from mig_lsp.core.manifest.json_syntax import json_problem
from mig_lsp.core.manifest.literal import decode
from mig_lsp.core.manifest.model import Manifest, Problem
from mig_lsp.core.manifest.syntax import Named, Source, is_plain_string, named_values, parse
from mig_lsp.core.text import Span

_HEAD = re.compile(rb"\.sql\b|MIGRATION_FILES|migrationFiles")

# Names are compared without their underscores, dashes and capitals. A strong name says by itself that the list is
# one of migration files; under a weak one stand other things as well.
_STRONG = frozenset(("migrationfiles", "migrationfilenames", "migrationfilelist", "sqlmigrations"))
_WEAK = frozenset(("migrations", "migrationlist", "migrationnames", "schemamigrations", "sqlfiles"))
_INITIAL = frozenset(
    (
        *("initialsetupfiles", "initialsetup", "initialfiles", "initialmigrations", "initialmigrationfiles"),
        *("initialschemafiles", "setupfiles", "initfiles", "bootstrapfiles"),
    )
)
_DIRECTORIES = frozenset(
    ("schemadir", "schemadirectory", "migrationdir", "migrationsdir", "migrationsdirectory", "migrationsfolder")
)
_WORDS = r"\.sql\b|migration|initial|schema_?dir|(?:setup|init|sql|bootstrap)_?files"
_KEY = re.compile(r'"([\w-]{1,40})"\s*:')
_SQL_FILE = re.compile(r"[^*?\s]+\.sql")
_EMPTY = 3
_UNKNOWN = 4
_FILLED = re.compile(r"\b(\w{1,60})\s*\.\s*(?:push|unshift|splice)\b")


class _List(NamedTuple):
    """A named array; how many names it holds, and how many of them are of .sql files."""

    named: Named
    elements: Elements
    names: int
    sql: int


def looks_like_manifest(path: str, text_head: bytes) -> bool:
    """Whether a file may be a manifest, judged by its path (with `/`) and its first bytes; cheap, and no promise."""
    if not could_be_manifest(path):
        return False
    if path.rpartition("/")[2] == JOURNAL:
        return b'"entries"' in text_head
    return _HEAD.search(text_head) is not None


def read(path: str, text: str, array: str | None = None, initial_array: str | None = None) -> Manifest | None:
    """The manifest that *text* is, None when it is none: it has no array of a known name or of .sql files.

    *array* and *initial_array* are the configured names. Where a manifest has no array of the configured name, its
    `array` is None and a problem says so.
    """
    grammar = grammar_of(path)
    if grammar is None:
        return None
    if path.rpartition("/")[2] == JOURNAL:
        return read_journal(path, text)
    source = parse(text, grammar)
    values = named_values(source, _words(array, initial_array))
    overridden = _overridden(values) if grammar == "json" else {}
    lists = [
        _list(source, value, initial_array)
        for value in values
        if value.nodes and value.value.start_byte not in overridden
    ]
    candidates = [each for each in lists if not _is_initial(each.named.name, initial_array)]
    migrations = _best(candidates, array, source)
    initial = _best_initial(lists, initial_array, required=migrations is None)
    problems = _no_arrays(source, values, array) if grammar == "json" else []
    if problems and migrations is not None and _rank(migrations, array, in_json=True) == _UNKNOWN:
        migrations = None
    syntax = json_problem(text) if grammar == "json" else None
    if migrations is None and initial is None and not problems and not (syntax is not None and _mentions(text, array)):
        return None
    if array is not None and (migrations is None or migrations.named.name != array):
        problems.append(_absent(array, migrations))
        migrations = None
    if initial_array is not None and initial is None:
        problems.append(_absent(initial_array, None))
    chosen = [each for each in (initial, migrations) if each is not None]
    for each in chosen:
        problems += _problems(source, each, syntax)
        problems += _override_problems(source, each.named, values, overridden)
    problems += [syntax] if syntax is not None else []
    arrays = sorted((each.elements.array for each in chosen), key=lambda each: each.span)
    # Where the syntax is broken one list may reach into the other; what stands in both belongs to the inner one.
    entries = {item.entry.span: item.entry for each in arrays for item in each.items if item.entry is not None}
    return Manifest(
        path,
        text,
        "json" if grammar == "json" else "code",
        migrations.named.name if migrations is not None else None,
        tuple(entries[span] for span in sorted(entries)),
        tuple(sorted(problems)),
        _directory(source, values),
        migrations.elements.array if migrations is not None else None,
        initial.elements.array if initial is not None else None,
    )


def _words(*configured: str | None) -> re.Pattern[bytes]:
    names = (re.escape(name) for name in configured if name)
    return re.compile("|".join((_WORDS, *names)).encode("utf-8", "replace"), re.IGNORECASE)


def _list(source: Source, named: Named, initial_array: str | None) -> _List:
    elements = read_elements(source, named.name, named.nodes, _is_initial(named.name, initial_array))
    names = [item.entry.name for item in elements.array.items if item.entry is not None]
    return _List(named, elements, len(names), sum(_SQL_FILE.fullmatch(name) is not None for name in names))


def _best(lists: list[_List], array: str | None, source: Source) -> _List | None:
    """The list of migrations: the configured one, else the best known name, else the one with the most .sql files."""
    in_json = source.root.type == "document"
    empty = any(not each.elements.array.items for each in lists)
    filled = frozenset(_FILLED.findall(source.text)) if empty and not in_json else frozenset()
    ranked = [
        (rank, -each.sql, at, each)
        for at, each in enumerate(lists)
        if (rank := _rank(each, array, in_json=in_json)) is not None
        and (rank != _EMPTY or each.named.name not in filled)
    ]
    return min(ranked)[-1] if ranked else None


def _rank(candidate: _List, array: str | None, *, in_json: bool) -> int | None:
    """How well the list fits: 0 is best, None is not at all."""
    written = candidate.named.name
    if written == array:
        return 0
    name = _plain(written)
    if not candidate.elements.array.items:
        # Under a weak name, a variable that begins empty is as a rule one that the code fills.
        return _EMPTY if name in _STRONG or (name in _WEAK and (in_json or written.isupper())) else None
    if name in _STRONG:
        return 1
    if not candidate.sql:
        return None
    return 2 if name in _WEAK else _UNKNOWN if candidate.sql == candidate.names else None


def _is_initial(name: str, initial_array: str | None) -> bool:
    return name == initial_array if initial_array is not None else _plain(name) in _INITIAL


def _best_initial(lists: list[_List], initial_array: str | None, *, required: bool) -> _List | None:
    """The list of initial files with the most names; where it is all there is (*required*), it must name .sql files."""
    found = [each for each in lists if _is_initial(each.named.name, initial_array) and (each.sql or not required)]
    return max(found, key=lambda each: each.sql, default=None)


def _overridden(values: list[Named]) -> dict[int, Named]:
    """The values whose key stands again, later in the same object, by their position."""
    last: dict[tuple[int, str], Named] = {}
    overridden: dict[int, Named] = {}
    for value in values:
        if not value.closed:
            continue
        earlier = last.get((value.scope, value.name))
        if earlier is not None:
            overridden[earlier.value.start_byte] = value
        last[value.scope, value.name] = value
    return overridden


def _override_problems(
    source: Source, chosen: Named, values: list[Named], overridden: dict[int, Named]
) -> Iterator[Problem]:
    for value in values:
        if value.value.start_byte in overridden and (value.scope, value.name) == (chosen.scope, chosen.name):
            message = f"the key '{value.name}' stands again below and only the last one counts; remove this one"
            yield Problem(source.span(value.key or value.value), message)


def _no_arrays(source: Source, values: list[Named], array: str | None) -> list[Problem]:
    return [
        Problem(
            source.span(value.value), f"'{value.name}' is no array, so the runner fails; write a list of file names"
        )
        for value in values
        if not value.nodes and (value.name == array or _plain(value.name) in _STRONG)
    ]


def _problems(source: Source, chosen: _List, syntax: Problem | None) -> Iterator[Problem]:
    """What is wrong inside the array; nothing where the JSON does not load, because that says it all."""
    if syntax is not None:
        return
    elements, call = chosen.elements, chosen.named.call
    yield from elements.problems
    if call is not None:
        message = (
            f"what .{source.slice(call)}() makes of the list cannot be known without running the code; "
            "the files are taken as written, so write the list without it"
        )
        yield Problem(source.span(call), message)
    broken = syntax_problem(source, elements)
    if broken is not None:
        yield broken


def _absent(name: str, instead: _List | None) -> Problem:
    hint = f"; '{instead.named.name}' lists files here, so configure that name or rename the array" if instead else ""
    return Problem(Span(0, 0), f"there is no array '{name}' in this file, so its entries are unknown{hint}")


def _directory(source: Source, values: list[Named]) -> str | None:
    for value in values:
        if _plain(value.name) in _DIRECTORIES and is_plain_string(value.value):
            return decode(source.slice(value.value)[1:-1])
    return None


def _mentions(text: str, array: str | None) -> bool:
    return any(match[1] == array or _plain(match[1]) in _STRONG for match in _KEY.finditer(text))


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
