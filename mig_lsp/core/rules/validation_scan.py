"""A constraint that is checked against every row while the table's users wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.impact import Impact, impacts, later, long_call
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.text import Span, line_ending

CATEGORY: Category = "lock"
SEVERITY = Severity.INFO

_ADDED = {"ADD CHECK", "ADD FOREIGN KEY"}
_WITH_COLUMN = {"ADD COLUMN with CHECK", "ADD COLUMN with REFERENCES and a default"}
_OF_DOMAIN = {"ALTER DOMAIN ADD CONSTRAINT", "ALTER DOMAIN SET NOT NULL", "ALTER DOMAIN VALIDATE CONSTRAINT"}
_LATER = {"ADD CHECK NOT VALID", "ADD FOREIGN KEY NOT VALID", "VALIDATE CONSTRAINT"}
_READ = _ADDED | _WITH_COLUMN | _OF_DOMAIN | _LATER


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    runner = snapshot.plan.runner
    found = impacts(snapshot, file, _READ)
    added = Counter(impact.number for impact in found if impact.statement in _ADDED)
    unproven: set[tuple[str, str]] = set()
    for impact in found:
        if impact.statement in _ADDED:
            alone = added[impact.number] == 1 and not runner.opens_transaction
            yield _added(impact, runner, _fix(file, impact) if alone else None)
        elif impact.statement in _WITH_COLUMN:
            yield _with_column(impact, runner)
        elif impact.statement in _OF_DOMAIN:
            yield _of_domain(impact, runner)
        elif impact.statement.endswith("NOT VALID"):
            unproven.add((impact.table, impact.effect.item))
        elif (
            impact.statement == "VALIDATE CONSTRAINT"
            and runner.opens_transaction
            and (impact.table, impact.effect.item) in unproven
        ):
            yield _under_lock(impact, runner)


def _added(impact: Impact, runner: Runner, fix: Fix | None) -> Finding:
    name = quoted(impact.effect.item) if impact.effect.item else ""
    how = "NOT VALID" if name else "NOT VALID and with a name"
    way = f"add it {how}, {later(runner)} {f'VALIDATE CONSTRAINT {name}'.rstrip()}, for which nobody waits"
    return Finding("validation-scan", impact.shown, f"{_harm(impact)}{long_call(runner)}: {way}", fix)


def _harm(impact: Impact) -> str:
    who = "its readers and writers" if impact.effect.fact.mode.blocks_reads else f"the writers of {impact.tables}"
    return f"every row of {impact.table} is checked while {who} wait"


def _with_column(impact: Impact, runner: Runner) -> Finding:
    way = f"add the column alone, then the constraint with a name and NOT VALID, {later(runner)} VALIDATE it"
    return Finding("validation-scan", impact.shown, f"{_harm(impact)}{long_call(runner)}: {way}")


def _of_domain(impact: Impact, runner: Runner) -> Finding:
    harm = f"every table with a column of {impact.table} is read while its writers wait{long_call(runner)}"
    way = "run it when few people write, or check the values in the tables' own constraints"
    return Finding("validation-scan", impact.shown, f"{harm}: {way}")


def _under_lock(impact: Impact, runner: Runner) -> Finding:
    where = "in the next migration" if runner.transaction == "file" else "in the next deploy"
    message = (
        f"every row of {impact.table} is checked while the lock of the statement that added "
        f"{quoted(impact.effect.item)} is still held, because both are in one transaction: validate it {where}"
    )
    return Finding("validation-scan", impact.shown, message)


def _fix(file: File, impact: Impact) -> Fix | None:
    """Adds the constraint NOT VALID and validates it in a statement of its own; for a person to decide, so unsafe."""
    if not impact.effect.item:
        return None
    end = impact.placed.span.end
    table = quoted(*impact.effect.table)
    validate = f";{line_ending(file.text)}ALTER TABLE {table} VALIDATE CONSTRAINT {quoted(impact.effect.item)}"
    edits = (Edit(Span(impact.action.end, impact.action.end), " NOT VALID"), Edit(Span(end, end), validate))
    return Fix("Add the constraint NOT VALID, then validate it", edits, safe=False)
