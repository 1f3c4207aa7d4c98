"""A hostile client: every request gets one answer, and the server lives or ends as the protocol says."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mig_lsp.lsp import capabilities
from mig_lsp.lsp import client as clients
from tests.fuzz.client import Watcher, all_answered_once, frame, place, sent, still_right, watched
from tests.fuzz.garbage import FILES, due, ends, mutated, session, torn
from tests.lsp.raw import COMMAND, TIMEOUT, Message, profile, uri
from tests.support.effort import Effort
from tests.support.files import build, environment

PARSE, INVALID, UNKNOWN, EARLY, CANCELLED = -32700, -32600, -32601, -32002, -32800
UNTRUSTED = {"trusted": False}
EDITORS = ("vscode-1.139", "neovim-0.12", "emacs-30")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return build(tmp_path, FILES)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Watcher, Path]]:
    """A server for all tests that it must survive, and the folder that it has open."""
    root = build(tmp_path_factory.mktemp("shared"), FILES)
    with watched() as client:
        client.start(profile("vscode-1.139")["capabilities"], root, initializationOptions=UNTRUSTED)
        yield client, root
        assert 0 == client.stop()


@pytest.fixture
def client(shared: tuple[Watcher, Path]) -> Watcher:
    shared[0].log.clear()
    return shared[0]


# Garbage


def test_a_session_full_of_garbage(root: Path, seed: int, effort: Effort) -> None:
    """Every request, mutated or not, gets one answer; torn bytes are survived."""
    chance = random.Random(seed)
    with watched() as client:
        client.start(profile(chance.choice(EDITORS))["capabilities"], root, initializationOptions=UNTRUSTED)
        for method in ("workspace/applyEdit", "workspace/configuration", "client/registerCapability"):
            client.answers[method] = lambda params: mutated(params, chance)
        client.log.clear()
        for _ in range(effort.count(3, 100)):
            messages = session(root, chance) * 3
            chance.shuffle(messages)
            messages = [mutated(message, chance) if chance.random() < 0.7 else message for message in messages]
            messages = [message for message in messages if not ends(message)]
            client.write(b"".join(map(frame, messages)))
            all_answered_once(client, Counter([*_asked(messages), still_right(client)]))
        messages = [message for message in session(root, chance) if not ends(message)]
        for _ in range(effort.count(30, 3000)):
            client.write(torn(b"".join(map(frame, chance.choices(messages, k=3))), chance))
            still_right(client)
        assert 0 == client.stop()


@pytest.mark.parametrize("editor", EDITORS)
def test_no_capabilities_are_too_absurd(editor: str, seed: int, effort: Effort) -> None:
    chance = random.Random(seed)
    told = {**profile(editor), "initializationOptions": UNTRUSTED, "workspaceFolders": [{"uri": "file:///x"}]}
    for _ in range(effort.count(300, 20_000)):
        params = mutated(told, chance)
        if isinstance(params, dict):
            offered = capabilities.answer(clients.resolve(params))
            assert offered["capabilities"]["positionEncoding"] in ("utf-8", "utf-16", "utf-32"), params
            assert json.loads(json.dumps(offered)) == offered


ABSURD: dict[str, Message] = {
    "null": dict.fromkeys(("general", "textDocument", "workspace", "window", "notebookDocument")),
    "wrong types": {"general": [], "textDocument": 5, "workspace": "yes", "window": True, "\ud800": "\ud800"},
    "giant lists": {
        "general": {"positionEncodings": ["utf-7", None, {}, ["utf-8"], 5, "UTF-8", "\ud800"] * 20_000},
        "textDocument": {"publishDiagnostics": {"tagSupport": {"valueSet": [2**70, "1", None, []] * 20_000}}},
    },
}


@pytest.mark.parametrize("name", ABSURD)
def test_a_server_works_with_absurd_capabilities(root: Path, name: str) -> None:
    absurd: Message = {"processId": "me", "rootPath": 5, "rootUri": [], "clientInfo": None, "trace": {}, "locale": 1}
    with watched() as client:
        client.start(ABSURD[name], root, **absurd)
        still_right(client)
        found = client.pulled(client.open(root / "db/002-b.sql"))["items"]
        assert "transaction-control" in [each["code"] for each in found]
        assert 0 == client.stop()


# The stream


HEADERS = {
    "byte by byte": (b"Content-Type: x\r\nContent-Length: 2\r\n\r\n{}", 1),
    "no blank line": (b"Content-Length: 2\r\n{}\r\n\r\n", 1),
    "a header of a megabyte": (b"X: " + b"y" * 1_000_000 + b"\r\nContent-Length: 2\r\n\r\n{}", 2),
    "a megabyte of headers": (b"X: y\r\n" * 200_000 + b"Content-Length: 2\r\n\r\n{}", None),
    "negative": (b"Content-Length: -2\r\n\r\n{}\r\n\r\n", None),
    "no number": (b"Content-Length: 0x2\r\n\r\n{}\r\n\r\n", None),
    "huge": (b"Content-Length: 999999999999999999\r\n\r\n{}", 1),
    "beyond huge": (b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}", None),
    "missing": (b"Content-Type: application/vscode-jsonrpc\r\n\r\n{}\r\n\r\n", None),
    "twice": (b"Content-Length: 5000\r\nContent-Length: 2\r\n\r\n{}", 1),
    "too small": (b"Content-Length: 1\r\n\r\n{}", None),
    "too large": (b"Content-Length: 60000\r\n\r\n{}" + b"\r\n" * 40_000, 1),
}


@pytest.mark.parametrize("name", HEADERS)
def test_after_any_header_the_next_message_is_read(client: Watcher, name: str) -> None:
    data, complaints = HEADERS[name]
    pieces = [data[at : at + 1] for at in range(len(data))] if len(data) < 100 else [data]
    for piece in pieces:
        client.write(piece)
    still_right(client)
    codes = [message["error"]["code"] for message in client.log if message.get("id", 0) is None]
    assert codes
    assert complaints in (None, len(codes)), codes
    assert set(codes) <= {PARSE, INVALID}


@pytest.mark.parametrize(("end", "shut"), [(9, False), (-1, False), (-1, True)])
def test_input_that_ends_inside_a_message_ends_the_server(root: Path, end: int, shut: bool) -> None:
    with watched() as client:
        client.start({}, root)
        if shut:
            client.call("shutdown", None)
        client.write(frame({"jsonrpc": "2.0", "id": 77, "method": "migLsp/documents"})[:end])
        assert client.process.stdin is not None
        client.process.stdin.close()
        assert int(not shut) == client.process.wait(TIMEOUT)


def test_a_client_that_closes_its_end_of_the_output(root: Path) -> None:
    with watched() as client:
        client.start({}, root)
        client.deaf()
        name = client.open(root / "db/002-b.sql")
        for version in range(2, 20):
            client.change(name, version, "BEGIN;\n" * version)
            client.ask("textDocument/hover", place(name))
        time.sleep(0.2)
        assert client.process.poll() is None
        client.ask("shutdown", None)
        client.tell("exit", None)
        assert 0 == client.process.wait(TIMEOUT)


def test_a_client_that_reads_nothing_before_it_has_written_everything(root: Path) -> None:
    """Neither its answers nor the log may stop the server from reading: both would wait for each other for ever."""
    count = 4000
    bad = frame({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": 1}}})
    asked = [frame({"jsonrpc": "2.0", "id": number, "method": f"nonsense/{'x' * 200}"}) for number in range(1, count)]
    start: Message = {"processId": None, "rootUri": uri(root), "capabilities": {}}
    written = [frame({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": start}), bad * count, *asked]
    written += [
        frame({"jsonrpc": "2.0", "id": count, "method": "shutdown"}),
        frame({"jsonrpc": "2.0", "method": "exit"}),
    ]
    process = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    try:
        assert process.stdin is not None and process.stdout is not None
        writer = threading.Thread(target=process.stdin.write, args=(b"".join(written),), daemon=True)
        writer.start()
        writer.join(TIMEOUT)
        assert not writer.is_alive()
        process.stdin.flush()
        said = process.stdout.read()
        assert 0 == process.wait(TIMEOUT)
        answered = [json.loads(each[each.index(b"{") :]) for each in said.split(b"Content-Length: ")[1:]]
        assert [*range(count + 1)] == [each["id"] for each in answered if "method" not in each]
    finally:
        process.kill()
        process.communicate()


def test_the_end_of_the_editors_process_ends_the_server(root: Path) -> None:
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with watched() as client:
        client.start({}, root, processId=editor.pid)
        still_right(client)
        editor.communicate(b"\n")
        assert 1 == client.process.wait(TIMEOUT)


@pytest.mark.parametrize("process", [0, -1, True, 2**31 - 1, 2**70, "1", 1.5, [], pytest.param(os.getpid(), id="own")])
def test_a_process_that_is_none_or_lives_ends_nothing(process: Any) -> None:
    found = clients.resolve({"capabilities": {}, "processId": process}).process
    assert found is None or (found == process and not isinstance(process, bool))
    assert (found == os.getpid()) == (process == os.getpid())


# Life and death


def test_before_initialize_everything_is_refused_and_after_shutdown_too(root: Path) -> None:
    chance = random.Random(1)
    messages = [message for message in session(root, chance) if not ends(message)]
    with watched() as client:
        early = [message for message in messages if message.get("method") != "initialize"]
        client.write(b"".join(map(frame, [*early, {"jsonrpc": "2.0", "id": "early", "method": "shutdown"}])))
        _refused(client, [*_asked(early), "early"], EARLY)
        client.log.clear()
        client.start({}, root)
        still_right(client)
        client.call("shutdown", None)
        client.write(b"".join(map(frame, [*messages, {"jsonrpc": "2.0", "id": "late", "method": "shutdown"}])))
        _refused(client, [*_asked(messages), "late"], INVALID)
        client.tell("exit", None)
        assert 0 == client.process.wait(TIMEOUT)


ENDINGS: dict[str, tuple[tuple[str, ...], int]] = {
    "a shutdown that was refused": (("shutdown", "exit"), 1),
    "exit as a request": (("initialize", "exit?", "shutdown", "exit"), 0),
    "messages behind exit": (("initialize", "shutdown", "shutdown", "exit", "exit", "nonsense"), 0),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_the_exit_code(name: str) -> None:
    methods, expected = ENDINGS[name]
    with watched() as client:
        sent: list[Message] = []
        for number, method in enumerate(methods):
            message: Message = {"jsonrpc": "2.0", "method": method.rstrip("?"), "params": {"capabilities": {}}}
            sent.append(message if method in ("initialized", "exit") else {**message, "id": number})
        client.write(b"".join(map(frame, sent)))
        assert expected == client.process.wait(TIMEOUT)
        before = sent[: methods.index("exit")]
        assert [message["id"] for message in before if "id" in message] == [each["id"] for each in client.rest()]


# Documents


def test_documents_that_are_not_open_twice_open_closed_and_go_back_in_time(shared: tuple[Watcher, Path]) -> None:
    client, root = shared
    name, other = uri(root / "db/002-b.sql"), uri(root / "db/001-a.sql")
    here = {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "-- x\n"}
    client.change(name, 2, "never opened")
    client.tell("textDocument/didClose", {"textDocument": {"uri": name}})
    assert [FILES["db/002-b.sql"].split("\n", 1)[1].split("\n")[0]] == sent(client, name)[:1]
    client.open(root / "db/002-b.sql", "SELECT 1;\n", version=7)
    client.change(name, 8, here)
    client.open(root / "db/002-b.sql", "SELECT 2;\n", version=3)
    client.change(name, 2, {**here, "text": "SELECT 3;\n"})
    client.change(name, 2, {**here, "text": "SELECT 4;\n"})
    client.change(name, -5, {**here, "text": "SELECT 5;\n"})
    strange: tuple[Any, ...] = (None, "9", 1.5, True, 2**70, [])
    for version in strange:
        document = {"uri": name, "version": version}
        client.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{**here, "text": " "}]})
    expected = ["SELECT 5;", "SELECT 4;", "SELECT 3;", "SELECT 2;"]
    assert expected == sent(client, name)
    client.change(other, 1, "never opened")
    assert ["CREATE TABLE a (id int);"] == sent(client, other)
    for _ in range(2):
        client.tell("textDocument/didClose", {"textDocument": {"uri": name}})
    client.change(name, 9, "closed")
    assert "BEGIN;" == sent(client, name)[0]


def test_positions_past_the_end_are_answered(shared: tuple[Watcher, Path]) -> None:
    client, root = shared
    name = client.open(root / "db/002-b.sql")
    for line, character in ((0, 2**31 - 1), (2**31 - 1, 0), (2**31 - 1, 2**31 - 1), (1, 10**6)):
        where = place(name, line, character)
        span = {"start": where["position"], "end": {"line": 0, "character": 0}}
        for method in ("hover", "completion", "definition"):
            client.call(f"textDocument/{method}", where)
        client.call("textDocument/references", {**where, "context": {"includeDeclaration": True}})
        client.call("textDocument/codeAction", {**where, "range": span, "context": {"diagnostics": []}})
    still_right(client)


STRANGE_IDS: tuple[Any, ...] = (
    "",
    "7",
    7,
    -7,
    0,
    2**63,
    2**64,
    -(10**40),
    "\ud800",
    "\0é😀\u2028",
    "x" * 100_000,
    "null",
)


def test_an_answer_has_the_very_id_of_its_request(client: Watcher) -> None:
    for identity in STRANGE_IDS:
        for method in ("textDocument/hover", "nonsense"):
            client.send({"jsonrpc": "2.0", "id": identity, "method": method, "params": place("file:///x")})
            found = client.answer(identity)["id"]
            assert (type(identity), identity) == (type(found), found)


def test_requests_with_the_same_id_are_all_answered_and_all_cancelled(client: Watcher) -> None:
    """They are kept open until something changes or they are cancelled, so all answers mean that all were cancelled."""
    report = client.call("workspace/diagnostic", {"previousResultIds": []})
    known = [{"uri": each["uri"], "value": each["resultId"]} for each in report["items"]]
    held = {"jsonrpc": "2.0", "id": "held", "method": "workspace/diagnostic", "params": {"previousResultIds": known}}
    client.log.clear()
    client.write(frame(held) * 20)
    client.tell("$/cancelRequest", {"id": "held"})
    all_answered_once(client, Counter(["held"] * 20))
    still_right(client)


# Storms


STORM = """
import gc, sys, tracemalloc
from mig_lsp.lsp import server
build = server.build
def watched():
    made = build()
    made.feature("migLsp/memory")(lambda params: [gc.collect(), tracemalloc.get_traced_memory()[0]])
    return made
