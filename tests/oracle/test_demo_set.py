"""The demo on a real server: the good files run in their order, the others fail as it says, and the fixes help."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from mig_lsp import replay
from mig_lsp.core.change import Severity
from mig_lsp.core.check import check_document
from mig_lsp.core.rules import by_name
from mig_lsp.core.runner.profile import RDS_DATA_API
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.disk.workspace import load
from tests.support.oracle import connect

DEMO = Path(__file__).parents[2] / "demo"

# Each file that does not run, and how its error begins; it comes behind the files that do.
BROKEN = {
    "026-audit-trail.sql": "ERROR: unterminated dollar-quoted string",
    "027-media-kinds.sql": "ERROR: cannot insert multiple commands into a prepared statement",
    "028-book-tags.sql": "ERROR: cannot insert multiple commands into a prepared statement",
    "029-faster-counter.sql": "029-faster-counter.sql: the runner refuses the whole file",
    "030-merge-members.sql": "ERROR: LOCK TABLE can only be used in transaction blocks",
    "031-letters.sql": "ERROR: syntax error at end of input",
    "032-raise-fines.sql": "ERROR: cannot insert multiple commands into a prepared statement",
    "033-study-rooms.sql": 'ERROR: syntax error at or near "has_projector"',
    "034_import_catalogue.sql": 'ERROR: syntax error at or near "`"',
    "040-pickup-notices.sql": 'ERROR: column "stauts" does not exist',
}

# Files that run once; each is refused the second time.
ONCE = {"041-loan-archive.sql": 'ERROR: relation "loan_archive" already exists'}

# What `check --fix` cannot make right by itself: only a person knows what was meant.
LEFT = {
    "029-faster-counter.sql": "029-faster-counter.sql: the runner refuses the whole file",
    "030-merge-members.sql": "ERROR: LOCK TABLE can only be used in transaction blocks",
    "032-raise-fines.sql": "ERROR: bind message supplies 0 parameters",
    "033-study-rooms.sql": 'ERROR: syntax error at or near "has_projector"',
    "034_import_catalogue.sql": 'ERROR: syntax error at or near "`"',
    "040-pickup-notices.sql": 'ERROR: column "stauts" does not exist',
}


def test_the_good_files_run_in_their_order(database: str) -> None:
    demo = _load(DEMO)
    initial, good = _files(demo, demo.plan.initial), _files(demo, _good(demo))
    with connect(database) as connection:
        first = replay.replay(connection, RDS_DATA_API, good, initial=initial)
        second = replay.replay(connection, RDS_DATA_API, good, initial=initial)
    assert [result.name for result in first if result.error] == []
    assert [result.name for result in first] == [file.name for file in (*initial, *good)]
    assert all(result.skipped for result in second)


def test_the_good_files_run_twice(database: str) -> None:
    """What a failed deploy does: every statement runs again over what the first run left."""
    demo = _load(DEMO)
    with connect(database) as connection:
        ran: set[str] = set()
        for file in (*_files(demo, demo.plan.initial), *_files(demo, _good(demo)) * 2):
            result = replay.replay_file(connection, RDS_DATA_API, file.text, initial=file.name in demo.plan.initial)
            expected = ONCE.get(file.name, "") if file.name in ran else ""
            assert (file.name, result.error[: len(expected)] if expected else result.error) == (file.name, expected)
            ran.add(file.name)
    assert ran >= ONCE.keys()


def test_what_runs_once_is_known(database: str) -> None:
    """The rules tell of just those files that the server refuses the second time, as warnings."""
    demo = _load(DEMO)
    told = {
        demo.files[path].name
        for path in demo.files
        for finding in check_document(demo, path)
        if finding.severity is Severity.WARNING and by_name()[finding.rule].category == "rerun"
    }
    assert sorted(told & set(_good(demo))) == sorted(ONCE)


def test_the_broken_files_fail_as_they_should(database: str) -> None:
    demo = _load(DEMO)
    assert sorted(BROKEN) == sorted(set(demo.plan.migrations) & _broken(demo))
    assert _errors(database, demo, BROKEN) == BROKEN


def test_the_fixes_help(database: str, tmp_path: Path) -> None:
    folder = shutil.copytree(DEMO, tmp_path / "demo")
    command = [
        sys.executable,
        "-m",
        "mig_lsp",
        "check",
        "--root",
        str(folder),
        "--fix",
        "--fail-on",
        "error",
        "--quiet",
    ]
    environment = {**os.environ, "MIG_LSP_NO_CACHE": "1"}
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert (run.returncode, run.stderr) == (1, "")
    assert _errors(database, _load(folder), LEFT) == LEFT


def test_the_exported_log_tells_what_the_server_said(database: str) -> None:
    with (DEMO / "logs" / "dev.csv").open(encoding="utf-8", newline="") as file:
        last = [*csv.DictReader(file)][-1]
    demo = _load(DEMO)
    with connect(database) as connection:
        files = _files(demo, [*_good(demo), last["description"]])
        *_, result = replay.replay(connection, RDS_DATA_API, files, initial=_files(demo, demo.plan.initial))
    assert (result.name, f"DatabaseErrorException: {result.error}") == (last["description"], last["error_message"])


def _load(root: Path) -> Snapshot:
    (demo,) = load(root)
    return demo


def _broken(demo: Snapshot) -> set[str]:
    """The files of which the rules say that they cannot run."""
    return {
        file.name
        for path, file in demo.files.items()
        for finding in check_document(demo, path)
        if finding.severity is Severity.ERROR and by_name()[finding.rule].category in {"runner", "syntax", "schema"}
    }


def _good(demo: Snapshot) -> list[str]:
    """The migrations that can run, each once, in run order."""
    there = {file.name for file in demo.files.values()}
    return [name for name in dict.fromkeys(demo.plan.migrations) if name in there and name not in _broken(demo)]


def _files(demo: Snapshot, names: Iterable[str]) -> list[replay.File]:
    return [replay.File(name, demo.files[demo.plan.path_of(name)].text) for name in names]


def _errors(database: str, demo: Snapshot, expected: dict[str, str]) -> dict[str, str]:
    """The error of each file of BROKEN that still fails behind the good ones, as long as the one expected."""
    found = {}
    good = [name for name in _good(_load(DEMO)) if "rollback" not in name]
    with connect(database) as connection:
        replay.replay(connection, RDS_DATA_API, _files(demo, good), initial=_files(demo, demo.plan.initial))
        for file in _files(demo, BROKEN):
            (result,) = replay.replay(connection, RDS_DATA_API, [file])
            if result.error:
                found[file.name] = result.error[: len(expected.get(file.name, result.error))]
    return found
