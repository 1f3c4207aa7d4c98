"""Runs the rules over a set: which findings each document has, suppressed ones left out, in the order of the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from mig_lsp.core import suppression
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.change import Finding, Fix, Severity
from mig_lsp.core.config.model import rule_severity
from mig_lsp.core.delivery import deliver
from mig_lsp.core.rules import Rule, all_rules, by_name
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.suppression import Suppression

Tick = Callable[[], None]
UNKNOWN_SUPPRESSION, UNUSED_SUPPRESSION = "unknown-suppression", "unused-suppression"


def no_tick() -> None:
    """The tick of work that nobody cancels."""


def documents(snapshot: Snapshot) -> tuple[str, ...]:
    """The paths that may have findings: migrations, manifest, configuration, and what else a rule of the set names."""
    return tuple(sorted({*snapshot.files, *snapshot.documents, *_set_findings(snapshot)}))


def check_document(snapshot: Snapshot, path: str, tick: Tick = no_tick) -> tuple[Finding, ...]:
    """The findings of one document of the set, in the order of its text.

    *tick* is called often and may raise to stop the work. A rule that fails is a defect of this project: its exception
    passes through.
    """
    found = [*_set_findings(snapshot).get(path, ())]
    file = snapshot.files.get(path)
    if file is not None:
        own = _file_findings(snapshot, file, tick)
        # Text in another encoding, UTF-16 for one, reads as rubbish: whatever else is found in it is an echo of that.
        if file.problem is not None and "\0" in file.text:
            own = [each for each in own if each.rule == "invalid-encoding"]
        found += own
    document = file or snapshot.documents.get(path)
    if document is not None:
        found = [*_unsuppressed(snapshot, document, found)]
    return tuple(sorted(found, key=_order))


@dataclass(frozen=True, eq=False)
class _Active:
    """The rules that are on, with their severities, and apart by what they check."""

    severities: Mapping[str, Severity]
    configured: frozenset[str]
    statement: tuple[Rule, ...]
    moment: tuple[Rule, ...]
    chunk: tuple[Rule, ...]
    file: tuple[Rule, ...]
    set: tuple[Rule, ...]


def _active(plan: Plan) -> _Active:
    found: _Active | None = plan.__dict__.get("_active")
    if found is None:
        severities = {
            rule.name: severity
            for rule in all_rules()
            if (severity := rule_severity(plan.config, rule.name, rule.default)) is not None
        }
        on = [rule for rule in all_rules() if rule.name in severities]
        found = plan.__dict__["_active"] = _Active(
            severities,
            frozenset(plan.config.rules),
            tuple(rule for rule in on if rule.check_statement),
            tuple(rule for rule in on if rule.check_moment),
            tuple(rule for rule in on if rule.check_chunk),
            tuple(rule for rule in on if rule.check_file),
            tuple(rule for rule in on if rule.check_set),
        )
    return found


def _file_findings(snapshot: Snapshot, file: File, tick: Tick) -> list[Finding]:
    plan, active = snapshot.plan, _active(snapshot.plan)
    statements, ends = file.statements
    found: list[Finding] = []
    items: Iterable[tuple[Statement | Chunk, int]] = zip(statements, (0, *ends), strict=False)
    for item, start in chain(items, deliver(file, plan.runner).whole):
        known: _Known | None = item.__dict__.get("_findings")
        if known is None or known.active is not active:
            tick()
            known = item.__dict__["_findings"] = _known(_own(item, plan, active), active)
        if known.found:
            if known.start != start:
                known = item.__dict__["_findings"] = known.moved(start)
            found += known.placed
    replayed = snapshot.world.replayed(file.path) if active.moment else None
    for moment, start in zip(replayed.moments if replayed else (), (0, *ends), strict=False):
        if moment is None:
            continue
        if not isinstance(moment.found, _Known) or moment.found.active is not active:
            tick()
            moment.found = _known(_at(moment, plan, active), active)
        if moment.found.found:
            if moment.found.start != start:
                moment.found = moment.found.moved(start)
            found += moment.found.placed
    for rule in active.file:
        tick()
        assert rule.check_file is not None
        found += [_with_severity(finding, active) for finding in rule.check_file(snapshot, file)]
    return found


class _Known(NamedTuple):
    """What the *active* rules found in one item, kept with it: relative to the item, and *placed* at its *start*."""

    active: _Active
    found: tuple[Finding, ...]
    start: int
    placed: tuple[Finding, ...]

    def moved(self, start: int) -> _Known:
        """The same, placed at another start."""
        return self._replace(start=start, placed=tuple([finding.shifted(start) for finding in self.found]))


def _known(findings: Iterator[Finding], active: _Active) -> _Known:
    found = tuple([_with_severity(finding, active) for finding in findings])
    return _Known(active, found, 0, found)


def _at(moment: Moment, plan: Plan, active: _Active) -> Iterator[Finding]:
    for rule in active.moment:
        assert rule.check_moment is not None
        yield from rule.check_moment(moment, plan)


def _own(item: Statement | Chunk, plan: Plan, active: _Active) -> Iterator[Finding]:
    if isinstance(item, Statement):
        if item.blank:
            return
        for rule in active.statement:
            assert rule.check_statement is not None
            yield from rule.check_statement(item, plan)
    else:
        for rule in active.chunk:
            assert rule.check_chunk is not None
            yield from rule.check_chunk(item, plan)


def _set_findings(snapshot: Snapshot) -> Mapping[str, list[Finding]]:
    """The findings of the rules over the whole set; no text of a migration goes in, so edits leave them in place."""
    key = (snapshot.plan, snapshot.ledgers, snapshot.branches)
    known: tuple[object, Mapping[str, list[Finding]]] | None = snapshot.plan.__dict__.get("_set_findings")
    if known is None or known[0] != key:
        active = _active(snapshot.plan)
        found: defaultdict[str, list[Finding]] = defaultdict(list)
        for rule in active.set:
            assert rule.check_set is not None
            for path, finding in rule.check_set(snapshot):
                found[path].append(_with_severity(finding, active))
        known = snapshot.plan.__dict__["_set_findings"] = (key, found)
    return known[1]


def _with_severity(finding: Finding, active: _Active) -> Finding:
    # A rule may set a milder severity for one of its findings; a configured severity wins over both.
    if finding.severity and finding.rule not in active.configured:
        return finding
    return finding._replace(severity=active.severities[finding.rule])


def _unsuppressed(snapshot: Snapshot, file: File, found: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that no comment silences, and those about the comments themselves."""
    comments = suppression.read(file.lines)
    if not comments:
        yield from found
        return
    used: set[Suppression] = set()
    for finding in found:
        silencing = [comment for comment in comments if _silences(comment, file, finding)]
        if not silencing:
            yield finding
        used.update(silencing)
    severities = _active(snapshot.plan).severities
    for comment in comments:
        if comment.rule not in by_name():
            rule, message = UNKNOWN_SUPPRESSION, _unknown(comment.rule)
        elif comment not in used:
            rule, message = UNUSED_SUPPRESSION, f"nothing here is found by {comment.rule}: remove this comment"
        else:
            continue
        if rule in severities:
            fix = Fix("Remove what silences nothing", (suppression.removal(file.lines, comments, comment),))
            yield Finding(rule, comment.span, message, fix, severity=severities[rule])


def _silences(comment: Suppression, file: File, finding: Finding) -> bool:
    if comment.rule != finding.rule:
        return False
    return comment.lines is None or file.lines.line_at(finding.span.start) in comment.lines


def _unknown(rule: str) -> str:
    import difflib

    near = difflib.get_close_matches(rule, by_name(), 1)
    hint = f"did you mean {near[0]}?" if near else "`mig-lsp rules` lists them all"
    return f"there is no rule named {rule}, so this comment silences nothing: {hint}"


def _order(finding: Finding) -> tuple[int, int, str, str]:
    return (finding.span.start, finding.span.end, finding.rule, finding.message)
