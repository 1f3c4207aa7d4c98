from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pglast.parser import scan, split

from mig_lsp.core.sql.lexer import SPACE, Kind, code_end, is_terminated, skip_trivia, statement_end, tokens
from mig_lsp.core.sql.statement import read
from tests.core.sql.samples import FRAGMENTS, SEPARATORS, STATEMENTS

SOUP = st.lists(st.sampled_from((*FRAGMENTS, *STATEMENTS)), max_size=12).map("".join)
GOOD = st.lists(st.tuples(st.sampled_from(STATEMENTS), st.sampled_from(SEPARATORS)), max_size=6)


@given(GOOD)
def test_statements_are_those_of_the_real_parser(pairs: list[tuple[str, str]]) -> None:
    text = "".join(statement + separator for statement, separator in pairs)
    expected = [text[piece].strip() for piece in split(text, with_parser=True, only_slices=True)]
    assert expected == [item.code for item in read(text).items if not item.blank]


# The scanner joins strings that only a line end separates.
@pytest.mark.parametrize("statement", [statement for statement in STATEMENTS if "'\n'" not in statement])
def test_tokens_are_those_of_the_real_scanner(statement: str) -> None:
    kinds = {Kind.WORD, Kind.QUOTED, Kind.STRING, Kind.DOLLAR, Kind.NUMBER, Kind.PARAMETER, Kind.COMMENT}
    real = {(token.start, token.end + 1) for token in scan(statement)}
    ours = {(token.start, token.end) for token in tokens(statement) if token.kind in kinds}
    assert set() == ours - real


@given(SOUP)
@example("a \x1c b \x1f")
def test_tokens_cover_everything_but_white_space(text: str) -> None:
    position = 0
    for token in tokens(text):
        assert token.start >= position
        assert "" == text[position : token.start].strip(SPACE)
        assert token.end > token.start
        position = token.end
    assert "" == text[position:].strip(SPACE)


@given(SOUP)
def test_pieces_are_the_whole_text(text: str) -> None:
    assert text == "".join(item.text for item in read(text).items)


@given(SOUP)
@example("SELECT 1 -- é\n\ufeff")
def test_the_last_token_ends_where_the_code_ends(text: str) -> None:
    start = skip_trivia(text, 0)
    ends = [token.end for token in tokens(text, start) if token.kind is not Kind.COMMENT]
    assert (ends[-1] if ends else start) == code_end(text, start)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("a; b", 2),
        ("'a;' ; b", 6),
        ("E'a\\';' ; b", 9),
        ("xe'a' ; b", 7),
        ("'a\\'; b", 5),
        ("a$b;c$b;", 4),
        ("$1;$", 3),
        ("1$$;$$", 4),
        ("/* ; */ a", 9),
        ("/* /* */ ; */ a; b", 16),
        ("-- a;\rb; c", 8),
        ("'a; b", 5),
        ("é😀;x", 3),
        ("CREATE RULE r DO (a; b); c", 24),
        ("CREATE FUNCTION f() BEGIN ATOMIC a; END; b", 40),
        ("CREATE FUNCTION f(atomic int); b", 30),
        ("", 0),
    ],
)
def test_where_a_statement_ends(text: str, end: int) -> None:
    assert end == statement_end(text, 0)


@pytest.mark.parametrize(
    ("text", "terminated"),
    [("a;", True), ("a", False), ("a -- ;", False), ("'a;", False), ("/* ;", False), ("", False), (";", True)],
)
def test_whether_a_statement_is_terminated(text: str, terminated: bool) -> None:
    assert terminated == is_terminated(text)


@pytest.mark.parametrize("text", ["'abc", '"abc', "$x$ abc $$", "/* /* */", "E'abc\\'"])
def test_what_is_unterminated_is_one_token_to_the_end(text: str) -> None:
    assert [(Kind.BROKEN, 7, 7 + len(text))] == [tuple(token) for token in tokens("SELECT " + text)][1:]


@pytest.mark.parametrize(
    "text",
    [
        "CREATE FUNCTION f() BEGIN ATOMIC" + " SELECT CASE;" * 20_000,
        "CREATE RULE r AS ON INSERT TO t DO (" + "SELECT 1;" * 20_000,
        "/*" * 50_000,
        "'" * 50_001,
        "".join(f"$a{number}$" for number in range(20_000)),
        "(" * 50_000,
    ],
    ids=["atomic", "rule", "comments", "quotes", "dollars", "parentheses"],
)
@pytest.mark.timeout(30)
def test_hostile_text_takes_linear_time(text: str) -> None:
    assert 1 == len(read(text).items)
