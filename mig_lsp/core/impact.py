"""What a migration does to tables that were there before it: only there does somebody wait, or miss something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from mig_lsp.core.catalog.values import UNKNOWN, Value, relation_key
from mig_lsp.core.locks.effects import Effect, Name, effects
from mig_lsp.core.migration import is_rollback
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql import commands, nodes
from mig_lsp.core.sql.actions import action_spans
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.parse import decode
from mig_lsp.core.sql.parts import IntoClause, name_of
from mig_lsp.core.sql.statement import Placed, Statement
from mig_lsp.core.text import Span


class Impact(NamedTuple):
    """One effect of one statement on what was there before; *number* is the statement's in the file."""

    effect: Effect
    placed: Placed
    number: int

    @property
    def statement(self) -> str:
        """The name that the table of facts has for it."""
        return self.effect.fact.statement

    @property
    def table(self) -> str:
        """The table's name as SQL writes it, without the schema public."""
        return quoted(*short(self.effect.table))

    @property
    def tables(self) -> str:
        """The names of all tables that writers wait for."""
        others = self.effect.others if self.effect.fact.other.blocks_writes else ()
        return " and ".join(quoted(*short(name)) for name in (self.effect.table, *others))

    @property
    def action(self) -> Span:
        """The stretch of the action of ALTER TABLE in the file, or of the statement."""
        statement, action = self.placed.statement, self.effect.action
        spans: tuple[Span, ...] | None = statement.__dict__.get("_actions") if action is not None else ()
        if spans is None:
            spans = statement.__dict__["_actions"] = action_spans(statement)
        if action is None or action >= len(spans):
            return self.placed.span
        return spans[action].shifted(self.placed.start)

    @property
    def shown(self) -> Span:
        """The first line of the action."""
        start, end = self.action.shifted(-self.placed.start)
        line = self.placed.statement.text.find("\n", start, end)
        if line >= 0:
            end = start + len(self.placed.statement.text[start:line].rstrip())
        return Span(start, end).shifted(self.placed.start)


def impacts(snapshot: Snapshot, file: File, statements: Collection[str]) -> list[Impact]:
    """The effects, of those that *statements* names, on what the file itself did not make; in the order of the file.

    Nothing for a file that runs on an empty database, or that is no migration.
    """
    known: tuple[object, Mapping[str, list[Impact]]] | None = file.__dict__.get("_impacts")
    if known is None or known[0] is not snapshot.plan:
        groups: defaultdict[str, list[Impact]] = defaultdict(list)
        for impact in _impacts(snapshot, file):
            groups[impact.effect.fact.statement].append(impact)
        known = file.__dict__["_impacts"] = snapshot.plan, dict(groups)
    found = [known[1][name] for name in known[1] if name in statements]
    return sorted(chain.from_iterable(found), key=_order) if len(found) > 1 else found[0] if found else []


def before(snapshot: Snapshot, file: File, impact: Impact) -> Value:
    """What the catalog has of the relation that *impact* is about, before the statement; UNKNOWN in a file that never
    runs.
    """
    replayed = snapshot.world.replayed(file.path)
    moment = replayed.moments[impact.number] if replayed else None
    return UNKNOWN if moment is None else moment.before(moment.new(relation_key, impact.effect.table))


def is_empty_before(snapshot: Snapshot, file: File) -> bool:
    """Whether there is nobody who could wait: the file runs on an empty database, or is a rollback."""
    return file.name in snapshot.plan.initial or is_rollback(file.name)


def makes(statement: Statement, name: Name) -> bool:
    """Whether *statement* makes a table, view, index or type of that name, also OR REPLACE, or renames one to it."""
    tree = statement.tree(nodes.ViewStmt)
    made = tree.view.name if tree is not None else _made(statement, {short(_former(statement))})
    return made is not None and short(made) == short(name)


def short(name: Name) -> Name:
    """The name without the schema that every other name is in anyway."""
    return name[1:] if len(name) > 1 and name[0] == "public" else name


def may_build_concurrently(runner: Runner) -> bool:
    """Whether CREATE INDEX CONCURRENTLY can be written where this runner carries it out."""
    refused = any(refusal.pattern.search("CONCURRENTLY") for refusal in runner.refuses)
    return not refused and not runner.opens_transaction


