"""What a type's name means: PostgreSQL's own types, those that extensions bring, and those of the set."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Gone,
    Index,
    Key,
    Named,
    OtherType,
    Sequence,
    Table,
    Type,
    extension_key,
    relation_key,
    schema_key,
    type_key,
)
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.parts import Node, TypeName
from mig_lsp.core.sql.parts import node as read

_BUILT_IN = """
    aclitem any anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray
    anycompatiblerange anyelement anyenum anymultirange anynonarray anyrange bit bool box bpchar bytea char cid cidr
    circle cstring date datemultirange daterange event_trigger fdw_handler float4 float8 gtsvector index_am_handler inet
    int2 int2vector int4 int4multirange int4range int8 int8multirange int8range internal interval json jsonb jsonpath
    language_handler line lseg macaddr macaddr8 money name nummultirange numeric numrange oid oidvector path
    pg_brin_bloom_summary pg_brin_minmax_multi_summary pg_ddl_command pg_dependencies pg_lsn pg_mcv_list pg_ndistinct
    pg_node_tree pg_snapshot point polygon record refcursor regclass regcollation regconfig regdictionary regnamespace
    regoper regoperator regproc regprocedure regrole regtype table_am_handler text tid time timestamp timestamptz timetz
    trigger tsm_handler tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot unknown uuid varbit
    varchar void xid xid8 xml
"""
_PSEUDO = """
    any anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray anycompatiblerange
    anyelement anyenum anymultirange anynonarray anyrange cstring event_trigger fdw_handler index_am_handler internal
    language_handler pg_ddl_command record table_am_handler trigger tsm_handler unknown void
"""
_WITHOUT_TYPES = """
    adminpack amcheck auto_explain autoinc aws_commons aws_lambda aws_s3 bloom btree_gin btree_gist dblink dict_int
    dict_xsyn file_fdw fuzzystrmatch insert_username intagg moddatetime pageinspect pg_buffercache pg_freespacemap
    pg_prewarm pg_stat_statements pg_surgery pg_visibility pg_walinspect pgcrypto pgrowlocks pgstattuple plpgsql
    postgres_fdw rds_tools refint sslinfo tcn tsm_system_rows tsm_system_time unaccent uuid-ossp xml2
