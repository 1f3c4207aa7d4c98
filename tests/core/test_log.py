from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from mig_lsp.core import log
from mig_lsp.core.log import Ledger, LogEntry, ServerError, parse_csv, parse_json


def ledger(*attempts: tuple[str, str]) -> Ledger:
    return Ledger("dev", tuple(LogEntry(step, name, status) for step, (name, status) in enumerate(attempts, 1)))


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], "pending"),
        (["completed"], "completed"),
        (["failed"], "failed"),
        (["failed", "completed"], "completed"),
        (["completed", "failed"], "completed"),
        (["failed", "pending"], "pending"),
        (["pending", "failed"], "failed"),
        (["Completed"], "pending"),
        (["completed "], "pending"),
    ],
)
def test_one_completed_attempt_settles_a_migration_and_otherwise_the_last_one_counts(
    statuses: list[str], expected: str
) -> None:
    attempts = ledger(*(("010-é😀.sql", status) for status in statuses), ("011-b.sql", "failed"))
    assert expected == log.state(attempts, "010-é😀.sql")


def test_what_hovers_and_lists_ask() -> None:
    entries = ledger(("a.sql", "failed"), ("b.sql", "failed"), ("a.sql", "completed"), ("b.sql", "failed"))
    first, second, third, fourth = entries.entries
    assert (first, third) == log.history(entries, "a.sql")
    assert third == log.deciding(entries, "a.sql")
    assert fourth == log.deciding(entries, "b.sql")
    assert log.deciding(entries, "c.sql") is None
    assert (fourth,) == log.failed(entries)
    assert {"a.sql": (first, third), "b.sql": (second, fourth)} == entries.by_name
    assert frozenset({"a.sql", "b.sql", "z.sql"}) == log.known_names([entries, ledger(("z.sql", "failed"))])


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (None, "never"),
        ("2026-03-01T12:00:00+00:00", "just now"),
        ("2026-03-01 11:59:01", "just now"),
        ("2026-03-01 11:59:00.123", "just now"),
        ("2026-03-01 11:58:59", "1 minute ago"),
        ("2026-03-01T11:00:00Z", "1 hour ago"),
        ("2026-03-01T11:00:00+02:00", "3 hours ago"),
        ("2026-02-01", "28 days ago"),
        ("2026-03-01 13:00:00", "just now"),
        ("yesterday", "yesterday"),
        ("0001-01-01T00:00:00+23:00", "0001-01-01T00:00:00+23:00"),
    ],
)
def test_age(then: str | None, expected: str) -> None:
    assert expected == log.age(then, datetime(2026, 3, 1, 12, tzinfo=UTC))