def long_call(runner: Runner) -> str:
    """What becomes of a statement that takes long, as a part of a message; "" where nothing does."""
    return f", and after {runner.limits.seconds} s the call is cancelled" if runner.limits else ""


def later(runner: Runner) -> str:
    """Where the second step has to stand so that it is not carried out under the lock of the first."""
    return {"statement": "then", "file": "then in the next migration", "run": "then in the next deploy"}[
        runner.transaction
    ]


def _order(impact: Impact) -> tuple[int, int]:
    return (impact.number, impact.effect.action or 0)


def _impacts(snapshot: Snapshot, file: File) -> Iterator[Impact]:
    if is_empty_before(snapshot, file):
        return
    version = snapshot.plan.config.runner.postgres_version
    made: set[Name] = set()
    items, ends = file.statements
    for number, step in file.notebook.noted("impacts", items, partial(_read, version), version).pairs():
        for table, effect in step.effects:
            if table not in made:
                yield Impact(effect, Placed(items[number], ends[number - 1] if number else 0), number)
        if step.new is not None and (step.former is None or step.former in made):
            made.add(step.new)


class _Step(NamedTuple):
    """What one statement does by itself: the effects with their tables, and the *new* name, which is that of a new
    thing where *former*, if it has one, was new. Names are without the schema public.
    """

    effects: tuple[tuple[Name, Effect], ...]
    new: Name | None
    former: Name | None


def _read(version: int, statement: Statement) -> _Step | None:
    if statement.blank:
        return None
    found = tuple((short(effect.table), effect) for effect in effects(statement, version))
    former = short(_former(statement))
    new = _made(statement, {former})
    return _Step(found, new, former or None) if found or new is not None else None


def _made(statement: Statement, before: Set[Name]) -> Name | None:
    """The table, view, index or type that is new behind *statement*, where those of *before* were new."""
    known = _MAKES.get(statement.kind)
    if known is None:
        return None
    kind, name = known
    tree = statement.tree(kind)
    found = None if tree is None else name(tree, before)
    return None if found is None else short(found)


def _former(statement: Statement) -> Name:
    """The name of what a renaming is about."""
    tree = statement.tree(nodes.RenameStmt) or statement.tree(nodes.AlterObjectSchemaStmt)
    return tree.relation.name if tree is not None and tree.relation is not None else ()


def _selected_into(tree: commands.SelectStmt, _: Set[Name]) -> Name | None:
    return decode(tree.into_clause, IntoClause).rel.name if tree.into_clause else None


def _view(tree: nodes.ViewStmt, _: Set[Name]) -> Name | None:
    return None if tree.replace else tree.view.name


def _index(tree: nodes.IndexStmt, _: Set[Name]) -> Name | None:
    # An index is in the schema of its table.
    return (*tree.relation.name[:-1], tree.idxname) if tree.idxname else None


def _renamed(tree: nodes.RenameStmt, before: Set[Name]) -> Name | None:
    if tree.relation is None or tree.subname or short(tree.relation.name) not in before:
        return None
    return (*tree.relation.name[:-1], tree.newname)


def _moved(tree: nodes.AlterObjectSchemaStmt, before: Set[Name]) -> Name | None:
    if tree.relation is None or short(tree.relation.name) not in before:
        return None
    return (tree.newschema, tree.relation.relname)


_MAKES: Mapping[str, tuple[type[Any], Callable[[Any, Set[Name]], Name | None]]] = {
    kind.__name__: (kind, name)
    for kind, name in (
        (nodes.CreateStmt, lambda tree, _: tree.relation.name),
        (nodes.CreateTableAsStmt, lambda tree, _: tree.into.rel.name),
        (commands.SelectStmt, _selected_into),
        (nodes.ViewStmt, _view),
        (nodes.IndexStmt, _index),
        (nodes.CreateDomainStmt, lambda tree, _: name_of(tree.domainname)),
        (nodes.CreateEnumStmt, lambda tree, _: name_of(tree.type_name)),
        (nodes.CreateSchemaStmt, lambda tree, _: (tree.schemaname,)),
        (nodes.RenameStmt, _renamed),
        (nodes.AlterObjectSchemaStmt, _moved),
    )
}