"""

BUILT_IN = frozenset(_BUILT_IN.split())
"""The types of pg_catalog by their names in pg_type, without arrays and the rows of system tables."""

PSEUDO = frozenset(_PSEUDO.split())
"""Those of them that no column can have."""

EXTENSIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "citext": frozenset({"citext"}),
        "cube": frozenset({"cube"}),
        "earthdistance": frozenset({"earth"}),
        "hll": frozenset({"hll", "hll_hashval"}),
        "hstore": frozenset({"hstore", "ghstore"}),
        "intarray": frozenset({"query_int", "intbig_gkey"}),
        "ip4r": frozenset({"ip4", "ip4r", "ip6", "ip6r", "ipaddress", "iprange"}),
        "isn": frozenset({"ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"}),
        "lo": frozenset({"lo"}),
        "ltree": frozenset({"ltree", "lquery", "ltxtquery", "ltree_gist"}),
        "pg_trgm": frozenset({"gtrgm"}),
        "postgis": frozenset(
            {"geometry", "geography", "box2d", "box2df", "box3d", "gidx", "spheroid", "geometry_dump", "valid_detail"}
        ),
        "prefix": frozenset({"prefix_range"}),
        "seg": frozenset({"seg"}),
        "semver": frozenset({"semver", "semverrange"}),
        "tablefunc": frozenset({"tablefunc_crosstab_2", "tablefunc_crosstab_3", "tablefunc_crosstab_4"}),
        "vector": frozenset({"vector", "halfvec", "sparsevec"}),
    }
    | {name: frozenset[str]() for name in _WITHOUT_TYPES.split()}
)
"""The extensions whose types are known, with their names. Another one may bring any type."""

ANY_EXTENSION: Key = extension_key("*")
"""Something stands here once an extension was created that is not in EXTENSIONS, or nobody knows which were."""

_SERIAL = {
    "smallserial": "int2",
    "serial2": "int2",
    "serial": "int4",
    "serial4": "int4",
    "bigserial": "int8",
    "serial8": "int8",
}
_BROUGHT = {name: extension for extension, names in EXTENSIONS.items() for name in names}
_SYSTEM = {"pg_catalog", "information_schema", "pg_toast"}


def serial(of: TypeName) -> Type | None:
    """The type that a column of SERIAL and the like has; None for a type that is none of them."""
    if of.pct_type or len(of.name) != 1 or of.name[0] not in _SERIAL:
        return None
    return Type("pg_catalog", _SERIAL[of.name[0]])


def resolve(of: TypeName, moment: Moment, at: int | None = None) -> Type | None:
    """The type that *of* means, None where the files do not tell, or where there is none: that is noted.

    *at* is another place to name than where it is written. SERIAL is a matter of columns alone, and no type here.
    """
    name = of.name
    if not name:
        return None
    place = of.location if at is None else at
    if of.pct_type:
        return _of_column(name, moment)
    found = _named(name, moment, place)
    if found is None:
        return None
    return found._replace(typmods=_typmods(of.typmods), array=found.array or bool(of.array_bounds))


def type_keys(of: Type | None, moment: Moment) -> tuple[Key, ...]:
    """The key of the set's own type that *of* names, as a tuple of one; none for built-in ones and rows of tables."""
    if of is None or of.schema in _SYSTEM:
        return ()
    key = type_key(of.schema, of.name)
    value = moment.get(key)
    return () if value is None or isinstance(value, Gone) else (key,)


def display(of: Type) -> str:
    """The type as PostgreSQL writes it: "character varying(10)[]"."""
    return _plain(of) + ("[]" if of.array else "")


def base_type(of: Type | None, moment: Moment) -> Type | None:
    """The type below all domains; None where the files do not tell."""
    for _ in range(32):  # a domain may rest on a domain, and so on
        if of is None or of.schema in _SYSTEM or of.array:
            return of
        value = moment.get(type_key(of.schema, of.name))
        if not isinstance(value, OtherType) or value.kind != "domain":
            return None if value is UNKNOWN else of
        of = value.base
    return None


# --- Names ---


def _named(name: tuple[str, ...], moment: Moment, place: int) -> Type | None:
    if len(name) == 1 or name[-2] == "pg_catalog":
        system = _built_in(name[-1])
        if system is not None or len(name) > 1:
            return system
    elif name[-2] in _SYSTEM:
        return None
    elif moment.has(schema_key(name[-2])) is False:
        moment.object("missing", "schema", (name[-2],), "3F000", place, found=moment.get(schema_key(name[-2])))
        return None
    schemas = (name[-2],) if len(name) > 1 else moment.setting.search_path
    certain = True
    gone: Gone | None = None
    for wanted, array in ((name[-1], False), (name[-1][1:] if name[-1][:1] == "_" else "", True)):
        for schema in schemas if wanted else ():
            for key in (type_key(schema, wanted), relation_key(schema, wanted)):
                value = moment.get(key)
                if isinstance(value, Gone):
                    gone = gone or value
                elif value is UNKNOWN:
                    return None
                elif value is not None and not isinstance(value, Index | Sequence):
                    return Type(schema, wanted, (), array)
        brought = _brought(wanted, name[:-1], array, moment) if wanted else None
        if isinstance(brought, Type):
            return brought
        certain = certain and brought is None
    if certain and moment.get(ANY_EXTENSION) is None:
        moment.object("missing", "type", name, "42704", place, found=gone)
    return None


def _built_in(name: str) -> Type | None:
    if name in BUILT_IN:
        return Type("pg_catalog", name)
    if name[:1] == "_" and name[1:] in BUILT_IN - PSEUDO:
        return Type("pg_catalog", name[1:], (), array=True)
    return None


