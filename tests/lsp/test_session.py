from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mig_lsp.lsp.client import Client
from mig_lsp.lsp.session import Session
from tests.lsp.conftest import MakeFiles
from tests.lsp.raw import uri

CONFIG = '[migrations]\ndirectory = "db"\n'
LOG = '[log.prod]\nsource = "file"\npath = "prod.csv"\n'
ROWS = "step_number,description,status\n1,010-a.sql,completed\n"
LONG_AGO = 1_000_000_000.0


@pytest.fixture
def session(files: MakeFiles) -> Session:
    root = files({"db/010-a.sql": "SELECT 1;\n", "mig-lsp.toml": CONFIG + LOG, "prod.csv": ROWS})
    return Session(Client(folders=(uri(root),)))


def changed(session: Session) -> list[str]:
    session.look(now=True)
    list(session.all_sets())
    return [key.source.path for key in session.changed_logs() if hasattr(key.source, "path")]


def root_of(session: Session) -> Path:
    return next(iter(session.folders.values())).root


def test_a_log_file_is_read_when_it_is_new_and_when_it_changes(session: Session) -> None:
    os.utime(root_of(session) / "prod.csv", (LONG_AGO, LONG_AGO))
    assert ["prod.csv"] == changed(session)
    (root_of(session) / "prod.csv").write_text(ROWS * 2)
    assert ["prod.csv"] == changed(session)
    (root_of(session) / "prod.csv").unlink()
    assert ["prod.csv"] == changed(session)
    assert [] == changed(session)


def test_a_log_file_that_is_written_while_the_configuration_is_broken_is_read_afterwards(session: Session) -> None:
    (root_of(session) / "prod.csv").unlink()
    assert ["prod.csv"] == changed(session)
    (root_of(session) / "mig-lsp.toml").write_text(CONFIG)
    assert [] == changed(session)
    (root_of(session) / "prod.csv").write_text(ROWS)
    (root_of(session) / "mig-lsp.toml").write_text(CONFIG + LOG)
    assert ["prod.csv"] == changed(session)


def test_a_log_file_that_is_younger_than_its_time_stamp_can_tell_is_read_once_more(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ["prod.csv"] == changed(session)
    assert [] == changed(session)
    later = time.time_ns() + 3_000_000_000
    monkeypatch.setattr("mig_lsp.lsp.session.time.time_ns", lambda: later)
    assert ["prod.csv"] == changed(session)
    assert [] == changed(session)
