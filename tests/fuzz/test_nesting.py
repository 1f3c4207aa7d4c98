"""PostgreSQL's parser at its limits, and the other recursive ones: no depth takes the process down."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fuzz.deep import NAMES, deep
from tests.lsp.raw import running
from tests.support.effort import Effort
from tests.support.files import build, run

DEEPEST = 1_000_000
# Each of these is another way into or through a parser; a short run takes them to the depths that cost time.
DEEP = ("parentheses", "sum", "not", "case", "subquery", "join", "left open", "MySQL's", "plpgsql", "comment")
GOOD = "db/900-good.sql"


@pytest.mark.parametrize("depth", [60, 700])
def test_everything_that_can_be_asked(depth: int) -> None:
    _all_asked(depth, NAMES)


def test_everything_that_can_be_asked_of_the_deepest(effort: Effort) -> None:
    _all_asked(effort.count(30_000, 300_000), DEEP if not effort.long else NAMES)


def test_the_command_line(tmp_path: Path, effort: Effort) -> None:
    depth = effort.count(20_000, DEEPEST)
    for number, names in enumerate([DEEP] if not effort.long else [(name,) for name in NAMES]):
        root = build(tmp_path / str(number), _files(names, depth))
        done = run(root, "check", "--format", "json", "--all")
        assert (done.err, done.code) == ("", 1), names
        findings = json.loads(done.out)["findings"]
        assert (GOOD, "transaction-control") in {(each["path"], each["rule"]) for each in findings}
        for each in findings:
            size = len((root / each["path"]).read_text("utf-8")) if (root / each["path"]).is_file() else 0
            assert each["range"]["end"]["offset"] <= size


def test_the_server(tmp_path: Path, effort: Effort) -> None:
    files = _files(DEEP, effort.count(5_000, 100_000))
    root = build(tmp_path, files)
    with running() as client:
        client.start({"textDocument": {"diagnostic": {}}}, root)
        for path in files:
            name = client.open(root / path)
            place = {"textDocument": {"uri": name}, "position": {"line": 0, "character": 30}}
            for method in ("hover", "completion", "definition"):
                client.call(f"textDocument/{method}", place, timeout=120)
            for method in ("documentSymbol", "foldingRange", "diagnostic"):
                client.call(f"textDocument/{method}", {"textDocument": {"uri": name}}, timeout=120)
        shown = client.pulled(name)["items"]
        assert "transaction-control" in {each["code"] for each in shown}
        assert 0 == client.stop()


def _all_asked(depth: int, names: Sequence[str]) -> None:
    command = [sys.executable, "-m", "tests.fuzz.deep", str(depth), *names]
    tried = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    said = tried.stdout.splitlines()
    assert (0, [*names]) == (tried.returncode, said), f"{said[-1:]}: {tried.stderr[-4_000:]}"


def _files(names: Sequence[str], depth: int) -> dict[str, str | bytes]:
    files = {f"db/{number:03}-x.sql": f"{deep(name, depth)};\n" for number, name in enumerate(names, 10)}
    return {**files, GOOD: "BEGIN;\n"}
