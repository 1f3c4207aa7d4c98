"""`$1`, or `:name`, in a migration: the runner has no value for it."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.parameters import bind_parameters, may_have_parameters, named_parameters
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import Plan

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR


def check_chunk(chunk: Chunk, plan: Plan) -> Iterator[Finding]:
    if not may_have_parameters(chunk.text):
        return
    for statement, start in chunk.written:
        for span in bind_parameters(statement):
            name = statement.text[span.start : span.end]
            yield Finding(
                "bind-parameter",
                span.shifted(start),
                f"the server refuses the statement: {name} is a parameter, and a migration has no values; "
                "write the value itself",
            )
        if not plan.runner.named_parameters:
            continue
        for parameter in named_parameters(statement):
            name = statement.text[parameter.span.start : parameter.span.end]
            if parameter.certain:
                message = (
                    f"the Data API takes {name} for a parameter and has no value for it: write a space behind the colon"
                )
                severity = None
            else:
                message = (
                    f"the Data API may take {name} for a parameter, also in a body: write a space behind the colon"
                )
                severity = Severity.WARNING
            yield Finding("bind-parameter", parameter.span.shifted(start), message, severity=severity)
