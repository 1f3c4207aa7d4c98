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
{SCHEMA}015-book-search.sql 7 warning table-rewrite
{SCHEMA}015-book-search.sql 10 info index-blocks-writes
{SCHEMA}017-member-cards.sql 7 warning masked-failure
{SCHEMA}017-member-cards.sql 11 info index-blocks-writes
{SCHEMA}020-publishers.sql 14 info index-blocks-writes
{SCHEMA}024-fine-limits.sql 6 warning unused-suppression
{SCHEMA}026-audit-trail.sql 15 warning failed-migration
{SCHEMA}026-audit-trail.sql 18 error split-statement
{SCHEMA}027-media-kinds.sql 7 error merged-statements
{SCHEMA}028-book-tags.sql 1 hint missing-header
{SCHEMA}028-book-tags.sql 7 warning unguarded-constraint
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
{SCHEMA}040-pickup-notices.sql 25 error unknown-column
{SCHEMA}040-pickup-notices.sql 29 error unknown-label
{SCHEMA}040-pickup-notices.sql 32 warning existing-object
{SCHEMA}040-pickup-notices.sql 40 info drop-breaks-readers
{SCHEMA}040-pickup-notices.sql 40 error dependent-object
{SCHEMA}041-loan-archive.sql 19 warning unguarded-create
{SCHEMA}041-loan-archive.sql 25 warning unguarded-constraint
{SCHEMA}041-loan-archive.sql 27 warning unguarded-insert
{SCHEMA}041-loan-archive.sql 29 warning rename-breaks-readers
{SCHEMA}041-loan-archive.sql 29 warning unguarded-rename
mig-lsp.toml 12 error config-error
"""

# Files with findings that nobody can act on, because they are completed everywhere.
SETTLED = ("006-opening-hours.sql", "015-book-search.sql", "017-member-cards.sql", "020-publishers.sql")

# What the demo does not show, and why.
NOT_SHOWN = {
    **dict.fromkeys(
        ("applied-migration-edited", "immutable-migration", "lost-entry", "merged-migration-edited", "number-taken"),
        "the demo has no base branch",
    ),
    **dict.fromkeys(
        (
            *("prefer-bigint-key", "prefer-identity", "prefer-jsonb", "prefer-text", "prefer-timestamptz"),
            *("stale-updated-at", "waiting-lock"),
        ),
        "off by default",
    ),
    **dict.fromkeys(
        (
            *("ambiguous-column", "assigned-twice", "check-violation", "column-count", "computed-column"),
            *("identifier-too-long", "label-used-too-early", "not-null-violation", "on-conflict-without-key"),
            *("refused-statement", "unfit-value", "unknown-object", "unknown-role", "unknown-table", "unknown-type"),
        ),
        "like the misspelt column and the label of 040, another statement that the server refuses",
    ),
    **dict.fromkeys(
        (
            *("destructive-rerun", "literal-key", "nullable-unique", "reads-what-it-drops", "sequence-behind"),
            *("unguarded-drop", "unguarded-update", "useless-on-conflict", "cascade-drops"),
        ),
        "like 041, another file that does not run a second time as it did",
    ),
    **dict.fromkeys(
        (
            *("add-not-null-column", "attach-partition-scan", "long-held-lock", "no-where", "not-null-scan"),
            *("refresh-blocks-readers", "truncate-cascade", "unique-builds-index", "validation-scan"),
        ),
        "like 015 and 041, another lock",
    ),
    "call-limit": "a statement of more than 64 KiB is no fun to look at",
    "foreign-owned": "all tables of the demo belong to one role",
    "invalid-encoding": "editors and diffs would choke on the file",
    "manifest-unreadable": "the list would not be known, and with it most of the other findings",
    "pending-behind-applied": "both environments ran the files in their order",
    "transaction-scope": "the demo's runner opens no transaction",
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


def test_most_files_are_clean(demo: Path) -> None:
    files = {f"{SCHEMA}{path.name}" for path in (DEMO / SCHEMA).glob("*.sql")}
    dirty = files & {each["path"] for each in _check(demo)["findings"]}
    assert len(dirty) * 5 < len(files) * 2


def test_what_is_settled_is_shown_on_demand_only(demo: Path, report: Any) -> None:
    shown = {each["path"] for each in _check(demo)["findings"]}
    hidden = {each["path"] for each in report["findings"]} - shown
    assert sorted(hidden) == [f"{SCHEMA}{name}" for name in SETTLED]


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
