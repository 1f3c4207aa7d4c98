"""Messages that were right once: values, keys and bytes of them are replaced by what nobody expects."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mig_lsp.lsp import capabilities
from tests.fuzz.client import place
from tests.lsp.raw import Message, uri

DEEP: Any = json.loads("[" * 200 + "]" * 200)
JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**31, 2**53, 2**64, -(10**30), 1.5, "", "x", "\0", "é😀", "\ud800", "%", "x" * 5000),
    *(
        "file:///x",
        "file:///x/\ud83d.sql",
        "file:///%00",
        "untitled:1",
        [],
        {},
        [[]],
        [None],
        {"x": None},
        {"": [1]},
        DEEP,
    ),
)
FILES = {
    "db/001-a.sql": "CREATE TABLE a (id int);\n",
    "db/002-b.sql": "-- é😀\nBEGIN;\nINSERT INTO a VALUES (1);\n",
    "db/migrations.json": '{"migrationFiles": ["001-a.sql", "\\ud800.sql", "\\u0000", "../x", "x/y.sql", ""]}',
}
_IDS = iter(range(1000, 10**9))
_SHREDS = (b"\r\n\r\n", b"Content-Length: ", b"\0", b"{", b"\xed\xa0")
_MOST_FILLING = 500_000
_NEVER = ("exit", "shutdown")  # these end the session: what comes then has tests of its own


def session(root: Path, chance: random.Random) -> list[Message]:
    """A session of an editor, in order: every request and notification that there is, on real documents."""
    names = [uri(root / path) for path in FILES]
    name = chance.choice(names)
    where = place(name, chance.randrange(4), chance.randrange(10))
    span = {"start": where["position"], "end": where["position"]}
    context = {"diagnostics": [{"range": span, "message": "x", "code": "do-block"}], "triggerKind": 1}
    text = chance.choice(list(FILES.values()))
    document = {"uri": name, "languageId": "sql", "version": 1, "text": text}
    change = {"range": span, "text": chance.choice(("x", ";\n", "é😀", "--"))}
    folder = {"uri": uri(root / "db"), "name": "db"}
    renamed = {"oldUri": name, "newUri": uri(root / "db/009-x.sql")}
    asked: list[tuple[str, Any]] = [
        ("initialize", {"processId": None, "rootUri": None, "capabilities": {}}),
        *(
            (f"textDocument/{word}", where)
            for word in ("hover", "completion", "definition", "documentLink", "documentSymbol")
        ),
        *((f"textDocument/{word}", where) for word in ("foldingRange", "codeLens", "diagnostic", "formatting")),
        ("textDocument/references", {**where, "context": {"includeDeclaration": True}}),
        ("textDocument/codeAction", {**where, "range": span, "context": context}),
        ("codeAction/resolve", {"title": "x", "kind": "quickfix", "data": [1, {"x": None}]}),
        ("workspace/symbol", {"query": "a"}),
        ("workspace/diagnostic", {"previousResultIds": [{"uri": name, "value": "x"}], "partialResultToken": "p"}),
        ("workspace/willRenameFiles", {"files": [renamed]}),
        ("migLsp/documents", None),
        ("migLsp/migrations", {}),
        *(
            ("workspace/executeCommand", {"command": command, "arguments": [argument], "workDoneToken": 1})
            for command in capabilities.COMMANDS
            for argument in (name, "db/001-a.sql", {"uri": name, "number": 5, "description": "x"})
        ),
        ("shutdown", None),
    ]
    told: list[tuple[str, Any]] = [
        ("initialized", {}),
        ("textDocument/didOpen", {"textDocument": document}),
        ("textDocument/didChange", {"textDocument": {"uri": name, "version": 2}, "contentChanges": [change, change]}),
        ("textDocument/didChange", {"textDocument": {"uri": name, "version": 3}, "contentChanges": [{"text": text}]}),
        ("textDocument/didSave", {"textDocument": {"uri": name}, "text": text}),
        ("textDocument/didClose", {"textDocument": {"uri": name}}),
        ("workspace/didChangeConfiguration", {"settings": {"rules": {"do-block": {"severity": "off"}}}}),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": name, "type": 2}]}),
        ("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}}),
        ("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}}),
        *((f"workspace/did{word}Files", {"files": [{"uri": name}]}) for word in ("Create", "Delete")),
        ("workspace/didRenameFiles", {"files": [renamed]}),
        ("$/cancelRequest", {"id": chance.randrange(1000)}),
        ("$/setTrace", {"value": "verbose"}),
        ("window/workDoneProgress/cancel", {"token": 1}),
        ("exit", None),
    ]
    notifications: list[Message] = [{"jsonrpc": "2.0", "method": method, "params": params} for method, params in told]
    requests = [
        {"jsonrpc": "2.0", "id": chance.choice((next(_IDS), f"r{next(_IDS)}")), "method": method, "params": params}
        for method, params in asked
    ]
    answers: list[Message] = [{"jsonrpc": "2.0", "id": "mig-lsp-1", "result": [None]}]
    return [*notifications[:2], *requests, *notifications[2:], *answers]


def mutated(message: Any, chance: random.Random) -> Any:
    """A copy with one to three random changes of its structure."""
    made = copy.deepcopy(message)
    for _ in range(chance.randrange(1, 4)):
        made = _changed(made, chance)
    return made


def due(message: Any) -> tuple[bool, Any]:
    """Whether a message must be answered, and under which id."""
    if not isinstance(message, dict):
        return True, None
    identity = message.get("id")
    usable = isinstance(identity, str) or (isinstance(identity, int) and not isinstance(identity, bool))
    if "method" in message:
        return "id" in message, identity if usable else None
    is_answer = "id" in message and ("result" in message or "error" in message)
    return not is_answer, None


def ends(message: Any) -> bool:
    """Whether a message is one that ends a session."""
    return isinstance(message, dict) and message.get("method") in _NEVER


def torn(data: bytes, chance: random.Random) -> bytes:
    """A stretch of the stream with some bytes lost, doubled, swapped or replaced, and no message begun at its end."""
    while True:
        made = bytearray(data)
        for _ in range(chance.randrange(1, 6)):
            at, size = chance.randrange(len(made) + 1), chance.choice((1, 1, 2, 5, 40))
            piece = bytes(made[at : at + size])
            made[at : at + size] = chance.choice((b"", piece * 2, piece[::-1], chance.randbytes(size), *_SHREDS))
        longest = max(map(int, re.findall(rb"[0-9]+", made)))
        # Whoever says that a message is long gets that much; blank lines mean nothing to anybody else.
        if longest < _MOST_FILLING:
            return bytes(made) + b"\r\n" * longest


def _changed(value: Any, chance: random.Random) -> Any:
    """*value*, which is changed in place, with one change at a random depth."""
    root = [value]
    holder: Any = root
    key: Any = 0
    while isinstance(holder[key], dict | list) and holder[key] and chance.random() < 0.8:
        holder = holder[key]
        key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
    chance.choice(_CHANGES)(holder, key, chance)
    return root[0] if root else None


def _replace(holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = copy.deepcopy(chance.choice(JUNK))


def _remove(holder: Any, key: Any, chance: random.Random) -> None:
    del holder[key]


def _wrap(holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = chance.choice(([holder[key]], {"x": holder[key]}, [holder[key]] * 3))


def _rename(holder: Any, key: Any, chance: random.Random) -> None:
    if isinstance(holder, dict):
        holder[chance.choice(("x", "", "id", "method", "uri", "\ud800"))] = holder.pop(key)


_CHANGES: tuple[Callable[[Any, Any, random.Random], None], ...] = (
    _replace,
    _replace,
    _replace,
    _remove,
    _wrap,
    _rename,
)
