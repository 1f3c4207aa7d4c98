"""An ALTER TABLE whose failure the runner takes for success because its first column exists."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.policy import added_column
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import Plan
from mig_lsp.core.sql.lexer import Kind
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
    commas = _commas(placed)
    if len(commas) != len(tree.cmds) - 1:
        return
    yield Finding(
        "masked-failure",
        placed.statement.word().shifted(placed.start),
        f"when column {column.name} exists, the runner takes any error of this statement for success, so the other "
        f"{len(commas)} action{'s' if len(commas) > 1 else ''} may never happen: write one ALTER TABLE per action",
        _fix(chunk, placed, commas),
    )


def _commas(placed: Placed) -> list[int]:
    """The offsets in the chunk of the commas between the actions."""
    depth, found = 0, []
    for token in placed.statement.tokens():
        if token.kind is not Kind.SIGN:
            continue
        sign = placed.statement.text[token.start : token.end]
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            found.append(token.start + placed.start)
    return found


def _fix(chunk: Chunk, placed: Placed, commas: list[int]) -> Fix | None:
    words = [token for token in placed.statement.tokens() if token.kind is not Kind.COMMENT]
    text = placed.statement.text
    actions = ("add", "drop", "alter", "rename", "set", "reset", "enable", "disable", "owner", "validate")
    first = next((t for t in words[2:] if text[t.start : t.end].lower() in actions), None)
    if first is None:
        return None
    head = " ".join(text[words[0].start : first.start].split())
    eol = line_ending(chunk.text)
    edits = []
    for comma in commas:
        end = comma + 1
        while chunk.text[end : end + 1].isspace():
            end += 1
        if chunk.text.startswith(("--", "/*"), end):
            return None  # the comment belongs to one of the actions; which one, a person has to say
        edits.append(Edit(Span(comma, end), f";{eol}{head} "))
    return Fix("Write one ALTER TABLE per action", tuple(edits))
