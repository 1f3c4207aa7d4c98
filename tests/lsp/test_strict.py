from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lsp.conftest import MakeFiles
from tests.lsp.raw import TIMEOUT, RawClient, running

INITIALIZE: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
PARSE, INVALID, UNKNOWN, PARAMS, INTERNAL = -32700, -32600, -32601, -32602, -32603
EARLY, CANCELLED = -32002, -32800


@pytest.fixture(scope="module")
def shared() -> Iterator[RawClient]:
    """One server for all tests that it must survive."""
    with running() as client:
        client.start({})
        yield client


def started(client: RawClient) -> RawClient:
    client.start({})
    return client


def code(answer: dict[str, Any]) -> int:
    found: int = answer["error"]["code"]
    return found


def still_answers(client: RawClient) -> None:
    assert client.call("textDocument/hover", hover("file:///nowhere.sql")) is None


def hover(uri: object, line: object = 0) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": 0}}


def test_requests_before_initialize_are_refused_and_notifications_ignored(client: RawClient) -> None:
    client.tell("textDocument/didOpen", {})
    assert code(client.answer(client.ask("textDocument/hover", hover("file:///x.sql")))) == EARLY
    assert code(client.answer(client.ask("shutdown", None))) == EARLY
    assert client.call("initialize", INITIALIZE)["serverInfo"]["name"] == "mig-lsp"
    still_answers(client)


def test_initialize_comes_once(client: RawClient) -> None:
    assert client.error("initialize", {"capabilities": 1})["code"] == PARAMS
    assert client.error("initialize", None)["code"] == PARAMS
    client.call("initialize", INITIALIZE)
    assert client.error("initialize", INITIALIZE)["code"] == INVALID
    still_answers(client)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b'{"jsonrpc": "2.0", "id": 1',
        b"[" * 100_000,
        b'{"id":' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_json_is_answered_and_the_server_goes_on(shared: RawClient, body: bytes) -> None:
    shared.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    assert code(shared.answer(None)) == PARSE
    still_answers(shared)


@pytest.mark.parametrize(
    "header",
    [b"Content-Length: many\r\n\r\n", b"hello\r\n\r\n", b"Content-Length: -1\r\n\r\n", b"x" * 200_000 + b"\r\n\r\n"],
)
def test_an_unreadable_header_is_answered_and_the_server_goes_on(shared: RawClient, header: bytes) -> None:
    shared.write(header)
    assert code(shared.answer(None)) == PARSE
    still_answers(shared)


@pytest.mark.parametrize(
    ("message", "identity"),
    [
        ([], None),
        ([{"jsonrpc": "2.0", "id": 7, "method": "shutdown"}], None),
        (1, None),
        (None, None),
        ({}, None),
        ({"jsonrpc": "2.0"}, None),
        ({"jsonrpc": "2.0", "id": 7}, None),
        ({"jsonrpc": "2.0", "id": None, "method": "shutdown"}, None),
        ({"jsonrpc": "2.0", "id": True, "method": "shutdown"}, None),
        ({"jsonrpc": "2.0", "id": {}, "method": "shutdown"}, None),
        ({"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}, None),
        ({"jsonrpc": "2.0", "id": 7, "method": 5}, 7),
        ({"jsonrpc": "1.0", "id": 7, "method": "textDocument/hover"}, 7),
        ({"id": "seven", "method": "textDocument/hover"}, "seven"),
    ],
)
def test_what_is_no_request_is_answered_once(shared: RawClient, message: object, identity: object) -> None:
    shared.send(message)
    assert code(shared.answer(identity)) == INVALID
    still_answers(shared)
    assert [] == [each for each in shared.quiet(0.2) if "error" in each]


@pytest.mark.parametrize(
    "method", ["textDocument/nonsense", "$/nonsense", "exit", "initialized", "textDocument/didOpen", "__class__", ""]
)
def test_an_unknown_method_is_answered(shared: RawClient, method: str) -> None:
    assert shared.error(method, {})["code"] == UNKNOWN
    still_answers(shared)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/hover", None),
        ("textDocument/hover", []),
        ("textDocument/hover", {}),
        ("textDocument/hover", {"textDocument": {"uri": "file:///x"}}),
        ("textDocument/hover", hover("file:///x", "three")),
        ("textDocument/hover", hover("file:///x", -1)),
        ("textDocument/hover", hover("file:///x", None)),
        ("textDocument/completion", {"textDocument": 1, "position": 2}),
        ("textDocument/codeAction", hover("file:///x")),
        ("textDocument/diagnostic", {}),
        ("textDocument/diagnostic", {"textDocument": {"uri": 5}}),
        ("workspace/diagnostic", {}),
        ("workspace/symbol", {}),
        ("workspace/willRenameFiles", {"files": [{"oldUri": 1}]}),
        ("workspace/executeCommand", {}),
        ("workspace/executeCommand", {"command": "migLsp.nonsense"}),
        ("workspace/executeCommand", {"command": ["migLsp.new"]}),
        ("workspace/executeCommand", {"command": "migLsp.new", "arguments": [5]}),
        ("workspace/executeCommand", {"command": "migLsp.showChunks"}),
    ],
)
def test_malformed_parameters_are_answered(shared: RawClient, method: str, params: object) -> None:
    assert shared.error(method, params)["code"] == PARAMS
    still_answers(shared)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/didOpen", None),
        ("textDocument/didOpen", {"textDocument": {"uri": 1, "text": "x"}}),
        ("textDocument/didChange", {"textDocument": {}, "contentChanges": 1}),
        ("textDocument/didChange", {"textDocument": {"uri": "file:///never.sql", "version": 2}, "contentChanges": []}),
        ("textDocument/didClose", {"textDocument": {"uri": "file:///never.sql"}}),
        ("textDocument/didClose", []),
        ("workspace/didChangeWorkspaceFolders", {"event": 1}),
        ("workspace/didChangeConfiguration", 7),
        ("$/cancelRequest", {"id": 99}),
        ("$/cancelRequest", {"id": []}),
        ("$/cancelRequest", None),
        ("$/setTrace", {"value": "verbose"}),
        ("nonsense", None),
    ],
)
def test_a_bad_notification_changes_nothing_and_says_nothing(shared: RawClient, method: str, params: object) -> None:
    shared.tell(method, params)
    still_answers(shared)
    assert [] == [each for each in shared.quiet(0.2) if "error" in each or each.get("method") == "window/showMessage"]


