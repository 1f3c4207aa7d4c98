"""How PostgreSQL calls the columns of a query that nobody gave a name."""

from __future__ import annotations

from mig_lsp.core.catalog.expressions import Json, strings

UNNAMED = "?column?"


def title(tree: Json) -> str:
    """The name of an expression as a column of a query."""
    weak = ""
    while isinstance(tree, dict) and tree:
        kind, node = next(iter(tree.items()))
        name, below, strength = _step(kind, node)
        if name and strength == 2:
            return name
        if name:  # that of a type or CASE gives way to one below
            weak = weak or name
        tree = below
    return weak or UNNAMED


def _step(kind: str, node: dict[str, Json]) -> tuple[str, Json, int]:
    """A node's own name, where a better one may be, and whether it is final (2)."""
    if kind == "ColumnRef":
        name = [part for part in strings(node.get("fields", ())) if part != "*"]
        return (name[-1] if name else ""), None, 2
    if kind == "A_Indirection":
        parts = [part["String"].get("sval", "") for part in node.get("indirection", ()) if "String" in part]
        return (parts[-1] if parts else ""), node.get("arg"), 2
    if kind == "FuncCall":
        return strings(node.get("funcname", ()))[-1], None, 2
    if kind == "A_Expr":
        return ("nullif" if node.get("kind") == "AEXPR_NULLIF" else ""), None, 2
    if kind == "TypeCast":
        names = strings(node.get("typeName", {}).get("names", ()))
        return (names[-1] if names else ""), node.get("arg"), 1
    if kind == "CollateClause":
        return "", node.get("arg"), 2
    if kind == "CaseExpr":
        return "case", node.get("defresult"), 1
    if kind == "SubLink":
        return _of_query(node)
    if kind in {"MinMaxExpr", "SQLValueFunction", "XmlExpr", "JsonFuncExpr"}:
        return _NAMES.get(node.get("op", ""), ""), None, 2
    return _NAMES.get(kind, ""), None, 2


def _of_query(node: dict[str, Json]) -> tuple[str, Json, int]:
    kind = node.get("subLinkType")
    if kind == "EXISTS_SUBLINK":
        return "exists", None, 2
    if kind == "ARRAY_SUBLINK":
        return "array", None, 2
    if kind != "EXPR_SUBLINK":
        return "", None, 2
    query = node.get("subselect", {}).get("SelectStmt", {})
    while "larg" in query:
        query = query["larg"]
    if "valuesLists" in query:
        return "column1", None, 2
    first = next(iter(query.get("targetList", ())), _NOTHING).get("ResTarget", _NOTHING)
    if first.get("name"):
        return first["name"], None, 2
    return "", first.get("val"), 2


_NOTHING: dict[str, Json] = {}
_NAMES = {
    "A_ArrayExpr": "array",
    "RowExpr": "row",
    "CoalesceExpr": "coalesce",
    "GroupingFunc": "grouping",
    "MergeSupportFunc": "merge_action",
    "XmlSerialize": "xmlserialize",
    "JsonParseExpr": "json",
    "JsonScalarExpr": "json_scalar",
    "JsonSerializeExpr": "json_serialize",
    "JsonObjectConstructor": "json_object",
    "JsonArrayConstructor": "json_array",
    "JsonArrayQueryConstructor": "json_array",
    "JsonObjectAgg": "json_objectagg",
    "JsonArrayAgg": "json_arrayagg",
    "JSON_EXISTS_OP": "json_exists",
    "JSON_QUERY_OP": "json_query",
    "JSON_VALUE_OP": "json_value",
    "IS_GREATEST": "greatest",
    "IS_LEAST": "least",
    "IS_XMLCONCAT": "xmlconcat",
    "IS_XMLELEMENT": "xmlelement",
    "IS_XMLFOREST": "xmlforest",
    "IS_XMLPARSE": "xmlparse",
    "IS_XMLPI": "xmlpi",
    "IS_XMLROOT": "xmlroot",
    "IS_XMLSERIALIZE": "xmlserialize",
    "SVFOP_CURRENT_DATE": "current_date",
    "SVFOP_CURRENT_TIME": "current_time",
    "SVFOP_CURRENT_TIME_N": "current_time",
    "SVFOP_CURRENT_TIMESTAMP": "current_timestamp",
    "SVFOP_CURRENT_TIMESTAMP_N": "current_timestamp",
    "SVFOP_LOCALTIME": "localtime",
    "SVFOP_LOCALTIME_N": "localtime",
    "SVFOP_LOCALTIMESTAMP": "localtimestamp",
    "SVFOP_LOCALTIMESTAMP_N": "localtimestamp",
    "SVFOP_CURRENT_ROLE": "current_role",
    "SVFOP_CURRENT_USER": "current_user",
    "SVFOP_USER": "user",
    "SVFOP_SESSION_USER": "session_user",
    "SVFOP_CURRENT_CATALOG": "current_catalog",
    "SVFOP_CURRENT_SCHEMA": "current_schema",
}
