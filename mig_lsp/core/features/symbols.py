"""The outline of a document, and the search for migrations and what they create."""

from __future__ import annotations

import re
from collections.abc import Iterator
from heapq import nsmallest
from typing import Literal, NamedTuple

from mig_lsp.core.features.objects import effects
from mig_lsp.core.features.standing import place
from mig_lsp.core.features.titles import Title, title
from mig_lsp.core.migration import parse_name
from mig_lsp.core.rollback.section import fullest
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import NAME
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.statement import Placed, Statement
from mig_lsp.core.text import Span
from mig_lsp.core.visible import one_line

Kind = Literal["file", "section", "statement", "table", "column", "type", "index", "routine", "object", "entry"]


class Symbol(NamedTuple):
    """One item of the outline; *selection* lies in *span*."""

    name: str
    detail: str
    kind: Kind
    span: Span
    selection: Span
    children: tuple[Symbol, ...] = ()


class WorkspaceSymbol(NamedTuple):
    """A migration, or something that one creates."""

    name: str
    detail: str
    kind: Kind
    path: str
    span: Span


def document_symbols(snapshot: Snapshot, path: str) -> tuple[Symbol, ...]:
    """The outline of a migration (header, statements, rollback section) or of the manifest, in text order."""
    file = snapshot.files.get(path)
    if file is not None:
        found = [*_comments(file), *_statements(file)]
        return tuple(sorted(found, key=lambda each: each.span))
    manifest = snapshot.plan.manifest
    if manifest is None or manifest.path != path:
        return ()
    return tuple(
        Symbol(entry.name or "(empty)", place(snapshot.plan, entry.name), "entry", entry.span, entry.span)
        for entry in sorted(manifest.entries, key=lambda each: each.span)
    )


def workspace_symbols(snapshot: Snapshot, query: str) -> tuple[WorkspaceSymbol, ...]:
    """The migrations and objects that match *query*, best first, at most 200.

    The letters of the query stand in the name in their order, in any case; blanks do not count. "" is every migration.
    """
    letters = "".join(query.split()).lower()[:_LONGEST_QUERY]
    if not letters:
        return tuple(nsmallest(_MOST, _files(snapshot), key=lambda each: each.path))
    loose = re.compile(".*?".join(map(re.escape, letters)), re.S)
    found: list[tuple[int, int, str, WorkspaceSymbol]] = []
    for symbol in (*_files(snapshot), *_objects(snapshot)):
        name = symbol.name.lower()
        at = name.find(letters)
        if at >= 0:
            rank = 0 if name == letters else 1 if at == 0 else 2
        elif loose.search(name[:_LONGEST_NAME]):
            rank = 3
        else:
            continue
        found.append((rank, len(name), symbol.path, symbol))
    return tuple(each[-1] for each in nsmallest(_MOST, found, key=lambda each: (*each[:3], each[3].span)))


_MOST = 200
_LONGEST_QUERY, _LONGEST_NAME = 64, 128  # so that no query takes long on any name
_KINDS: dict[str, Kind] = {
    "TABLE": "table",
    "VIEW": "table",
    "MATERIALIZED VIEW": "table",
    "FOREIGN TABLE": "table",
    "TYPE": "type",
    "DOMAIN": "type",
    "INDEX": "index",
    "FUNCTION": "routine",
    "PROCEDURE": "routine",
    "AGGREGATE": "routine",
    "SEQUENCE": "object",
    "TRIGGER": "object",
    "POLICY": "object",
    "SCHEMA": "object",
    "EXTENSION": "object",
    "ROLE": "object",
    "RULE": "object",
}


def _comments(file: File) -> list[Symbol]:
    """The header and the rollback section; a section inside the header is its child."""
    top, section = _header(file), _rollback(file)
    if top is None or section is None:
        return [each for each in (top, section) if each is not None]
    if section.span.start >= top.span.end:
        return [top, section]
    span = Span(top.span.start, max(top.span.end, section.span.end))
    return [top._replace(span=span, children=(section,))]


def _header(file: File) -> Symbol | None:
    found = file.header
    if found is None:
        return None
    first = file.lines.span(file.lines.line_at(found.span.start))
    selection = Span(max(first.start, found.span.start), min(first.end, found.span.end))
    words = one_line(found.description or "", 120)
    return Symbol(words or "Header", "header", "section", found.span, selection)


def _statements(file: File) -> Iterator[Symbol]:
    for statement, start in file.statements.placed():
        if statement.blank:
            continue
        symbol = _symbol(statement)
        yield symbol if start == 0 else _shifted(symbol, start)


def _symbol(statement: Statement) -> Symbol:
    """The statement's symbol, relative to its text; kept with it."""
    known: Symbol | None = statement.__dict__.get("_symbol")
    if known is None:
        words = title(statement)
        detail = f"on {words.on}" if words.on else ""
        known = Symbol(words.words, detail, _kind(words), statement.span, words.span, tuple(_columns(statement, words)))
        statement.__dict__["_symbol"] = known
    return known


def _kind(words: Title) -> Kind:
    verb, _, rest = words.verb.partition(" ")
    return _KINDS.get(rest, "statement") if verb == "CREATE" else "statement"


def _columns(statement: Statement, words: Title) -> Iterator[Symbol]:
    if words.verb != "CREATE TABLE":
        return
    for effect in effects(statement):
        for column in effect.columns:
            if column.location < 0:
                continue
            start = statement.at(column.location)
            word = _COLUMN.match(statement.text, start)
            if word is not None:
                span = Span(start, word.end())
                yield Symbol(column.name or "(empty)", column.type, "column", span, span)


_COLUMN = re.compile(NAME)


def _rollback(file: File) -> Symbol | None:
    found = fullest(file.rollbacks)
    if found is None:
        return None
    words = one_line(file.text[found.heading.start : found.heading.end], 120)
    return Symbol(words or "Rollback", "rollback", "section", found.span, found.heading)


def _shifted(symbol: Symbol, by: int) -> Symbol:
    name, detail, kind, (start, end), (chosen, chosen_end), children = symbol
    span, selection = Span(start + by, end + by), Span(chosen + by, chosen_end + by)
    return Symbol(name, detail, kind, span, selection, tuple([_shifted(child, by) for child in children]))


def _files(snapshot: Snapshot) -> Iterator[WorkspaceSymbol]:
    for path, file in snapshot.files.items():
        if parse_name(file.name) is not None:
            yield WorkspaceSymbol(file.name, place(snapshot.plan, file.name), "file", path, Span(0, 0))


def _objects(snapshot: Snapshot) -> Iterator[WorkspaceSymbol]:
    for path, file in snapshot.files.items():
        yield from _created(path, file)


def _created(path: str, file: File) -> tuple[WorkspaceSymbol, ...]:
    """What the statements of a file create; kept with the file."""
    known: tuple[WorkspaceSymbol, ...] | None = file.__dict__.get("_created")
    if known is None:
        known = tuple(
            WorkspaceSymbol(quoted(*effect.name), file.name, effect.kind, path, _place(placed))
            for placed in file.statements.placed()
            for effect in effects(placed.statement)
            if effect.verb == "create"
        )
        file.__dict__["_created"] = known
    return known


def _place(placed: Placed) -> Span:
    return title(placed.statement).span.shifted(placed.start)
