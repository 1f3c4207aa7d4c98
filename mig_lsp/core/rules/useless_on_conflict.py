"""ON CONFLICT that no row can ever run into: the rows are added again at every run."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.inserts import Insert, UniqueKey, insert, meets, unique_keys
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.commands import InferClause
from mig_lsp.core.sql.names import names_of, quoted
from mig_lsp.core.text import Span
from mig_lsp.core.twice import Harm, harms

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    for step, harm in harms("useless-on-conflict", snapshot, file, _harm, "InsertStmt"):
        yield step.number, harm.finding("useless-on-conflict", step)


def _harm(moment: Moment) -> Harm | None:
    found = insert(moment)
    clause = found.tree.on_conflict_clause if found is not None else None
    if found is None or clause is None or found.said.guarded or found.table.rules:
        return None
    every = unique_keys(moment, found.table)
    keys = every or ()
    if clause.infer is not None:
        keys = tuple(key for key in keys if _is_meant(key, clause.infer))
    if every is None or (clause.infer is not None and len(keys) != 1):
        return None
    if any(each != "never" for each in meets(found, keys)):
        return None
    what = _why(found, keys[0]) if clause.infer is not None else _none(quoted(*found.said.name), keys)
    start = moment.statement.at(clause.location)
    text = f"{_instead(found, every)}; insert only what is not there (WHERE NOT EXISTS), or make a unique key first"
    span = Span(start, start + len("ON CONFLICT"))
    return Harm(found.key, span, text, lead=f"ON CONFLICT never applies here: {what}; ")


def _instead(found: Insert, keys: tuple[UniqueKey, ...]) -> str:
    """What happens at the second run instead."""
    met = meets(found, keys)
    for key, each in zip(keys, met, strict=True):
        if each == "always":
            return f"stops here, because ({', '.join(map(quoted, key.columns))}) is unique"
    return "adds these rows a second time" + (", or stops here because they are there" if "perhaps" in met else "")


def _is_meant(key: UniqueKey, target: InferClause) -> bool:
    if target.conname or target.where_clause is not None:
        return False
    columns = names_of(target.index_elems)
    return key.plain and not key.deferrable and "" not in columns and set(columns) == set(key.columns)


def _why(found: Insert, key: UniqueKey) -> str:
    """Why the rows do not run into the only key that is meant."""
    for column in key.columns:
        cells = found.cells(column)
        if cells and all(cell.kind == "fresh" for cell in cells):
            return f"{quoted(column)} is new at every run"
        if cells and not key.nulls and all(cell.kind == "null" for cell in cells):
            return f"{quoted(column)} is NULL, and no NULL is like another"
    return f"none of the rows can run into ({', '.join(map(quoted, key.columns))})"


def _none(table: str, keys: tuple[UniqueKey, ...]) -> str:
    if not keys:
        return f"{table} has no unique key"
    return f"no unique key of {table} can find these rows again"
