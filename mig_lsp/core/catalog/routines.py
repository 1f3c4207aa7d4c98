"""Functions, procedures and aggregates: which of a name is meant, and what defines them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.places import keys_of_type, new_place, note_missing, rest, schema_exists
from mig_lsp.core.catalog.types import display, resolve
from mig_lsp.core.catalog.values import UNKNOWN, Gone, Key, Routine, Routines, Type, other_key, routine_key
from mig_lsp.core.sql.names import option
from mig_lsp.core.sql.nodes import AlterFunctionStmt, CreateFunctionStmt, DefineStmt
from mig_lsp.core.sql.parts import FunctionParameter, Node, ObjectWithArgs, TypeName, name_of

Meant = Literal["function", "procedure", "aggregate", "routine"]

EXTENSION_MADE = other_key("EXTENSION_MADE")
"""Something stands here once any extension was created: it may have brought functions of any name."""

_IN = ("FUNC_PARAM_IN", "FUNC_PARAM_INOUT", "FUNC_PARAM_VARIADIC", "FUNC_PARAM_DEFAULT")
_OUT = ("FUNC_PARAM_OUT", "FUNC_PARAM_INOUT", "FUNC_PARAM_TABLE")


def create_function(tree: CreateFunctionStmt, moment: Moment) -> None:
    """CREATE [OR REPLACE] FUNCTION and PROCEDURE."""
    parameters = [item.function_parameter for item in tree.parameters if item.function_parameter is not None]
    language = _string(tree.options, "language").lower()
    # One of C may speak of types that do not exist yet.
    types = {id(p): None if language in ("c", "internal") else _type(moment, p.arg_type) for p in parameters}
    given = [p for p in parameters if p.mode in _IN]
    made = Routine(
        arguments=tuple(_plain(types[id(p)]) for p in given),
        made=moment.origin,
        changed=moment.origin,
        kind="procedure" if tree.is_procedure else "function",
        returns=_returns(tree, parameters, [types[id(p)] for p in parameters], moment, language),
        language=language,
        body=_body(tree),
        defaults=sum(p.defexpr is not None for p in given),
        names=tuple(p.name for p in given),
        types=frozenset(
            key for of in (*types.values(), _return_type(tree, moment, language)) for key in keys_of_type(moment, of)
        ),
    )
    _leave(moment, name_of(tree.funcname), made, replace_old=tree.replace)


def create_aggregate(tree: DefineStmt, moment: Moment) -> None:
    """CREATE [OR REPLACE] AGGREGATE."""
    listed = tree.args[0].list_.items if tree.args and tree.args[0].list_ is not None else ()
    parameters = [item.function_parameter for item in listed if item.function_parameter is not None]
    arguments = tuple(_plain(_type(moment, p.arg_type)) for p in parameters)
    types = frozenset(key for of in arguments for key in keys_of_type(moment, of))
    old_style = bool(tree.definition) and option(tree.definition, "basetype") is not None
    made = Routine((None,) if old_style else arguments, moment.origin, moment.origin, "aggregate", types=types)
    _leave(moment, name_of(tree.defnames), made, replace_old=tree.replace)


def alter_function(tree: AlterFunctionStmt, moment: Moment) -> None:
    """ALTER FUNCTION with other than OWNER, RENAME and SET SCHEMA."""
    key, found = find_routine(moment, tree.func, meant(tree.objtype))
    value = moment.get(key)
    if isinstance(found, int) and isinstance(value, Routines):
        changed = replace(value.overloads[found], changed=moment.origin)
        moment.put(key, Routines((*value.overloads[:found], changed, *value.overloads[found + 1 :])))


def meant(kind: str) -> Meant:
    """What a kind of the grammar's ("OBJECT_FUNCTION") means."""
    return _MEANT[kind]


_MEANT: dict[str, Meant] = {
    "OBJECT_FUNCTION": "function",
    "OBJECT_PROCEDURE": "procedure",
    "OBJECT_AGGREGATE": "aggregate",
    "OBJECT_ROUTINE": "routine",
}
ROUTINES = frozenset(_MEANT)
"""The grammar's kinds of object that are routines."""


