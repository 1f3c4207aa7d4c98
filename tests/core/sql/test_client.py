from __future__ import annotations

import pytest

from mig_lsp.core.sql.client import client_part


@pytest.mark.parametrize(
    ("text", "commands", "sql"),
    [
        ("SELECT 1;", [], "SELECT 1;"),
        ("-- é\n\\echo 😀 \r\n\\i x\nSELECT 1", ["\\echo 😀", "\\i x"], "\nSELECT 1"),
        ("1\ta\n\\.\n\nSELECT 1", [], "\nSELECT 1"),
        ("1\ta\r\n\\.\r\n\\echo x\r\nSELECT 1", ["\\echo x"], "\r\nSELECT 1"),
        ("SELECT E'\\\\'", [], "SELECT E'\\\\'"),
        ("\\q", ["\\q"], ""),
    ],
)
def test_what_is_psqls_alone(text: str, commands: list[str], sql: str) -> None:
    found = client_part(text)
    assert commands == [text[slice(*span)] for span in found.commands]
    assert sql == text[found.sql :]