server.build = watched
tracemalloc.start()
sys.exit(server.serve_stdio())
"""


def test_a_storm_of_cancels_is_answered_and_forgotten(root: Path, effort: Effort) -> None:
    """Known, unknown, answered and meaningless ids; what is kept after a storm was kept before."""
    with watched(sys.executable, "-c", STORM) as client:
        client.start(profile("vscode-1.139")["capabilities"], root)
        name = client.open(root / "db/002-b.sql")
        kept = []
        for _ in range(effort.count(4, 12)):
            _cancel_storm(client, name, effort.count(500, 5000))
            still_right(client)
            kept.append(client.call("migLsp/memory", None)[1])
        assert kept[-1] < kept[1] + effort.count(50_000, 500_000), kept  # bytes; the first storm fills caches
        assert 0 == client.stop()


def _cancel_storm(client: Watcher, name: str, count: int) -> None:
    chance = random.Random(count)
    asked: list[int] = []
    for number in range(count):
        method = chance.choice(
            ("textDocument/hover", "textDocument/diagnostic", "textDocument/foldingRange", "nonsense")
        )
        asked.append(client.ask(method, {**place(name), "textDocument": {"uri": name}}))
        target: Any = chance.choice(
            (asked[-1], chance.choice(asked), number + 10**6, str(asked[-1]), None, [], 1.5, {})
        )
        for _ in range(chance.choice((1, 1, 3))):
            client.tell("$/cancelRequest", chance.choice(({"id": target}, {"id": target, "x": 1}, target)))
    for identity in asked:
        answer = client.answer(identity)
        assert "result" in answer or answer["error"]["code"] in (CANCELLED, UNKNOWN), answer
    client.log.clear()


# Helpers


def _asked(messages: list[Message]) -> list[Any]:
    """The ids that must be answered."""
    return [identity for must, identity in map(due, messages) if must]


def _refused(client: Watcher, identities: list[Any], code: int) -> None:
    assert [code] * len(identities) == [client.answer(identity)["error"]["code"] for identity in identities]
