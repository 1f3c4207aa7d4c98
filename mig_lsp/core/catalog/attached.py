"""What is attached to a table: triggers, row security policies, rules; and event triggers."""

from __future__ import annotations

from dataclasses import replace

from mig_lsp.core.catalog.children import pass_on_trigger
from mig_lsp.core.catalog.expressions import columns_of, walk
from mig_lsp.core.catalog.fragments import SYSTEM_COLUMNS
from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import check_roles, is_absent, is_present, note_missing, rest, uses_of
from mig_lsp.core.catalog.routines import EXTENSION_MADE, is_built_in, note_no_routine
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Gone,
    Key,
    Named,
    Policy,
    Routines,
    Table,
    Trigger,
    View,
    other_key,
    routine_key,
)
from mig_lsp.core.sql.nodes import AlterPolicyStmt, CreateEventTrigStmt, CreatePolicyStmt, CreateTrigStmt, RuleStmt
from mig_lsp.core.sql.parts import RangeVar, name_of

_BEFORE, _INSTEAD = 2, 64
_OF_ROW = ("new", "old")


def create_trigger(tree: CreateTrigStmt, moment: Moment) -> None:
    """CREATE [OR REPLACE] [CONSTRAINT] TRIGGER."""
    value = _relation(moment, tree.relation)
    routine = _trigger_function(moment, name_of(tree.funcname))
    if not isinstance(value, Table | View):
        return
    name, at = tree.relation.name, tree.relation.location
    if isinstance(value, View) and (value.materialized or (tree.row and tree.timing != _INSTEAD)):
        what = "table" if value.materialized else "table, whose rows it could fire for"
        moment.object("wrong-kind", what, name, "42809", at, found=value)
        return
    if isinstance(value, Table) and tree.timing == _INSTEAD:
        moment.object("wrong-kind", "view", name, "42809", at, found=value)
        return
    columns = _columns(tree, value, moment)
    trigger = Trigger(tree.trigname, moment.origin, routine, columns, tree.timing == _BEFORE, tree.row, tree.events)
    old = value.triggers.get(tree.trigname)
    if old is not None and not tree.replace:
        moment.object("exists", "trigger", (tree.trigname,), "42710", of=value.key, found=None)
        return
    if old is not None:
        trigger = replace(trigger, made=old.made)
    moment.put(value.key, replace(value, triggers={**value.triggers, tree.trigname: trigger}))
    rest(moment, routine, value.key)
    if isinstance(value, Table) and value.kind == "p" and trigger.row:
        pass_on_trigger(moment, value, trigger)


def create_policy(tree: CreatePolicyStmt, moment: Moment) -> None:
    """CREATE POLICY."""
    check_roles(moment, tree.roles)
    value = _table(moment, tree.table)
    if value is None:
        return
    if tree.policy_name in value.policies:
        moment.object("exists", "policy", (tree.policy_name,), "42710", of=value.key)
        return
    columns = _named_columns(moment, value)
    _put_policy(moment, value, Policy(tree.policy_name, moment.origin, columns, _uses(moment)))


def alter_policy(tree: AlterPolicyStmt, moment: Moment) -> None:
    """ALTER POLICY with other than RENAME."""
    check_roles(moment, tree.roles)
    value = _table(moment, tree.table)
    if value is None:
        return
    old = value.policies.get(tree.policy_name)
    if old is None:
        if value.whole:
            moment.object("missing", "policy", (tree.policy_name,), "42704", of=value.key)
        return
    columns, uses = _named_columns(moment, value), _uses(moment)
    if tree.qual is None or tree.with_check is None:
        # One of the two conditions stays, and which columns it names is not told apart.
        columns = None if columns is None or old.columns is None or old.columns != columns else columns
        uses = uses | old.uses
    _put_policy(moment, value, replace(old, columns=columns, uses=uses))


def create_rule(tree: RuleStmt, moment: Moment) -> None:
    """CREATE [OR REPLACE] RULE."""
    value = _relation(moment, tree.relation)
    if not isinstance(value, Table):
        return
    if tree.rulename in value.rules and not tree.replace:
        moment.object("exists", "rule", (tree.rulename,), "42710", of=value.key)
        return
    moment.put(value.key, replace(value, rules={**value.rules, tree.rulename: moment.origin}))


