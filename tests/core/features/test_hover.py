from __future__ import annotations

from collections.abc import Mapping

import pytest

from mig_lsp.core.features.hover import hover
from mig_lsp.core.log import Ledger
from mig_lsp.core.text import Span
from tests.core.features.cursor import everywhere, marked
from tests.support.workspace import snapshot

NOW = "2026-01-02T05:04:05Z"
OFF = '[rules.missing-header]\nseverity = "off"\n[rules.missing-rollback]\nseverity = "off"\n'
SET = {
    "migrations.json": '{"migrationFiles": ["010-users.sql", "011-add-é.sql"]}',
    "migrations/010-users.sql": "-- Migration 010: users\n\nCREATE TABLE IF NOT EXISTS users (id bigint);\n",
    "migrations/011-add-é.sql": "SELECT 1;\n",
    "mig-lsp.toml": OFF,
}
LOG = "step_number,description,status,error_message,executed_at\n"


def check(texts: Mapping[str, str], expected: str | None, selected: str | None = None) -> None:
    at = marked({**SET, **texts})
    found = hover(at.snapshot, at.path, at.offset, NOW, at.findings)
    assert expected == (found.markdown if found else None)
    if selected is not None:
        assert found is not None
        assert selected == at.text[found.span.start : found.span.end]


def test_an_entry_without_a_log() -> None:
    check(
        {"migrations.json": '{"migrationFiles": ["010-users.sql", "011-{|}add-é.sql"]}'},
        "**`011-add-é.sql`** runs 2nd of 2",
        "011-add-é.sql",
    )


def test_an_entry_without_a_file_says_so() -> None:
    texts = {"migrations.json": '{"migrationFiles": ["010-users.sql", "{|}012-gone.sql"]}'}
    at = marked({**SET, **texts})
    found = hover(at.snapshot, at.path, at.offset, NOW, at.findings)
    assert found is not None
    assert "**`012-gone.sql`** runs 2nd of 2; the file does not exist" in found.markdown
    assert found.markdown.startswith("- **missing-file** `")


def test_what_each_environment_says() -> None:
    check(
        {
            "migrations.json": '{"migrationFiles": ["{|}010-users.sql"]}',
            "migrations/011-add-é.sql": "SELECT 1;\n",
            "mig-lsp.toml": OFF + '[rules.failed-migration]\nseverity = "off"\n',
            "dev.log.csv": LOG
            + "4,010-users.sql,failed,boom,2025-12-31 10:00:00\n5,010-users.sql,completed,,2026-01-01 10:00:00\n",
            "prod.log.csv": LOG + "7,010-users.sql,failed,ERROR: ``` [x](y),2026-01-01 11:00:00\n",
            "qa.log.csv": LOG,
        },
        "**`010-users.sql`** runs 1st of 1\n"
        "- **dev**: completed `2026-01-01 10:00:00`, step 5, 2 attempts (refreshed 2 hours ago)\n"
        "- **prod**: failed `2026-01-01 11:00:00`, step 7 (refreshed 2 hours ago)\n"
        "\n"
        "  ````text\n"
        "  ERROR: ``` [x](y)\n"
        "  ````\n"
        "\n"
        "- **qa**: never ran (refreshed 2 hours ago)",
    )


def test_a_log_that_cannot_be_read_says_since_when() -> None:
    texts = {**SET, "migrations.json": '{"migrationFiles": ["010-users.sql"]}'}
    world = snapshot(texts)
    stale = Ledger("prod", (), "2026-01-01T05:04:05Z", "the server `x` does not answer", "postgres")
    never = Ledger("dev", (), None, None, "postgres")
    world = type(world)(world.plan, world.files, world.documents, (never, stale))
    offset = texts["migrations.json"].index("010")
    expected = (
        "**`010-users.sql`** runs 1st of 1\n"
        "- **dev**: never ran (refreshed never)\n"
        "- **prod**: never ran (refreshed 1 day ago); ``the server `x` does not answer``"
    )
    found = hover(world, "migrations.json", offset, NOW, ())
    assert (expected, Span(offset, offset + 13)) == (found and found.markdown, found and found.span)


@pytest.mark.parametrize(
    "text",
    [
        "-- Mig{|}ration 010: users\n\nSELECT 1;\n",
        "\n-- Migration 0{|}10: users\nSELECT 1;\n",
        "-- Migration 010: users\n-- by: é{|} 😀\n\nSELECT 1;\n",
        "SELECT 1;\n\n-- ROLLBACK\n-- DELETE FROM migration_log WHERE description = '010-u{|}sers.sql';\n",
    ],
)
def test_the_places_that_name_a_migration(text: str) -> None:
    check({"migrations/010-users.sql": text}, "**`010-users.sql`** runs 1st of 2")


