"""A label that is added to an enum and used in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Finding, Related, Severity
from mig_lsp.core.impact import impacts, is_empty_before
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.text import Span

CATEGORY: Category = "schema"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    runner = snapshot.plan.runner
    if not runner.opens_transaction or is_empty_before(snapshot, file):
        return
    added = {impact.effect.item: impact for impact in impacts(snapshot, file, ("ALTER TYPE ADD VALUE",))}
    if not added:
        return
    earlier = "migration" if runner.transaction == "file" else "deploy"
    for number, placed in enumerate(file.statements.placed()):
        if not any(impact.number < number for impact in added.values()):
            continue
        for token in placed.statement.tokens():
            literal = placed.statement.text[token.start : token.end]
            impact = added.get(literal[1:-1].replace("''", "'")) if token.kind is Kind.STRING else None
            if impact is None or impact.number >= number or placed.statement.kind == "AlterEnumStmt":
                continue
            message = (
                f"{literal} cannot be used as a label of {impact.table} before the transaction that adds it has "
                f"ended, and the server refuses this: add the label in an earlier {earlier}"
            )
            related = Related(file.path, impact.shown, "adds the label")
            span = Span(token.start, token.end).shifted(placed.start)
            yield Finding("label-used-too-early", span, message, related=(related,))
            break
