"""Which function carries out which statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import Raw

from mig_lsp.core.catalog import (
    alter,
    attached,
    calls,
    drops,
    indexes,
    maintenance,
    opaque,
    others,
    privileges,
    renames,
    routines,
    rows,
    tables,
    type_statements,
    views,
)
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.others import schema_name
from mig_lsp.core.catalog.places import note_within
from mig_lsp.core.catalog.values import relation_key, schema_key, type_key
from mig_lsp.core.sql.nodes import CreateSchemaStmt

Apply = Callable[[Any, Moment], None]


# What each carries out; of two that list the same node, the later one does.
_MODULES = (
    alter,
    attached,
    drops,
    indexes,
    maintenance,
    opaque,
    others,
    privileges,
    renames,
    routines,
    rows,
    tables,
    type_statements,
    views,
    calls,
)
APPLY: Mapping[str, tuple[type[Any], Apply]] = {
    kind.__name__: (kind, function) for module in _MODULES for kind, function in module.APPLY
}
"""The node of the grammar, and the function that carries it out, by the node's name."""


def carry_out(moment: Moment) -> None:
    """Leaves in *moment* what its statement does to the catalog, and what the server objects to."""
    statement = moment.statement
    if not statement.kind:
        opaque.unread(moment)
        return
    known = APPLY.get(statement.kind)
    if known is None:
        return
    kind, function = known
    tree = statement.tree(kind)
    if tree is None:
        opaque.unread(moment)
    else:
        function(tree, moment)
        if isinstance(tree, CreateSchemaStmt):
            _carry_out_inside(tree, moment)
        note_within(moment)
        _believe(moment)


def _believe(moment: Moment) -> None:
    """What no statement has ever made and somebody counts on may be made elsewhere: that is said once, and no more."""
    for objection in moment.objections:
        make = _BELIEVED.get(objection.what) if objection.reason == "missing" and objection.found is None else None
        if make is not None and moment.statement.kind != "DropStmt":
            key = moment.new(make, objection.name)
            if key not in moment.writes:
                moment.doubt(key)


_BELIEVED = {"table": relation_key, "relation": relation_key, "view": relation_key, "type": type_key}

# In this order PostgreSQL carries out what stands inside CREATE SCHEMA.
_INSIDE = ("CreateSeqStmt", "CreateStmt", "ViewStmt", "IndexStmt", "CreateTrigStmt", "GrantStmt")


def _carry_out_inside(tree: CreateSchemaStmt, moment: Moment) -> None:
    """Carries out the statements inside CREATE SCHEMA, in the new schema."""
    name = schema_name(tree)
    if not tree.schema_elts or schema_key(name) not in moment.writes:
        return
    statements = [item for raw in tree.schema_elts for item in msgspec.json.decode(raw, type=dict[str, Raw]).items()]
    outside = moment.setting
    moment.setting = replace(outside, search_path=(name, *outside.search_path))
    for kind, body in sorted(statements, key=_turn):
        if kind in APPLY:
            node, function = APPLY[kind]
            function(msgspec.json.decode(body, type=node), moment)
    moment.setting = outside


def _turn(statement: tuple[str, Raw]) -> int:
    return _INSIDE.index(statement[0]) if statement[0] in _INSIDE else len(_INSIDE)
