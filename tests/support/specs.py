"""Runs the rule pages: headings are tests, fences are files, a line of carets under a line is one finding.

    ```sql 043-add-email.sql
    BEGIN;
    ^^^^^ the message, whole
    ```

A fence names its file; a bare name lies in the migration directory, any other path counts from the root of the
workspace. `base:` in front means the file on the base branch, another word the file on that branch. The carets may
follow a comment sign (`--  ^^^`); `^^^>` says that the finding reaches beyond its line. Lines of carets are taken out
before the rule sees the text. What is found must be what is claimed, one to one, and the same again with CRLF line ends
and behind wide characters. A fence marked `fixed` is the file after every fix of the rule; there the rule, and
`syntax-error`, must be silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from mig_lsp.core.change import Edit, EditFile, FileChange, Finding, apply
from mig_lsp.core.check import check_document
from mig_lsp.core.rules import by_name
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.text import Place
from tests.support.workspace import changed, snapshot

_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.M | re.S)
_HEADING = re.compile(r"^#+ (.*)$", re.M)
_CLAIM = re.compile(r"(?:--|//|#)?( *)(\^+)(>?) ?(.*)")
_DIRECTORY = "migrations"
_WIDE = "-- é 😀\f"
# What they find stands on the first line, whatever that is: a line before it moves nothing.
_ABOUT_FILES = {"manifest", "naming", "header", "config"}


class Claim(NamedTuple):
    """One finding as a page or a rule says it; *end* is None when it lies beyond the line."""

    start: Place
    end: Place | None
    message: str


@dataclass
class Case:
    """The files of one heading, by path, and what they are after the fixes."""

    title: str
    line: int
    files: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)


def cases(page: str) -> Iterator[Case]:
    """The tests of a page; the fences under "Good" belong to the test before them."""
    heads = [*_HEADING.finditer(page)]
    case: Case | None = None
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        if head[1] != "Good" or case is None:
            if case is not None and case.files:
                yield case
            case = Case(head[1], page.count("\n", 0, head.start()) + 1)
        body = page[head.end() : following.start() if following else len(page)]
        for fence in _FENCE.finditer(body):
            words = fence[2].split()
            path = next((word for word in words if "." in word), None)
            if path is not None:
                files = case.fixed if "fixed" in words else case.files
                ref, colon, name = path.rpartition(":")
                placed = name if "/" in name or not name.endswith(".sql") else f"{_DIRECTORY}/{name}"
                files[f"{ref}{colon}{placed}"] = fence[3]
    if case is not None and case.files:
        yield case


def claims(text: str) -> tuple[str, list[Claim]]:
    """A fence's text without its lines of carets, and what those claim."""
    kept: list[str] = []
    found: list[Claim] = []
    for line in text.splitlines(keepends=True):
        match = _CLAIM.fullmatch(line.rstrip("\n"))
        if match is None:
            kept.append(line)
            continue
        start, row = match.start(2), len(kept) - 1
        end = None if match[3] else Place(row, match.end(2))
        found.append(Claim(Place(row, start), end, match[4]))
    return "".join(kept), found


def said(file: File, findings: Iterable[Finding]) -> list[Claim]:
    """Findings in the form of claims."""
    out = []
    for finding in findings:
        start, end = file.lines.place(finding.span.start), file.lines.place(finding.span.end)
        out.append(Claim(start, end if end.line == start.line else None, finding.message))
    return out


class RulePage(pytest.File):
    """A rule's page as a file of tests."""

    def collect(self) -> Iterator[pytest.Item]:
        for case in cases(self.path.read_text("utf-8")):
            yield Spec.from_parent(self, name=case.title, case=case)


class Spec(pytest.Item):
    """One heading of a rule's page."""

    funcargs: dict[str, object] = {}  # noqa: RUF012 - pytest-lsp reads it from every item

    def __init__(self, *, case: Case, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]  # pytest hands its own arguments through
        self.case = case

    @property
    def rule(self) -> str:
        return self.path.stem.replace("_", "-")

    def runtest(self) -> None:
        bare = {path: claims(text) for path, text in self.case.files.items()}
        texts = {path: text for path, (text, _) in bare.items()}
        claimed = {path: claim for path, (_, claim) in bare.items()}
        self._verify(texts, claimed)
        self._verify({path: text.replace("\n", "\r\n") for path, text in texts.items()}, claimed)
        if by_name()[self.rule].category not in _ABOUT_FILES:
            wide = {
                path: f"{_WIDE}\n{text}" if path.endswith(".sql") and text else text for path, text in texts.items()
            }
            self._verify(
                wide,
                {
                    path: self._down(texts[path], claim) if wide[path] != texts[path] else claim
                    for path, claim in claimed.items()
                },
            )
        self._verify_fixes(texts)

    def _verify(self, texts: Mapping[str, str], claimed: Mapping[str, list[Claim]]) -> None:
        world = snapshot(texts)
        for path in texts:
            found = self._found(world, path)
            file = world.file(path)
            expected = claimed[path]
            assert expected == (said(file, found) if file is not None else []), f"{path}: {self._all(world, path)}"

    def _down(self, text: str, found: list[Claim]) -> list[Claim]:
        """The claims when a line stands before the text; what history says of a whole file stays on the first line."""
        first = Place(0, 0), Place(0, len(text.partition("\n")[0]))
        stays = by_name()[self.rule].category == "history"
        return [
            claim._replace(end=Place(0, len(_WIDE))) if stays and claim[:2] == first else _moved(claim)
            for claim in found
        ]

    def _verify_fixes(self, texts: Mapping[str, str]) -> None:
        world = snapshot(texts)
        fixes = [(path, finding.fix) for path in texts for finding in self._found(world, path) if finding.fix]
        if not self.case.fixed:
            assert not fixes or not self._shown_fixed(), f"a fix without a `fixed` fence: {fixes[0][1].title}"
            return
        edits: dict[str, list[Edit]] = {}
        others: list[FileChange] = []
        for path, fix in fixes:
            for change in (EditFile(path, fix.edits), *fix.others):
                if isinstance(change, EditFile):
                    known = edits.setdefault(change.path, [])
                    known += [edit for edit in change.edits if edit not in known]
                else:
                    others.append(change)
        after = changed({**texts, **{path: apply(texts[path], edit) for path, edit in edits.items()}}, others)
        assert self.case.fixed == {path: after.get(path) for path in self.case.fixed}
        clean = snapshot(after)
        for path in after:
            left = [f for f in check_document(clean, path) if f.rule in (self.rule, "syntax-error") and f.fix]
            assert [] == left, f"a fix must remove its finding: {path}"

    def _shown_fixed(self) -> bool:
        # The first example of a page shows its fix; further tests may leave it out.
        return self.case.title == "Bad"

    def _found(self, world: Snapshot, path: str) -> list[Finding]:
        return [finding for finding in check_document(world, path) if finding.rule == self.rule]

    def _all(self, world: Snapshot, path: str) -> list[tuple[str, str]]:
        return [(finding.rule, finding.message) for finding in check_document(world, path)]

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.line, f"{self.path.stem}: {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        return f"{self.path}:{self.case.line}\n{excinfo.getrepr(style='short')}"


def _moved(claim: Claim) -> Claim:
    start, end = claim.start, claim.end
    return Claim(Place(start.line + 1, start.column), Place(end.line + 1, end.column) if end else None, claim.message)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RulePage | None:
    if file_path.suffix == ".md" and file_path.parent.name == "rules":
        return RulePage.from_parent(parent, path=file_path)
    return None