def find_routine(moment: Moment, of: ObjectWithArgs, kind: Meant, *, lax: bool = False) -> tuple[Key, int | None]:
    """The key of a name, and which of its routines is meant: None where nobody can tell, or where there is none.

    A missing one is noted, unless *lax*: then it may be missing.
    """
    key, value = moment.routine(of.name)
    noted = len(moment.objections)
    arguments = tuple(_type(moment, item.type_name) for item in of.objargs)
    if lax or value is UNKNOWN:
        del moment.objections[noted:]
    if value is UNKNOWN or len(moment.objections) > noted:
        return key, None
    if not isinstance(value, Routines):
        if not lax and len(of.name) > 1 and not schema_exists(moment, of.name[-2]):
            return key, None
        # What the set never had may be PostgreSQL's own, but that nobody drops or changes.
        if not lax and (isinstance(value, Gone) or moment.statement.kind in _OF_OWNERS):
            note_no_routine(moment, kind, of.name, value if isinstance(value, Gone) else None)
        return key, None
    overloads = value.overloads
    if of.args_unspecified:
        fitting = [n for n, one in enumerate(overloads) if kind == "routine" or _fits(one, kind)]
        if len(overloads) == 1 or len(fitting) == 1:
            return key, _checked(moment, value, fitting[0] if fitting else 0, of.name, kind)
        if fitting and moment.get(EXTENSION_MADE) is None:
            detail = "several have this name: say the types of its arguments"
            moment.object("invalid", kind, of.name, "42725", found=value, detail=detail)
        return key, None
    if None in arguments:
        return key, None
    number = next((n for n, one in enumerate(overloads) if is_same(one.arguments, arguments)), None)
    if number is not None:
        return key, _checked(moment, value, number, of.name, kind)
    certain = all(is_same(one.arguments, arguments) is False and one.kind == "function" for one in overloads)
    if certain and not lax:
        note_no_routine(moment, kind, of.name, value)
    return key, None


_OF_OWNERS = {"DropStmt", "AlterFunctionStmt", "RenameStmt", "AlterObjectSchemaStmt", "AlterOwnerStmt"}


def is_same(one: Sequence[Type | None], other: Sequence[Type | None]) -> bool | None:
    """Whether two lists of argument types are the same as far as functions go; None where nobody can tell."""
    if len(one) != len(other):
        return False
    known = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    if any((a.schema, a.name, a.array) != (b.schema, b.name, b.array) for a, b in known):
        return False
    return True if len(known) == len(one) else None


def note_no_routine(moment: Moment, what: str, name: tuple[str, ...], found: Gone | Routines | None) -> None:
    """Notes that a routine is missing, where no extension may have brought it, and PostgreSQL has none itself."""
    if moment.get(EXTENSION_MADE) is not None or (len(name) == 1 and is_built_in(name[0])):
        return
    if isinstance(found, Routines):
        moment.object("missing", what, name, "42883", found=found)
    else:
        note_missing(moment, what, name, "42883", found=found)


def put_overloads(moment: Moment, key: Key, overloads: Sequence[Routine]) -> None:
    """Leaves the routines of a name; none means that the last one was dropped."""
    moment.put(key, Routines(tuple(overloads)) if overloads else Gone(moment.origin))


def _checked(moment: Moment, value: Routines, number: int, name: tuple[str, ...], kind: Meant) -> int | None:
    if kind == "routine" or _fits(value.overloads[number], kind):
        return number
    moment.object("wrong-kind", kind, name, "42809", found=value)
    return None


def _fits(routine: Routine, kind: Meant) -> bool:
    return routine.kind == kind


