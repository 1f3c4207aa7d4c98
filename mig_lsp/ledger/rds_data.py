"""migration_log read through the RDS Data API, page by page."""

from __future__ import annotations

import importlib
import threading
import time
from typing import Any

from mig_lsp.core.config.model import RdsDataApiLog
from mig_lsp.core.log import MAX_ROWS, LogEntry, make_entry, read_error
from mig_lsp.ledger.fetching import QUERY, UNDEFINED_TABLE, FetchError, failure, too_long, within

PAGE = 500
"""How many rows are asked for at once, as long as they fit into a response of 1 MiB."""

_QUERY = QUERY.format(after=":after", count=":count")


def fetch(source: RdsDataApiLog, *, timeout: float) -> tuple[LogEntry, ...]:
    """The rows of migration_log, oldest first; none when there is no such table. *timeout* is in seconds.

    A database that is waking up after a pause is asked again until the time is over. Raises FetchError.
    """
    given_up = threading.Event()
    return within(timeout, lambda: _fetch(source, timeout, given_up), given_up.set)


def _fetch(source: RdsDataApiLog, timeout: float, given_up: threading.Event) -> tuple[LogEntry, ...]:
    try:
        boto3, config, exceptions = map(importlib.import_module, ("boto3", "botocore.config", "botocore.exceptions"))
    except ImportError as error:
        raise FetchError("boto3 is not installed: install mig-lsp[rds]") from error
    try:
        client = boto3.Session(profile_name=source.profile).client(
            "rds-data",
            region_name=source.region or source.cluster_arn.split(":")[3] or None,
            endpoint_url=source.endpoint_url,
            config=config.Config(
                connect_timeout=timeout, read_timeout=timeout, retries={"mode": "standard", "total_max_attempts": 2}
            ),
        )
        return _all_pages(client, source, exceptions.ClientError, given_up)
    except (exceptions.BotoCoreError, OSError, ValueError) as error:
        raise failure(str(error)) from None


def _all_pages(
    client: Any, source: RdsDataApiLog, client_error: type[Exception], given_up: threading.Event
) -> tuple[LogEntry, ...]:
    entries: list[LogEntry] = []
    after, count = -(2**31), PAGE
    while not given_up.is_set():
        try:
            records = _page(client, source, after, count)
        except client_error as error:
            code, text = _code_and_text(error)
            said = read_error(text)
            if said.state == UNDEFINED_TABLE:
                return ()
            if "response size limit" in text and count > 1:
                count = count // 4 or 1
            elif code == "DatabaseResumingException":
                time.sleep(0.5)  # the deadline of `within` ends this
            else:
                raise failure(said.message or code) from None
            continue
        entries += (make_entry(*(_value(field) for field in record[1:])) for record in records)
        if len(records) < count:
            return tuple(entries)
        if len(entries) > MAX_ROWS:
            raise too_long()
        after = _value(records[-1][0])
    raise FetchError("given up")  # nobody waits for this any more


def _page(client: Any, source: RdsDataApiLog, after: int, count: int) -> list[list[dict[str, Any]]]:
    response = client.execute_statement(
        resourceArn=source.cluster_arn,
        secretArn=source.secret_arn,
        database=source.database,
        sql=_QUERY,
        parameters=[
            {"name": "after", "value": {"longValue": after}},
            {"name": "count", "value": {"longValue": count}},
        ],
    )
    records: list[list[dict[str, Any]]] = response.get("records", [])
    return records


def _value(field: dict[str, Any]) -> Any:
    return None if field.get("isNull") else next(iter(field.values()))


def _code_and_text(error: Exception) -> tuple[str, str]:
    details: dict[str, str] = getattr(error, "response", {}).get("Error", {})
    return details.get("Code", ""), details.get("Message", "")