def test_answers_to_nothing_are_ignored(shared: RawClient) -> None:
    shared.send({"jsonrpc": "2.0", "id": "mig-lsp-999", "result": None})
    shared.send({"jsonrpc": "2.0", "id": [1], "error": {}})
    still_answers(shared)


def test_exit_after_shutdown_ends_with_0_and_requests_in_between_are_refused(client: RawClient) -> None:
    assert started(client).call("shutdown", None) is None
    assert client.error("textDocument/hover", hover("file:///x"))["code"] == INVALID
    assert client.error("shutdown", None)["code"] == INVALID
    client.tell("textDocument/didOpen", {})
    client.tell("exit", None)
    assert client.process.wait(TIMEOUT) == 0


@pytest.mark.parametrize("initialized", [True, False])
def test_exit_without_shutdown_ends_with_1(client: RawClient, initialized: bool) -> None:
    if initialized:
        started(client)
    client.tell("exit", None)
    assert client.process.wait(TIMEOUT) == 1


@pytest.mark.parametrize(("shutdown", "expected"), [(True, 0), (False, 1)])
def test_the_end_of_the_input_ends_the_server(client: RawClient, shutdown: bool, expected: int) -> None:
    started(client)
    if shutdown:
        client.call("shutdown", None)
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(TIMEOUT) == expected


def test_exit_ends_the_server_while_it_works(client: RawClient, files: MakeFiles) -> None:
    root = files({"migrations/010-a.sql": "CREATE TABLE t (id int);\n" * 50_000})
    client.start({}, root)
    client.tell("exit", None)
    assert client.process.wait(TIMEOUT) == 1


FAILING = """
import sys
from mig_lsp.lsp import requests, server
def broken(*_):
    raise ValueError("a secret in /a/path")
requests.hover.hover = broken
requests.folding.folds = broken
sys.exit(server.serve_stdio())
"""


def test_a_defect_is_answered_without_details_and_the_server_goes_on(files: MakeFiles) -> None:
    root = files({"migrations/010-a.sql": "SELECT 1;\n"})
    with running(sys.executable, "-c", FAILING) as client:
        client.start({}, root)
        uri = client.open(root / "migrations/010-a.sql")
        for method in ("textDocument/hover", "textDocument/foldingRange"):
            error = client.error(method, hover(uri))
            assert error["code"] == INTERNAL
            assert set(error) == {"code", "message"}
            assert "secret" not in error["message"]
            assert "\n" not in error["message"]
        assert client.call("textDocument/definition", hover(uri)) is None


SLOW = """
import sys, time
from mig_lsp.lsp import reports, server
def slow(snapshot, path, tick=None):
    for _ in range(2000):
        tick()
        time.sleep(0.005)
    return ()
reports.judge = slow
sys.exit(server.serve_stdio())
"""


def test_a_running_and_a_waiting_request_are_cancelled_at_once(files: MakeFiles) -> None:
    root = files({"migrations/010-a.sql": "SELECT 1;\n", "migrations/011-b.sql": "SELECT 1;\n"})
    with running(sys.executable, "-c", SLOW) as client:
        client.start({"textDocument": {"diagnostic": {}}}, root)
        uri = client.open(root / "migrations/010-a.sql")
        running_one = client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        waiting = client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        client.tell("$/cancelRequest", {"id": waiting})
        assert code(client.answer(waiting, 2)) == CANCELLED
        client.tell("$/cancelRequest", {"id": running_one})
        assert code(client.answer(running_one, 2)) == CANCELLED
        assert client.call("textDocument/definition", hover(uri), 2) is None


def test_shutdown_answers_what_is_under_way(files: MakeFiles) -> None:
    root = files({"migrations/010-a.sql": "SELECT 1;\n"})
    with running(sys.executable, "-c", SLOW) as client:
        client.start({"textDocument": {"diagnostic": {}}}, root)
        uri = client.open(root / "migrations/010-a.sql")
        asked = [client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}}) for _ in range(3)]
        client.call("shutdown", None, 5)
        assert [CANCELLED] * 3 == [code(client.answer(each, 5)) for each in asked]
        client.tell("exit", None)
        assert client.process.wait(TIMEOUT) == 0
