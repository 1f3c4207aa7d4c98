from __future__ import annotations

import pytest

from mig_lsp.core.change import CreateFile, Edit, EditFile, FileChange, RenameFile, SourceChange
from mig_lsp.core.outcome import ImpossibleChangeError, Outcome, outcomes
from mig_lsp.core.text import Span

TEXTS = {"a": "é1", "b": "2"}


def insert(path: str, offset: int, text: str) -> EditFile:
    return EditFile(path, (Edit(Span(offset, offset), text),))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((), ()),
        ((EditFile("a", ()),), (Outcome("a", "a", "é1"),)),
        ((insert("a", 1, "😀"),), (Outcome("a", "a", "é😀1"),)),
        ((insert("a", 0, "x"), insert("a", 0, "y")), (Outcome("a", "a", "yxé1"),)),
        ((CreateFile("c", "3"), insert("c", 1, "4")), (Outcome("c", None, "34"),)),
        ((RenameFile("a", "c"),), (Outcome("c", "a", None),)),
        ((RenameFile("a", "c"), insert("c", 0, "x")), (Outcome("c", "a", "xé1"),)),
        ((insert("a", 0, "x"), RenameFile("a", "c")), (Outcome("c", "a", "xé1"),)),
        ((RenameFile("a", "c"), RenameFile("c", "a")), ()),
        ((RenameFile("a", "c"), CreateFile("a", "")), (Outcome("c", "a", None), Outcome("a", None, ""))),
        ((RenameFile("b", "c"), RenameFile("a", "b")), (Outcome("c", "b", None), Outcome("b", "a", None))),
        ((RenameFile("a", "A"),), (Outcome("A", "a", None),)),
    ],
)
def test_what_a_change_comes_to(files: tuple[FileChange, ...], expected: tuple[Outcome, ...]) -> None:
    assert outcomes(SourceChange("", files), TEXTS.__getitem__, TEXTS.__contains__) == expected


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ((CreateFile("a", ""),), "a exists already and is not overwritten"),
        ((RenameFile("a", "b"),), "b exists already and is not overwritten by a"),
        ((RenameFile("c", "d"),), "c does not exist, so it cannot be changed"),
        ((insert("c", 0, ""),), "c does not exist, so it cannot be changed"),
        ((RenameFile("a", "c"), insert("a", 0, "")), "a does not exist, so it cannot be changed"),
        ((RenameFile("a", "c"), RenameFile("b", "c")), "c exists already and is not overwritten by b"),
        (
            (EditFile("a", (Edit(Span(0, 2), ""), Edit(Span(1, 1), "x"))),),
            "a cannot be changed: overlapping edits at offset 1",
        ),
    ],
)
def test_what_is_impossible(files: tuple[FileChange, ...], message: str) -> None:
    with pytest.raises(ImpossibleChangeError) as caught:
        outcomes(SourceChange("", files), TEXTS.__getitem__, TEXTS.__contains__)
    assert str(caught.value) == message
