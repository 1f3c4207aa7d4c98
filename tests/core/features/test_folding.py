from __future__ import annotations

import pytest

from mig_lsp.core.features.folding import Fold, folds
from tests.support.workspace import snapshot

FILE = "migrations/010-é.sql"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1;\nSELECT 2;\n", []),
        ("-- Migration 010: é\n-- 😀\n\nSELECT 1;\n", [Fold(0, 1, "comment")]),
        ("/* a\n   b */\nSELECT 1;\n", [Fold(0, 1, "comment")]),
        ("-- a\n\nSELECT 1,\n  '\f',\n  2\n;\n", [Fold(2, 4)]),
        ("CREATE TABLE t (\n  a int\n);\nSELECT 1;\n", [Fold(0, 2)]),
        ("CREATE TABLE t (\n  a int\n", [Fold(0, 1)]),
        ("INSERT INTO t (a,\n  b)\nVALUES\n  (1, 2),\n  (3, 4);\n", [Fold(0, 4), Fold(2, 4)]),
        ("INSERT INTO t VALUES\n  (1, 2),\n  (3, 4);\n", [Fold(0, 2)]),
        ("INSERT INTO t (\"values\")\nSELECT 'values'\n;", [Fold(0, 1)]),
        ("SELECT 1;\n\n-- ROLLBACK\n-- DROP TABLE t;\n-- SELECT 2;\n", [Fold(2, 4, "region")]),
        (
            "-- Migration 010: é\n-- ROLLBACK:\n-- DROP TABLE t;\nSELECT 1;\n",
            [Fold(0, 2, "comment"), Fold(1, 2, "region")],
        ),
        ("", []),
    ],
)
def test_folds(text: str, expected: list[Fold]) -> None:
    assert expected == list(folds(snapshot({FILE: text}), FILE))
    assert expected == list(folds(snapshot({FILE: text.replace("\n", "\r\n")}), FILE))


def test_other_documents_fold_by_themselves() -> None:
    texts = {"m.json": '{"migrationFiles": [\n"010-é.sql"\n]}', FILE: "SELECT 1;"}
    assert () == folds(snapshot(texts), "m.json")
