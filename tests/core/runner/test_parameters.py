from __future__ import annotations

import pytest

from mig_lsp.core.runner.parameters import bind_parameters, named_parameters
from mig_lsp.core.sql.statement import Statement


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 'é😀 $1', $2, a$3, \"$4\" /* $5 */ -- $6\n, $7", ["$2", "$7"]),
        ("DO $$ $1 $$", []),
        ("PREPARE p AS SELECT $1", []),
        ("CREATE FUNCTION f(int) RETURNS int RETURN $1", []),
        ("CREATE VIEW v AS SELECT $1", ["$1"]),
        ("SELEC $1", ["$1"]),
    ],
)
def test_bind_parameters(sql: str, expected: list[str]) -> None:
    assert expected == [sql[start:end] for start, end in bind_parameters(Statement(sql))]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 'é😀:a', :b, x::int, y :=1, \":c\" /* :d */", [(":b", True)]),
        ("SELECT a[1:n], a[:2], a[1 : m]", [(":n", True)]),
        ("DO $$ BEGIN x := :b::int; END $$", [(":b", False)]),
        ("SELECT '12:30'::time, 1", []),
        ("SELECT 1", []),
    ],
)
def test_named_parameters(sql: str, expected: list[tuple[str, bool]]) -> None:
    found = named_parameters(Statement(sql))
    assert expected == [(sql[slice(*parameter.span)], parameter.certain) for parameter in found]
