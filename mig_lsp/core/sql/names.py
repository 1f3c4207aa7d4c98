"""Names off parse trees, and names as SQL writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pglast.keywords import COL_NAME_KEYWORDS, RESERVED_KEYWORDS, TYPE_FUNC_NAME_KEYWORDS

from mig_lsp.core.sql.parts import DefElem, Name, Node

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
_KEYWORDS = COL_NAME_KEYWORDS | RESERVED_KEYWORDS | TYPE_FUNC_NAME_KEYWORDS


def quoted(*name: str) -> str:
    """A qualified name as SQL writes it: quoted where it has to be (`public."User"`)."""
    return ".".join(part if _bare(part) else '"' + part.replace('"', '""') + '"' for part in name)


def names_of(columns: Iterable[Name | Node]) -> tuple[str, ...]:
    """The columns of a key, a constraint or an INSERT, "" for an expression."""
    return tuple(_column(column) for column in columns)


def object_name(of: Node) -> tuple[str, ...]:
    """The name of an object as DROP, COMMENT, ALTER ... OWNER and GRANT give it, whatever the kind of the object.

    For a trigger, policy, rule or constraint the name of the table comes first: ("public", "users", "set_updated_at").
    """
    if of.string is not None:
        return (of.string.sval,)
    for named in (of.range_var, of.type_name, of.object_with_args):
        if named is not None:
            return named.name
    if of.role_spec is not None:
        return (of.role_spec.rolename,)
    items = of.list_.items if of.list_ is not None else ()
    # A constraint of a domain, and a cast, are lists of types.
    return tuple(part for item in items for part in object_name(item)) if items else ()


def option(options: Iterable[Node], name: str) -> DefElem | None:
    """The option *name* (in lower case) of a list of options."""
    for item in options:
        if item.def_elem is not None and item.def_elem.defname == name:
            return item.def_elem
    return None


def _column(column: Name | Node) -> str:
    if column.string is not None:
        return column.string.sval
    if isinstance(column, Name):
        return ""
    for named in (column.index_elem, column.res_target, column.partition_elem):
        if named is not None:
            return named.name
    return ""


def _bare(part: str) -> bool:
    return _PLAIN.fullmatch(part) is not None and part not in _KEYWORDS
