from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from mig_lsp.lsp.encode import encoded, encoded_exactly


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"é": ["😀", None, 1.5, 2**70]}, {"é": ["😀", None, 1.5, 2**70]}),
        ({"é": ["\ud83d", "a\ude00b"]}, {"é": ["\ufffd", "a\ufffdb"]}),
        ({"\ud83d": 2**70, "x": msgspec.Raw(b'{"y":1}')}, {"\ufffd": 2**70, "x": {"y": 1}}),
        ("\ude00\ud83d😀\ud7ff\ue000", "\ufffd\ufffd😀\ud7ff\ue000"),
        ("\\ud83d", "\\ud83d"),
    ],
)
def test_half_of_a_pair_is_sent_as_a_character(value: Any, expected: Any) -> None:
    assert expected == json.loads(encoded(value).decode())


@pytest.mark.parametrize("identity", [None, 0, -(10**30), "", "7", "\ud83d", "é😀\0\u2028"])
def test_what_a_client_has_sent_comes_back_exactly(identity: str | int | None) -> None:
    assert identity == json.loads(encoded_exactly(identity).decode())
