"""An ALTER TABLE whose failure the runner takes for success because its first column exists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.policy import added_column
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.actions import action_spans
from mig_lsp.core.sql.nodes import AlterTableStmt
from mig_lsp.core.sql.statement import Placed
from mig_lsp.core.text import Span, line_ending

CATEGORY: Category = "runner"
SEVERITY = Severity.WARNING


def check_chunk(chunk: Chunk, plan: Plan) -> Iterator[Finding]:
    tolerance = next((each for each in plan.runner.tolerates if each.column and not each.initial), None)
    if tolerance is None or not chunk.sql[: len(tolerance.starts)].upper().startswith(tolerance.starts):
        return
    column = added_column(chunk.sql) if "," in chunk.sql else None
    if column is None or chunk.count != 1:
        return
    placed = next(iter(chunk.written), None)
    if placed is None:
        return
    tree = placed.statement.tree(AlterTableStmt)
    if tree is None or len(tree.cmds) < 2:
        return
    actions = action_spans(placed.statement)
    if len(actions) != len(tree.cmds):
        return
    others = len(actions) - 1
    yield Finding(
        "masked-failure",
        placed.statement.word().shifted(placed.start),
        f"when column {column.name} exists, the runner takes any error of this statement for success, so the other "
        f"{others} action{'s' if others > 1 else ''} may never happen: write one ALTER TABLE per action",
        _fix(chunk, placed, actions),
    )


def _fix(chunk: Chunk, placed: Placed, actions: Sequence[Span]) -> Fix | None:
    text = placed.statement.text
    head = " ".join(text[placed.statement.word().start : actions[0].start].split())
    eol = line_ending(chunk.text)
    edits = []
    for one, following in pairwise(actions):
        if text[one.end : following.start].strip() != ",":
            return None  # a comment belongs to one of the actions; which one, a person has to say
        between = Span(one.end, following.start).shifted(placed.start)
        edits.append(Edit(between, f";{eol}{head} "))
    return Fix("Write one ALTER TABLE per action", tuple(edits))
