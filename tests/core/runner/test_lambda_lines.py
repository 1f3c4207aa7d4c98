from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings

from mig_lsp.core.runner import lambda_lines, split
from mig_lsp.core.runner.profile import RDS_DATA_API
from mig_lsp.core.text import Span
from tests.core.runner.generated import texts

_WHITE_SPACE = "\t\n\v\f\r\u2028\u2029\ufeff" + "".join(
    chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Zs"
)


def by_the_book(text: str) -> list[str]:
    """The four points of the specification, transcribed as they are written."""
    lines = [line for line in text.split("\n") if not line.strip(_WHITE_SPACE).startswith("--")]
    sent, chunk, block = [], "", False
    for line in lines:
        trimmed = line.strip(_WHITE_SPACE)
        upper = trimmed.upper()
        if upper.startswith(("CREATE TYPE", "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", "DROP TYPE")):
            block = True
        chunk += line + "\n"
        if not trimmed.endswith(";"):
            continue
        if block and upper.endswith((");", "' LANGUAGE PLPGSQL;")):
            block = False
        if not block:
            sent.append(chunk.strip(_WHITE_SPACE))
            chunk = ""
    sent.append(chunk.strip(_WHITE_SPACE))
    return [chunk for chunk in sent if chunk]


@settings(max_examples=1000, deadline=None)
@given(texts)
@example("\ufeff-- a\n\ufeffCREATE TYPE x;\ny\xa0\n);\xa0\nz")
def test_sends_what_the_specification_says(text: str) -> None:
    chunks = split.read(RDS_DATA_API, text)
    assert by_the_book(text) == [chunk.sql for chunk in chunks.items if chunk.sql]
    assert text == "".join(chunk.text for chunk in chunks.items)


def test_trims_what_javascript_trims() -> None:
    assert sorted(_WHITE_SPACE) == sorted(lambda_lines.TRIMMED)


