"""What a file does to rows when the next deploy starts it again from its first statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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

    *cleared* has, for each table, the place of the first statement that drops it, or rows of it, as origins have it.
    """

    moments: tuple[Moment, ...]
    numbers: Sequence[int]
    cleared: Mapping[Key, int]


class Step(NamedTuple):
    """A statement of a file that may run twice: its *place* in the *order*."""

    order: Order
    place: int

    @property
    def moment(self) -> Moment:
        """The statement at its place in the run."""
        return self.order.moments[self.place]

    @property
    def number(self) -> int:
        """Which statement of the file it is, counted from 0."""
        return self.order.numbers[self.place]

    @property
    def after(self) -> tuple[Moment, ...]:
        """The moments behind it."""
        return self.order.moments[self.place + 1 :]

    @property
    def is_last(self) -> bool:
        """Whether nothing behind it can fail."""
        return self.place + 1 == len(self.order.moments)

    @property
    def when(self) -> str:
        """Under which condition the file runs again, as the beginning of a message."""
        when = (
            "if the deploy breaks off before this file is recorded" if self.is_last else "when a later statement fails"
        )
        return f"{when}, the next deploy runs this file again from the top and"

    def is_emptied(self, key: Key) -> bool:
        """Whether a statement of the file before this one drops a table, or takes rows of it away."""
        place = self.moment.origin.place
        return self.order.cleared.get(key, place) < place


@dataclass(frozen=True, eq=False, slots=True)
class Harm:
    """What a second run of a statement does to the table under *key*, in words that follow `Step.when`.

    *span* and *fix* are relative to the statement; *lead* is said first, and *severity* is milder than the rule's.
    """

    key: Key
    span: Span
    text: str
    fix: Fix | None = None
    lead: str = ""
    severity: Severity | None = None
    _told: dict[bool, Finding] = field(default_factory=dict)

    def finding(self, rule: str, step: Step) -> Finding:
        """The finding of *rule*, which is the only one that tells of it; relative to the statement."""
        known = self._told.get(step.is_last)
        if known is None:
            message = f"{self.lead}{step.when} {self.text}"
            # A hint where nothing behind the statement can fail.
            severity = self.severity or (Severity.HINT if step.is_last else None)
            known = self._told[step.is_last] = Finding(rule, self.span, message, self.fix, severity=severity)
        return known


def order_of(file: Replayed) -> Order:
    """The statements of a file in order; kept with the file."""
    known: Order | None = file.__dict__.get("_order")
    if known is None:
        moments = tuple(filter(None, file.moments))
        same = len(moments) == len(file.moments)
        numbers = range(len(moments)) if same else [at for at, moment in enumerate(file.moments) if moment is not None]
        cleared: dict[Key, int] = {}
        for _, (keys, place) in file.notebook.noted("cleared", moments, _clearing).pairs():
            for key in keys:
                cleared.setdefault(key, place)
        known = file.__dict__["_order"] = Order(moments, numbers, cleared)
    return known


def steps(snapshot: Snapshot, file: File, wanted: Callable[[Moment], bool]) -> Iterator[Step]:
    """The statements in *file* that may run twice, of those that are *wanted*: a function of the module that asks.

    None where the runner takes back what a failed file did, and none of an initial file: it is not started again once
    the database is no longer empty.
    """
    replayed = snapshot.world.replayed(file.path)
    if replayed is None or not _runs_twice(snapshot, file):
        return
    order = order_of(replayed)

    def note(moment: Moment) -> bool | None:
        return (not moment.objections and wanted(moment)) or None

    for place in replayed.notebook.noted(wanted.__module__, order.moments, note).numbers:
        yield Step(order, place)


def noted(
    rule: str, snapshot: Snapshot, file: File, make: Callable[[Moment], T | None], *kinds: str
) -> Iterator[tuple[Step, T]]:
    """The statements of these kinds in *file* that *rule* has something to say about: what *make* says of them.

    None that the server refuses.
    """
    replayed = snapshot.world.replayed(file.path)
    if replayed is None:
        return

    def note(moment: Moment) -> T | None:
        return make(moment) if moment.statement.kind in kinds and not moment.objections else None

    order = order_of(replayed)
    for place, found in replayed.notebook.noted(rule, order.moments, note).pairs():
        yield Step(order, place), found


def harms(
    rule: str, snapshot: Snapshot, file: File, make: Callable[[Moment], Harm | None], *kinds: str
) -> Iterator[tuple[Step, Harm]]:
    """The statements of these kinds that may run twice and then do harm to rows that the file has not made away with.

    What the runner's own log holds is left out.
    """
    if not _runs_twice(snapshot, file):
        return
    log = snapshot.plan.runner.log
    for step, harm in noted(rule, snapshot, file, make, *kinds):
        if not step.is_emptied(harm.key) and (log is None or harm.key[-1] != log.name):
            yield step, harm


def empties(moment: Moment, key: Key) -> bool:
    """Whether a TRUNCATE or DELETE takes away all rows of a table."""
    delete = moment.statement.tree(DeleteStmt)
    return (delete is None or not delete.where_clause) and key in _cleared(moment)


def _runs_twice(snapshot: Snapshot, file: File) -> bool:
    return not snapshot.plan.runner.opens_transaction and file.name not in snapshot.plan.initial


def _clearing(moment: Moment) -> tuple[tuple[Key, ...], int] | None:
    if moment.statement.kind not in ("DropStmt", "TruncateStmt", "DeleteStmt"):
        return None
    return _cleared(moment), moment.origin.place


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
