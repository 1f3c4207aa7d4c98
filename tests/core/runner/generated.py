"""Files that hypothesis makes: statements, comments, breakpoints, block starters and odd line ends in any order."""

from __future__ import annotations

from hypothesis import strategies as st

from mig_lsp.core.sql.pieces import Splice

_SPACES = ("", "", "", " ", "\t", "\v", "\f", "\r", "\xa0", "\u1680", "\u2003", "\u2028", "\u202f", "\u3000", "\ufeff")
_NO_SPACES = ("\x85", "\x1c", "\x1f", "\u180e", "\u200b", "\0", "é", "😀")
_PARTS = (
    "CREATE TYPE mood AS ENUM ('a');",
    "create type mood as enum (",
    "CREATE FUNCTION f() RETURNS int AS $$",
    "Create Or Replace Function f() RETURNS trigger AS '",
    "CREATE FUNCT\u0131ON f()",
    "CREATE FUNCT\u0130ON f()",
    "CREATE  TYPE mood",
    "DROP TYPE IF EXISTS mood CASCADE;",
    "DROP TYPED",
    "$$ LANGUAGE plpgsql;",
    "' LANGUAGE plpgsql;",
    "' language plpg\u017fql;",
    "' LANGUAGE sql;",
    "BEGIN",
    "END;",
    "NOW();",
    ");",
    ") ;",
    ";",
    "-- a comment;",
    "--",
    "- -",
    "--> statement-breakpoint",
    "ALTER TABLE t ADD COLUMN c int;--> statement-breakpoint",
    "INSERT INTO t VALUES ('",
    "SELECT 1",
    "SELECT 1;",
    "SELECT 1; SELECT 2;",
    "SELECT 1; -- note",
    "/* ;",
    "*/",
    "CONCURRENTLY",
    "'",
    "$$",
)
_ENDS = ("\n", "\n", "\n", "\r\n", "\r", "\n\n", "")

lines = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(_SPACES + _NO_SPACES),
        st.sampled_from(_PARTS),
        st.sampled_from(_SPACES + _NO_SPACES),
        st.sampled_from(_ENDS),
    ),
)
texts = st.lists(lines, max_size=12).map("".join)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str, Splice]:
    """A text, the same text after one edit, and the edit."""
    text = draw(texts)
    start = draw(st.integers(0, len(text)))
    removed = draw(st.integers(0, min(40, len(text) - start)))
    added = draw(st.one_of(st.just(""), lines, st.sampled_from((";", "-", "\n", "'", "$", "/", " "))))
    return text, text[:start] + added + text[start + removed :], Splice(start, removed, len(added))
