from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from mig_lsp.core.config.model import FileLog, LogSource, PostgresLog, RdsDataApiLog
from mig_lsp.core.log import Ledger, LogEntry
from mig_lsp.ledger import cache
from mig_lsp.ledger.fetching import failure
from mig_lsp.ledger.refresh import kind_of, refresh
from tests.ledger.conftest import ENTRIES

NOW = datetime(2026, 3, 1, 14, 0, 0, 999_999, timezone(timedelta(hours=2)))
LIVE = PostgresLog(url_env="TEST_LOG_URL")
GOOD = Ledger("prod", ENTRIES, "2026-03-01T12:00:00+00:00", None, "postgres")
RDS = RdsDataApiLog(cluster_arn="c", secret_arn="s", database="d")


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MIG_LSP_NO_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mig-lsp" / "log"


def check(root: Path, expected: Ledger, source: LogSource = LIVE) -> None:
    assert expected == refresh(root, expected.environment, source, timeout=10, now=NOW)


def test_a_good_answer_is_there_again_when_the_database_is_not(
    logged: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_LOG_URL", logged)
    check(tmp_path, GOOD)
    assert cache.load(tmp_path, "prod", LIVE) == GOOD
    monkeypatch.setenv("TEST_LOG_URL", "postgresql://me:s3cret-word@127.0.0.1:1/app?connect_timeout=2")
    offline = refresh(tmp_path, "prod", LIVE, timeout=10, now=NOW + timedelta(days=1))
    assert offline.problem is not None
    assert "refused" in offline.problem
    assert "s3cret-word" not in offline.problem
    assert replace(offline, problem=None) == GOOD


def test_without_an_offline_copy_a_failure_is_an_empty_ledger_with_the_reason(tmp_path: Path) -> None:
    problem = "the environment variable TEST_LOG_URL is not set"
    check(tmp_path, Ledger("prod", (), None, problem, "postgres"))


def test_an_empty_log_is_an_answer(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_LOG_URL", database)
    check(tmp_path, replace(GOOD, entries=()))


def test_a_file_with_bad_rows_gives_the_rest_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("description,status\na.sql,completed\nb.sql\nc.sql\n", encoding="utf-8")
    problem = "row 3 has 1 fields instead of 2: it is left out (and 1 more problems)"
    expected = Ledger("local", (LogEntry(0, "a.sql", "completed"),), GOOD.fetched_at, problem, "file")
    check(tmp_path, expected, FileLog(path="log.csv"))


def test_copies_belong_to_one_workspace_environment_and_source(tmp_path: Path) -> None:
    cache.store(tmp_path, GOOD, LIVE)
    assert cache.load(tmp_path / "other", "prod", LIVE) is None
    assert cache.load(tmp_path, "dev", LIVE) is None
    assert cache.load(tmp_path, "prod", PostgresLog(url_env="OTHER")) is None
    assert cache.load(tmp_path / "other" / "..", "prod", LIVE) == GOOD


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[" * 1_000_000,
        b"\xff\xfe",
        b'{"version": 1}',
        b'{"version": 2, "key": "KEY", "ledger": {"environment": "prod"}}',
        b'{"version": 1, "key": "another", "ledger": {"environment": "prod"}}',
        b'{"version": 1, "key": "KEY", "ledger": {"environment": "dev"}}',
        b'{"version": 1, "key": "KEY", "ledger": {"environment": "prod", "entries": [{"step": "x"}]}}',
        None,
    ],
)
def test_a_damaged_or_foreign_copy_does_not_count(damage: bytes | None, tmp_path: Path, cache_home: Path) -> None:
    cache.store(tmp_path, GOOD, LIVE)
    (file,) = cache_home.iterdir()
    if damage is None:
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes(damage.replace(b"KEY", file.stem.encode()))
    assert cache.load(tmp_path, "prod", LIVE) is None


def test_a_whole_copy_made_by_hand_counts(tmp_path: Path, cache_home: Path) -> None:
    cache.store(tmp_path, GOOD, LIVE)
    (file,) = cache_home.iterdir()
    content = json.loads(file.read_bytes())
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")
    assert cache.load(tmp_path, "prod", LIVE) == GOOD


def test_the_cache_can_be_turned_off(tmp_path: Path, cache_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIG_LSP_NO_CACHE", "1")
    cache.store(tmp_path, GOOD, LIVE)
    assert not cache_home.exists()
    assert cache.load(tmp_path, "prod", LIVE) is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, cache_home: Path) -> None:
    cache_home.parent.parent.mkdir()
    cache_home.parent.write_text("a file where the directory should be", encoding="utf-8")
    cache.store(tmp_path, GOOD, LIVE)
    assert cache.load(tmp_path, "prod", LIVE) is None


def test_a_copy_holds_no_secret_no_address_and_no_half_written_file(
    logged: str, tmp_path: Path, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_LOG_URL", f"{logged} password='s3cret-word'")
    check(tmp_path, GOOD)
    (file,) = cache_home.iterdir()
    text = file.read_text(encoding="utf-8")
    for hidden in ("s3cret-word", "TEST_LOG_URL", "host", str(tmp_path)):
        assert hidden not in text


@pytest.mark.parametrize(
    ("text", "secrets", "expected"),
    [
        ("a\n\tb\x1b[1m \x00c", (), "a b [1m c"),
        ("to postgresql://é:pw@h/db failed", (), "to postgresql://***@h/db failed"),
        ("in host=x password=hunter2 port=1", (), "in host=x password=*** port=1"),
        ("PGPASSWORD='a b' and client_secret: xyz", (), "PGPASSWORD=*** and client_secret: ***"),
        ('password authentication failed for user "me"', (), 'password authentication failed for user "me"'),
        ("host my-pass.example", ("my-pass", ""), "host ***.example"),
        ("x" * 600, (), "x" * 499 + "…"),
    ],
)
def test_what_libraries_say_is_told_on_one_line_without_secrets(
    text: str, secrets: tuple[str, ...], expected: str
) -> None:
    assert expected == str(failure(text, secrets))


@pytest.mark.parametrize("source", [LIVE, RDS, FileLog(path="x")])
def test_a_kind_is_the_word_of_the_configuration(source: LogSource) -> None:
    expected = {PostgresLog: "postgres", RdsDataApiLog: "rds-data-api", FileLog: "file"}[type(source)]
    assert expected == kind_of(source)


@pytest.mark.parametrize(("source", "extra"), [(LIVE, "postgres"), (RDS, "rds")])
def test_a_missing_extra_is_named(
    source: LogSource, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_LOG_URL", "postgresql://localhost/x")
    for name in ("psycopg", "boto3"):
        monkeypatch.setitem(sys.modules, name, None)
    ledger = refresh(tmp_path, "prod", source, timeout=10, now=NOW)
    assert ledger.problem is not None
    assert f"install mig-lsp[{extra}]" in ledger.problem


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    heavy = "{'psycopg', 'boto3', 'botocore', 'pglast', 'pygls', 'sqlglot'}"
    code = f"import sys, mig_lsp.ledger.refresh; sys.exit(' '.join({heavy} & {{*sys.modules}}) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert not done.stderr
    assert not done.returncode
