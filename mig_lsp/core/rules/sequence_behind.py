"""Rows with explicit numbers in a column that takes its numbers from a sequence, which knows nothing of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.replay import Replayed
from mig_lsp.core.catalog.values import Column, Table
from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.inserts import Insert, insert, unique_keys
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.text import Span, line_ending
from mig_lsp.core.twice import Step, noted

CATEGORY: Category = "schema"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    world = snapshot.world
    for step, (found, column) in noted("sequence-behind", snapshot, file, _behind, "InsertStmt"):
        if not isinstance(world.at(len(world.files), found.key), Table):
            continue
        names = {found.key[-1].lower(), *((column.serial[-1].lower(),) if column.serial else ())}
        here = world.places[file.path]
        after = [code for number, code in _setting(world.files[here]) if number > step.number]
        later = (code for each in world.files[here + 1 :] for _, code in _setting(each))
        if not any(_sets(code, names) for code in chain(after, later)):
            yield step.number, _finding(file, found, column, step)


_SETTING = frozenset(
    ("SelectStmt", "AlterSeqStmt", "AlterTableStmt", "TruncateStmt", "DoStmt", "InsertStmt", "UpdateStmt")
)


def _behind(moment: Moment) -> tuple[Insert, Column] | None:
    """The INSERT that a statement is, and the column whose sequence may give its numbers again."""
    found = insert(moment)
    if found is None or found.tree.override == "OVERRIDING_USER_VALUE" or found.table.rules:
        return None
    column = next((each for each in found.table.columns.values() if _is_behind(each, found, moment)), None)
    return (found, column) if column is not None else None


def _is_behind(column: Column, found: Insert, moment: Moment) -> bool:
    """Whether rows get numbers that the column's sequence may give again."""
    if not (column.serial is not None or column.identity) or column.name not in found.columns:
        return False
    if found.said.rows is None:
        given = "nextval" not in moment.statement.code.lower()
    else:
        given = any(
            cell.kind == "other" or (cell.kind == "constant" and cell.text.isdecimal() and cell.text.strip("0"))
            for cell in found.cells(column.name)
        )
    if not given:
        return False
    return any(key.columns == (column.name,) for key in unique_keys(moment, found.table) or ())


def _setting(file: Replayed) -> Iterator[tuple[int, str]]:
    """The statements of a file that may set a sequence, with their numbers."""
    return file.notebook.noted("setting", file.moments, _maybe_setting).pairs()


def _maybe_setting(moment: Moment | None) -> str | None:
    if moment is None or moment.statement.kind not in _SETTING:
        return None
    code = moment.statement.code
    return code if _sets(code, ("",)) else None


def _sets(code: str, names: set[str] | tuple[str, ...]) -> bool:
    low = code.lower()
    return ("setval" in low or "restart" in low) and any(name in low for name in names)


def _finding(file: File, found: Insert, column: Column, step: Step) -> Finding:
    table, name = quoted(*found.said.name), quoted(column.name)
    sql = _repair(found, column)
    message = (
        f"these rows bring their own {name}, and the sequence that gives {table} its next {name} does not know of "
        f"them: a later INSERT gets a number that is taken and fails; set the sequence behind this statement"
    )
    span = step.moment.span(found.said.name, found.tree.relation.location)
    statement = step.moment.statement
    eol = line_ending(file.text)
    if statement.terminated:
        end = file.statements.ends[step.number]
        rest = file.text[end : len(file.text) if (line := file.text.find("\n", end)) < 0 else line].rstrip("\r")
        # What else is on the line gets one of its own: the runner cuts where a line ends with `;`.
        behind = rest[: len(rest) - len(rest.lstrip())] if rest.strip() else ""
        size = len(statement.text)
        edit = Edit(Span(size, size + len(behind)), f"{eol}{sql};{eol if rest.strip() else ''}")
    else:
        edit = Edit(Span(statement.span.end, statement.span.end), f";{eol}{sql};")
    fix = Fix("Set the sequence behind it", (edit,), safe=False)
    return Finding("sequence-behind", span, message, fix)


def _repair(found: Insert, column: Column) -> str:
    table, name = quoted(*found.said.name), quoted(column.name)
    literal, other = table.replace("'", "''"), column.name.replace("'", "''")
    sequence = f"pg_get_serial_sequence('{literal}', '{other}')"
    return f"SELECT setval({sequence}, " + " ".join(("(SELECT", f"max({name})", "FROM", f"{table}))"))