def _brought(name: str, schema: tuple[str, ...], array: bool, moment: Moment) -> Type | bool | None:
    """The type of an extension that was created; True where it may have been, None where it was not."""
    extension = _BROUGHT.get(name)
    if extension is None:
        return None
    value = moment.get(extension_key(extension))
    if value is None or isinstance(value, Gone):
        return None
    home = value.about if isinstance(value, Named) and value.about else moment.setting.search_path[0]
    if schema and schema[-1] != home:
        return True
    return Type(home, name, (), array)


def _of_column(name: tuple[str, ...], moment: Moment) -> Type | None:
    """The type of `table.column%TYPE`."""
    if len(name) < 2:
        return None
    _, table = moment.relation(name[:-1])
    column = table.columns.get(name[-1]) if isinstance(table, Table) else None
    return column.type if column else None


# --- Typmods ---


def _typmods(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    return tuple(_typmod(node) for node in nodes)


def _typmod(node: Node) -> str:
    if node.a_const is not None:
        const = node.a_const
        if const.ival is not None:
            return str(const.ival.ival)
        if const.fval is not None:
            return const.fval.fval
        return const.sval.sval if const.sval is not None else ""
    if node.a_expr is not None and [part.string.sval for part in node.a_expr.name if part.string] == ["-"]:
        return "-" + _typmod(read(node.a_expr.rexpr))
    if node.column_ref is not None:
        return node.column_ref.fields[-1].string.sval if node.column_ref.fields[-1].string else ""
    return ""


# --- Words ---

_WORDS = {
    "bit": "bit",
    "bool": "boolean",
    "bpchar": "character",
    "float4": "real",
    "float8": "double precision",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "varbit": "bit varying",
    "varchar": "character varying",
    "char": '"char"',
    "any": '"any"',
}
_ZONES = {
    "time": ("time", " without time zone"),
    "timetz": ("time", " with time zone"),
    "timestamp": ("timestamp", " without time zone"),
    "timestamptz": ("timestamp", " with time zone"),
}
# The bits of an interval's first typmod, and the words for the fields that they stand for.
_FIELDS = (
    (1 << 2, "year"),
    (1 << 1, "month"),
    (1 << 3, "day"),
    (1 << 10, "hour"),
    (1 << 11, "minute"),
    (1 << 12, "second"),
)
_ALL_FIELDS = 0x7FFF


def _plain(of: Type) -> str:
    typmods = of.typmods
    if of.schema != "pg_catalog":
        name = quoted(of.name) if of.schema == "public" else quoted(of.schema, of.name)
        return f"{name}({','.join(typmods)})" if typmods else name
    if of.name == "bpchar" and not typmods:
        return "bpchar"
    if of.name == "bit" and not typmods:
        return '"bit"'
    if of.name in _ZONES:
        word, zone = _ZONES[of.name]
        return word + (f"({_precision(typmods[0])})" if typmods else "") + zone
    if of.name == "interval":
        return "interval" + _interval(typmods)
    if of.name == "numeric" and len(typmods) == 1:
        typmods = (typmods[0], "0")
    word = _WORDS.get(of.name, of.name)
    return f"{word}({','.join(typmods)})" if typmods else word


def _precision(typmod: str) -> str:
    """PostgreSQL keeps six digits of a second at most."""
    return "6" if typmod.isdecimal() and int(typmod[:9]) > 6 else typmod


def _interval(typmods: tuple[str, ...]) -> str:
    if not typmods or not typmods[0].isdecimal():
        return ""
    mask = int(typmods[0])
    words = [] if mask == _ALL_FIELDS else [word for bit, word in _FIELDS if mask & bit]
    fields = " " + (words[0] if len(words) == 1 else f"{words[0]} to {words[-1]}") if words else ""
    return fields + (f"({_precision(typmods[1])})" if len(typmods) > 1 else "")
