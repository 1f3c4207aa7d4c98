"""A statement that only the owner of a table or type may run, where another role owns it."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.catalog.moment import Moment, shown
from mig_lsp.core.catalog.replay import Replayed
from mig_lsp.core.catalog.values import EnumType, Index, Key, OtherType, Table, Value, View
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.config.model import foreign_numbers
from mig_lsp.core.migration import base_name, parse_name
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.sql import nodes
from mig_lsp.core.sql.names import object_name
from mig_lsp.core.sql.parts import name_of

CATEGORY: Category = "schema"
SEVERITY = Severity.WARNING

_PARTS = ("OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE")
_TYPES = ("OBJECT_TYPE", "OBJECT_DOMAIN")
_EVERYTHING: Key = ("*",)


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    if not snapshot.plan.config.migrations.foreign or _is_foreign(snapshot.plan, file.path):
        return
    replayed = snapshot.world.replayed(file.path)
    ends = file.statements.ends
    for number, moment in enumerate(replayed.moments if replayed is not None else ()):
        for name, key, value in _owned(moment) if moment is not None else ():
            owned = moment.before(value.table) if isinstance(value, Index) and moment is not None else value
            made = getattr(owned, "made", None)
            if moment is None or made is None or not _is_foreign(snapshot.plan, made.path):
                continue
            if _is_handed_over(snapshot, file, key):
                continue
            what = _WORDS[type(value)]
            message = (
                f"{what} {shown(key, moment.setting)}, made by {base_name(made.path)}, belongs to another role, and "
                "only its owner may do this: the role that runs migrations is refused (must be owner); let the owner "
                f"run it, or hand the {'table' if what == 'index' else what} over with OWNER TO first"
            )
            found = Finding("foreign-owned", moment.span(name), message)
            yield found.shifted(ends[number - 1] if number else 0)
            break


_WORDS: dict[type, str] = {Table: "table", View: "view", Index: "index", EnumType: "type", OtherType: "type"}


def _is_foreign(plan: Plan, path: str) -> bool:
    parsed = parse_name(base_name(path))
    return parsed is not None and any(parsed.number in numbers for numbers in foreign_numbers(plan.config))


def _owned(moment: Moment) -> Iterator[tuple[tuple[str, ...], Key, Value]]:
    """What a statement needs to own, as far as it is there: tables, views, indexes and types."""
    for name, is_type in _names(moment):
        if name:
            key, _ = moment.type(name) if is_type else moment.relation(name)
            value = moment.before(key)
            if type(value) in _WORDS:
                yield name, key, value


def _names(moment: Moment) -> Iterator[tuple[tuple[str, ...], bool]]:
    statement = moment.statement
    match statement.kind:
        case "AlterTableStmt":
            alter = statement.tree(nodes.AlterTableStmt)
            if alter is not None:
                yield alter.relation.name, alter.objtype == "OBJECT_TYPE"
        case "IndexStmt":
            index = statement.tree(nodes.IndexStmt)
            if index is not None:
                yield index.relation.name, False
        case "AlterEnumStmt":
            enum = statement.tree(nodes.AlterEnumStmt)
            if enum is not None:
                yield name_of(enum.type_name), True
        case "CreatePolicyStmt" | "AlterPolicyStmt":
            policy = statement.tree(nodes.CreatePolicyStmt) or statement.tree(nodes.AlterPolicyStmt)
            if policy is not None:
                yield policy.table.name, False
        case "RenameStmt":
            rename = statement.tree(nodes.RenameStmt)
            if rename is not None and rename.relation is not None:
                yield rename.relation.name, rename.rename_type == "OBJECT_ATTRIBUTE"
            elif rename is not None and rename.object is not None and rename.rename_type in _TYPES:
                yield object_name(rename.object), True
        case "AlterObjectSchemaStmt":
            moved = statement.tree(nodes.AlterObjectSchemaStmt)
            if moved is not None and moved.relation is not None:
                yield moved.relation.name, False
            elif moved is not None and moved.object is not None and moved.object_type in _TYPES:
                yield object_name(moved.object), True
        case "DropStmt":
            drop = statement.tree(nodes.DropStmt)
            for name in drop.names if drop is not None else ():
                if drop is not None:
                    yield name[:-1] if drop.remove_type in _PARTS[1:] else name, drop.remove_type in _TYPES


def _is_handed_over(snapshot: Snapshot, file: File, key: Key) -> bool:
    """Whether a statement of the set gives the object, before the end of this file, to another owner."""
    world = snapshot.world
    return any(
        key in handed or _EVERYTHING in handed
        for each in world.files[: world.places[file.path] + 1]
        if (handed := _handed(each))
    )


def _handed(file: Replayed) -> frozenset[Key]:
    """What a file gives to another owner; kept with the file."""
    known: frozenset[Key] | None = file.__dict__.get("_handed")
    if known is None:
        known = file.__dict__["_handed"] = frozenset(_read(file))
    return known


def _read(file: Replayed) -> Iterator[Key]:
    for moment in file.moments:
        if moment is None:
            continue
        alter = moment.statement.tree(nodes.AlterTableStmt)
        owner = moment.statement.tree(nodes.AlterOwnerStmt)
        if alter is not None and any(
            node.alter_table_cmd is not None and node.alter_table_cmd.subtype == "AT_ChangeOwner" for node in alter.cmds
        ):
            yield moment.relation(alter.relation.name)[0]
        elif owner is not None and owner.object is not None:
            yield moment.type(object_name(owner.object))[0]
        elif moment.statement.kind == "ReassignOwnedStmt":
            yield _EVERYTHING
