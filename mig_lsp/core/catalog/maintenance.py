"""The statements that name tables without a query: TRUNCATE, COPY, LOCK, VACUUM, ANALYZE, REINDEX, CLUSTER."""

from __future__ import annotations

from mig_lsp.core.catalog.expressions import Json, load, relation_name, strings
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.query import read_query
from mig_lsp.core.catalog.scope import Reading, Source, qualified, relation, source_of
from mig_lsp.core.catalog.values import Index, Key, Sequence, Table, Value, View
from mig_lsp.core.sql.commands import ClusterStmt, CopyStmt, LockStmt, ReindexStmt, TruncateStmt, VacuumStmt
from mig_lsp.core.sql.parts import RangeVar


def truncate(tree: TruncateStmt, moment: Moment) -> None:
    """TRUNCATE."""
    reading = Reading(moment)
    found: dict[Key, Table] = {}
    for node in tree.relations:
        if node.range_var is None:
            continue
        key, value = _named(node.range_var, reading)
        if isinstance(value, View | Sequence | Index):
            _wrong(node.range_var, value, reading)
        elif key is not None and isinstance(value, Table):
            found[key] = value
    if tree.behavior == "DROP_CASCADE":
        return
    for key in found:
        for other in (each for each in moment.resting(key) if each not in found):
            referring = moment.get(other)
            if isinstance(referring, Table) and any(each.references == key for each in referring.constraints.values()):
                moment.object("dependent", "table", key[1:], "0A000", of=key, found=referring, by=other)
                break


def copy(tree: CopyStmt, moment: Moment) -> None:
    """COPY, of a table or of a query."""
    if tree.query:
        read_query(tree.query, moment)
    if tree.relation is None:
        return
    reading = Reading(moment)
    key, value = _named(tree.relation, reading)
    if key is None:
        return
    if isinstance(value, Index) or (isinstance(value, Sequence) and tree.is_from):
        _wrong(tree.relation, value, reading)
        return
    if isinstance(value, View) and not tree.is_from:
        return  # what COPY takes of those has changed between versions
    source = source_of(key, value, tree.relation.relname)
    for name in (part.string.sval for part in tree.attlist if part.string is not None):
        _has(source, name, reading)


def lock(tree: LockStmt, moment: Moment) -> None:
    """LOCK."""
    reading = Reading(moment)
    for node in tree.relations:
        if node.range_var is not None:
            _named(node.range_var, reading)


def vacuum(tree: VacuumStmt, moment: Moment) -> None:
    """VACUUM and ANALYZE."""
    reading = Reading(moment)
    for raw in tree.rels:
        node: dict[str, Json] = (load(raw) or {}).get("VacuumRelation", {})
        written = node.get("relation")
        if written is None:
            continue
        key, value = relation(relation_name(written), written.get("location", 0), reading, "command")
        if key is not None:
            source = source_of(key, value, written.get("relname", ""))
            for name in strings(node.get("va_cols", ())):
                _has(source, name, reading)


def reindex(tree: ReindexStmt, moment: Moment) -> None:
    """REINDEX of a table or an index."""
    if tree.relation is None:
        return
    _, value = _named(tree.relation, Reading(moment))
    wanted = Index if tree.kind == "REINDEX_OBJECT_INDEX" else Table
    if isinstance(value, Index | Table) and not isinstance(value, wanted):
        _wrong(tree.relation, value, Reading(moment))


def cluster(tree: ClusterStmt, moment: Moment) -> None:
    """CLUSTER of a table."""
    if tree.relation is not None:
        _named(tree.relation, Reading(moment))


def _named(of: RangeVar, reading: Reading) -> tuple[Key | None, Value]:
    return relation(of.name, of.location, reading, "command")


def _has(source: Source, name: str, reading: Reading) -> None:
    qualified(source, (name,), -1, reading)


def _wrong(of: RangeVar, found: View | Index | Sequence | Table, reading: Reading) -> None:
    what = type(found).__name__.lower()
    reading.moment.object("wrong-kind", what, of.name, "42809", of.location, of=found.key, found=found)


APPLY = (
    (TruncateStmt, truncate),
    (CopyStmt, copy),
    (LockStmt, lock),
    (VacuumStmt, vacuum),
    (ReindexStmt, reindex),
    (ClusterStmt, cluster),
)
