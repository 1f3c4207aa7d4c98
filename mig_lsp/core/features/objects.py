"""What single statements create, change and drop, and the tables and types that a run of them leaves.

A light reading for completion and symbols, not a catalog: what dynamic SQL does is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mig_lsp.core.snapshot import File
from mig_lsp.core.sql import commands, nodes
from mig_lsp.core.sql.names import object_name, quoted
from mig_lsp.core.sql.parts import ColumnDef, Node, TypeName, name_of
from mig_lsp.core.sql.parts import Name as SqlName
from mig_lsp.core.sql.statement import Statement

ObjectKind = Literal["table", "type", "index", "routine", "object"]
Name = tuple[str, ...]


class Column(NamedTuple):
    """A column; *type* as PostgreSQL's grammar calls it, *location* in the statement's tree, -1 when unknown."""

    name: str
    type: str
    location: int = -1


class Effect(NamedTuple):
    """What a statement does to one object.

    *name* has no "public"; where it has two parts the first is the schema. *columns* are those of a new table, those
    added, or those dropped or renamed. *new* is the new name of what is renamed, *detail* a word about a new type.
    """

    verb: Literal["create", "drop", "rename", "add-column", "drop-column", "rename-column"]
    kind: ObjectKind
    name: Name
    columns: tuple[Column, ...] = ()
    new: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Objects:
    """Tables with their columns, and types with a word about each."""

    tables: dict[Name, Mapping[str, str]] = field(default_factory=dict)
    types: dict[Name, str] = field(default_factory=dict)

    def copy(self) -> Objects:
        """The same objects, to be changed further."""
        # The tables are shared until they change: there may be thousands, and a copy is made at every key.
        return Objects(dict(self.tables), dict(self.types))

    def add(self, effects: Iterable[Effect]) -> None:
        """Carries *effects* out."""
        for effect in effects:
            if effect.kind == "table":
                self._change_table(effect)
            elif effect.kind == "type":
                self._change_type(effect)

    def _change_table(self, effect: Effect) -> None:
        if effect.verb == "create":
            made = {each.name: each.type for each in effect.columns}
            self.tables[effect.name] = {**self.tables.get(effect.name, {}), **made}
            return
        columns = self.tables.get(effect.name)
        if columns is None:
            return
        if effect.verb == "drop":
            del self.tables[effect.name]
        elif effect.verb == "rename":
            self.tables[(*effect.name[:-1], effect.new)] = self.tables.pop(effect.name)
        elif effect.verb == "add-column":
            self.tables[effect.name] = {**columns, **{each.name: each.type for each in effect.columns}}
        else:
            gone = {each.name: effect.new for each in effect.columns}
            kept = ((gone.get(name, name), kind) for name, kind in columns.items())
            self.tables[effect.name] = {name: kind for name, kind in kept if name}

    def _change_type(self, effect: Effect) -> None:
        if effect.verb == "create":
            self.types[effect.name] = effect.detail
            return
        detail = self.types.pop(effect.name, "")
        if effect.verb == "rename":
            self.types[(*effect.name[:-1], effect.new)] = detail


def effects(statement: Statement) -> tuple[Effect, ...]:
    """What *statement* does; kept with it."""
    known: tuple[Effect, ...] | None = statement.__dict__.get("_effects")
    if known is None:
        known = () if not _may_define(statement) else tuple(_read(statement))
        statement.__dict__["_effects"] = known
    return known


def file_effects(file: File) -> tuple[Effect, ...]:
    """What the statements of a file do, in order; kept with the file."""
    known: tuple[Effect, ...] | None = file.__dict__.get("_effects")
    if known is None:
        known = tuple(effect for statement in file.statements.items for effect in effects(statement))
        file.__dict__["_effects"] = known
    return known


_DEFINES = re.compile(r"(?:create|alter|drop|select)\b", re.I)
_ROUTINES = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}
_TABLES = {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE"}
_TYPES = {"OBJECT_TYPE", "OBJECT_DOMAIN"}


_SPOKEN = {"int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean", "float8": "double precision"}


def _may_define(statement: Statement) -> bool:
    """Whether it is worth parsing: rows and functions' bodies make up most of a long file."""
    return _DEFINES.match(statement.text, statement.span.start) is not None


def _read(statement: Statement) -> Iterator[Effect]:
    if statement.kind == "AlterTableStmt":
        yield from _altered(statement)
    elif statement.kind == "DropStmt":
        drop = statement.tree(nodes.DropStmt)
        kind = _kind(drop.remove_type) if drop else "object"
        yield from (Effect("drop", kind, _plain(name)) for name in (drop.names if drop else ()))
    elif statement.kind == "RenameStmt":
        yield from _renamed(statement)
    else:
        yield from _created(statement)


