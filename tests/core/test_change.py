from __future__ import annotations

import pytest

from mig_lsp.core.change import Edit, Finding, Fix, Severity, apply
from mig_lsp.core.text import Span


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(Span(start, end), text)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], "abcdef"),
        ([edit(3, 3, "-"), edit(0, 1, "A")], "Abc-def"),
        ([edit(2, 2, "1"), edit(2, 2, "2")], "ab12cdef"),
        ([edit(6, 6, "!"), edit(0, 6, "")], "!"),
    ],
)
def test_apply(edits: list[Edit], expected: str) -> None:
    assert expected == apply("abcdef", edits)


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlapping edits at offset 1"):
        apply("abc", [edit(0, 2, ""), edit(1, 3, "")])


def test_a_shifted_finding_takes_its_fix_along() -> None:
    finding = Finding("r", Span(1, 2), "m", Fix("t", (edit(1, 2, "x"),)))
    assert Finding("r", Span(11, 12), "m", Fix("t", (edit(11, 12, "x"),))) == finding.shifted(10)


def test_severities_are_the_protocol_s() -> None:
    assert [("error", 1), ("warning", 2), ("info", 3), ("hint", 4)] == [(each.word, each.value) for each in Severity]
