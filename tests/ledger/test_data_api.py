"""The local Data API answers boto3 as the service does, as far as this project depends on it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.support.data_api import DataApi, serve


class Calls(NamedTuple):
    api: DataApi
    client: Any
    database: str

    def send(self, sql: str, **more: object) -> Any:
        request = {"resourceArn": "arn:cluster", "secretArn": "arn:secret:x", "database": self.database, **more}
        return self.client.execute_statement(sql=sql, **request)

    def refusal(self, sql: str, **more: object) -> tuple[str, str]:
        with pytest.raises(self.client.exceptions.ClientError) as caught:
            self.send(sql, **more)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]


def unbound(statement: str) -> tuple[str, str]:
    message = f'bind message supplies 0 parameters, but prepared statement "{statement}" requires 1'
    return "DatabaseErrorException", f"ERROR: {message}; SQLState: 08P01"


@pytest.fixture
def calls(database: str) -> Iterator[Calls]:
    boto3 = importlib.import_module("boto3")
    config = importlib.import_module("botocore.config").Config(retries={"total_max_attempts": 1})
    with serve(database) as api:
        client = boto3.client(
            "rds-data",
            endpoint_url=api.url,
            region_name="eu-west-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=config,
        )
        yield Calls(api, client, str(conninfo_to_dict(database)["dbname"]))


def test_values_come_as_the_wire_format_has_them(calls: Calls) -> None:
    answer = calls.send("SELECT 1, 'é😀', NULL, true, 1.5::float8, 1.50, now()::date > '2000-01-01', 'a'::varchar")
    expected = [
        {"longValue": 1},
        {"stringValue": "é😀"},
        {"isNull": True},
        {"booleanValue": True},
        {"doubleValue": 1.5},
        {"stringValue": "1.50"},
        {"booleanValue": True},
        {"stringValue": "a"},
    ]
    assert [expected] == answer["records"]


def test_nothing_but_committed_work_survives_a_call(calls: Calls) -> None:
    for sql in ("CREATE TABLE t (a int)", "BEGIN", "INSERT INTO t VALUES (1)", "ROLLBACK", "SET search_path = nowhere"):
        calls.send(sql)
    expected = [[{"longValue": 1}]]
    assert expected == calls.send("SELECT count(*) FROM t")["records"]


def test_named_parameters_stand_where_sql_has_a_value(calls: Calls) -> None:
    sql = "SELECT :a + :a::int, ':a', $$:a$$, (ARRAY[1,2])[1:1]::text -- :b"
    answer = calls.send(sql, parameters=[{"name": "a", "value": {"longValue": 2}}])
    expected = [[{"longValue": 4}, {"stringValue": ":a"}, {"stringValue": ":a"}, {"stringValue": "{1}"}]]
    assert expected == answer["records"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1; SELECT 2", ("ValidationException", "Multistatements aren't supported.")),
        (
            "SELECT * FROM nowhere",
            ("DatabaseErrorException", 'ERROR: relation "nowhere" does not exist; Position: 15; SQLState: 42P01'),
        ),
        ("SELECT :missing", unbound("service")),
        ("SELECT $1::int", unbound("")),
        (
            "SELECT repeat('x', 2000000)",
            ("UnsupportedResultException", "Database returned more than the allowed response size limit"),
        ),
        ("SELECT ARRAY[1]", ("UnsupportedResultException", "The result contains the unsupported data type _INT4")),
        ("COPY pg_class TO STDOUT", ("DatabaseErrorException", "ERROR: COPY is not supported; SQLState: 0A000")),
    ],
)
def test_what_the_service_refuses_in_its_own_words(calls: Calls, sql: str, expected: tuple[str, str]) -> None:
    assert expected == calls.refusal(sql)


def test_one_statement_may_have_its_semicolon_and_comments(calls: Calls) -> None:
    expected = [[{"longValue": 1}]]
    assert expected == calls.send("/* ; */ SELECT 1; -- ;\n ; ")["records"]


def test_knobs(calls: Calls) -> None:
    calls.api.resuming = 1
    code, _ = calls.refusal("SELECT 1")
    assert code == "DatabaseResumingException"
    calls.api.call_seconds = 0.2
    expected = ("StatementTimeoutException", "Request timed out")
    assert expected == calls.refusal("SELECT pg_sleep(5)")
    expected = ("DatabaseNotFoundException", "Database nowhere is not found")
    assert expected == calls.refusal("SELECT 1", database="nowhere")
