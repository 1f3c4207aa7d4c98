"""The demo workspace: every finding that people see in it, and which rules it shows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mig_lsp.core.rules import by_name

DEMO = Path(__file__).parent.parent / "demo"

HANDLER = "infra/database/lambda/db-init-handler.ts"
SCHEMA = "infra/database/schema/"

# path, line, severity, rule.
FINDINGS = f"""
infra/database/lambda/db-init-handler.backup.ts 1 info stale-manifest
{HANDLER} 25 info log-without-file
{HANDLER} 38 warning entry-order
{HANDLER} 48 warning duplicate-entry
{HANDLER} 54 error missing-file
{HANDLER} 56 error rollback-registered
{SCHEMA}006-opening-hours.sql 1 warning reserved-number
{SCHEMA}017-member-cards.sql 7 warning masked-failure
{SCHEMA}024-fine-limits.sql 6 warning unused-suppression
{SCHEMA}026-audit-trail.sql 15 warning failed-migration
{SCHEMA}026-audit-trail.sql 18 error split-statement
{SCHEMA}027-media-kinds.sql 7 error merged-statements
{SCHEMA}028-book-tags.sql 1 hint missing-header
{SCHEMA}028-book-tags.sql 7 error merged-statements
{SCHEMA}029-faster-counter.sql 6 warning unknown-suppression
{SCHEMA}029-faster-counter.sql 7 warning session-state
{SCHEMA}029-faster-counter.sql 9 error concurrently
{SCHEMA}030-merge-members.sql 5 error transaction-control
{SCHEMA}030-merge-members.sql 7 error session-state
{SCHEMA}030-merge-members.sql 9 warning session-state
{SCHEMA}030-merge-members.sql 12 error do-block
{SCHEMA}030-merge-members.sql 22 error transaction-control
{SCHEMA}031-letters.sql 7 error split-statement
{SCHEMA}031-letters.sql 12 error split-statement
{SCHEMA}031-letters.sql 16 error dropped-comment-line
{SCHEMA}032-raise-fines.sql 1 info header-number
{SCHEMA}032-raise-fines.sql 3 hint missing-rollback
{SCHEMA}032-raise-fines.sql 6 error merged-statements
{SCHEMA}032-raise-fines.sql 9 error bind-parameter
{SCHEMA}032-raise-fines.sql 11 warning writes-migration-log
{SCHEMA}033-study-rooms.sql 10 error syntax-error
{SCHEMA}033-study-rooms.sql 13 error syntax-error
{SCHEMA}033-waiting-list.sql 1 warning duplicate-number
{SCHEMA}033-waiting-list.sql 1 warning unregistered-migration
{SCHEMA}034_import_catalogue.sql 1 info file-name
{SCHEMA}034_import_catalogue.sql 7 error foreign-dialect
{SCHEMA}034_import_catalogue.sql 12 error client-command
{SCHEMA}035-club-meetings.sql 1 warning unregistered-migration
{SCHEMA}035-club-meetings.sql 5 warning broken-rollback
{SCHEMA}037-reminders.sql 9 warning empty-migration
mig-lsp.toml 12 error config-error
"""

# What the demo does not show, and why.
NOT_SHOWN = {
    "lost-entry": "the demo has no base branch",
    "applied-migration-edited": "the demo has no base branch",
    "merged-migration-edited": "the demo has no base branch",
    "immutable-migration": "the demo has no base branch",
    "number-taken": "the demo has no base branch",
    "pending-behind-applied": "both environments ran the files in their order",
    "column-count": "the mistake is the same as in a dozen other places",
    "transaction-scope": "the demo's runner opens no transaction",
    "call-limit": "a statement of more than 64 KiB is no fun to look at",
    "invalid-encoding": "editors and diffs would choke on the file",
    "manifest-unreadable": "the list would not be known, and with it most of the other findings",
    "unreadable-file": "a file that cannot be read cannot be shipped",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo away from this project's own git repository, whose branches would have a say."""
    return shutil.copytree(DEMO, tmp_path_factory.mktemp("workspace") / "demo")


@pytest.fixture(scope="module")
def report(demo: Path) -> Any:
    """What `check --all` says of it."""
    return _check(demo, "--all")


def test_every_finding(report: Any) -> None:
    found = [f"{each['path']} {_line(each)} {each['severity']} {each['rule']}" for each in report["findings"]]
    assert found == FINDINGS.strip().split("\n")


def test_every_rule_is_shown_or_left_out_for_a_reason() -> None:
    shown = {line.split()[-1] for line in FINDINGS.strip().split("\n")}
    assert sorted({*shown, *NOT_SHOWN}) == sorted(by_name())
    assert shown.isdisjoint(NOT_SHOWN)


def test_most_files_are_clean(report: Any) -> None:
    files = {f"{SCHEMA}{path.name}" for path in (DEMO / SCHEMA).glob("*.sql")}
    dirty = files & {each["path"] for each in report["findings"]}
    assert len(dirty) * 5 < len(files) * 2


def test_what_is_settled_is_shown_on_demand_only(demo: Path, report: Any) -> None:
    """006 and 017 are completed everywhere: nobody can act on what is wrong with them."""
    shown = {each["path"] for each in _check(demo)["findings"]}
    hidden = {each["path"] for each in report["findings"]} - shown
    assert sorted(hidden) == [f"{SCHEMA}006-opening-hours.sql", f"{SCHEMA}017-member-cards.sql"]


def test_its_guide_names_what_is_there() -> None:
    guide = (DEMO / "README.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in guide.split("\n") if line.startswith("| `")]
    named = [name.strip().strip("`") for row in rows for name in row.split(",")]
    assert [name for name in named if not (DEMO / name).exists()] == []


def _check(root: Path, *options: str) -> Any:
    command = [sys.executable, "-m", "mig_lsp", "check", "--root", str(root), "--format", "json", *options]
    environment = {**os.environ, "MIG_LSP_NO_CACHE": "1"}
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert (run.returncode, run.stderr) == (1, "")
    return json.loads(run.stdout)


def _line(finding: Any) -> int:
    line: int = finding["range"]["start"]["line"]
    return line
