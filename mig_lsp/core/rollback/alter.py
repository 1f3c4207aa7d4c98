"""What undoes ALTER TABLE, ALTER TYPE and the renaming of anything."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.rollback.steps import Made, Name, Step, argument_types, literal, lost, perhaps
from mig_lsp.core.sql import nodes
from mig_lsp.core.sql.names import object_name, quoted
from mig_lsp.core.sql.parts import AlterTableCmd, Constraint, RangeVar


def altered_table(tree: nodes.AlterTableStmt, made: Made) -> Iterator[Step]:
    """The steps for each action of ALTER TABLE, in the order of the actions."""
    table = tree.relation.name
    if tree.objtype != "OBJECT_TABLE":
        if tree.objtype == "OBJECT_SEQUENCE" and ("SEQUENCE", table) in made.others:
            return
        kind = tree.objtype.removeprefix("OBJECT_").replace("_", " ")
        yield Step(note=f"what ALTER {kind} changes in {quoted(*table)} is not undone")
        return
    for node in tree.cmds:
        if node.alter_table_cmd is not None:
            yield from _action(node.alter_table_cmd, tree.relation, made)


def _action(action: AlterTableCmd, relation: RangeVar, made: Made) -> Iterator[Step]:
    table, own = relation.name, relation.name in made.tables
    match action.subtype:
        case "AT_AddColumn":
            column = action.def_.column_def if action.def_ else None
            if column is not None and not own:
                yield _added_column(action, relation, column.colname, made)
        case "AT_AddConstraint":
            constraint = action.def_.constraint if action.def_ else None
            if constraint is not None and (not own or _holds_another(constraint, relation, made)):
                yield from _added_constraint(constraint, relation, made)
        case _ if own or (table, action.name) in made.columns:
            return
        case "AT_DropColumn":
            yield Step(note=f"column {quoted(*table, action.name)} and its values are gone")
        case "AT_DropConstraint" if (table, action.name) in made.constraints:
            return
        case "AT_DropConstraint":
            yield lost(f"constraint {quoted(action.name)} of {quoted(*table)}")
        case "AT_ValidateConstraint" if (table, action.name) in made.constraints:
            return
        case "AT_AlterColumnType":
            yield Step(note=f"the former type of {quoted(*table, action.name)} is not in this file")
        case "AT_ColumnDefault":
            yield Step(note=f"the former default of {quoted(*table, action.name)} is not in this file")
        case "AT_SetNotNull":
            undo = f"{_alter(relation)} ALTER COLUMN {quoted(action.name)} DROP NOT NULL;"
            yield _if_so(f"{quoted(*table, action.name)} was nullable", undo)
        case "AT_DropNotNull":
            undo = f"{_alter(relation)} ALTER COLUMN {quoted(action.name)} SET NOT NULL;"
            yield _if_so(f"{quoted(*table, action.name)} was NOT NULL", undo)
        case "AT_AddIdentity":
            yield Step(f"{_alter(relation)} ALTER COLUMN {quoted(action.name)} DROP IDENTITY IF EXISTS;")
        case "AT_EnableRowSecurity":
            yield _if_so(
                f"{quoted(*table)} had no row level security", f"{_alter(relation)} DISABLE ROW LEVEL SECURITY;"
            )
        case "AT_DisableRowSecurity":
            yield _if_so(f"{quoted(*table)} had row level security", f"{_alter(relation)} ENABLE ROW LEVEL SECURITY;")
        case _:
            where = quoted(*table, action.name) if action.name else quoted(*table)
            yield Step(note=f"{_words(action.subtype)} of {where} is not undone")


def _holds_another(constraint: Constraint, relation: RangeVar, made: Made) -> bool:
    """Whether the constraint of one new table keeps another new one, which may be younger, from being dropped."""
    if constraint.contype != "CONSTR_FOREIGN" or constraint.pktable is None:
        return False
    other = constraint.pktable.relname
    # The two statements may write the schema or not, so only the last part of a name is compared.
    return other != relation.relname and any(table[-1] == other for table in made.tables)


def _added_column(action: AlterTableCmd, relation: RangeVar, column: str, made: Made) -> Step:
    undo = f"{_alter(relation)} DROP COLUMN IF EXISTS {quoted(column)};"
    if action.missing_ok:
        return perhaps(f"column {quoted(*relation.name, column)}", undo)
    made.columns.add((relation.name, column))
    return Step(undo)


def _added_constraint(constraint: Constraint, relation: RangeVar, made: Made) -> Iterator[Step]:
    table = relation.name
    if not constraint.conname:
        yield Step(note=f"the new constraint of {quoted(*table)} has no name here: look it up to drop it")
        return
    made.constraints.add((table, constraint.conname))
    if constraint.indexname:
        yield lost(f"index {quoted(constraint.indexname)}, which became constraint {quoted(constraint.conname)},")
    elif constraint.contype == "CONSTR_PRIMARY" and table not in made.tables:
        yield Step(
            note=f"the columns of {quoted(constraint.conname)} stay NOT NULL, which they may not have been before"
        )
    yield Step(f"{_alter(relation)} DROP CONSTRAINT IF EXISTS {quoted(constraint.conname)};")


_RELATIONS = {
    "OBJECT_TABLE": "TABLE",
    "OBJECT_VIEW": "VIEW",
    "OBJECT_MATVIEW": "MATERIALIZED VIEW",
    "OBJECT_SEQUENCE": "SEQUENCE",
    "OBJECT_INDEX": "INDEX",
    "OBJECT_FOREIGN_TABLE": "FOREIGN TABLE",
}
_ON_TABLE = {"OBJECT_TRIGGER": "TRIGGER", "OBJECT_POLICY": "POLICY", "OBJECT_RULE": "RULE"}
_NAMED = {"OBJECT_TYPE": "TYPE", "OBJECT_DOMAIN": "DOMAIN", "OBJECT_COLLATION": "COLLATION"}
_ROUTINES = {"OBJECT_FUNCTION": "FUNCTION", "OBJECT_PROCEDURE": "PROCEDURE", "OBJECT_ROUTINE": "ROUTINE"}


def renamed(tree: nodes.RenameStmt, made: Made) -> Iterator[Step]:
    """The step that gives an object its former name back."""
    if tree.rename_type == "OBJECT_COLUMN" and tree.relation is not None and tree.relation.name in made.tables:
        return
    undo = _renamed_back(tree, made)
    if undo is None:
        yield Step(note=f"the new name {quoted(tree.newname)} is not undone")
    elif tree.missing_ok:
        yield Step(note=f"the renaming to {quoted(tree.newname)} may have been skipped: if it was not, {undo}")
    else:
        yield Step(undo)


def _renamed_back(tree: nodes.RenameStmt, made: Made) -> str | None:
    kind, new = tree.rename_type, quoted(tree.newname)
    back = f"RENAME TO {quoted(tree.subname)};"
    if tree.relation is not None:
        table = quoted(*tree.relation.name)
        if kind in _RELATIONS:
            now = (*tree.relation.name[:-1], tree.newname)
            _move(made, tree.relation.name, now)
            return f"ALTER {_RELATIONS[kind]} IF EXISTS {quoted(*now)} RENAME TO {quoted(tree.relation.relname)};"
        if kind == "OBJECT_COLUMN" and tree.relation_type in _RELATIONS:
            owner = f"ALTER {_RELATIONS[tree.relation_type]} IF EXISTS {table}"
            return f"{owner} RENAME COLUMN {new} TO {quoted(tree.subname)};"
        if kind == "OBJECT_TABCONSTRAINT":
            return f"ALTER TABLE IF EXISTS {table} RENAME CONSTRAINT {new} TO {quoted(tree.subname)};"
        return f"ALTER {_ON_TABLE[kind]} {new} ON {table} {back}" if kind in _ON_TABLE else None
    if kind in {"OBJECT_SCHEMA", "OBJECT_ROLE"}:
        return f"ALTER {kind.removeprefix('OBJECT_')} {new} {back}"
    if tree.object is None:
        return None
    name = object_name(tree.object)
    now = (*name[:-1], tree.newname)
    if kind in _NAMED:
        return f"ALTER {_NAMED[kind]} {quoted(*now)} RENAME TO {quoted(name[-1])};"
    routine = tree.object.object_with_args
    if kind in _ROUTINES and routine is not None:
        types = argument_types(routine.objfuncargs or routine.objargs)
        if routine.args_unspecified or types is None:
            return None
        return f"ALTER {_ROUTINES[kind]} {quoted(*now)}({types}) RENAME TO {quoted(name[-1])};"
    return None


def moved_schema(tree: nodes.AlterObjectSchemaStmt, made: Made) -> Iterator[Step]:
    """The step for SET SCHEMA; certain where the former schema is written."""
    kind = _RELATIONS.get(tree.object_type)
    if tree.relation is None or kind is None or not tree.relation.schemaname or tree.missing_ok:
        yield Step(note=f"the move to schema {quoted(tree.newschema)} is not undone")
        return
    now = (tree.newschema, tree.relation.relname)
    _move(made, tree.relation.name, now)
    yield Step(f"ALTER {kind} IF EXISTS {quoted(*now)} SET SCHEMA {quoted(tree.relation.schemaname)};")


def altered_enum(tree: nodes.AlterEnumStmt, made: Made) -> Iterator[Step]:
    """The step for ALTER TYPE ... ADD VALUE or RENAME VALUE."""
    name = tuple(part.string.sval for part in tree.type_name if part.string)
    if ("TYPE", name) in made.others:
        return
    if tree.old_val:
        values = f"{literal(tree.new_val)} TO {literal(tree.old_val)}"
        yield Step(f"ALTER TYPE {quoted(*name)} RENAME VALUE {values};")
    else:
        yield Step(note=f"PostgreSQL cannot remove the label {literal(tree.new_val)} from type {quoted(*name)}")


def _alter(relation: RangeVar) -> str:
    only = "" if relation.inh else "ONLY "
    return f"ALTER TABLE IF EXISTS {only}{quoted(*relation.name)}"


def _if_so(what: str, undo: str) -> Step:
    return Step(note=f"if {what} before, {undo}")


def _words(subtype: str) -> str:
    """The grammar's name of an action in words: "AT_SetStorage" is "set storage"."""
    return "".join(" " + char.lower() if char.isupper() else char for char in subtype.removeprefix("AT_")).strip()


def _move(made: Made, old: Name, new: Name) -> None:
    """Keeps what is known of a table under its new name."""
    if old in made.tables:
        made.tables.remove(old)
        made.tables.add(new)
    made.columns |= {(new, column) for table, column in made.columns if table == old}
    made.constraints |= {(new, constraint) for table, constraint in made.constraints if table == old}
