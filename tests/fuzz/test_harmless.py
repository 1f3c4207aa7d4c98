"""Whatever a workspace holds, what is said of it is text: to terminals, to services, and to editors."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.fuzz import hostile
from tests.fuzz.hostile import NASTY, RAW, WINDOWS, Watched
from tests.fuzz.traps import LOOKS, command, serving, tour
from tests.lsp.raw import profile
from tests.support import files
from tests.support.files import build, environment


def nasty(tmp_path: Path) -> tuple[Path, list[str]]:
    """A workspace whose names, texts, entries, log and branches all mean something to a terminal or an editor."""
    names = hostile.file_names()
    texts = {f"db/{name}": f"-- {NASTY[at % len(NASTY)]}\nBEGIN;\n" for at, name in enumerate(names)}
    bad = [f"{300 + at}-{text}.sql" for at, text in enumerate(NASTY)]
    rows = [
        {
            "step_number": at,
            "description": name,
            "status": status,
            "error_message": " ".join(NASTY),
            "executed_at": NASTY[at % len(NASTY)],
        }
        for at, name in enumerate([*names, *bad])
        for status in ("failed", NASTY[at % len(NASTY)])
        if not re.search("[\ud800-\udfff]", name)
    ]
    config = [
        '[migrations]\nmanifest = "list (a)[b]`c`.json"\ndirectory = "db"\n',
        '[log.dev]\nsource = "file"\npath = "log.json"\n',
    ]
    for at, text in enumerate(NASTY):
        config.append(f'[log.{json.dumps(f"{at} {text}")}]\nsource = "file"\npath = "log.json"\n')
        config.append(f"[rules.{json.dumps(text)}]\nseverity = {json.dumps(text)}\n")
    root = build(
        tmp_path / "ws",
        {
            **texts,
            "db/010-texts.sql": "".join(
                f'-- {text}\n-- mig-lsp: ignore {text} -- {text}\nCREATE TABLE "{text}" ("{text}" "{text}");\n'
                f'ALTER TABLE "no {text}" ADD COLUMN "{text}" integer;\n'
                f"INSERT INTO x VALUES ('{text}') BEGIN {text};\n"
                for text in NASTY
            ),
            "list (a)[b]`c`.json": hostile.manifest([*names, *bad, "010-texts.sql"]),
            "mig-lsp.toml": "".join(config),
            "log.json": json.dumps(rows),
            "drizzle/meta/_journal.json": json.dumps({"entries": [{"idx": 0, "tag": text} for text in NASTY]}),
        },
    )
    return root, [*texts, "db/010-texts.sql", "list (a)[b]`c`.json", "mig-lsp.toml"]


def test_what_commands_say_is_harmless(tmp_path: Path, watched: Watched) -> None:
    root, paths = nasty(tmp_path)
    files.git(root, "init", "--quiet")
    files.commit(root, "first")
    for branch in ("a<b>", "](x)", "\u202efdp", "é😀", "100%0A"):
        files.git(root, "branch", branch)
    build(root, {"db/010-texts.sql": (root / "db/010-texts.sql").read_text("utf-8") + "SELECT 1;\n"})
    each = [path for path in paths if path.startswith("db/") and path.isprintable()]
    commands = (
        *LOOKS,
        ("register", *each, "--dry-run"),
        *(("chunks", path) for path in each[:6]),
        ("chunks", "db/010-texts.sql"),
        ("rollback", "db/010-texts.sql"),
        ("prepare", "x", "--from", "db/010-texts.sql"),
        ("check", "--select", NASTY[0]),
        ("check", NASTY[1]),
        ("explain", NASTY[2]),
        ("new", " ".join(NASTY)),
    )
    for args, done in zip(commands, watched.run(root, *commands), strict=True):
        diff = "--dry-run" in args
        assert not RAW.search(done.err), (args, RAW.search(done.err))
        assert diff or not RAW.search(done.out), (args, RAW.search(done.out), done.out[-3000:])
        assert "internal error" not in done.err and "Traceback" not in done.err, (args, done.err)
        if args[0] == "check" and "--format" in args:
            assert done.code == 1
            FORMAT[args[-1]](done.out)


def _github(out: str) -> None:
    for line in out.removesuffix("\n").split("\n"):
        match = re.fullmatch(r"::(error|warning|notice) ([^\r]*?)::([^\r]*)", line)
        assert match, line
        for pair in match[2].split(","):
            assert re.fullmatch(r"(file|line|col|endLine|endColumn|title)=[^:]*", pair), line
        assert "%" not in re.sub("%(25|0D|0A|3A|2C)", "", match[2] + match[3]), line


def _sarif(out: str) -> None:
    (run,) = json.loads(out)["runs"]
    assert run["results"]
    for result in run["results"]:
        for place in result["locations"]:
            assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", place["physicalLocation"]["artifactLocation"]["uri"])
        # A viewer makes a link of `[text](target)` in a message, unless the bracket is escaped.
        assert not re.search(r"(?<!\\)\[[^\]]*\]\(", result["message"]["text"])


def _junit(out: str) -> None:
    suites = ElementTree.fromstring(out)  # it is our own text
    assert len(list(suites.iter("failure"))) == int(suites.attrib["failures"]) > 0


FORMAT: dict[str, Callable[[str], object]] = {
    "text": lambda out: None,
    "json": json.loads,
    "gitlab": json.loads,
    "github": _github,
    "sarif": _sarif,
    "junit": _junit,
}


@pytest.mark.parametrize("args", [("check", "--fix", "--unsafe", "--all", "--dry-run"), ("new", "x", "--dry-run")])
def test_a_diff_on_a_terminal_is_harmless(tmp_path: Path, args: tuple[str, ...]) -> None:
    """Into a file it goes as it is, for `git apply`."""
    if WINDOWS:
        return
    import pty

    head = "-- \x1b]0;owned\x07\n-- \u202e\n"
    root = build(
        tmp_path,
        {
            "db/010-x.sql": f"{head}BEGIN;\nSELECT 1;\n",
            "db/m.json": '{"\x1b[2J": 1, "migrationFiles": ["010-x.sql"]}\n'.replace("\\", ""),
            "mig-lsp.toml": '[migrations]\ntemplate = "t.sql"\n',
            "t.sql": f"{head}-- {{number}}\n",
        },
    )
    main, side = pty.openpty()
    command = [sys.executable, "-m", "mig_lsp", *args, "--color", "never"]
    process = subprocess.Popen(command, cwd=root, stdout=side, stderr=subprocess.PIPE, env=environment())
    os.close(side)
    said = b""
    try:
        while data := os.read(main, 65536):
            said += data
    except OSError:
        pass  # how Linux says that the other side is closed
    finally:
        os.close(main)
        process.communicate()
    text = said.decode().replace("\r\n", "\n")
    assert "\n+" in text or "\n-" in text
    assert not RAW.search(text), RAW.search(text)
    assert "\x1b]0;owned" in files.run(root, *args).out


def test_what_the_server_says_is_harmless(tmp_path: Path, watched: Watched) -> None:
    root, paths = nasty(tmp_path)
    with serving(watched, root) as client:
        client.start(profile("vscode-1.139")["capabilities"], root)
        command(client, "migLsp.refreshLog")
        answers = tour(client, root, [root / path for path in paths])
        assert 0 == client.stop()
    shown = [text for message in client.log for text in _shown(message)]
    assert len(shown) > 500
    for text in shown:
        assert not RAW.search(text), (RAW.search(text), text)
    markdown = [value for message in answers for value in _markdown(message)]
    assert any("**dev**: pending" in value for value in markdown)
    assert any("never runs: not in" in value for value in markdown)
    for value in markdown:
        assert not _live(value), (_live(value), value)


def _shown(message: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a message that are made for people; names and labels are data, as they stand in the files."""
    waiting: list[Any] = [message]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            for key, value in each.items():
                if isinstance(value, str) and key in ("message", "title", "detail", "value", "tooltip"):
                    yield value
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _markdown(message: Mapping[str, Any]) -> Iterator[str]:
    waiting: list[Any] = [message]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if each.get("kind") == "markdown":
                yield each["value"]
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


_FENCED = re.compile(r"^ *(`{3,})[^\n]*\n.*?^ *\1 *$", re.M | re.S)
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")  # none goes on behind the end of a list item
_LIVE = re.compile(r"\]\(|<[a-zA-Z/!]|!\[|evil\.example|&[#a-z]+;")


def _live(markdown: str) -> re.Match[str] | None:
    """What of a workspace's text would do something: it stands outside of all code."""
    own = markdown.partition("---\n\n#")[0]  # behind it the rule's own page stands
    return _LIVE.search(_SPAN.sub("", _FENCED.sub("", own)))
