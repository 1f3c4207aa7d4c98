from __future__ import annotations

import pytest

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.settled import is_frozen, is_settled
from mig_lsp.core.text import Span
from tests.support.workspace import snapshot

ERROR, HINT = Severity.ERROR, Severity.HINT
HEAD = "description,status\n"
APPLIED, FAILED = HEAD + "010-a.sql,completed\n", HEAD + "010-a.sql,failed\n"
NOT_YET = HEAD + "009-z.sql,completed\n"


@pytest.mark.parametrize(
    ("config", "logs", "merged", "error", "hint", "frozen"),
    [
        ("", [], False, False, False, False),
        ("", [], True, False, True, True),
        ("[migrations]\nbaseline = 10\n", [], False, True, True, True),
        ("[migrations]\nbaseline = 9\n", [], False, False, False, False),
        ('[migrations]\nimmutable = ["010"]\n', [], False, False, False, True),
        ("", [APPLIED], False, False, True, True),
        ('[migrations]\nsettled = "show"\n', [APPLIED], True, False, False, True),
        ("", [APPLIED, NOT_YET], False, False, False, True),
        ("", [APPLIED, APPLIED], False, False, True, True),
        ("", [FAILED], False, False, False, False),
    ],
)
def test_which_findings_and_files_are_settled(
    config: str, logs: list[str], merged: bool, error: bool, hint: bool, frozen: bool
) -> None:
    path = "migrations/010-a.sql"
    texts = {path: "SELECT 1;\n", "mig-lsp.toml": config}
    world = snapshot({**texts, **{f"env{number}.log.csv": text for number, text in enumerate(logs)}})
    there = {path} if merged else set()
    found = [Finding("missing-header", Span(0, 0), "", severity=severity) for severity in (ERROR, HINT)]
    assert [is_settled(world, path, each, there) for each in found] == [error, hint]
    assert is_frozen(world, path, there) is frozen


def test_what_is_about_the_set_is_never_settled() -> None:
    path = "migrations/010-a.sql"
    world = snapshot({path: "SELECT 1;\n", "mig-lsp.toml": "[migrations]\nbaseline = 10\n"})
    unregistered = Finding("unregistered-migration", Span(0, 0), "", severity=HINT)
    elsewhere = Finding("missing-header", Span(0, 0), "", severity=HINT)
    assert not is_settled(world, path, unregistered, {path})
    assert not is_settled(world, "mig-lsp.toml", elsewhere, {path})
    assert not is_frozen(world, "mig-lsp.toml", {path})


def test_an_error_that_the_server_lets_pass_is_settled_where_the_file_has_run() -> None:
    path = "migrations/010-a.sql"
    world = snapshot({path: "BEGIN;\n", "dev.log.csv": APPLIED})
    found = Finding("transaction-control", Span(0, 5), "", severity=ERROR)
    assert is_settled(world, path, found, ())
    assert not is_settled(snapshot({path: "BEGIN;\n"}), path, found, {path})
