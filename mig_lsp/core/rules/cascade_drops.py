"""CASCADE that takes along what the file does not make again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mig_lsp.core.catalog.moment import Moment, shown
from mig_lsp.core.catalog.replay import Replayed
from mig_lsp.core.catalog.values import Gone, Key, Named, OtherType, Routines, Table, Value, View
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.nodes import AlterTableStmt, DropStmt
from mig_lsp.core.text import Span

CATEGORY: Category = "schema"
SEVERITY = Severity.WARNING

_MOST = 4  # named in a message


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    replayed = snapshot.world.replayed(file.path)
    if replayed is None:
        return
    for number, moment in replayed.notebook.noted("cascade", replayed.moments, _cascading).pairs():
        lost = [*_lost(moment, replayed)] if moment.statement.kind in ("DropStmt", "AlterTableStmt") else []
        span = _cascade(moment) if lost else None
        if span is None:
            continue
        names = [each.name for each in lost[:_MOST]] + ([f"{len(lost) - _MOST} more"] if len(lost) > _MOST else [])
        what = " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
        message = f"CASCADE drops {what} as well"
        if any(each.may_stay for each in lost):
            message += (
                ", and this file does not make that again: drop it by name if it is to go, or make it again behind "
                "this statement"
            )
            severity = None
        else:
            message += ": drop it by name before, so that everybody sees it"
            severity = Severity.INFO
        yield number, Finding("cascade-drops", span, message, severity=severity)


def _cascading(moment: Moment | None) -> Moment | None:
    if moment is None or not moment.writes or moment.objections or "cascade" not in moment.statement.code.lower():
        return None
    return moment


class _Lost(NamedTuple):
    """What goes; a foreign key to a table that is dropped cannot stay."""

    name: str
    may_stay: bool = True


def _cascade(moment: Moment) -> Span | None:
    statement = moment.statement
    found = None
    for token in statement.tokens():
        if token.kind is Kind.WORD and statement.text[token.start : token.end].upper() == "CASCADE":
            found = Span(token.start, token.end)
    return found


def _lost(moment: Moment, file: Replayed) -> Iterator[_Lost]:
    """What goes besides the statement's own objects and their parts, and is not there at the end of the file."""
    named = _named(moment)
    for key, new in moment.writes.items():
        old = moment.before(key)
        left = file.left.get(key)
        name = shown(key, moment.setting)
        if isinstance(new, Gone):
            kind = _kind(old)
            dropped_here = isinstance(left, Gone) and left.by == moment.origin
            if kind and dropped_here and key not in named and not _is_partition(old, named):
                yield _Lost(f"{kind} {name}")
        elif isinstance(old, Table) and isinstance(new, Table):
            yield from _parts(old, new, left, name, named.get(key, frozenset()), moment)


def _named(moment: Moment) -> Mapping[Key, frozenset[str]]:
    """The objects that the statement names, and for a table of which only parts go, the names of these."""
    alter = moment.statement.tree(AlterTableStmt)
    if alter is not None:
        parts = frozenset(node.alter_table_cmd.name for node in alter.cmds if node.alter_table_cmd is not None)
        return {_key(moment, alter.relation.name): parts}
    drop = moment.statement.tree(DropStmt)
    names = drop.names if drop is not None else ()
    return {key: frozenset() for key, value in moment.writes.items() if _is_named(key, value, names)}


def _key(moment: Moment, name: tuple[str, ...]) -> Key:
    return moment.relation(name)[0]


def _is_named(key: Key, value: Value, names: tuple[tuple[str, ...], ...]) -> bool:
    return isinstance(value, Gone) and any(key[-len(name) :] == name for name in names)


def _kind(value: Value) -> str:
    if isinstance(value, View):
        return "materialized view" if value.materialized else "view"
    if isinstance(value, Table):
        return "table"
    if isinstance(value, Routines):
        return "function"
    if isinstance(value, OtherType):
        return "type"
    return "" if not isinstance(value, Named) else "object"


def _is_partition(value: Value, named: Mapping[Key, frozenset[str]]) -> bool:
    return isinstance(value, Table) and value.partition and any(parent in named for parent in value.parents)


def _parts(old: Table, new: Table, left: Value, name: str, named: frozenset[str], moment: Moment) -> Iterator[_Lost]:
    """The parts of a table that go while it stays."""
    if isinstance(left, Gone):
        return  # and so does the table, further down
    end = left if isinstance(left, Table) else new
    own = bool(named)
    for column in old.columns.keys() - new.columns.keys() - named:
        if column not in end.columns:
            yield _Lost(f"column {quoted(column)} of {name}")
    for constraint in old.constraints.values():
        if constraint.name in new.constraints or constraint.name in named or (own and constraint.kind != "foreign"):
            continue
        again = (each for each in end.constraints.values() if each.columns == constraint.columns)
        if own and constraint.references != old.key:
            continue
        if not any((each.kind, each.references) == (constraint.kind, constraint.references) for each in again):
            word = "foreign key" if constraint.kind == "foreign" else "constraint"
            goes = constraint.references is not None and isinstance(moment.writes.get(constraint.references), Gone)
            yield _Lost(f"{word} {quoted(constraint.name)} of {name}", may_stay=not goes)
    for word, before, after, last in (
        ("trigger", old.triggers, new.triggers, end.triggers),
        ("policy", old.policies, new.policies, end.policies),
    ):
        for each in before.keys() - after.keys() - last.keys():
            yield _Lost(f"{word} {quoted(each)} of {name}")
