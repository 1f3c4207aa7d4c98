"""Random edits over the pipes of a real server: its text is the model's, its findings are those of a fresh look."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mig_lsp.core.check import check_document
from mig_lsp.core.runner.profile import RDS_DATA_API
from mig_lsp.core.snapshot import File
from mig_lsp.render import chunks
from tests.fuzz.client import Watcher, watched
from tests.fuzz.edits import ENCODINGS, Encoding, Model, Typist, shown
from tests.lsp.raw import Message, uri
from tests.support.effort import Effort
from tests.support.files import build
from tests.support.workspace import snapshot

BATCH = 50  # notifications that are written before anything is read
# This runner sends a file as it is, so its chunk is the text.
CONFIG = '[runner]\nprofile = "drizzle-migrator"\n'
FILES: dict[str, str | bytes] = {
    "exact/mig-lsp.toml": CONFIG,
    "exact/db/001-a.sql": b"\xef\xbb\xbfSELECT 1;\r\n",
    "usual/db/001-a.sql": "CREATE TABLE a (id int);\n",
    "usual/db/002-b.sql": "INSERT INTO a VALUES (1);\n",
}


EDITED = ("exact/db/001-a.sql", "usual/db/002-b.sql")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_text_is_the_editors_after_every_edit(
    tmp_path: Path, encoding: Encoding, seed: int, effort: Effort
) -> None:
    root = build(tmp_path, FILES)
    chance = random.Random(f"{encoding} {seed}")
    with watched() as client:
        client.start(capabilities(encoding), root / "exact", root / "usual")
        desk = [Document(client, root, path, encoding, chance) for path in EDITED]
        for document in desk:
            document.open()
        left = effort.count(400, 10_000)
        while left > 0:
            asked = [claim for _ in range(min(left, BATCH)) for claim in chance.choice(desk).step()]
            left -= BATCH
            for claim in asked:
                claim()
            for document in desk:
                document.settled()
        assert 0 == client.stop()
        check_pushes(client, {document.uri: document for document in desk})


def capabilities(encoding: Encoding) -> Message:
    return {
        "general": {"positionEncodings": [encoding]},
        "textDocument": {"publishDiagnostics": {"versionSupport": True, "relatedInformation": False}},
    }


Claim = Callable[[], None]


class Document:
    """One open document: what the editor has, and what the server must say of it."""

    def __init__(self, client: Watcher, root: Path, path: str, encoding: Encoding, chance: random.Random) -> None:
        self.client = client
        self.folder, _, self.path = path.partition("/")
        self.uri = uri(root / path)
        self.version = 0
        self.lengths: dict[int, list[int]] = {}
        self._edits: list[Any] = []
        self._chance = chance
        self._typist = Typist(Model("", encoding), chance)

    @property
    def model(self) -> Model:
        return self._typist.model

    def open(self) -> None:
        """Opens the document with a new text."""
        self._typist.model = Model(self._typist.words(40), self.model.encoding)
        self._edits = [self.model.text]
        self._versioned()
        document = {"uri": self.uri, "languageId": "sql", "version": self.version, "text": self.model.text}
        self.client.tell("textDocument/didOpen", {"textDocument": document})

    def step(self) -> Iterator[Claim]:
        """Writes one notification, most often with a question behind it; the result is what its answer must say."""
        chance = self._chance
        kind = chance.random()
        if kind < 0.01:
            self.client.tell("textDocument/didClose", {"textDocument": {"uri": self.uri}})
            self.open()
        elif kind < 0.03:
            self._change(self._typist.malformed())
        else:
            made = self._typist.changes()
            self._versioned()
            self._edits.append(made)
            self._change(made)
        if chance.random() < 0.9:
            yield self._text_is_right()
        if chance.random() < 0.1:
            yield self._findings_are_right()
        if chance.random() < 0.1:
            self.client.tell("$/cancelRequest", {"id": 10**6})

    def settled(self) -> None:
        """What is asked last says the same as what is pushed once the typing pauses."""
        self._text_is_right()()
        self._findings_are_right()()

    def _versioned(self) -> None:
        self.version += 1
        self.lengths[self.version] = [end - start for start, end in self.model.lines()]

    def _change(self, changes: list[Any]) -> None:
        document = {"uri": self.uri, "version": self.version}
        self.client.tell("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def _text_is_right(self) -> Claim:
        identity = self.client.ask(
            "workspace/executeCommand", {"command": "migLsp.showChunks", "arguments": [self.uri]}
        )
        text, edits = self.model.text, list(self._edits[-3:])
        expected = self._sent(text)

        def claim() -> None:
            answer = self.client.answer(identity)
            assert "result" in answer, (answer, edits)
            assert expected == [each["sql"] for each in answer["result"]["chunks"]], edits

        return claim

    def _sent(self, text: str) -> list[str]:
        if self.folder == "exact":
            return [shown(text)] if text.strip() else []
        return [shown(each.sql) for each in chunks.sent(File(self.path, text), RDS_DATA_API)]

    def _findings_are_right(self) -> Claim:
        identity = self.client.ask("textDocument/diagnostic", {"textDocument": {"uri": self.uri}})
        text, lengths, model = self.model.text, self.lengths[self.version], self.model
        expected = self._found(text, model) if self.folder == "usual" else None

        def claim() -> None:
            items = self.client.answer(identity)["result"]["items"]
            check_ranges(items, lengths)
            if expected is not None:
                assert expected == [(each["code"], each["severity"], each["range"]) for each in items], text

        return claim

    def _found(self, text: str, model: Model) -> list[Any]:
        set_ = snapshot({self.path: text, "db/001-a.sql": str(FILES["usual/db/001-a.sql"])})
        unit = offsets(text, model.encoding)
        return [
            (
                each.rule,
                each.severity,
                {"start": model.place(unit[each.span.start]), "end": model.place(unit[each.span.end])},
            )
            for each in check_document(set_, self.path)
        ]


def offsets(text: str, encoding: Encoding) -> list[int]:
    """The code unit at which each character begins, and their number."""
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    codec = "utf-8" if encoding == "utf-8" else f"{encoding}-le"
    found = [0]
    for char in text:
        found.append(found[-1] + len(char.encode(codec, "surrogatepass")) // width)
    return found


def check_ranges(items: list[Message], lengths: list[int]) -> None:
    """Every range lies in a text whose lines are that long."""
    for item in items:
        start, end = item["range"]["start"], item["range"]["end"]
        assert (start["line"], start["character"]) <= (end["line"], end["character"]), item
        for place in (start, end):
            assert 0 <= place["line"] < len(lengths), item
            assert 0 <= place["character"] <= lengths[place["line"]], item


def check_pushes(client: Watcher, desk: dict[str, Document]) -> None:
    """What was pushed is about versions that there were, never goes back, and the last one of each was reported."""
    last: dict[str, int] = {}
    for message in client.log:
        if message.get("method") != "textDocument/publishDiagnostics":
            continue
        params = message["params"]
        document = desk.get(params["uri"])
        if document is None or "version" not in params:
            continue
        check_ranges(params["diagnostics"], document.lengths[params["version"]])
        assert last.get(document.uri, 0) <= params["version"]
        last[document.uri] = params["version"]
    assert last == {name: document.version for name, document in desk.items()}
