"""Roles, privileges and comments."""

from __future__ import annotations

from mig_lsp.core.catalog.choosing import TABLES_NAME_NOT_NULL, may_be_not_null
from mig_lsp.core.catalog.drops import RELATIONS, is_kind
from mig_lsp.core.catalog.fragments import SYSTEM_COLUMNS
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import (
    check_role,
    check_roles,
    is_absent,
    is_present,
    note_missing,
    schema_exists,
)
from mig_lsp.core.catalog.routines import ROUTINES, find_routine, meant
from mig_lsp.core.catalog.scope import is_composite
from mig_lsp.core.catalog.type_statements import find_type, is_domain, note_no_type
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Gone,
    Key,
    Named,
    Sequence,
    Table,
    Text,
    Value,
    View,
    comment_key,
    extension_key,
    grants_key,
    role_key,
    schema_key,
)
from mig_lsp.core.sql.commands import (
    AlterRoleStmt,
    CreateRoleStmt,
)
from mig_lsp.core.sql.names import object_name, option
from mig_lsp.core.sql.nodes import (
    AlterDefaultPrivilegesStmt,
    CommentStmt,
    GrantRoleStmt,
    GrantStmt,
    ReassignOwnedStmt,
)
from mig_lsp.core.sql.parts import Node

# --- Roles and privileges ---


def create_role(tree: CreateRoleStmt, moment: Moment) -> None:
    """CREATE ROLE, USER and GROUP."""
    key = role_key(tree.role)
    old = moment.get(key)
    if is_present(old):
        moment.object("exists", "role", (tree.role,), "42710", found=old)
        return
    moment.put(key, Named(moment.origin))


def alter_role(tree: AlterRoleStmt, moment: Moment) -> None:
    """ALTER ROLE ... WITH, ALTER GROUP."""
    check_role(moment, tree.role)


def grant_role(tree: GrantRoleStmt, moment: Moment) -> None:
    """GRANT and REVOKE of roles."""
    for item in tree.granted_roles:
        if item.access_priv is not None:
            value = moment.get(role_key(item.access_priv.priv_name))
            if isinstance(value, Gone):
                moment.object("missing", "role", (item.access_priv.priv_name,), "42704", found=value)
    check_roles(moment, tree.grantee_roles)


def reassign(tree: ReassignOwnedStmt, moment: Moment) -> None:
    """REASSIGN OWNED BY."""
    check_roles(moment, tree.roles)
    check_role(moment, tree.newrole)


def default_privileges(tree: AlterDefaultPrivilegesStmt, moment: Moment) -> None:
    """ALTER DEFAULT PRIVILEGES."""
    found = option(tree.options, "schemas")
    for schema in found.arg.list_.items if found is not None and found.arg is not None and found.arg.list_ else ():
        schema_exists(moment, object_name(schema)[0])
    check_roles(moment, tree.action.grantees)


def grant(tree: GrantStmt, moment: Moment) -> None:
    """GRANT and REVOKE of privileges on objects."""
    check_roles(moment, tree.grantees)
    for item in tree.objects:
        key = _granted(tree, item, moment)
        if key is not None:
            moment.put(grants_key(key), Text(moment.statement.code, moment.origin))


def _granted(tree: GrantStmt, item: Node, moment: Moment) -> Key | None:
    name = object_name(item)
    kind = tree.objtype
    if tree.targtype == "ACL_TARGET_ALL_IN_SCHEMA" or kind == "OBJECT_SCHEMA":
        return schema_key(name[0]) if schema_exists(moment, name[0]) and kind == "OBJECT_SCHEMA" else None
    if tree.targtype != "ACL_TARGET_OBJECT":
        return None
    if kind in ("OBJECT_TABLE", "OBJECT_SEQUENCE"):
        at = item.range_var.location if item.range_var is not None else -1
        key, value = moment.relation(name)
        if is_absent(value):
            note_missing(moment, "relation", name, "42P01", at, value)
            return None
        if kind == "OBJECT_SEQUENCE" and is_present(value) and not isinstance(value, Sequence):
            moment.object("wrong-kind", "sequence", name, "42809", at, found=value)
            return None
        for privilege in tree.privileges:
            if privilege.access_priv is not None:
                for column in privilege.access_priv.cols:
                    has_column(moment, value, column.string.sval if column.string else "")
        return key
    if kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        key, value = find_type(moment, name)
        if is_absent(value):
            note_no_type(moment, name)
        return key if is_present(value) else None
    if kind in ROUTINES and item.object_with_args is not None:
        key, _ = find_routine(moment, item.object_with_args, meant(kind))
        return key
    return None


