"""A request whose answer comes later than its work gets it whatever happens in between."""

from __future__ import annotations

import sys
from concurrent.futures import Future

import pytest

from mig_lsp.lsp.commands import _when_all_are_done
from tests.lsp.conftest import MakeFiles
from tests.lsp.raw import Message, running

INTERNAL = -32603
FAILING = """
import sys
from mig_lsp.lsp import commands, reports, server
def broken(*_):
    raise ValueError("a secret")
commands._log_keys = commands._document = reports.Reports.wait = broken
sys.exit(server.serve_stdio())
"""


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("workspace/executeCommand", {"command": "migLsp.refreshLog", "arguments": []}),
        ("workspace/executeCommand", {"command": "migLsp.verify", "arguments": ["db/010-a.sql"]}),
        ("workspace/executeCommand", {"command": "migLsp.insertHeader", "arguments": ["db/010-a.sql"]}),
        ("workspace/diagnostic", {"previousResultIds": []}),
    ],
)
def test_work_that_breaks_off_is_answered(files: MakeFiles, method: str, params: Message) -> None:
    root = files({"db/010-a.sql": "SELECT 1;\n"})
    with running(sys.executable, "-c", FAILING) as client:
        client.start({"workspace": {"applyEdit": True}}, root)
        assert INTERNAL == client.error(method, params)["code"]
        assert 0 == client.stop()


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_what_waits_for_several_is_called_once(before: int) -> None:
    waiting: list[Future[None]] = [Future() for _ in range(3)]
    called: list[int] = []
    for future in waiting[:before]:
        future.set_result(None)
    _when_all_are_done(waiting, lambda: called.append(1))
    for future in reversed(waiting[before:]):
        assert [] == called
        future.set_result(None)
    assert [1] == called
