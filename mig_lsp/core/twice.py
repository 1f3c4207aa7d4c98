"""What a file does to rows when the next deploy starts it again from its first statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.replay import Replayed
from mig_lsp.core.catalog.values import Gone, Key
from mig_lsp.core.change import Finding, Fix, Severity
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.commands import DeleteStmt, TruncateStmt
from mig_lsp.core.text import Span

T = TypeVar("T")


@dataclass(frozen=True, eq=False, slots=True)
class Order:
    """The statements of a file in order, blank ones left out: their moments, and their numbers in the file.

    *kinds* are the places of each kind of statement, *cleared* the first place that drops a table, or rows of it.
    """

    moments: tuple[Moment, ...]
    numbers: tuple[int, ...]
    kinds: dict[str, list[int]]
    cleared: dict[Key, int]

    def of(self, *kinds: str) -> list[int]:
        """The places of the statements of these kinds, in order."""
        return sorted(place for kind in kinds for place in self.kinds.get(kind, ()))


class Step(NamedTuple):
    """A statement of a file that may run twice: its *place* in the *order*, and the offset of its text in the file."""

    order: Order
    place: int
    start: int

    @property
    def moment(self) -> Moment:
        """The statement at its place in the run."""
        return self.order.moments[self.place]

    @property
    def after(self) -> tuple[Moment, ...]:
        """The moments behind it."""
        return self.order.moments[self.place + 1 :]

    @property
    def is_last(self) -> bool:
        """Whether nothing behind it can fail."""
        return self.place + 1 == len(self.order.moments)

    @property
    def severity(self) -> Severity | None:
        """A hint where nothing behind the statement can fail; else the rule's own."""
        return Severity.HINT if self.is_last else None

    @property
    def when(self) -> str:
        """Under which condition the file runs again, as the beginning of a message."""
        when = (
            "if the deploy breaks off before this file is recorded" if self.is_last else "when a later statement fails"
        )
        return f"{when}, the next deploy runs this file again from the top and"

    def is_emptied(self, key: Key) -> bool:
        """Whether a statement of the file before this one drops a table, or takes rows of it away."""
        return self.order.cleared.get(key, self.place) < self.place


class Harm(NamedTuple):
    """What a second run of a statement does to the table under *key*, in words that follow `Step.when`.

    *span* and *fix* are relative to the statement; *lead* is said first, and *severity* is milder than the rule's.
    """

    key: Key
    span: Span
    text: str
    fix: Fix | None = None
    lead: str = ""
    severity: Severity | None = None

    def finding(self, rule: str, step: Step) -> Finding:
        """The finding of *rule* about it."""
        message = f"{self.lead}{step.when} {self.text}"
        severity = self.severity or step.severity
        return Finding(rule, self.span, message, self.fix, severity=severity).shifted(step.start)


def order_of(file: Replayed) -> Order:
    """The statements of a file in order; kept with the file."""
    known: Order | None = file.__dict__.get("_order")
    if known is None:
        numbers = tuple(number for number, moment in enumerate(file.moments) if moment is not None)
        moments = tuple(moment for moment in file.moments if moment is not None)
        kinds: dict[str, list[int]] = {}
        for place, moment in enumerate(moments):
            kinds.setdefault(moment.statement.kind, []).append(place)
        known = file.__dict__["_order"] = Order(moments, numbers, kinds, {})
        for place in known.of("DropStmt", "TruncateStmt", "DeleteStmt"):
            for key in kept(moments[place], "_cleared", _cleared):
                known.cleared.setdefault(key, place)
    return known


def steps(snapshot: Snapshot, file: File, *kinds: str) -> Iterator[Step]:
    """The statements of these kinds in *file* that may run twice.

    None where the runner takes back what a failed file did, and none of an initial file: it is not started again once
    the database is no longer empty.
    """
    if not snapshot.plan.runner.opens_transaction and file.name not in snapshot.plan.initial:
        yield from all_steps(snapshot, file, *kinds)


def all_steps(snapshot: Snapshot, file: File, *kinds: str) -> Iterator[Step]:
    """The statements of these kinds in *file* that the server does not refuse."""
    replayed = snapshot.world.replayed(file.path)
    if replayed is None:
        return
    order, ends = order_of(replayed), file.statements.ends
    for place in order.of(*kinds):
        if not order.moments[place].objections:
            number = order.numbers[place]
            yield Step(order, place, ends[number - 1] if number else 0)


def kept(moment: Moment, name: str, make: Callable[[Moment], T]) -> T:
    """What *make* says of a moment, kept under *name* with the statement as long as the moment stays."""
    known: tuple[Moment, T] | None = moment.statement.__dict__.get(name)
    if known is None or known[0] is not moment:
        known = moment.statement.__dict__[name] = (moment, make(moment))
    return known[1]


def empties(moment: Moment, key: Key) -> bool:
    """Whether a TRUNCATE or DELETE takes away all rows of a table."""
    delete = moment.statement.tree(DeleteStmt)
    return (delete is None or not delete.where_clause) and key in kept(moment, "_cleared", _cleared)


def _cleared(moment: Moment) -> tuple[Key, ...]:
    """The tables that a statement drops, or takes rows of away."""
    delete = moment.statement.tree(DeleteStmt)
    if delete is not None:
        return (moment.relation(delete.relation.name)[0],)
    truncate = moment.statement.tree(TruncateStmt)
    if truncate is not None:
        names = (item.range_var.name for item in truncate.relations if item.range_var is not None)
        return tuple(moment.relation(name)[0] for name in names)
    return tuple(key for key, value in moment.writes.items() if isinstance(value, Gone))