HEADER = "id,step_number,description,sql_executed,status,error_message,executed_at\n"
ROW = LogEntry(7, "010-é😀.sql", "completed", None, "2026-03-01 12:00:00.5")


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "1,7,010-é😀.sql,,completed,,2026-03-01 12:00:00.5\n",
        HEADER + "1,7,010-é😀.sql,,completed,NULL,2026-03-01 12:00:00.5",
        "\ufeff" + HEADER + '"1","7","010-é😀.sql","SELECT ""a"",\r\n1;\f","completed","","2026-03-01 12:00:00.5"\n\n',
        (HEADER + "1,7,010-é😀.sql,,completed,\\N,2026-03-01 12:00:00.5\n\n").replace("\n", "\r\n"),
        (HEADER + "1,7,010-é😀.sql,,completed,,2026-03-01 12:00:00.5\n").replace("\n", "\r"),
        (HEADER + "1,7,010-é😀.sql,,completed,,2026-03-01 12:00:00.5\n").replace(",", ";"),
        (HEADER + "1,7,010-é😀.sql,,completed,,2026-03-01 12:00:00.5\n").replace(",", "\t"),
        "Executed_At, STATUS ,who,step_number,DESCRIPTION\n2026-03-01 12:00:00.5,completed,me,7,010-é😀.sql\n",
    ],
)
def test_exported_csv_in_the_shapes_that_tools_write(text: str) -> None:
    expected = ((ROW,), ())
    assert expected == parse_csv(text)


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": 1, "step_number": 7, "description": "010-é😀.sql", "status": "completed", "error_message": null, '
        '"executed_at": "2026-03-01 12:00:00.5"}]',
        '\ufeff{"rows": [{"step_number": "7", "description": "010-\\u00e9\\ud83d\\ude00.sql", "status": "completed", '
        '"executed_at": "2026-03-01 12:00:00.5", "sql_executed": "x"}]}',
    ],
)
def test_exported_json_in_the_shapes_that_tools_write(text: str) -> None:
    expected = ((ROW,), ())
    assert expected == parse_json(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file is empty: a header line with the columns description and status is needed"),
        ("description,step\na.sql,1\n", "the header line has no column status: nothing can be read"),
        ("%PDF", "the header line has no column description and no column status: nothing can be read"),
    ],
)
def test_a_file_that_is_no_export_is_one_problem(text: str, problem: str) -> None:
    assert ((), (problem,)) == parse_csv(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file is not JSON: Expecting value at line 1, column 1"),
        ("[1,\n é]", "the file is not JSON: Expecting value at line 2, column 2"),
        (
            '{"rows": {}}',
            "the file holds no list of rows: a list of objects is needed, or an object with one under 'rows'",
        ),
        (
            "[" * 100_000,
            "the file is no JSON that can be read: it is nested too deeply, or holds a number that is too long",
        ),
        (
            "9" * 5_000,
            "the file is no JSON that can be read: it is nested too deeply, or holds a number that is too long",
        ),
    ],
)
def test_json_that_is_no_export_is_one_problem(text: str, problem: str) -> None:
    assert ((), (problem,)) == parse_json(text)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1,,completed,", "row 3 names no migration in description: it is left out"),
        ("1,b.sql,,", "row 3 has no status: it is left out"),
        ("one,b.sql,failed,", "row 3 has a step_number that is no whole number: it is left out"),
        ("1,b.sql", "row 3 has 2 fields instead of 4: it is left out"),
        ('1,b.sql,failed,"never closed', None),
        ('1,b.sql,failed,"closed" too early', None),
    ],
)
def test_a_bad_row_of_csv_costs_no_other_row(row: str, problem: str | None) -> None:
    entries, problems = parse_csv(
        f"step_number,description,status,error_message\n1,a.sql,completed,\n{row}\n2,c.sql,failed,é\n"
    )
    names = [entry.name for entry in entries]
    assert (["a.sql", "c.sql"] if problem else ["a.sql", "b.sql", "c.sql"]) == names
    assert (() if problem is None else (problem,)) == problems


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (3, "row 2 is not an object: it is left out"),
        ({"description": 3, "status": "failed"}, "row 2 names no migration in description: it is left out"),
        ({"description": "b.sql", "status": None}, "row 2 has no status: it is left out"),
        (
            {"description": "b.sql", "status": "failed", "step_number": True},
            "row 2 has a step_number that is no whole number: it is left out",
        ),
        (
            {"description": "b.sql", "status": "failed", "error_message": {}},
            "row 2 has an error_message that is no text: it is left out",
        ),
    ],
)
def test_a_bad_row_of_json_costs_no_other_row(row: object, problem: str) -> None:
    good = {"description": "a.sql", "status": "completed"}
    entry = LogEntry(0, "a.sql", "completed")
    assert ((entry, entry), (problem,)) == parse_json(json.dumps([good, row, good]))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(2, "2026-01-01"), (1, "2026-01-02")], [1, 0]),
        ([(10, ""), (9, "")], [1, 0]),
        ([("", "2026-01-02"), ("", "2026-01-01")], [1, 0]),
        ([("", "2026-01-02"), (1, "")], [0, 1]),
        ([("", "2026-01-02"), ("", "2026-01-02")], [0, 1]),
    ],
)
def test_rows_are_put_into_the_order_in_which_they_were_written(
    rows: list[tuple[object, str]], expected: list[int]
) -> None:
    lines = [f"{row_id},{number},a.sql,failed,{when}" for number, (row_id, when) in enumerate(rows)]
    entries, problems = parse_csv("\n".join(["id,step_number,description,status,executed_at", *lines]))
    assert (expected, ()) == ([entry.step for entry in entries], problems)


def test_long_and_unencodable_texts_are_tamed_and_the_rest_is_kept_as_data() -> None:
    rows = [{"description": "\ud800\x00[a](b)\x1b.sql", "status": "failed", "error_message": "é" * 20_000}]
    (entry,), problems = parse_json(json.dumps(rows))
    expected = LogEntry(0, "?\x00[a](b)\x1b.sql", "failed", "é" * 9_999 + "…")
    assert (expected, ()) == (entry, problems)


def test_only_so_many_bad_rows_are_told_one_by_one() -> None:
    _, problems = parse_csv("description,status\n" + "x\n" * 1_000)
    expected = (51, "950 more rows are left out")
    assert expected == (len(problems), problems[-1])


@pytest.mark.parametrize(
    "body",
    [
        '"' * 2_000_001,
        '"x,' * 500_000,
        ',"' * 500_000,
        '""",\n' * 300_000,
        "," * 2_000_000,
        'a,"' + '""' * 1_000_000,
    ],
)
@pytest.mark.timeout(30)
def test_hostile_csv_takes_linear_time(body: str) -> None:
    parse_csv("description,status\n" + body)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'ERROR: relation "é" does not exist; Position: 15; SQLState: 42P01',
            ServerError('relation "é" does not exist', "42P01", "", 15),
        ),
        (
            "DatabaseErrorException: ERROR: a; Detail: b; Hint: c; d; Position: 3; SQLState: 23505",
            ServerError("a", "23505", "b", 3),
        ),
        ("ERROR: x; SQLState: 42P01; SQLState: 22012", ServerError("x; SQLState: 42P01", "22012")),
        ("ERROR: Position: 3; y; SQLState: 22012", ServerError("Position: 3; y", "22012")),
        ("FATAL: too many connections; SQLState: 53300", ServerError("too many connections", "53300")),
        ("ERROR: a\nb; Position: 99999999999; SQLState: 42601", ServerError("a\nb; Position: 99999999999", "42601")),
        ("Multistatements aren't supported.", ServerError("Multistatements aren't supported.")),
        ("", ServerError("")),
    ],
)
def test_errors_are_read_from_the_right(text: str, expected: ServerError) -> None:
    assert expected == log.read_error(text)


def test_white_space_that_only_python_knows_is_no_trouble_in_a_number() -> None:
    entries, problems = parse_csv("id,step_number,description,status\n2\x1c,\x1f7,b.sql,failed\n1,6,é.sql,completed\n")
    assert ([6, 7], ()) == ([entry.step for entry in entries], problems)
