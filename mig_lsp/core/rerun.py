"""What happens when a file stopped in the middle and the next deploy starts it again from its first statement.

A runner without a transaction keeps what the statements before the failure did. A file may stop behind any statement;
it is carried out again for the end of the file, and for each place where something that a later statement takes
away, or makes anew, is as it will not be in the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.catalog.moment import Moment, Objection
from mig_lsp.core.catalog.replay import Replayed, carry_out_again
from mig_lsp.core.catalog.values import UNKNOWN, EnumType, Gone, Origin, Table, Value, relation_key
from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.migration import base_name
from mig_lsp.core.runner import policy
from mig_lsp.core.runner.rerunnable import Around, foreign_keys, guarded
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span, line_ending

MOST_STOPS = 8
"""How many places in a file are looked at, its end aside: nobody takes away as much in one file."""


class Again(NamedTuple):
    """A statement (by number) that succeeds at first and is refused when the file runs again after stopping behind
    statement number *stop*; *cause* is the statement of the file that makes the difference, where it is known.
    """

    statement: int
    objection: Objection
    stop: int
    cause: int | None


class Guard(NamedTuple):
    """What to do about a statement that cannot run again, in words, and the edits that do it."""

    advice: str
    fix: Fix | None


def second_run(snapshot: Snapshot, file: File) -> tuple[Again, ...]:
    """The statements of *file* that the server refuses when the file runs again; each only once.

    Nothing where the runner takes back what a failed file did, and nothing that the runner takes for success.
    """
    replayed = None if snapshot.plan.runner.opens_transaction else snapshot.world.replayed(file.path)
    if replayed is None:
        return ()
    known: tuple[Again, ...] | None = replayed.__dict__.get("_again")
    if known is None:
        known = replayed.__dict__["_again"] = tuple(_second_run(snapshot, replayed))
    return known


def guard(snapshot: Snapshot, file: File, again: Again) -> Guard:
    """How the statement of one of `second_run` is made so that it may run again."""
    statements = file.statements.items
    runner, version = snapshot.plan.runner, snapshot.plan.config.runner.postgres_version
    keys = tuple(key for each in statements[again.statement + 1 :] for key in foreign_keys(each))
    statement = statements[again.statement]
    found = guarded(statement, Around(runner, version, keys))
    if found.problem is not None or not (found.edits or found.before):
        return Guard(found.problem or "", None)
    if not found.before:
        words = found.edits[0].text
        return Guard(f"add{words}", Fix(f"Add{words}", found.edits))
    eol, start = line_ending(file.text), statement.span.start
    first = Edit(Span(start, start), "".join(f"{sql};{eol}" for sql in found.before))
    title = f"Put {found.before[0].partition(' IF EXISTS')[0]} in front"
    return Guard(f"put {found.before[-1]} in front of it", Fix(title, (first, *found.edits)))


def finding(rule: str, file: File, again: Again, why: str, guard: Guard) -> Finding:
    """The finding of *rule* about one of `second_run`; *why* is what the server says then, in words.

    Where only a stop behind the last statement does harm, little can fail: then it is a hint.
    """
    statements, ends = file.statements
    last = all(each.blank for each in statements[max(again.statement, again.cause or 0) + 1 :])
    when = "if the deploy breaks off before this file is recorded" if last else "when a later statement fails"
    message = f"{when}, the next deploy runs this file again from the top and stops here: {why}"
    message = f"{message}; {guard.advice}" if guard.advice else message
    severity = Severity.HINT if last else None
    found = Finding(rule, again.objection.span, message, guard.fix, severity=severity)
    return found.shifted(ends[again.statement - 1] if again.statement else 0)


def kind_of(file: File, again: Again) -> str:
    """The grammar's name of the refused statement."""
    statement: Statement = file.statements.items[again.statement]
    return statement.kind


def refused(moment: Moment, plan: Plan) -> Iterator[Objection]:
    """What the server refuses the statement for, but for what the runner takes for success."""
    for objection in moment.objections:
        if not is_tolerated(moment, objection, plan):
            yield objection


def is_tolerated(moment: Moment, objection: Objection, plan: Plan) -> bool:
    """Whether the runner goes on after this error."""
    code = moment.statement.code
    column = policy.added_column(code)
    exists = False
    if column is not None:
        table = moment.before(relation_key("public", column.table))
        exists = isinstance(table, Table) and column.name in table.columns
    message = "already exists" if objection.reason == "exists" else ""
    initial = base_name(moment.origin.path) in plan.initial
    return policy.tolerated(plan.runner, code, message, initial=initial, column_exists=exists)


def _second_run(snapshot: Snapshot, file: Replayed) -> Iterator[Again]:
    seen: set[int] = set()
    for stop in _stops(file):
        moments = carry_out_again(file, snapshot.world.setting, stop)
        for number, (first, second) in enumerate(zip(file.moments, moments, strict=False)):
            if first is None or second is None or second is first or number in seen or first.objections:
                continue
            for objection in refused(second, snapshot.plan):
                seen.add(number)
                yield Again(number, objection, stop, _cause(file, second, objection))
                break


def _stops(file: Replayed) -> list[int]:
    """The statements behind which it makes a difference to stop, the last of the file first."""
    found: list[int] = []
    for number, moment in enumerate(file.moments):
        if moment is not None and number and _turns(moment, file.source.path):
            found.append(number - 1)
    return [len(file.moments) - 1, *found[:MOST_STOPS]]


def _turns(moment: Moment, path: str) -> bool:
    """Whether the statement takes something away, or makes again what the file took away."""
    return any(_takes(moment.reads.get(key), new, path) for key, new in moment.writes.items())


def _takes(old: Value, new: Value, path: str) -> bool:
    if isinstance(old, Gone):
        return old.by.path == path and not isinstance(new, Gone) and new is not None
    if isinstance(new, Gone):
        return old is not None and old is not UNKNOWN
    if isinstance(old, Table) and isinstance(new, Table):
        lost = any(
            before.keys() - after.keys()
            for before, after in (
                (old.columns, new.columns),
                (old.constraints, new.constraints),
                (old.triggers, new.triggers),
                (old.policies, new.policies),
            )
        )
        return lost or bool(old.dropped.keys() & new.columns.keys())
    return isinstance(old, EnumType) and isinstance(new, EnumType) and not set(old.labels) <= set(new.labels)


def _cause(file: Replayed, moment: Moment, objection: Objection) -> int | None:
    """The statement of the file that made what is in the way, or took what is missing."""
    found = moment.before(objection.by) if objection.by is not None else objection.found
    by = found.by if isinstance(found, Gone) else getattr(found, "made", None)
    if isinstance(by, Origin) and by.path == file.source.path:
        return by.statement
    return None