def test_upper_cases_as_javascript_does() -> None:
    """Of all characters only the dotless i and the long s become letters of the words that block mode looks for."""
    for code in range(0x110000):
        char = chr(code)
        for text in (f"CREATE FUNCT{char}ON\na;\n);\nb;", f"DROP TYPE\na;\n' LANGUAGE PLPG{char}QL;\nb;"):
            if char.upper() in {"I", "S"} or code % 251 == 0:
                assert by_the_book(text) == [chunk.sql for chunk in split.read(RDS_DATA_API, text).items], text


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        pytest.param("", [], id="empty"),
        pytest.param(" \n\ufeff\n-- only comments;\n", [], id="nothing to send"),
        pytest.param("CREATE TYPE x AS ENUM ('a');\nb;", ["CREATE TYPE x AS ENUM ('a');", "b;"], id="type on one line"),
        pytest.param("CREATE TYPE x AS ENUM (\n'a;'\n);\nb;", ["CREATE TYPE x AS ENUM (\n'a;'\n);", "b;"], id="type"),
        pytest.param("DROP TYPE x;\na;\nf();\nb;", ["DROP TYPE x;\na;\nf();", "b;"], id="drop type swallows"),
        pytest.param("DROP TYPE x;\na;\nb;\n", ["DROP TYPE x;\na;\nb;"], id="drop type swallows all"),
        pytest.param(
            "CREATE FUNCTION f() AS $$\nBEGIN\nx;\nEND;\n$$ LANGUAGE plpgsql;\ny;",
            ["CREATE FUNCTION f() AS $$\nBEGIN\nx;\nEND;\n$$ LANGUAGE plpgsql;\ny;"],
            id="dollar-quoted function runs into what follows",
        ),
        pytest.param(
            "CREATE FUNCTION f() AS $$\nx := NOW();\nEND;\n$$ LANGUAGE plpgsql;\ny;",
            ["CREATE FUNCTION f() AS $$\nx := NOW();", "END;", "$$ LANGUAGE plpgsql;", "y;"],
            id="dollar-quoted function is cut",
        ),
        pytest.param(
            "CREATE OR REPLACE FUNCTION f() AS '\nx;\n' LANGUAGE plpgsql;\ny;",
            ["CREATE OR REPLACE FUNCTION f() AS '\nx;\n' LANGUAGE plpgsql;", "y;"],
            id="single-quoted function",
        ),
        pytest.param(
            "CREATE FUNCTION f() AS '\nx;\n' LANGUAGE plpgsql STABLE;\ny;",
            ["CREATE FUNCTION f() AS '\nx;\n' LANGUAGE plpgsql STABLE;\ny;"],
            id="single-quoted function that is never closed",
        ),
        pytest.param("CREATE FUNCTION f() AS 'x' LANGUAGE plpgsql;\ny;", None, id="function on one line"),
        pytest.param("DO $$\nBEGIN\nx;\nEND;\n$$;", ["DO $$\nBEGIN\nx;", "END;", "$$;"], id="do block"),
        pytest.param("a; -- note\nb;", ["a; -- note\nb;"], id="trailing comment merges"),
        pytest.param("a;--> statement-breakpoint\nb;", ["a;--> statement-breakpoint\nb;"], id="breakpoint merges"),
        pytest.param("a;\n--> statement-breakpoint\nb;", ["a;", "b;"], id="breakpoint on its own line"),
        pytest.param("t (\nc int, -- ends with;\nd int);", ["t (\nc int, -- ends with;", "d int);"], id="comment cuts"),
        pytest.param("a; b;", ["a; b;"], id="two on one line"),
        pytest.param("'x;\ny'; /* ;\n*/ z;", ["'x;", "y'; /* ;", "*/ z;"], id="literal and block comment cut"),
        pytest.param("'a\n  -- b\nc';", ["'a\nc';"], id="comment line inside a literal"),
        pytest.param("a;\r\n-- b\r\nc\r\nd;\r\n", ["a;", "c\r\nd;"], id="CRLF"),
        pytest.param("a;\rb;\r", ["a;\rb;"], id="CR is no line end"),
        pytest.param("a;\x85\nb;", ["a;\x85\nb;"], id="U+0085 is no white space"),
        pytest.param(
            "a\n create type x;\nb;\n);\nc;", ["a\n create type x;\nb;\n);", "c;"], id="starter in the middle"
        ),
        pytest.param("é😀;\f\n\fb;", ["é😀;", "b;"], id="form feed"),
    ],
)
def test_table(text: str, sent: list[str] | None) -> None:
    expected = text.split("\n") if sent is None else sent
    assert expected == [chunk.sql for chunk in split.read(RDS_DATA_API, text).items if chunk.sql]


def test_says_which_lines_are_dropped() -> None:
    (chunk,) = split.read(RDS_DATA_API, "\ufeff-- é\r\nINSERT INTO t VALUES ('😀\n -- x;\n');").items
    assert [chunk.text[start:end] for start, end in chunk.dropped] == ["\ufeff-- é\r", " -- x;"]
    assert chunk.sql == "INSERT INTO t VALUES ('😀\n');"
    assert Span(7, len(chunk.text)) == chunk.span


@settings(max_examples=500, deadline=None)
@given(texts)
def test_every_character_sent_has_its_place(text: str) -> None:
    for chunk in split.read(RDS_DATA_API, text).items:
        assert chunk.sql == "".join(chunk.text[start:end] for start, end in chunk.kept)
        assert chunk.sql == "".join(chunk.text[chunk.source(offset)] for offset in range(len(chunk.sql)))
        if chunk.sql:
            assert chunk.span == chunk.source_span(Span(0, len(chunk.sql)))
            assert chunk.span.end == chunk.source(len(chunk.sql))


@pytest.mark.parametrize(
    "unit", [";", "--", "; ", "-- ;\n", "\n", "\t", "DROP TYPE ", "CREATE ", ");--\n", "' LANGUAGE"]
)
def test_no_input_is_slow(unit: str) -> None:
    text = unit * (600_000 // len(unit))
    assert text == "".join(chunk.text for chunk in split.read(RDS_DATA_API, text).items)
