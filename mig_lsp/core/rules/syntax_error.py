"""SQL that PostgreSQL's parser refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.config.model import rule_severity
from mig_lsp.core.rules import Category
from mig_lsp.core.runner import lambda_lines
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.sql.client import client_part
from mig_lsp.core.sql.dialect import foreign
from mig_lsp.core.sql.parse import Fault, parse
from mig_lsp.core.sql.statement import Statement

CATEGORY: Category = "syntax"
SEVERITY = Severity.ERROR

_NAMED = re.compile(r":[A-Za-z_]")
_PSQL_VARIABLE = re.compile(r":(?:[A-Za-z_]|['\"{])")


def check_statement(statement: Statement, plan: Plan) -> Iterator[Finding]:
    if plan.runner.client_commands:
        return  # psql itself says where a statement ends: its chunks are checked
    client = client_part(statement.text)
    if client.sql == 0:
        yield from _check(statement, plan)
        return
    for finding in _check(Statement(statement.text[client.sql :]), plan):
        yield finding.shifted(client.sql)


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    runner = snapshot.plan.runner
    if not runner.client_commands:
        return
    for chunk, at in file.chunks(runner).placed():
        for statement, start in chunk.statements.placed():
            for finding in _check(statement, snapshot.plan):
                yield finding.shifted(at + chunk.source(start))


def _check(statement: Statement, plan: Plan) -> Iterator[Finding]:
    fault = statement.fault
    if fault is None or _said_by_another_rule(statement, fault, plan) or _mended(statement, plan.runner):
        return
    from mig_lsp.core.sql.hints.explain import explain  # most SQL is good, and needs no explanation

    start = statement.span.start
    found = explain(statement.code, Fault(fault.message, fault.offset - start))
    fix = None
    if found.edits:
        edits = tuple(Edit(edit.span.shifted(start), edit.text) for edit in found.edits)
        fix = Fix(found.title, edits, found.safe)
    yield Finding("syntax-error", found.span.shifted(start), found.message, fix)


def _mended(statement: Statement, runner: Runner) -> bool:
    """Whether the runner trims or drops just what PostgreSQL does not take, a no-break space before a line, say."""
    if runner.splitter != "lambda-lines":
        return False
    sent = lambda_lines.sent(statement.text)
    return len(sent) < len(statement.text) and parse(sent).fault is None


def _said_by_another_rule(statement: Statement, fault: Fault, plan: Plan) -> bool:
    """Whether client-command, bind-parameter or foreign-dialect says what is wrong here, or psql makes it right."""
    if _belongs_to_client(statement.text, fault.offset, plan.runner):
        return True
    return rule_severity(plan.config, "foreign-dialect", Severity.ERROR) is not None and foreign(statement) is not None


def _belongs_to_client(text: str, offset: int, runner: Runner) -> bool:
    if text.startswith("\\", offset):
        return True
    variable = _PSQL_VARIABLE if runner.client_commands else _NAMED if runner.named_parameters else None
    return variable is not None and variable.match(text, offset) is not None
