from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from mig_lsp.core.config.model import RdsDataApiLog
from mig_lsp.core.log import LogEntry
from mig_lsp.ledger import rds_data
from mig_lsp.ledger.fetching import FetchError
from tests.ledger.conftest import ENTRIES
from tests.support.data_api import DataApi, serve


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Made-up credentials, and nothing of the machine's own AWS set-up."""
    nowhere = str(tmp_path_factory.mktemp("aws") / "none")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": "s3cret-word",
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def api(logged: str) -> Iterator[DataApi]:
    with serve(logged) as running:
        yield running


def source(api: DataApi) -> RdsDataApiLog:
    return RdsDataApiLog(
        cluster_arn="arn:aws:rds:eu-west-1:123456789012:cluster:app",
        secret_arn="arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf",
        database=str(conninfo_to_dict(api.dsn)["dbname"]),
        endpoint_url=api.url,
    )


def check_rows(api: DataApi, expected: tuple[LogEntry, ...], timeout: float = 20) -> None:
    assert expected == rds_data.fetch(source(api), timeout=timeout)


def check_problem(asked: RdsDataApiLog, expected: str, timeout: float = 20) -> None:
    assert expected == problem(asked, timeout)


def problem(asked: RdsDataApiLog, timeout: float = 20) -> str:
    with pytest.raises(FetchError) as caught:
        rds_data.fetch(asked, timeout=timeout)
    return str(caught.value)


def test_the_rows_come_in_order_with_their_times_as_text(api: DataApi) -> None:
    check_rows(api, ENTRIES)
    request = api.calls[0]
    assert (source(api).cluster_arn, source(api).secret_arn) == (request["resourceArn"], request["secretArn"])


def test_without_the_table_nothing_ran_yet(database: str) -> None:
    with serve(database) as api:
        check_rows(api, ())


def test_long_logs_come_in_pages(api: DataApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rds_data, "PAGE", 2)
    check_rows(api, ENTRIES)
    expected = [[-(2**31), 2], [2, 2]]
    assert expected == [[parameter["value"]["longValue"] for parameter in call["parameters"]] for call in api.calls]


def test_a_page_that_exceeds_the_response_limit_is_asked_for_in_smaller_pieces(api: DataApi) -> None:
    with psycopg.connect(api.dsn) as connection:
        connection.execute(
            "INSERT INTO migration_log (step_number, description, status, error_message)"
            " SELECT n, 'n.sql', 'failed', repeat(chr(1), 20000) FROM generate_series(4, 103) AS n"
        )
    entries = rds_data.fetch(source(api), timeout=20)
    assert list(range(1, 104)) == [entry.step for entry in entries]
    expected = {"\x01" * 9_999 + "…"}
    assert expected == {entry.error for entry in entries[3:]}


def test_a_database_that_wakes_up_is_asked_again(api: DataApi) -> None:
    api.resuming = 2
    check_rows(api, ENTRIES)
    assert not api.resuming


@pytest.mark.timeout(30)
def test_a_database_that_does_not_wake_up_in_time_is_one_line(api: DataApi) -> None:
    api.resuming = 1_000
    check_problem(source(api), "no answer within 1.2 s", timeout=1.2)


@pytest.mark.timeout(30)
def test_a_service_that_never_answers_costs_no_more_than_the_timeout(api: DataApi) -> None:
    api.delay = 30
    check_problem(source(api), "no answer within 1.5 s", timeout=1.5)


def test_nobody_listens(api: DataApi) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        check_problem(replace(source(api), endpoint_url=url), f'Could not connect to the endpoint URL: "{url}/Execute"')


def test_errors_of_the_database_and_the_service_are_told_without_their_trimmings(
    api: DataApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_problem(replace(source(api), database="nowhere"), "Database nowhere is not found")
    check_problem(replace(source(api), profile="nobody"), "The config profile (nobody) could not be found")
    check_problem(replace(source(api), endpoint_url="nonsense"), "Invalid endpoint: nonsense")
    with psycopg.connect(api.dsn) as connection:
        connection.execute("ALTER TABLE migration_log DROP COLUMN status")
    check_problem(source(api), 'column "status" does not exist')
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    check_problem(source(api), "Unable to locate credentials")
