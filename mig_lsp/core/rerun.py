"""What happens when a file stopped in the middle and the next deploy starts it again from its first statement.

A runner without a transaction keeps what the statements before the failure did. A file may stop behind any statement;
it is carried out again for the end of the file, and for each place where something that a later statement takes
away, or makes anew, is as it will not be in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from mig_lsp.core.catalog.moment import Moment, Objection
from mig_lsp.core.catalog.replay import Replayed, carry_out_again
from mig_lsp.core.catalog.values import (
    Key,
    Table,
    relation_key,
)
from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.migration import base_name
from mig_lsp.core.rerun_causes import cause, made, told_by
from mig_lsp.core.rerun_stops import stops
from mig_lsp.core.rerun_types import Converted, converted
from mig_lsp.core.rerun_unlisted import Unlisted, unlisted
from mig_lsp.core.runner import policy
from mig_lsp.core.runner.rerunnable import Around, foreign_keys, guarded
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.nodes import AlterEnumStmt, AlterTableStmt
from mig_lsp.core.sql.parts import Constraint, RangeVar
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span, line_ending

LAST = "make it the last statement, or a migration of its own"
"""The advice where nothing makes a statement safe to run a second time."""


class Again(NamedTuple):
    """A statement (by number) that succeeds at first and is refused when the file runs again after stopping behind
    statement number *stop*; *cause* is the statement of the file that makes the difference, where it is known, and
    *rule* the one that tells of it. *moment* is the statement as it is carried out the second time.
    """

    moment: Moment
    statement: int
    objection: Objection
    stop: int
    cause: int | None
    rule: str

    @property
    def turn(self) -> int | None:
        """Whether the cause stands before (-1) or behind (1) the statement, or is the statement (0)."""
        return None if self.cause is None else (self.cause > self.statement) - (self.cause < self.statement)


class Copy(NamedTuple):
    """A statement (by number) that makes a *what* at each run, under another name, because it does not give it one.

    *first* and *second* are the keys of what the first two runs make.
    """

    statement: int
    what: str
    first: Key
    second: Key
    span: Span


@dataclass(frozen=True, eq=False)
class SecondRun:
    """What a second run of a file comes to."""

    refused: tuple[Again, ...] = ()
    copies: tuple[Copy, ...] = ()
    converted: tuple[Converted, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()

    @cached_property
    def by_rule(self) -> Mapping[str, list[Again]]:
        """The refused statements under the rule that tells of them."""
        found: dict[str, list[Again]] = {}
        for again in self.refused:
            found.setdefault(again.rule, []).append(again)
        return found


class Guard(NamedTuple):
    """What to do about a statement that cannot run again, in words, and the edits that do it."""

    advice: str
    fix: Fix | None


def second_run(snapshot: Snapshot, file: File) -> SecondRun:
    """The statements of *file* that the server refuses when the file runs again, and those that make a second copy of
    something, or convert values that they have converted; each only once.

    Nothing where the runner takes back what a failed file did, and nothing that the runner takes for success.
    """
    replayed = None if snapshot.plan.runner.opens_transaction else snapshot.world.replayed(file.path)
    if replayed is None:
        return SecondRun()
    known: SecondRun | None = replayed.__dict__.get("_again")
    if known is None:
        known = replayed.__dict__["_again"] = _second_run(snapshot, replayed) if replayed.moments else SecondRun()
    return known


def told(
    rule: str, snapshot: Snapshot, file: File, say: Callable[[Again], tuple[str, Guard]]
) -> Iterator[tuple[int, Finding]]:
    """The findings of *rule* about refused statements of *file*; whatever is refused, one rule tells of it.

    *say* gives what the server says then, in words, and what to do about it. Where only a stop behind the last
    statement does harm, little can fail: then it is a hint.
    """
    replayed, refused = snapshot.world.replayed(file.path), second_run(snapshot, file).by_rule.get(rule)
    if replayed is None or not refused:
        return
    last, eol, moments = _last(file), line_ending(file.text), replayed.moments
    for again in refused:
        number, seen = again.statement, _seen(again.moment, snapshot.plan)
        until = max(number, again.cause or 0)
        about = (again.objection, again.turn, moments[number], until >= last, eol, _keys_behind(file, number))
        if seen.told is None or seen.told.about != about:
            why, guard = say(again)
            found = _finding(rule, file, until, again.objection.span, f"stops here: {why}", guard)
            seen.told = _Told(about, found)
        yield number, seen.told.finding


class _Told(NamedTuple):
    """What a rule told of a refused statement, and all that it went by."""

    about: tuple[object, ...]
    finding: Finding


def guard(snapshot: Snapshot, file: File, number: int, names: tuple[str, ...] = ()) -> Guard:
    """How statement *number* is made so that it may run again; *names* are those that PostgreSQL chooses in it."""
    statements = file.statements.items
    runner, version = snapshot.plan.runner, snapshot.plan.config.runner.postgres_version
    keys = _keys_behind(file, number)
    statement = statements[number]
    found = guarded(statement, Around(runner, version, keys, names=names))
    if found.problem is not None or not (found.edits or found.before):
        return Guard(found.remedy or LAST, None)
    if not found.before:
        words = found.edits[0].text
        return Guard(f"add{words}", Fix(f"Add{words}", found.edits))
    eol, start = line_ending(file.text), statement.span.start
    first = Edit(Span(start, start), "".join(f"{sql};{eol}" for sql in found.before))
    title = f"Put {found.before[0].partition(' IF EXISTS')[0]} in front"
    advice = f"put {found.before[-1]} in front of it"
    return Guard(f"{advice}, and give it this name" if names else advice, Fix(title, (first, *found.edits)))


def _keys_behind(file: File, number: int) -> tuple[tuple[RangeVar, Constraint], ...]:
    """The foreign keys that the file adds by name behind statement *number*, where they may be in its way."""
    if file.statements.items[number].kind != "AlterTableStmt":
        return ()
    noted = file.notebook.noted("foreign-keys", file.statements.items, _keys_of)
    return tuple(key for at, keys in noted.pairs() if at > number for key in keys)


def _keys_of(statement: Statement) -> tuple[tuple[RangeVar, Constraint], ...] | None:
    return tuple(foreign_keys(statement)) or None


def own_names(snapshot: Snapshot, file: File, number: int) -> tuple[str, ...]:
    """The names that PostgreSQL chooses for what the statement itself leaves without one; () where that is not told."""
    replayed = snapshot.world.replayed(file.path)
    moment = replayed.moments[number] if replayed is not None else None
    tree = moment.statement.tree(AlterTableStmt) if moment is not None else None
    names = [key[-1] for _, key in made(moment)] if moment is not None else []
    if tree is None:
        return tuple(names)
    added = [node.alter_table_cmd for node in tree.cmds if node.alter_table_cmd is not None]
    if any(action.subtype == "AT_AddColumn" for action in added):
        return ()  # its constraints have names of the same kind
    given = {action.def_.constraint.conname for action in added if action.def_ and action.def_.constraint}
    return tuple(name for name in names if name not in given)


def copied(rule: str, snapshot: Snapshot, file: File, what: str) -> Iterator[tuple[int, Finding]]:
    """The findings of *rule* about second copies of a *what*; they do no harm but cost, so they are mild."""
    for copy in second_run(snapshot, file).copies:
        if copy.what != what:
            continue
        name = copy.first[-1]
        harm = f"makes a second {copy.what} like {name} under the name {copy.second[-1]}"
        names = own_names(snapshot, file, copy.statement)
        safe = guard(snapshot, file, copy.statement, names)
        if safe.fix is None:
            safe = Guard(f"give it a name and drop that first, with IF EXISTS: {name} is the one it has now", None)
        found = _finding(rule, file, copy.statement, copy.span, harm, safe)
        yield copy.statement, found._replace(severity=found.severity or Severity.INFO)


def makes(rule: str, snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    """The findings of *rule* about what the catalog does not list, and can be made only once."""
    for each in second_run(snapshot, file).unlisted:
        what = f"stops here: the {each.what} already exists"
        safe = Guard(f"put DROP {each.what.upper()} IF EXISTS in front of it", None)
        yield each.statement, _finding(rule, file, each.statement, each.moment.statement.word(), what, safe)


def converts(rule: str, snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    """The findings of *rule* about columns whose values are converted once more."""
    for each in second_run(snapshot, file).converted:
        harm = f"converts {quoted(each.column)} once more{each.why}: it stops there, or changes the values again"
        yield each.statement, _finding(rule, file, each.statement, each.span, harm, Guard(LAST, None))


def _last(file: File) -> int:
    """The number of the last statement that is not blank."""
    statements = file.statements.items
    return next((number for number in range(len(statements) - 1, -1, -1) if not statements[number].blank), -1)


def _finding(rule: str, file: File, until: int, span: Span, what: str, guard: Guard) -> Finding:
    last = until >= _last(file)
    when = "if the deploy breaks off before this file is recorded" if last else "when a later statement fails"
    message = f"{when}, the next deploy runs this file again from the top and {what}; {guard.advice}"
    return Finding(rule, span, message, guard.fix, severity=Severity.HINT if last else None)


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


# --- A second run ---


def _second_run(snapshot: Snapshot, file: Replayed) -> SecondRun:
    again: dict[int, list[Again]] = {}
    copies: list[Copy] = []
    types: list[Converted] = []
    end = len(file.moments) - 1
    ends = stops(file)
    for stop, moments in zip(ends, carry_out_again(file, snapshot.world.setting, ends), strict=True):
        pairs = enumerate(zip(file.moments, moments, strict=False))
        for number, first, second in [(number, one, two) for number, (one, two) in pairs if one is not two]:
            if first is None or second is None or first.objections:
                continue
            if not second.objections:
                if stop == end and second.found is not first:
                    twice = len(copies) + len(types)
                    copies += _copies(number, first, second)
                    types += converted(number, first, second)
                    if len(copies) + len(types) == twice:
                        second.found = first  # nothing is to be told of these two
                continue
            seen = _seen(second, snapshot.plan)
            if not seen.refused:
                continue
            if seen.at is None or seen.at[0] is not file.places or seen.at[1] != stop:
                seen.again = [_refusal(file, second, number, objection, stop) for objection in seen.refused]
                # Where the catalog tells who is to blame, that stays so until statements come or go.
                tells = all(told_by(second, objection) is not None for objection in seen.refused)
                seen.at = (file.places, stop) if tells else None
            found = seen.again
            if number in again or len(found) > 1:
                found = [min([*again.get(number, ()), *found], key=_turn)]
            again[number] = found
    return SecondRun(tuple([each for (each,) in again.values()]), tuple(copies), tuple(types), tuple(unlisted(file)))


@dataclass(eq=False, slots=True)
class _Seen:
    """What was worked out about a statement that is refused the second time, kept with its moment."""

    refused: tuple[Objection, ...]
    at: tuple[Sequence[int], int] | None = None
    again: list[Again] = field(default_factory=list)
    told: _Told | None = None


def _seen(moment: Moment, plan: Plan) -> _Seen:
    if not isinstance(moment.found, _Seen):
        moment.found = _Seen(tuple(refused(moment, plan)))
    return moment.found


def _refusal(file: Replayed, moment: Moment, number: int, objection: Objection, stop: int) -> Again:
    by = cause(file, moment, objection, number, stop)
    return Again(moment, number, objection, stop, by, _rule(moment, objection, is_own=by == number))


def _turn(again: Again) -> int:
    """From which statement on it is refused: what is told is what can happen first."""
    return again.stop if again.cause is None else again.cause


def _rule(moment: Moment, objection: Objection, *, is_own: bool) -> str:
    """The rule that tells of a refused statement; *is_own* tells that it is to blame itself."""
    reason = objection.reason
    if reason == "dependent":
        return "unguarded-drop"
    if reason == "exists":
        if _renames(moment):
            return "unguarded-rename"
        return "unguarded-constraint" if objection.what == "constraint" else "unguarded-create"
    if not is_own:
        return "reads-what-it-drops"
    if reason == "missing":
        return "unguarded-rename" if _renames(moment) else "unguarded-drop"
    # What is left is no longer possible for what the statement itself has done.
    actions = _actions(moment)
    if "AT_AddConstraint" in actions and objection.what == "constraint":
        return "unguarded-constraint"
    if actions & _MAKING:
        return "unguarded-create"
    return "unguarded-drop" if actions & _TAKING else "reads-what-it-drops"


_MAKING = frozenset(("AT_AddIdentity", "AT_AttachPartition", "AT_AddInherit"))
_TAKING = frozenset(("AT_DropIdentity", "AT_DropExpression", "AT_DetachPartition", "AT_DropInherit"))


def _actions(moment: Moment) -> frozenset[str]:
    """What an ALTER TABLE does, as the grammar calls it."""
    tree = moment.statement.tree(AlterTableStmt)
    actions = (node.alter_table_cmd for node in tree.cmds) if tree is not None else ()
    return frozenset(action.subtype for action in actions if action is not None)


def _renames(moment: Moment) -> bool:
    statement = moment.statement
    enum = statement.tree(AlterEnumStmt)
    return statement.kind in ("RenameStmt", "AlterObjectSchemaStmt") or (enum is not None and bool(enum.old_val))


def _copies(number: int, first: Moment, second: Moment) -> Iterator[Copy]:
    """What a second run makes beside what the first one made, under a name that was chosen anew; one of each kind."""
    if second.writes.keys() == first.writes.keys() and second.statement.kind != "AlterTableStmt":
        return
    once, twice = [*made(first)], [*made(second)]
    new = [each for each in twice if each not in once]
    old = [each for each in once if each not in twice]
    for (what, key), (other, before) in zip(new, old, strict=False):
        if what == other:
            yield Copy(number, what, before, key, first.span((key[2],) if what == "constraint" else ()))
            return
