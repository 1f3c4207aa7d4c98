"""docs/threat-model.md: each attempt is answered by a test, and each test that it names is there."""

from __future__ import annotations

import ast
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.lsp.raw import profile, running
from tests.support.files import build, good, run

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[list[str]]:
    """The cells of the tables' rows, without their heads."""
    lines = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    return [cells for cells in lines if cells[0] != "attempt" and not cells[0].startswith("---")]


def test_every_attempt_is_answered_by_a_test() -> None:
    assert len(rows()) > 15
    assert [] == [cells for cells in rows() if len(cells) != 3 or not NAMED.search(cells[2])]


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED.findall(PAGE))))
def test_every_test_that_is_named_is_there(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    defined = {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in defined


class Listener:
    """An address that counts who comes."""

    def __init__(self) -> None:
        self.visits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self._socket.accept()
                self.visits += 1
                visitor.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


@pytest.fixture
def lured(tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose configuration names the listener in each way that there is."""
    monkeypatch.setenv("LURED_URL", f"postgresql://me:s3cret-word@{listener.address}/app")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret-word")
    config = f"""[log.one]
source = "postgres"
url-env = "LURED_URL"
[log.two]
source = "rds-data-api"
cluster-arn = "arn:aws:rds:us-east-1:123456789012:cluster:app"
secret-arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app"
database = "app"
region = "us-east-1"
endpoint-url = "http://{listener.address}"
"""
    return build(tmp_path, {"db/010-a.sql": good(10, "a"), "mig-lsp.toml": config})


def test_no_address_of_a_configuration_is_contacted_unasked(lured: Path, listener: Listener) -> None:
    for command in (["check"], ["check", "--all"], ["list"], ["log"], ["chunks", "db/010-a.sql"], ["new", "more"]):
        assert run(lured, *command).code in (0, 1), command
    with running() as client:
        client.start(profile("neovim-0.12")["capabilities"], lured, initializationOptions={"trusted": False})
        name = client.open(lured / "db/010-a.sql")
        client.pulled(name)
        client.ask("workspace/executeCommand", {"command": "migLsp.refreshLog", "arguments": []})
        client.quiet(0.5)
        assert 0 == client.stop()
    assert 0 == listener.visits
    run(lured, "log", "pull")  # that is how it is asked for
    assert listener.visits > 0
