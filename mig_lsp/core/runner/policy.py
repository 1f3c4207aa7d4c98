"""What a runner itself decides: which files it refuses, and which errors it takes for success."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from mig_lsp.core.runner.lambda_lines import TRIMMED
from mig_lsp.core.runner.profile import Refusal, Runner
from mig_lsp.core.runner.split import Chunks
from mig_lsp.core.text import Span

_SPACE = f"[{re.escape(TRIMMED)}]"
_ADDED = re.compile(
    rf"ALTER{_SPACE}+TABLE{_SPACE}+(\w+){_SPACE}+ADD{_SPACE}+COLUMN{_SPACE}+"
    rf"(?:IF{_SPACE}+NOT{_SPACE}+EXISTS{_SPACE}+)?(\w+)",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_START = 100
"""More code points than any `Tolerance` has in its `starts`."""


class Refused(NamedTuple):
    """A file that does not run at all: what refuses it, the chunk's index, and the stretch of that chunk's `sql`."""

    refusal: Refusal
    chunk: int
    span: Span


class Column(NamedTuple):
    """A column by the names as they are spelled in a chunk; the runner looks for exactly these in the schema public."""

    table: str
    name: str


def refusal(runner: Runner, chunks: Chunks) -> Refused | None:
    """The first reason why *runner* refuses the whole file before anything runs."""
    if not runner.refuses:
        return None
    for number, chunk in enumerate(chunks.items):
        for refused in runner.refuses:
            match = refused.pattern.search(chunk.sql)
            if match:
                return Refused(refused, number, Span(*match.span()))
    return None


@lru_cache(maxsize=64)  # a statement is asked about once for each of its errors
def added_column(sql: str) -> Column | None:
    """The column whose existence makes the runner take an error of the chunk *sql* for success."""
    match = _ADDED.search(sql)
    return Column(match[1], match[2]) if match else None


def tolerated(runner: Runner, sql: str, message: str, *, initial: bool, column_exists: bool) -> bool:
    """Whether *runner* goes on after the chunk *sql* failed with *message*.

    *initial* says that the file is one of the initial ones, *column_exists* that `added_column(sql)` exists now.
    """
    start = sql.lstrip(TRIMMED)[:_LONGEST_START].upper()
    return any(
        start.startswith(tolerance.starts)
        and (any(part in message for part in tolerance.messages) or (tolerance.column and column_exists))
        for tolerance in runner.tolerates
        if tolerance.initial == initial
    )


def too_large(runner: Runner, sql: str) -> bool:
    """Whether the chunk *sql* alone is more than *runner* can send in one call."""
    return runner.limits is not None and len(sql) > runner.limits.sql_characters