def test_another_file_that_a_comment_mentions() -> None:
    texts = {**SET, "migrations/010-users.sql": "-- Migration 010: users\n-- before é 011-add-é.sql{|}\nSELECT 1;\n"}
    for at in everywhere(texts):
        found = hover(at.snapshot, at.path, at.offset, NOW, at.findings)
        assert found is not None
        assert "**`011-add-é.sql`** runs 2nd of 2" == found.markdown
        assert "011-add-é.sql" == at.text[found.span.start : found.span.end]


def test_a_statement_tells_what_is_sent() -> None:
    text = "-- Migration 010: users\n\nSELECT 1;\n-- note\nCREATE TABLE IF NOT EXISTS\n  us{|}ers (id bigint);\n"
    for at in everywhere({**SET, "migrations/010-users.sql": text}):
        found = hover(at.snapshot, at.path, at.offset, NOW, at.findings)
        assert found is not None
        first = 1 + at.text[: at.text.index("CREATE")].count("\n")
        size = len("CREATE TABLE IF NOT EXISTS\n  users (id bigint);") + ("\r\n" in at.text)
        assert f"**Chunk 2 of 2**, lines {first} to {first + 1}: one statement, {size} characters." == found.markdown
        assert at.text[found.span.start :].startswith("CREATE")


def test_comment_lines_inside_are_not_sent() -> None:
    check(
        {"migrations/010-users.sql": "-- a\n\nSELECT{|}\n  -- dropped\n  1;\n"},
        "**Chunk 1 of 1**, lines 3 to 5: one statement, 11 characters.\n\n"
        "It sends, without the comment lines:\n\n```sql\nSELECT\n  1;\n```",
    )


def test_a_finding_comes_first_and_its_page_last() -> None:
    at = marked({**SET, "migrations/010-users.sql": "-- a\n\nSELECT 1; SELE{|}CT 2;\n"})
    found = hover(at.snapshot, at.path, at.offset, NOW, at.findings)
    assert found is not None
    message, chunk, page = found.markdown.split("\n\n", 2)
    assert message.startswith("- **merged-statements** `")
    assert chunk.startswith("**Chunk 1 of 1**, line 3: 2 statements")
    assert "# merged-statements" in page
    assert "^^^" not in page
    assert "## Tests" not in page


def test_a_cut_statement_says_where() -> None:
    text = "-- a\n\nCREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1;\nSEL{|}ECT 2;';\n"
    at = marked({**SET, "migrations/010-users.sql": text})
    found = hover(at.snapshot, at.path, at.offset, NOW, at.findings)
    assert found is not None
    assert "The runner cuts the statement at the end of line 3, and sends the rest separately." in found.markdown


def test_a_refused_file_says_why() -> None:
    text = "-- a\n\nSEL{|}ECT 1;\nCREATE INDEX CONCURRENTLY i ON t (a);\n"
    check(
        {"migrations/010-users.sql": text},
        "**Chunk 1 of 2**, line 3: one statement, 9 characters.\n\n"
        "The file is refused for CONCURRENTLY: the runner refuses the whole file before anything runs.",
    )


def test_a_key_of_the_configuration() -> None:
    text = OFF + "[migrations]\nfirst-num{|}ber = 20\n"
    at = marked({**SET, "mig-lsp.toml": text})
    found = hover(at.snapshot, at.path, at.offset, NOW, at.findings)
    assert found is not None
    assert found.markdown.startswith("**migrations.first-number** The lowest number that a new migration may get.")
    assert "first-number" == at.text[found.span.start : found.span.end]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("migrations/010-users.sql", "-- a\n{|}\nSELECT 1;\n"),
        ("migrations/010-users.sql", "-- a\n\nSELECT 1;\n\n-- wor{|}ds\n\nSELECT 2;\n"),
        ("migrations.json", '{"migration{|}Files": ["010-users.sql"]}'),
        ("mig-lsp.toml", OFF + "# {|}\n"),
    ],
)
def test_silence(path: str, text: str) -> None:
    check({path: text}, None)


def test_a_foreign_file_has_no_hover() -> None:
    assert hover(snapshot(SET), "README.md", 0, NOW, ()) is None


def test_what_is_not_shown_is_not_explained() -> None:
    at = marked({**SET, "migrations/010-users.sql": "-- Migration 010: users\n\nBE{|}GIN;\n"})
    found = hover(at.snapshot, at.path, at.offset, NOW, ())
    assert found is not None
    assert "transaction-control" not in found.markdown
