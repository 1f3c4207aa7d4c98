"""The documents: the paths, modules and commands they name exist, and they speak of the project alone."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from mig_lsp.cli import main
from mig_lsp.cli_arguments import parser
from mig_lsp.core.rules import by_name

ROOT = Path(__file__).parent.parent

_FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", re.M | re.S)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
_COMMAND = re.compile(r"(?:\$ )?((?:mig-lsp|python3? -m mig_lsp)(?: .*)?)")
_OPTION = re.compile(r"(?<!\S)(--?[a-z][a-z-]*)")
_MODULE = re.compile(r"mig_lsp(?:\.\w+)+")

# What begins a path of this project; the paths of the users' workspaces in the examples begin otherwise.
_FOLDERS = ("mig_lsp/", "tests/", "docs/", "tools/", "editors/", "bench/", "demo/", "schema/", ".ci/")
_TEXTS = {".md", ".py", ".toml", ".json", ".ts", ".sql", ".lua", ".yml", ".yaml", ".txt", ".js", ".csv", ".cfg", ".sh"}
_NOT_OURS = {"node_modules", "__pycache__", "build", "dist", "htmlcov"}

_FORBIDDEN = {
    "a package index of somebody's network": r"-(?:-extra|-)-index-url",
    "the number of an issue": r"(?i)\b(?:[i]ssue|[f]ixes|[c]loses) #\d",
}


class Command(NamedTuple):
    """A command line in a document, and where."""

    place: str
    words: tuple[str, ...]


def test_every_path_exists() -> None:
    missing = []
    for document in _documents():
        text = document.read_text("utf-8")
        for named in _INLINE.findall(_FENCE.sub("", text)):
            if named.startswith(_FOLDERS) and not _is_pattern(named) and not (ROOT / named.split(":")[0]).exists():
                missing.append(f"{_name(document)}: {named}")
        for target in _LINK.findall(text):
            if "://" not in target and not target.startswith("mailto:") and not (document.parent / target).exists():
                missing.append(f"{_name(document)}: ({target})")
    assert missing == []


def test_every_module_exists() -> None:
    """`mig_lsp.core.text.Span` is a name in a module, and a path written with points is a module."""
    missing = [
        f"{_name(document)}: {named}"
        for document in _documents()
        for named in _MODULE.findall(document.read_text("utf-8"))
        if not any(_is_module(prefix) for prefix in (named, named.rpartition(".")[0]))
    ]
    assert missing == []


def test_every_command_is_one() -> None:
    """The command lines in fences, taken as a whole."""
    wrong = []
    for document in _documents():
        for command in _commands(document):
            complaint = _complaint(command.words)
            if complaint:
                wrong.append(f"{command.place}: {complaint}")
    assert wrong == []


def test_every_command_in_a_sentence_is_one() -> None:
    """What stands in backticks may leave things out, so only the command and its options are looked at."""
    wrong = []
    for document in _documents():
        for named in _INLINE.findall(_FENCE.sub("", document.read_text("utf-8"))):
            words = named.split()
            if words[0] != "mig-lsp" or len(words) == 1 or words[1].startswith(("-", "[")) or words[1].isupper():
                continue
            known = _usage(words[1]) if re.fullmatch("[a-z]+", words[1]) else None
            if known is None or any(option not in known for option in _OPTION.findall(named)):
                wrong.append(f"{_name(document)}: {named}")
    assert wrong == []


def test_every_rule_that_is_explained_exists() -> None:
    wrong = [
        f"{_name(document)}: {rule}"
        for document in _documents()
        for rule in re.findall(r"mig-lsp explain ([a-z][a-z-]*)", document.read_text("utf-8"))
        if rule not in by_name()
    ]
    assert wrong == []


def test_the_project_speaks_of_itself_alone() -> None:
    found = []
    for path in _texts():
        text = path.read_text("utf-8", errors="replace")
        for what, pattern in _FORBIDDEN.items():
            match = re.search(pattern, text)
            if match:
                found.append(f"{_name(path)}:{text.count(chr(10), 0, match.start()) + 1}: {what}: {match.group()}")
    assert found == []


def _texts() -> Iterator[Path]:
    """The text files of the project, without what tools leave behind."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part in _NOT_OURS or (part.startswith(".") and part != ".ci") for part in parts[:-1])
        if not hidden and path.is_file() and (path.suffix in _TEXTS or parts[0] == ".ci"):
            yield path


def _documents() -> list[Path]:
    return [path for path in _texts() if path.suffix == ".md"]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_pattern(named: str) -> bool:
    """Whether the path has a place for something else in it ("tests/core/test_<module>.py")."""
    return bool(re.search(r"[<>*{} …]|\.\.\.|NAME|RULE|NNN", named))


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def _commands(document: Path) -> Iterator[Command]:
    text = document.read_text("utf-8")
    for fence in _FENCE.finditer(text):
        if fence[2] not in ("", "sh", "bash", "console", "shell"):
            continue
        for line in fence[3].split("\n"):
            match = _COMMAND.fullmatch(line.strip())
            if match is None:
                continue
            words = shlex.split(match[1].replace("python -m mig_lsp", "mig-lsp"), comments=True)
            for sign in ("|", ">", ">>", "<", "&&", "||", ";", "2>"):
                words = words[: words.index(sign)] if sign in words else words
            yield Command(f"{_name(document)}: {line.strip()}", tuple(words[1:]))


def _complaint(words: tuple[str, ...]) -> str:
    """What the command line's parser says of *words*, "" when it takes them."""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        try:
            parser().parse_args(words)
        except SystemExit as end:
            return errors.getvalue().strip() if end.code else ""
    return ""


def _usage(command: str) -> str | None:
    """The help of a command, None when there is none."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(io.StringIO()):
        try:
            parser().parse_args([command, "--help"])
        except SystemExit as end:
            return shown.getvalue() if not end.code else None
    return None


def test_the_readme_shows_what_the_demo_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--root", str(ROOT / "demo"), "--color", "never"]) == 1
    printed = capsys.readouterr().out
    shown = [
        body for _, language, body in _FENCE.findall((ROOT / "README.md").read_text("utf-8")) if language == "text"
    ]
    assert shown
    assert [block for body in shown for block in body.strip("\n").split("\n\n") if block not in printed] == []