def _leave(moment: Moment, name: tuple[str, ...], made: Routine, *, replace_old: bool) -> None:
    key = new_place(moment, routine_key, name)
    if key is None:
        return
    value = moment.get(key)
    if value is UNKNOWN:
        return
    overloads = value.overloads if isinstance(value, Routines) else ()
    same = [is_same(one.arguments, made.arguments) for one in overloads]
    if True in same:
        number = same.index(True)
        old = overloads[number]
        if not replace_old:
            moment.object("exists", "function", name, "42723", found=value)
            moment.doubt(key)
            return
        wrong = _irreplaceable(old, made)
        if wrong is not None:
            moment.object("invalid", "function", name, wrong[0], found=value, detail=wrong[1])
            moment.doubt(key)
            return
        made = replace(made, made=old.made)
        overloads = (*overloads[:number], made, *overloads[number + 1 :])
    elif None in same:
        moment.doubt(key)
        return
    else:
        overloads = (*overloads, made)
    moment.put(key, Routines(overloads))
    for on in sorted(made.types):
        rest(moment, on, key)


def _irreplaceable(old: Routine, new: Routine) -> tuple[str, str] | None:
    if old.kind != new.kind:
        return "42809", f"it is a {old.kind}, which OR REPLACE cannot change"
    if old.returns and new.returns and old.returns != new.returns:
        return "42P13", "OR REPLACE cannot change what it returns"
    if any(a and a != b for a, b in zip(old.names, new.names, strict=False)):
        return "42P13", "OR REPLACE cannot change the names of arguments"
    if new.defaults < old.defaults:
        return "42P13", "OR REPLACE cannot remove the defaults of arguments"
    return None


def _type(moment: Moment, of: TypeName | None) -> Type | None:
    return None if of is None else resolve(of, moment)


def _plain(of: Type | None) -> Type | None:
    """The type without what is in parentheses: an argument's is not kept."""
    return None if of is None else of._replace(typmods=())


def _return_type(tree: CreateFunctionStmt, moment: Moment, language: str) -> Type | None:
    if tree.return_type is None or language in ("c", "internal"):
        return None
    noted = len(moment.objections)
    found = resolve(tree.return_type, moment)
    del moment.objections[noted:]  # `_returns` notes them
    return found


def _returns(
    tree: CreateFunctionStmt,
    parameters: Sequence[FunctionParameter],
    types: Sequence[Type | None],
    moment: Moment,
    language: str,
) -> str:
    """What a function returns in words that are the same for the same result; "" where the files do not tell."""
    if tree.is_procedure or language in ("c", "internal"):
        return ""
    out = [(p.name, of) for p, of in zip(parameters, types, strict=True) if p.mode in _OUT]
    if any(of is None for _, of in out):
        return ""
    several = "setof " if tree.return_type is not None and tree.return_type.setof else ""
    if any(p.mode == "FUNC_PARAM_TABLE" for p in parameters):
        several = "setof "
    if len(out) > 1 or (out and several):
        return several + ", ".join(f"{name} {_shown(of)}" for name, of in out)
    of = out[0][1] if out else _type(moment, tree.return_type)
    return "" if of is None else several + _shown(of)


def _shown(of: Type | None) -> str:
    return "" if of is None else f"{of.schema}.{display(of._replace(typmods=()))}"


def _string(options: Sequence[Node], name: str) -> str:
    found = option(options, name)
    return found.arg.string.sval if found is not None and found.arg is not None and found.arg.string is not None else ""


def _body(tree: CreateFunctionStmt) -> str:
    found = option(tree.options, "as")
    if found is None or found.arg is None or found.arg.list_ is None:
        return ""
    return "\n".join(item.string.sval for item in found.arg.list_.items if item.string is not None)


def is_built_in(name: str) -> bool:
    """Whether PostgreSQL has a function of that name that triggers and DROP may be about."""
    return name.startswith(("pg_", "ri_fkey_", "RI_FKey_")) or name in _BUILT_IN_TRIGGERS


_BUILT_IN_TRIGGERS = frozenset(
    {
        "suppress_redundant_updates_trigger",
        "tsvector_update_trigger",
        "tsvector_update_trigger_column",
        "unique_key_recheck",
        "lo_import",
    }
)


APPLY = (
    (CreateFunctionStmt, create_function),
    (AlterFunctionStmt, alter_function),
)
