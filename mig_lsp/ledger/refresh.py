"""One environment's log, as new as it can be had."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from mig_lsp.core.config.model import LOG_SOURCES, FileLog, LogSource, PostgresLog
from mig_lsp.core.log import Ledger, LogEntry
from mig_lsp.ledger import cache, file, postgres, rds_data
from mig_lsp.ledger.fetching import FetchError

TIMEOUT = 10.0
"""Seconds to wait for a database; one that wakes up after a pause needs longer, and answers the next time."""


def refresh(
    root: Path, environment: str, source: LogSource, *, timeout: float = TIMEOUT, now: datetime | None = None
) -> Ledger:
    """The log as its source has it now; where that fails the offline copy, with the reason in `problem`.

    It blocks, for *timeout* seconds at most, and never raises for what a source does. A good answer becomes the
    offline copy.
    """
    kind = kind_of(source)
    try:
        entries, problems = _fetch(root, source, timeout)
    except FetchError as error:
        known = cache.load(root, environment, source) or Ledger(environment, source=kind)
        return Ledger(environment, known.entries, known.fetched_at, str(error), kind)
    fetched_at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    ledger = Ledger(environment, entries, fetched_at, _summary(problems), kind)
    cache.store(root, ledger, source)
    return ledger


def kind_of(source: LogSource) -> str:
    """The word for the kind of source in the configuration file."""
    return next(word for word, kind in LOG_SOURCES.items() if isinstance(source, kind))


def _fetch(root: Path, source: LogSource, timeout: float) -> tuple[tuple[LogEntry, ...], tuple[str, ...]]:
    if isinstance(source, FileLog):
        return file.fetch(root, source)
    if isinstance(source, PostgresLog):
        return postgres.fetch(source, timeout=timeout), ()
    return rds_data.fetch(source, timeout=timeout), ()


def _summary(problems: tuple[str, ...]) -> str | None:
    if not problems:
        return None
    return problems[0] if len(problems) == 1 else f"{problems[0]} (and {len(problems) - 1} more problems)"
