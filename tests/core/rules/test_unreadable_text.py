from __future__ import annotations

import pytest

from mig_lsp.core.change import Severity
from mig_lsp.core.check import check_document
from mig_lsp.core.config.model import Config, RunnerConfig
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.text import Span

RULES = {"invalid-encoding", "unreadable-file", "empty-migration", "syntax-error"}


def found(file: File, plan: Plan) -> list[tuple[str, Span, Severity | None, str]]:
    world = Snapshot(plan, {file.path: file})
    return [(f.rule, f.span, f.severity, f.message) for f in check_document(world, file.path) if f.rule in RULES]


PLAN = Plan(directory="m", paths=frozenset({"m/010-x.sql"}))
PSQL = Plan(Config(runner=RunnerConfig(profile="psql")), directory="m", paths=frozenset({"m/010-x.sql"}))


def test_an_unreadable_file_is_one_finding() -> None:
    file = File("m/010-x.sql", "", problem="cannot be read: permission denied")
    message = (
        "010-x.sql cannot be read: permission denied: nothing in it is checked, and a runner that cannot read it "
        "either stops there; make it a readable file, or take it away"
    )
    assert [("unreadable-file", Span(0, 0), Severity.ERROR, message)] == found(file, PLAN)


@pytest.mark.parametrize(
    ("text", "plan", "span", "severity", "message"),
    [
        (
            "-- \ufffd 😀\r\nSELECT '\ufffd';",
            PLAN,
            Span(16, 17),
            Severity.ERROR,
            "010-x.sql is not UTF-8: it has 2 bytes that are no character; the runner turns them into U+FFFD without "
            "a word and wrong text gets into the database; save the file as UTF-8",
        ),
        (
            "SELECT 1; -- \ufffd",
            PLAN,
            Span(13, 14),
            Severity.WARNING,
            "010-x.sql is not UTF-8: it has a byte that is no character; the runner turns them into U+FFFD; here they "
            "stand in comments only; save the file as UTF-8",
        ),
        (
            "SELECT 1; -- \ufffd",
            PSQL,
            Span(13, 14),
            Severity.ERROR,
            "010-x.sql is not UTF-8: it has a byte that is no character; psql sends the bytes as they are and the "
            "server refuses the statement; save the file as UTF-8",
        ),
    ],
)
def test_a_file_that_is_not_utf8(text: str, plan: Plan, span: Span, severity: Severity, message: str) -> None:
    assert [("invalid-encoding", span, severity, message)] == found(
        File("m/010-x.sql", text, problem="is not UTF-8"), plan
    )


def test_a_replacement_character_in_good_utf8_is_the_authors() -> None:
    assert [] == found(File("m/010-x.sql", "SELECT '\ufffd';"), PLAN)


def test_an_empty_file_is_an_empty_migration() -> None:
    assert [("empty-migration", Span(0, 0))] == [finding[:2] for finding in found(File("m/010-x.sql", ""), PLAN)]
