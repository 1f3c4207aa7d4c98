from __future__ import annotations

import pytest

from mig_lsp.core.migration import FileName, file_name, is_rollback, next_number, numbers, parse_name, slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("043-add-email.sql", FileName(43, "043", "add-email", False)),
        ("infra/schema/043-add-email.sql", FileName(43, "043", "add-email", False)),
        ("11_textract.sql", FileName(11, "11", "textract", False)),
        ("20240102030405_x.sql", FileName(20240102030405, "20240102030405", "x", False)),
        ("043.sql", FileName(43, "043", "", False)),
        ("043-x-rollback.sql", FileName(43, "043", "x-rollback", True)),
        ("043_x.down.sql", FileName(43, "043", "x.down", True)),
        ("add-email.sql", None),
        ("043-add-email.txt", None),
        ("٤٣-arabic.sql", None),
        ("9" * 19 + "-x.sql", None),
        (".sql", None),
    ],
)
def test_parse_name(name: str, expected: FileName | None) -> None:
    assert expected == parse_name(name)


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Add user preferences", "add-user-preferences"),
        ("  --é😀 x__y  ", "x-y"),
        ("a" * 60, "a" * 50),
        ("a" * 49 + " b", "a" * 49),
        ("é😀", ""),
    ],
)
def test_slug(description: str, expected: str) -> None:
    assert expected == slug(description)


def test_file_name() -> None:
    assert "0043-add-x.sql" == file_name(43, "Add X", 4)
    with pytest.raises(ValueError, match="no letter a-z"):
        file_name(43, "é", 3)


@pytest.mark.parametrize(("taken", "expected"), [([], 10), ([3], 10), ([42, 41], 43), ([9], 10)])
def test_next_number(taken: list[int], expected: int) -> None:
    assert expected == next_number(taken, 10)


def test_numbers_and_rollbacks() -> None:
    assert {10, 11} == numbers(["010-a.sql", "11_b.sql", "readme.sql"])
    assert [True, False] == [is_rollback(name) for name in ("a-rollback.sql", "rollback.sql")]
