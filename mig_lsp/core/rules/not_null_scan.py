"""SET NOT NULL reads every row of the table while nobody can read or write it, unless a CHECK has proved it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core.catalog.values import Table
from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.impact import Impact, before, impacts, later, long_call
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.text import line_ending

CATEGORY: Category = "lock"
SEVERITY = Severity.INFO

_READ = {"ADD CHECK", "ADD CHECK NOT VALID", "VALIDATE CONSTRAINT", "SET NOT NULL", "ADD NOT NULL"}


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    runner, version = snapshot.plan.runner, snapshot.plan.config.runner.postgres_version
    proofs: dict[tuple[str, str], str] = {}
    proven: set[tuple[str, str]] = set()
    for impact in impacts(snapshot, file, _READ):
        if impact.statement in {"ADD CHECK", "ADD CHECK NOT VALID"} and (column := _proved(impact)):
            proofs[impact.table, impact.effect.item] = column
            if impact.statement == "ADD CHECK":
                proven.add((impact.table, column))
        elif impact.statement == "VALIDATE CONSTRAINT" and (impact.table, impact.effect.item) in proofs:
            proven.add((impact.table, proofs[impact.table, impact.effect.item]))
        elif impact.statement in {"SET NOT NULL", "ADD NOT NULL"}:
            taken = version >= 12 and (impact.table, impact.effect.item) in proven
            if not taken and not _is_known(impact, snapshot, file, version):
                yield _finding(impact, runner, version, file)


_NOT_NULL = re.compile(r'\bCHECK\s*\(+\s*("(?:[^"]|"")+"|[^\W\d][\w$]*)\s+IS\s+NOT\s+NULL\s*\)+', re.I)


def _proved(impact: Impact) -> str | None:
    """The column of a CHECK that says nothing but that it is not null."""
    action = impact.action.shifted(-impact.placed.start)
    match = _NOT_NULL.search(impact.placed.statement.text, *action)
    if match is None:
        return None
    return match[1][1:-1].replace('""', '"') if match[1].startswith('"') else match[1].lower()


def _is_known(impact: Impact, snapshot: Snapshot, file: File, version: int) -> bool:
    """Whether the catalog knows that no row is null: by NOT NULL itself, or by a valid CHECK."""
    table = before(snapshot, file, impact)
    if not isinstance(table, Table):
        return False
    column = table.columns.get(impact.effect.item)
    if column is not None and column.not_null:
        return True
    checks = (each for each in table.constraints.values() if each.kind == "check" and each.valid)
    proof = re.compile(rf'\(*\s*("?){re.escape(impact.effect.item)}\1\s+IS\s+NOT\s+NULL\s*\)*', re.I)
    return version >= 12 and any(proof.fullmatch(each.expression.strip()) for each in checks)


def _finding(impact: Impact, runner: Runner, version: int, file: File) -> Finding:
    column = quoted(impact.effect.item) if impact.effect.item else "the column"
    harm = f"every row of {impact.table} is read while its readers and writers wait{long_call(runner)}"
    if version < 12:
        return Finding("not-null-scan", impact.shown, f"{harm}: run it when nobody uses the table")
    way = (
        f"add CHECK ({column} IS NOT NULL) NOT VALID, {later(runner)} VALIDATE it, for which nobody waits; "
        "SET NOT NULL takes its word for it"
    )
    return Finding("not-null-scan", impact.shown, f"{harm}: {way}", _fix(impact, runner, file))


def _fix(impact: Impact, runner: Runner, file: File) -> Fix | None:
    """The four statements that do it without a wait; more statements than were written are a person's decision."""
    table, column = quoted(*impact.effect.table), quoted(impact.effect.item)
    if runner.opens_transaction or impact.statement != "SET NOT NULL" or not _is_alone(impact):
        return None
    # Since PostgreSQL 18 NOT NULL itself is a constraint, and takes the name table_column_not_null.
    name = quoted(f"{impact.effect.table[-1]}_{impact.effect.item}_present")
    if len(name.encode()) > 63:
        return None
    alter, eol = f"ALTER TABLE {table}", line_ending(file.text)
    statements = (
        f"{alter} DROP CONSTRAINT IF EXISTS {name}",
        f"{alter} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID",
        f"{alter} VALIDATE CONSTRAINT {name}",
        f"{alter} ALTER COLUMN {column} SET NOT NULL",
        f"{alter} DROP CONSTRAINT {name}",
    )
    edit = Edit(impact.placed.span, f";{eol}".join(statements))
    return Fix("Prove it with a CHECK first", (edit,), safe=False)


def _is_alone(impact: Impact) -> bool:
    """Whether the statement has no other action and no comment that would be lost."""
    code = impact.placed.statement.code
    return impact.action.end == impact.placed.span.end and "," not in code and "--" not in code and "/*" not in code
