"""Runs the rules over a set: which findings each document has, suppressed ones left out, in the order of the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from mig_lsp.core import suppression
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.change import Finding, Fix, Placed, Severity
from mig_lsp.core.config.model import rule_severity
from mig_lsp.core.delivery import deliver
from mig_lsp.core.noted import Noted
from mig_lsp.core.rules import Rule, all_rules, by_name
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.suppression import Suppression

Tick = Callable[[], None]
T = TypeVar("T")
Findings = tuple[Finding, ...]
UNKNOWN_SUPPRESSION, UNUSED_SUPPRESSION = "unknown-suppression", "unused-suppression"


def no_tick() -> None:
    """The tick of work that nobody cancels."""


def documents(snapshot: Snapshot) -> tuple[str, ...]:
    """The paths that may have findings: migrations, manifest, configuration, and what else a rule of the set names."""
    return tuple(sorted({*snapshot.files, *snapshot.documents, *_set_findings(snapshot)}))


def check_document(snapshot: Snapshot, path: str, tick: Tick = no_tick) -> tuple[Finding, ...]:
    """The findings of one document of the set, in the order of its text; see `judge`."""
    return tuple([each.shown for each in judge(snapshot, path, tick)])


def judge(snapshot: Snapshot, path: str, tick: Tick = no_tick) -> list[Placed]:
    """The findings of one document of the set, in the order of its text.

    After an edit, what is relative to a statement that it left alone is the very same finding. *tick* is called often
    and may raise to stop the work. A rule that fails is a defect of this project: its exception passes through.
    """
    file = snapshot.files.get(path)
    if file is None:
        return _sorted(snapshot, path, ())
    snapshot.carry_out(tick)
    own = [*_text_findings(snapshot, file, tick), *_run_findings(snapshot, file, tick)]
    # Text in another encoding, UTF-16 for one, reads as rubbish: whatever else is found in it is an echo of that.
    if file.problem is not None and "\0" in file.text:
        own = [each for each in own if each.finding.rule == "invalid-encoding"]
    return _sorted(snapshot, path, own)


def glance(snapshot: Snapshot, path: str, tick: Tick = no_tick) -> list[Placed]:
    """Those of the findings that need not wait until the whole set is carried out."""
    file = snapshot.files.get(path)
    own = _text_findings(snapshot, file, tick) if file is not None and file.problem is None else ()
    # Whether a comment silences anything is not known yet.
    return [each for each in _sorted(snapshot, path, own) if each.finding.rule != UNUSED_SUPPRESSION]


def _sorted(snapshot: Snapshot, path: str, own: Sequence[Placed]) -> list[Placed]:
    found = [*(Placed(0, finding) for finding in _set_findings(snapshot).get(path, ())), *own]
    document = snapshot.file(path)
    if document is not None:
        found = [*_unsuppressed(snapshot, document, found)]
    found.sort(key=_order)
    return found


@dataclass(frozen=True, eq=False)
class _Active:
    """The rules that are on, with their severities, and apart by what they check."""

    severities: Mapping[str, Severity]
    configured: frozenset[str]
    statement: tuple[Rule, ...]
    moment: tuple[Rule, ...]
    chunk: tuple[Rule, ...]
    run: tuple[Rule, ...]
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
            tuple(rule for rule in on if rule.check_run),
            tuple(rule for rule in on if rule.check_file),
            tuple(rule for rule in on if rule.check_set),
        )
    return found


def _text_findings(snapshot: Snapshot, file: File, tick: Tick) -> list[Placed]:
    """What is found in the statements and chunks of a file by themselves."""
    plan, active = snapshot.plan, _active(snapshot.plan)
    statements, ends = file.statements
    found: list[Placed] = []

    # What is known of an item is kept with it, too, so that work that was stopped is not begun anew.
    def note(item: Statement | Chunk) -> Findings | None:
        known: _Known | None = item.__dict__.get("_findings")
        if known is None or known.active is not active:
            tick()
            known = item.__dict__["_findings"] = _known(_own(item, plan, active), active)
        return known.found or None

    _place(found, file.notebook.noted("statements", statements, note, active), (0, *ends))
    delivery = deliver(file, plan.runner)
    _place(found, file.notebook.noted("chunks", delivery.whole, note, active), delivery.starts)
    return found


def _run_findings(snapshot: Snapshot, file: File, tick: Tick) -> list[Placed]:
    """What is found in a file in its place among the others."""
    plan, active = snapshot.plan, _active(snapshot.plan)
    starts = (0, *file.statements.ends)
    found: list[Placed] = []

    def note_moment(moment: Moment | None) -> Findings | None:
        if moment is None:
            return None
        known = moment.found
        if not isinstance(known, _Known) or known.active is not active:
            tick()
            known = moment.found = _known(_at(moment, plan, active), active)
        return known.found or None

    replayed = snapshot.world.replayed(file.path) if active.moment else None
    if replayed is not None:
        _place(found, replayed.notebook.noted("moments", replayed.moments, note_moment, active), starts)
    known: dict[int, tuple[Finding, Finding]] = file.notebook.kept.get(__name__, {})
    judged: dict[int, tuple[Finding, Finding]] = {}
    file.notebook.kept[__name__] = judged
    for rule in active.run:
        tick()
        assert rule.check_run is not None
        for number, finding in rule.check_run(snapshot, file):
            pair = known.get(id(finding))
            if pair is None or pair[0] is not finding:
                pair = finding, _with_severity(finding, active)
            judged[id(finding)] = pair
            found.append(Placed(starts[number], pair[1]))
    for rule in active.file:
        tick()
        assert rule.check_file is not None
        found += [Placed(0, _with_severity(finding, active)) for finding in rule.check_file(snapshot, file)]
    return found


class _Known(NamedTuple):
    """What the *active* rules found in one item, relative to it."""

    active: _Active
    found: Findings


def _known(findings: Iterator[Finding], active: _Active) -> _Known:
    return _Known(active, tuple([_with_severity(finding, active) for finding in findings]))


def _place(found: list[Placed], noted: Noted[T, Findings], starts: Sequence[int]) -> None:
    for number, findings in noted.pairs():
        start = starts[number]
        found += [Placed(start, finding) for finding in findings]


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


def _unsuppressed(snapshot: Snapshot, file: File, found: Iterable[Placed]) -> Iterator[Placed]:
    """The findings that no comment silences, and those about the comments themselves."""
    comments = suppression.read(file.lines)
    if not comments:
        yield from found
        return
    used: set[Suppression] = set()
    for placed in found:
        silencing = [comment for comment in comments if _silences(comment, file, placed)]
        if not silencing:
            yield placed
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
            yield Placed(0, Finding(rule, comment.span, message, fix, severity=severities[rule]))


def _silences(comment: Suppression, file: File, placed: Placed) -> bool:
    if comment.rule != placed.finding.rule:
        return False
    return comment.lines is None or file.lines.line_at(placed.start + placed.finding.span.start) in comment.lines


def _unknown(rule: str) -> str:
    import difflib

    near = difflib.get_close_matches(rule, by_name(), 1)
    hint = f"did you mean {near[0]}?" if near else "`mig-lsp rules` lists them all"
    return f"there is no rule named {rule}, so this comment silences nothing: {hint}"


def _order(placed: Placed) -> tuple[int, int, str, str]:
    start, finding = placed
    return (start + finding.span[0], start + finding.span[1], finding.rule, finding.message)