def _created(statement: Statement) -> Iterator[Effect]:
    if table := statement.tree(nodes.CreateStmt):
        yield _new("table", table.relation.name, _columns(table.table_elts))
    elif foreign := statement.tree(nodes.CreateForeignTableStmt):
        yield _new("table", foreign.base.relation.name, _columns(foreign.base.table_elts))
    elif made := statement.tree(nodes.CreateTableAsStmt):
        yield _new("table", made.into.rel.name, _named(made.into.col_names))
    elif view := statement.tree(nodes.ViewStmt):
        yield _new("table", view.view.name, _named(view.aliases))
    elif enum := statement.tree(nodes.CreateEnumStmt):
        yield _new("type", name_of(enum.type_name), detail="enum " + ", ".join(name_of(enum.vals)))
    elif composite := statement.tree(nodes.CompositeTypeStmt):
        yield _new("type", composite.typevar.name, detail="composite type")
    elif ranged := statement.tree(nodes.CreateRangeStmt):
        yield _new("type", name_of(ranged.type_name), detail="range")
    elif domain := statement.tree(nodes.CreateDomainStmt):
        yield _new("type", name_of(domain.domainname), detail="domain over " + _type(domain.type_name))
    elif index := statement.tree(nodes.IndexStmt):
        if index.idxname:
            yield _new("index", (index.idxname,))
    elif routine := statement.tree(nodes.CreateFunctionStmt):
        yield _new("routine", name_of(routine.funcname))
    else:
        yield from _created_else(statement)


def _created_else(statement: Statement) -> Iterator[Effect]:
    if defined := statement.tree(nodes.DefineStmt):
        yield _new(_kind(defined.kind), name_of(defined.defnames), detail="type")
    elif sequence := statement.tree(nodes.CreateSeqStmt):
        yield _new("object", sequence.sequence.name)
    elif trigger := statement.tree(nodes.CreateTrigStmt):
        yield _new("object", (trigger.trigname,))
    elif policy := statement.tree(nodes.CreatePolicyStmt):
        yield _new("object", (policy.policy_name,))
    elif schema := statement.tree(nodes.CreateSchemaStmt):
        if schema.schemaname:
            yield _new("object", (schema.schemaname,))
    elif extension := statement.tree(nodes.CreateExtensionStmt):
        yield _new("object", (extension.extname,))
    elif role := statement.tree(commands.CreateRoleStmt):
        yield _new("object", (role.role,))


def _altered(statement: Statement) -> Iterator[Effect]:
    alter = statement.tree(nodes.AlterTableStmt)
    if alter is None or alter.objtype not in _TABLES:
        return
    name = _plain(alter.relation.name)
    for item in alter.cmds:
        action = item.alter_table_cmd
        if action is None:
            continue
        definition = action.def_.column_def if action.def_ is not None else None
        if action.subtype == "AT_AddColumn" and definition is not None:
            yield Effect("add-column", "table", name, (_column(definition),))
        elif action.subtype == "AT_AlterColumnType" and definition is not None:
            yield Effect("add-column", "table", name, (Column(action.name, _type(definition.type_name)),))
        elif action.subtype == "AT_DropColumn":
            yield Effect("drop-column", "table", name, (Column(action.name, ""),))


def _renamed(statement: Statement) -> Iterator[Effect]:
    rename = statement.tree(nodes.RenameStmt)
    if rename is None:
        return
    if rename.rename_type == "OBJECT_COLUMN" and rename.relation is not None:
        old = Column(rename.subname, "")
        yield Effect("rename-column", "table", _plain(rename.relation.name), (old,), rename.newname)
        return
    name = rename.relation.name if rename.relation else object_name(rename.object) if rename.object else ()
    if name:
        yield Effect("rename", _kind(rename.rename_type), _plain(name), (), rename.newname)


def _new(kind: ObjectKind, name: Name, columns: tuple[Column, ...] = (), detail: str = "") -> Effect:
    return Effect("create", kind, _plain(name), columns, detail=detail)


def _kind(grammars: str) -> ObjectKind:
    if grammars in _TABLES:
        return "table"
    if grammars in _TYPES:
        return "type"
    if grammars in _ROUTINES:
        return "routine"
    return "index" if grammars == "OBJECT_INDEX" else "object"


def _columns(elements: Iterable[Node]) -> tuple[Column, ...]:
    return tuple(_column(each.column_def) for each in elements if each.column_def is not None)


def _column(column: ColumnDef) -> Column:
    return Column(column.colname, _type(column.type_name), column.location)


def _named(names: Iterable[SqlName]) -> tuple[Column, ...]:
    return tuple(Column(name, "") for name in name_of(names))


def _type(of: TypeName | None) -> str:
    if of is None:
        return ""
    name = of.name[1:] if of.name[:1] == ("pg_catalog",) else of.name
    written = _SPOKEN.get(name[-1], name[-1]) if len(name) == 1 else quoted(*name)
    return written + ("[]" if of.array_bounds else "")


def _plain(name: Name) -> Name:
    """The name without the schema that is meant anyway."""
    return name[1:] if len(name) > 1 and name[0] == "public" else name