def has_column(moment: Moment, value: Value, name: str) -> bool:
    """False where a relation certainly has no column *name*, which is noted."""
    columns = value.columns if isinstance(value, Table | View) else None
    if columns is None or name in columns or (isinstance(value, Table) and (not value.whole or name in SYSTEM_COLUMNS)):
        return True
    gone = value.dropped.get(name) if isinstance(value, Table) else None
    of = value.key if isinstance(value, Table | View) else None
    moment.object("missing", "column", (name,), "42703", of=of, found=gone)
    return False


# --- Comments ---


def comment(tree: CommentStmt, moment: Moment) -> None:
    """COMMENT ON."""
    if tree.object is None:
        return
    key = _commented(tree.objtype, tree.object, moment)
    if key is not None:
        moment.put(key, Text(tree.comment, moment.origin) if tree.comment else None)


def _commented(kind: str, of: Node, moment: Moment) -> Key | None:
    """The key of a comment; what is missing is noted."""
    name = object_name(of)
    if kind in RELATIONS:
        key, value = moment.relation(name)
        if is_absent(value):
            note_missing(moment, "relation", name, "42P01", found=value)
            return None
        if value is not UNKNOWN and not is_kind(value, kind):
            moment.object("wrong-kind", RELATIONS[kind][0], name, "42809", found=value)
            return None
        return comment_key(key)
    if kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        key, value = find_type(moment, name)
        if is_absent(value):
            note_no_type(moment, name)
            return None
        if kind == "OBJECT_DOMAIN" and is_present(value) and not is_domain(value):
            moment.object("wrong-kind", "domain", name, "42809", found=value)
            return None
        return comment_key(key) if is_present(value) else None
    if kind in _PARTS:
        return _commented_part(kind, name, moment)
    if kind in ROUTINES and of.object_with_args is not None:
        key, number = find_routine(moment, of.object_with_args, meant(kind))
        return None if number is None else comment_key(key, str(number))
    if kind == "OBJECT_SCHEMA":
        return comment_key(schema_key(name[0])) if schema_exists(moment, name[0]) else None
    if kind == "OBJECT_EXTENSION":
        check_extension(moment, name[0])
    elif kind == "OBJECT_ROLE":
        value = moment.get(role_key(name[0]))
        if isinstance(value, Gone):
            moment.object("missing", "role", name, "42704", found=value)
    return None


_PARTS = {
    "OBJECT_COLUMN": "column",
    "OBJECT_TABCONSTRAINT": "constraint",
    "OBJECT_TRIGGER": "trigger",
    "OBJECT_POLICY": "policy",
    "OBJECT_RULE": "rule",
}


def _commented_part(kind: str, name: tuple[str, ...], moment: Moment) -> Key | None:
    *table, part = name
    key, value = moment.relation(tuple(table))
    if is_absent(value):
        if not (kind == "OBJECT_COLUMN" and is_composite(moment.type(tuple(table))[1])):
            note_missing(moment, "relation", tuple(table), "42P01", found=value)
        return None
    what = _PARTS[kind]
    if what == "column":
        return comment_key(key, part) if has_column(moment, value, part) else None
    if isinstance(value, Table) and value.whole:
        has = {
            "constraint": value.constraints,
            "trigger": value.triggers,
            "policy": value.policies,
            "rule": value.rules,
        }[what]
        unsure = what == "constraint" and moment.setting.version >= TABLES_NAME_NOT_NULL
        if part not in has and not (unsure and may_be_not_null(moment, key[1], part)):
            moment.object("missing", what, (part,), "42704", of=key)
            return None
    elif isinstance(value, View) and what != "rule" and part not in (value.triggers if what == "trigger" else ()):
        moment.object("missing", what, (part,), "42704", of=key)
        return None
    return comment_key(key, what, part)


def check_extension(moment: Moment, name: str) -> None:
    """Notes that an extension is missing."""
    value = moment.get(extension_key(name))
    if is_absent(value) and name != "plpgsql":
        moment.object("missing", "extension", (name,), "42704", found=value)


APPLY = (
    (CreateRoleStmt, create_role),
    (AlterRoleStmt, alter_role),
    (GrantRoleStmt, grant_role),
    (ReassignOwnedStmt, reassign),
    (AlterDefaultPrivilegesStmt, default_privileges),
    (GrantStmt, grant),
    (CommentStmt, comment),
)
