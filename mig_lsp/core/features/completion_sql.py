"""Completion in SQL: what earlier migrations and statements created, and keywords where nothing of that fits."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mig_lsp.core.features.completion_item import Completion, ranked
from mig_lsp.core.features.objects import Name, Objects, effects, file_effects
from mig_lsp.core.features.sql_context import Expected, Word, expected, name_at, word
from mig_lsp.core.features.sql_words import KEYWORDS, STATEMENTS, TYPES
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import Kind, Token, tokens
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.text import Span

_LONGEST = 20_000  # code points of a statement; what is longer is rows, and lexing it would take too long
_MOST = 300


def in_sql(snapshot: Snapshot, file: File, offset: int) -> list[Completion]:
    """What fits at *offset* of a migration; nothing in comments, strings and quoted names."""
    ends = file.statements.ends
    index = bisect_right(ends, offset)
    start = ends[index - 1] if index else 0
    end = ends[index] if index < len(ends) else len(file.text)
    if index == len(ends) and ends and not file.statements.items[-1].terminated:
        index -= 1
        start = ends[index - 1] if index else 0
    if end - start > _LONGEST:
        return []
    seen = list(tokens(file.text, start, end))
    place = _place(file.text, seen, offset)
    if place is None:
        return []
    words = [word(file.text, each) for each in seen if each.kind is not Kind.COMMENT]
    before = [word(file.text, each) for each in seen if each.kind is not Kind.COMMENT and each.end <= place.start]
    begun = file.text[place.start : offset].lower()
    objects = _objects_before(snapshot, file, index)
    found = [*_fitting(expected(before), objects, words, place, begun)]
    return found[:_MOST]


def _place(text: str, seen: Sequence[Token], offset: int) -> Span | None:
    """The word that the cursor is in or behind, an empty stretch between words; None where nothing is completed."""
    for token in seen:
        if token.end < offset or (token.end == offset and token.kind is Kind.SIGN):
            continue
        if token.start >= offset:
            break
        if token.kind is Kind.WORD:
            return Span(token.start, token.end)
        if token.kind is Kind.COMMENT and text.startswith("/*", token.start) and token.end == offset:
            continue
        return None
    return Span(offset, offset)


def _fitting(
    wanted: Expected, objects: Objects, words: Sequence[Word], place: Span, begun: str
) -> Iterator[Completion]:
    match wanted.what:
        case "nothing":
            return
        case "statement":
            yield from _keywords(STATEMENTS, place, begun)
        case "keywords":
            yield from _keywords(KEYWORDS, place, begun)
        case "tables":
            yield from _tables(objects.tables, place, begun)
        case "own types":
            yield from _types(objects.types, place, begun)
        case "types":
            yield from _types(objects.types, place, begun)
            yield from _builtin(place, begun)
        case "columns":
            yield from _columns(objects, (wanted.table,), place, begun)
        case "members":
            yield from _members(objects, words, wanted.table, place, begun)
        case "anything":
            if begun:
                yield from _anything(objects, words, place, begun)


def _anything(objects: Objects, words: Sequence[Word], place: Span, begun: str) -> list[Completion]:
    """The columns of the tables that the statement names, then tables and types; keywords when there is none."""
    found = [
        *_columns(objects, _tables_named(objects, words).values(), place, begun),
        *_tables(objects.tables, place, begun),
        *_types(objects.types, place, begun),
    ]
    return found or [*_keywords(KEYWORDS, place, begun)]


def _members(objects: Objects, words: Sequence[Word], owner: Name, place: Span, begun: str) -> Iterator[Completion]:
    """Behind a dot: the columns of a table or alias, or the tables of a schema."""
    table = _tables_named(objects, words).get("".join(owner)) or owner
    yield from _columns(objects, (table,), place, begun)
    schema = {
        name[-1:]: columns
        for name, columns in objects.tables.items()
        if (len(name) > 1 and name[0] == "".join(owner)) or (owner == ("public",) and len(name) == 1)
    }
    yield from _tables(schema, place, begun)


def _tables_named(objects: Objects, words: Sequence[Word]) -> dict[str, Name]:
    """The tables that the statement names, under their names and aliases."""
    found: dict[str, Name] = {}
    for number, each in enumerate(words):
        if not each.name or (number and words[number - 1].upper == "."):
            continue
        name = name_at(words, number)
        if name not in objects.tables:
            continue
        found[name[-1]] = name
        behind = number + 1
        while behind < len(words) and words[behind].upper in (".", name[-1].upper(), "AS"):
            behind += 1
        if behind < len(words) and words[behind].name and words[behind].upper not in _NO_ALIAS:
            found[words[behind].name] = name
    return found


_NO_ALIAS = frozenset(KEYWORDS)


def _columns(objects: Objects, tables: Iterable[Name], place: Span, begun: str) -> Iterator[Completion]:
    for table in dict.fromkeys(tables):
        for number, (name, kind) in enumerate(objects.tables.get(table, {}).items()):
            if _fits(name, begun):
                detail = f"{kind} of {quoted(*table)}".lstrip()
                yield Completion(name, quoted(name), place, "column", detail, sort=ranked(0, number))


def _tables(tables: Mapping[Name, object], place: Span, begun: str) -> Iterator[Completion]:
    for name in tables:
        if _fits(name[-1], begun):
            written = quoted(*name)
            yield Completion(written, written, place, "table", "table", sort=ranked(1))


def _types(types: Mapping[Name, str], place: Span, begun: str) -> Iterator[Completion]:
    for name, detail in types.items():
        if _fits(name[-1], begun):
            written = quoted(*name)
            yield Completion(written, written, place, "type", detail[:100], sort=ranked(2))


def _builtin(place: Span, begun: str) -> Iterator[Completion]:
    for number, name in enumerate(TYPES):
        if _fits(name, begun):
            yield Completion(name, name, place, "type", "built in", sort=ranked(3, number))


def _keywords(keywords: Iterable[str], place: Span, begun: str) -> Iterator[Completion]:
    if begun:
        for name in keywords:
            if name.lower().startswith(begun):
                yield Completion(name, name, place, "keyword", sort=ranked(4))


def _fits(name: str, begun: str) -> bool:
    return not begun or name.lower().startswith(begun) or (len(begun) > 1 and begun in name.lower())


def _objects_before(snapshot: Snapshot, file: File, index: int) -> Objects:
    """What is there when statement number *index* of the file runs."""
    own = [effect for statement in file.statements.items[:index] for effect in effects(statement)]
    earlier = _objects_of_earlier(snapshot, file)
    if not own:
        return earlier
    found = earlier.copy()
    found.add(own)
    return found


def _objects_of_earlier(snapshot: Snapshot, file: File) -> Objects:
    """What the files that run before *file* leave; kept with the plan as long as those files are the same."""
    plan = snapshot.plan
    names = (*plan.initial, *plan.migrations)
    earlier = names[: plan.order.get(file.name, len(names))]
    files = [each for name in earlier if (each := snapshot.files.get(plan.path_of(name))) is not None]
    known: tuple[list[File], Objects] | None = plan.__dict__.get("_objects_of_earlier")
    if known is None or known[0] != files:
        objects = Objects()
        for each in files:
            objects.add(file_effects(each))
        known = plan.__dict__["_objects_of_earlier"] = (files, objects)
    return known[1]
