"""The sources of FROM that are no relations: inner queries, functions, tables made of XML and JSON."""

from __future__ import annotations

from mig_lsp.core.catalog.expressions import Json, strings, walk
from mig_lsp.core.catalog.scope import Reading, Source

_MOST_SOURCES = 100
_ONE_COLUMN = {"generate_series", "unnest", "generate_subscripts", "regexp_split_to_table", "string_to_table"}


def function(node: dict[str, Json], name: str, names: tuple[str, ...]) -> Source:
    """A function in FROM: its columns are told by the alias, and the rest by what it is."""
    calls = [call.get("List", {}).get("items", [{}])[0] for call in node.get("functions", ())]
    listed = tuple(each.get("ColumnDef", {}).get("colname", "") for each in node.get("coldeflist", ()))
    call = calls[0].get("FuncCall", {}) if len(calls) == 1 and isinstance(calls[0], dict) else {}
    called = (strings(call.get("funcname", ())) or ("",))[-1]
    if len(calls) == 1 and not node.get("is_rowsfrom"):
        if listed and not node.get("ordinality"):
            return Source(name or called, dict.fromkeys(listed))
        one = called in _ONE_COLUMN and (called != "unnest" or len(call.get("args", ())) == 1)
        if one and len(names) == 1 and not node.get("ordinality"):
            return Source(name, dict.fromkeys(names))
    return Source(name or called, dict.fromkeys(names), complete=False)


def json_columns(node: dict[str, Json]) -> list[str]:
    """The columns of JSON_TABLE, those of NESTED among them."""
    names: list[str] = []
    stack = [*reversed(node.get("columns", ()))]
    while stack:
        column = stack.pop().get("JsonTableColumn", {})
        if column.get("coltype") == "JTC_NESTED":
            stack.extend(reversed(column.get("columns", ())))
        else:
            names.append(column.get("name", ""))
    return names


def is_crowd(item: Json) -> bool:
    """Whether so many sources are joined that following each name would take long."""
    count = 0
    stack = [item]
    while stack and count <= _MOST_SOURCES:
        node = stack.pop().get("JoinExpr")
        if node is not None:
            count += 1
            stack += [node.get("larg", {}), node.get("rarg", {})]
    return count > _MOST_SOURCES


def skip(tree: Json, reading: Reading) -> None:
    """What is too deep to be read closely: any column of its relations may be read."""
    for mention in walk(tree):
        if mention.kind == "relation":
            key, value = reading.moment.relation(mention.name)
            if value is not None:
                reading.doubt(key)