def create_event_trigger(tree: CreateEventTrigStmt, moment: Moment) -> None:
    """CREATE EVENT TRIGGER."""
    _trigger_function(moment, name_of(tree.funcname))
    key = other_key("OBJECT_EVENT_TRIGGER", tree.trigname)
    old = moment.get(key)
    if is_present(old):
        moment.object("exists", "event trigger", (tree.trigname,), "42710", found=old)
    moment.put(key, Named(moment.origin))


def _relation(moment: Moment, of: RangeVar) -> Table | View | None:
    """The table or view, None for anything else; what certainly is none is noted."""
    _, value = moment.relation(of.name)
    if is_absent(value):
        note_missing(moment, "relation", of.name, "42P01", of.location, value)
        return None
    if isinstance(value, Table | View):
        return value
    if value is not UNKNOWN:
        moment.object("wrong-kind", "table", of.name, "42809", of.location, found=value)
    return None


def _table(moment: Moment, of: RangeVar) -> Table | None:
    value = _relation(moment, of)
    if isinstance(value, View):
        moment.object("wrong-kind", "table", of.name, "42809", of.location, found=value)
    return value if isinstance(value, Table) else None


def _trigger_function(moment: Moment, name: tuple[str, ...]) -> Key:
    key, value = moment.routine(name)
    if is_absent(value) and is_built_in(name[-1]):
        return routine_key("pg_catalog", name[-1])
    if isinstance(value, Gone):
        note_no_routine(moment, "function", name, value)
    elif value is None:
        note_no_routine(moment, "function", name, None)
    elif isinstance(value, Routines):
        fitting = next((one for one in value.overloads if not one.arguments), None)
        if fitting is None and moment.get(EXTENSION_MADE) is None:
            note_no_routine(moment, "function", name, value)
        elif fitting is not None and fitting.returns and not fitting.returns.endswith("trigger"):
            moment.object("wrong-kind", "trigger function", name, "42P17", found=value)
    return key


def _columns(tree: CreateTrigStmt, value: Table | View, moment: Moment) -> tuple[str, ...] | None:
    """The columns that a trigger and its WHEN name; missing ones are noted."""
    listed = name_of(tree.columns)
    names = dict.fromkeys(listed)
    for name in names:
        if name in SYSTEM_COLUMNS:
            moment.object("missing", "column", (name,), "42703", moment.span((name,)), of=value.key)
        else:
            _check_column(moment, value, name)
        if listed.count(name) > 1:
            detail = f"column {name} is listed twice"
            moment.object("invalid", "column", (name,), "42701", moment.span((name,)), of=value.key, detail=detail)
    whole_row = False
    for mention in walk(moment.statement.parsed.trees[0].body):
        if mention.kind == "query":
            return None
        if mention.kind == "column":
            if len(mention.name) == 2 and mention.name[0] in _OF_ROW and mention.name[1] != "*":
                names[mention.name[1]] = None
                _check_column(moment, value, mention.name[1])
            else:
                whole_row = True
    return None if whole_row else tuple(names)


def _named_columns(moment: Moment, table: Table) -> tuple[str, ...] | None:
    """The columns that the statement's conditions name; missing ones are noted."""
    body = moment.statement.parsed.trees[0].body
    columns = columns_of(body)
    if columns is None:
        return None
    for mention in walk(body):
        if mention.kind != "column" or mention.name == (table.key[2],):
            continue
        if len(mention.name) == 1 or mention.name[-2] == table.key[2]:
            _check_column(moment, table, mention.name[-1])
    return columns


def _check_column(moment: Moment, of: Table | View, name: str) -> None:
    columns = of.columns
    if columns is None or name in columns or name in SYSTEM_COLUMNS or (isinstance(of, Table) and not of.whole):
        return
    gone = of.dropped.get(name) if isinstance(of, Table) else None
    moment.object("missing", "column", (name,), "42703", moment.span((name,)), of=of.key, found=gone)


def _uses(moment: Moment) -> frozenset[Key]:
    return uses_of(moment, moment.statement.parsed.trees[0].body)


def _put_policy(moment: Moment, table: Table, policy: Policy) -> None:
    moment.put(table.key, replace(table, policies={**table.policies, policy.name: policy}))
    for on in sorted(policy.uses):
        rest(moment, on, table.key)


APPLY = (
    (CreateTrigStmt, create_trigger),
    (CreatePolicyStmt, create_policy),
    (AlterPolicyStmt, alter_policy),
    (RuleStmt, create_rule),
    (CreateEventTrigStmt, create_event_trigger),
)
