"""INSERT that adds its rows a second time, or is refused, when the file runs again."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.change import Edit, Finding, Fix, Severity
from mig_lsp.core.inserts import Meets, UniqueKey, finds_all, insert, meets, unique_keys
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span
from mig_lsp.core.twice import Harm, harms

CATEGORY: Category = "rerun"
SEVERITY = Severity.WARNING


def check_run(snapshot: Snapshot, file: File) -> Iterator[tuple[int, Finding]]:
    for step, harm in harms("unguarded-insert", snapshot, file, _harm, "InsertStmt"):
        yield step.number, harm.finding("unguarded-insert", step)


def _harm(moment: Moment) -> Harm | None:
    found = insert(moment)
    if found is None or found.tree.on_conflict_clause is not None or found.said.guarded or found.table.rules:
        return None
    keys = unique_keys(moment, found.table)
    met = meets(found, keys) if keys is not None else ()
    statement, table = moment.statement, quoted(*found.said.name)
    fix = None
    if keys is not None and "always" in met:
        key = keys[met.index("always")]
        clause = _clause(keys, met)
        why = f"stops here: {_shown(key)} is unique in {table}, and these rows are there by then; "
        if finds_all(found, keys) and _is_taken(keys, met):
            end = _end(statement)
            fix = Fix(f"Add {clause}", (Edit(Span(end, end), f" {clause}"),))
            why += f"add {clause}"
        else:
            why += "insert only what is not there (WHERE NOT EXISTS)"
    elif keys is not None and "perhaps" not in met:
        why = (
            f"adds these rows a second time: {_nothing(table, keys)}; insert only what is not there (WHERE NOT EXISTS)"
        )
    else:
        why = "adds these rows a second time, or stops here because they are there; insert only what is not there "
        why += "(WHERE NOT EXISTS, or ON CONFLICT ... DO NOTHING on a unique key)"
    return Harm(found.key, moment.span(found.said.name, found.tree.relation.location), why, fix)


def _is_taken(keys: tuple[UniqueKey, ...], met: tuple[Meets, ...]) -> bool:
    """Whether ON CONFLICT takes what `_clause` says: the server refuses one that is about a deferrable key."""
    possible = [key for key, each in zip(keys, met, strict=True) if each != "never"]
    return not any(key.deferrable for key in (possible if len(possible) == 1 else keys))


def _clause(keys: tuple[UniqueKey, ...], met: tuple[Meets, ...]) -> str:
    """ON CONFLICT with the only key that the rows can run into, or without one."""
    possible = [key for key, each in zip(keys, met, strict=True) if each != "never"]
    target = f" ({', '.join(map(quoted, possible[0].columns))})" if len(possible) == 1 else ""
    return f"ON CONFLICT{target} DO NOTHING"


def _shown(key: UniqueKey) -> str:
    return f"({', '.join(map(quoted, key.columns))})" if len(key.columns) > 1 else quoted(key.columns[0])


def _nothing(table: str, keys: tuple[UniqueKey, ...]) -> str:
    return f"no unique key of {table} stands in the way" if keys else f"{table} has no unique key"


def _end(statement: Statement) -> int:
    """Behind the rows: where RETURNING stands, or else behind the statement's last word."""
    depth, end = 0, statement.span.end
    for token in statement.tokens():
        if token.kind is Kind.COMMENT:
            continue
        text = statement.text[token.start : token.end]
        if depth == 0 and token.kind is Kind.WORD and text.upper() == "RETURNING":
            return end
        depth += (text == "(") - (text == ")")
        end = token.end
    return end
