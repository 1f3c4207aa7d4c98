"""A chunk that is larger than one call may be."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.statement import read

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR


def check_chunk(chunk: Chunk, plan: Plan) -> Iterator[Finding]:
    limits = plan.runner.limits
    if limits is None or len(chunk.sql) <= limits.sql_characters:
        return
    placed = next((each for each in read(chunk.text).placed() if not each.statement.blank), None)
    span = placed.statement.word().shifted(placed.start) if placed else chunk.span
    yield Finding(
        "call-limit",
        span,
        f"the statement has {len(chunk.sql):,} characters and the Data API refuses more than {limits.sql_characters:,} "
        "in one call: split it into several statements",
    )
