"""What a join makes of the sources on its two sides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from mig_lsp.core.catalog.expressions import Json, strings
from mig_lsp.core.catalog.scope import Reading, Source, derived
from mig_lsp.core.catalog.values import Column


class Side(NamedTuple):
    """Sources of FROM that stand together; not *certain* where names among them may mean more than one thing."""

    sources: tuple[Source, ...] = ()
    certain: bool = True


def joined(node: dict[str, Json], left: Side, right: Side, reading: Reading) -> Side:
    """The two sides of a JoinExpr together, the columns of USING and NATURAL made one."""
    sources = (*left.sources, *right.sources)
    certain = left.certain and right.certain
    using = strings(node.get("usingClause", ()))
    if node.get("isNatural"):
        complete = all(source.complete for source in sources)
        certain = certain and complete
        theirs = {name for name, _ in visible(right.sources)}
        using = tuple(dict.fromkeys(name for name, _ in visible(left.sources) if name in theirs))
    if using:
        sources = _merged(node, using, left, right, reading)
    alias = node.get("join_using_alias", {}).get("aliasname")
    if alias and sources:
        sources = (replace(sources[0], name=alias, merged=False, named_only=True), *sources)
    return Side(sources, certain)


def aliased(name: str, names: tuple[str, ...], side: Side) -> Source:
    """A join that has a name, and maybe other names for its first columns: nothing else finds those of its sources."""
    certain = side.certain and all(source.complete for source in side.sources)
    return derived(name, tuple(column for column, _ in visible(side.sources)) if certain else None, names)


def visible(sources: Iterable[Source]) -> list[tuple[str, Source]]:
    """The columns that a star stands for, in order, each with its source."""
    return [
        (name, source)
        for source in sources
        if not source.named_only
        for name in source.columns
        if name not in source.hidden
    ]


def _merged(
    node: dict[str, Json], using: tuple[str, ...], left: Side, right: Side, reading: Reading
) -> tuple[Source, ...]:
    columns: dict[str, Column | None] = {}
    for name in using:
        columns[name] = None
        for word, side in (("left", left), ("right", right)):
            _read(name, word, side, reading)
    one = Source("", columns, merged=True)
    hide = frozenset(using)
    rest = (
        replace(source, columns={n: c for n, c in source.columns.items() if n not in hide}) if source.merged else source
        for source in (*left.sources, *right.sources)
    )
    return one, *(replace(source, hidden=source.hidden | hide) for source in rest)


def _read(name: str, word: str, side: Side, reading: Reading) -> None:
    """A column of USING is read on both sides; one that is missing is noted."""
    hits = [source for source in side.sources if source.offers(name)]
    for source in hits:
        reading.note(source.key, source.real.get(name, name))
    if hits or not side.certain or not all(source.complete for source in side.sources):
        return
    if reading.first("column", name):
        of = side.sources[0].key if len(side.sources) == 1 else None
        detail = f"{word} table"
        reading.moment.object("missing", "column", (name,), "42703", of=of, detail=detail)
