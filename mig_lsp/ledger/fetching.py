"""What all sources of the log share: the query, the one way to fail, and the deadline."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from typing import TypeVar

from mig_lsp.core.log import MAX_ROWS

T = TypeVar("T")

QUERY = """
    SELECT id,
           step_number,
           left(description, 1001) AS description,
           coalesce(left(status, 1001), '') AS status,
           left(error_message, 10001) AS error_message,
           CAST(executed_at AS text) AS executed_at
    FROM migration_log
    WHERE id > {after}
    ORDER BY id
    LIMIT {count}"""
"""One page of migration_log, for `format`; texts come one longer than `make_entry` keeps, so that it marks the cut."""

UNDEFINED_TABLE = "42P01"
"""The SQLSTATE of a missing table: the runner makes migration_log on its first run, so nothing ran yet."""

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_URL_CREDENTIALS = re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/@'\"]{1,500}@", re.I)
_ASSIGNED_SECRET = re.compile(r"\b(\w{0,40}(?:password|passwd|secret|token))(\s?[=:]\s?)('[^']*'|\"[^\"]*\"|\S+)", re.I)


class FetchError(Exception):
    """The log could not be read; the text says why in one line that holds no secret."""


def too_long() -> FetchError:
    """The error for a log with more than `MAX_ROWS` rows."""
    return FetchError(f"migration_log has more than {MAX_ROWS} rows: it is not read")


def failure(text: str, secrets: Iterable[str] = ()) -> FetchError:
    """A FetchError that says *text*, which a library wrote, on one line and without secrets."""
    text = _SPACE.sub(" ", text[:5_000]).strip()
    for secret in secrets:
        if len(secret) > 2:
            text = text.replace(secret, "***")
    text = _ASSIGNED_SECRET.sub(r"\1\2***", _URL_CREDENTIALS.sub(r"\1***@", text))
    return FetchError(text if len(text) <= 500 else text[:499] + "…")


def within(timeout: float, work: Callable[[], T], give_up: Callable[[], None]) -> T:
    """What *work* returns or raises; FetchError after *timeout* seconds, when *give_up* has told it to end.

    The work goes on in a thread that nobody waits for: name resolution and the like cannot be interrupted.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            value = work()
        except BaseException as error:  # carried to the caller's thread, whatever it is
            outcome.set_exception(error)
        else:
            outcome.set_result(value)

    threading.Thread(target=run, name="mig-lsp log", daemon=True).start()
    if not wait([outcome], timeout).done:
        give_up()
        raise FetchError(f"no answer within {timeout:g} s")
    return outcome.result()
