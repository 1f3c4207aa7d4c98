"""What is true of the pieces of any text."""

from __future__ import annotations

from mig_lsp.core.runner import split
from mig_lsp.core.runner.profile import PROFILES
from mig_lsp.core.sql import statement
from mig_lsp.core.sql.lexer import SPACE


def pieces_are_the_text(text: str) -> None:
    """Statements and chunks cover the text, in order; their own positions lie in them."""
    found = statement.read(text)
    assert text == "".join(each.text for each in found.items)
    assert [*found.ends] == sorted(set(found.ends))
    for item in found.items:
        assert 0 <= item.span.start <= item.span.end <= len(item.text)
        assert item.fault is None or item.span.start <= item.fault.offset <= item.span.end
        end = item.span.start
        for token in item.tokens():
            assert item.text[end : token.start].strip(SPACE) == ""
            assert token.start < token.end <= item.span.end
            end = token.end
        assert item.text[end : item.span.end].strip(SPACE) == ""
    for runner in PROFILES.values():
        chunks = split.read(runner, text)
        assert text == "".join(each.text for each in chunks.items)
        for chunk in chunks.items:
            assert chunk.sql == "".join(chunk.text[start:end] for start, end in chunk.kept)
            assert all(chunk.sql[at] == chunk.text[chunk.source(at)] for at in range(0, len(chunk.sql), 7))
