"""A chunk that is larger than one call may be."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.policy import too_large
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import Plan

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR


def check_chunk(chunk: Chunk, plan: Plan) -> Iterator[Finding]:
    limits = plan.runner.limits
    if limits is None or not too_large(plan.runner, chunk.sql):
        return
    first = next(iter(chunk.written), None)
    span = first.statement.word().shifted(first.start) if first else chunk.span
    yield Finding(
        "call-limit",
        span,
        f"the statement has {len(chunk.sql):,} characters and the Data API refuses more than {limits.sql_characters:,} "
        "in one call: split it into several statements",
    )
