from __future__ import annotations

import pytest

from mig_lsp.core.features.markdown import block, code
from mig_lsp.core.visible import one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("043-é😀.sql", "`043-é😀.sql`"),
        ("", ""),
        (" \n ", ""),
        ("a\nb\tc", "`a b c`"),
        ("a`b", "``a`b``"),
        ("``", "``` `` ```"),
        ("[x](http://e.example) <b>*", "`[x](http://e.example) <b>*`"),
        ("\x1b[31mred\x00", "`\\u001b[31mred\\u0000`"),
        ("a\u202eb\u2066c", "`a\\u202eb\\u2066c`"),
        ("x" * 300, "`" + "x" * 199 + "…`"),
    ],
)
def test_code_spans_hold_any_text(text: str, expected: str) -> None:
    assert expected == code(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ERROR: no\r\nDETAIL: é", "```text\nERROR: no\nDETAIL: é\n```"),
        ("a\n```\nb", "````text\na\n```\nb\n````"),
        ("~~~ ````` \x07", "``````text\n~~~ ````` \\u0007\n``````"),
        ("\n".join("abcde"), "```text\na\nb\nc\n…\n```"),
        ("x" * 50, "```text\n" + "x" * 39 + "…\n```"),
    ],
)
def test_blocks_end_where_they_end(text: str, expected: str) -> None:
    assert expected == block(text, limit=40, lines=3)


def test_a_huge_text_is_cropped_before_anything_else() -> None:
    assert "` " + "`" * 9 + "…" == one_line("` " + "`" * 10_000_000, 12)
